"""Requests at the same time share the steps of the model.

The number of steps does not depend on what else the machine does. Time does: so every round has both ways, one after
the other, and the best of them counts. Beside the time that passes stands the time that the server computes, as another
program may take a core in all of them.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx
import psutil

from serve.serverprocess import ServerProcess

CLIENTS = 16
TOKENS = 128
TIMES_FEWER_STEPS = 8
TIMES_FASTER = 8
#: On a busy machine clients may come one by one.
ROUNDS = 12
#: Counts the steps of a backend's engine.
STEPS = {"transformers": "slipway_engine_steps_total", "vllm": "vllm:iteration_tokens_total_count"}


@dataclass
class Cost:
    """What sixteen answers took: steps of the model, seconds, and seconds of all the server's processes."""

    steps: float
    seconds: float
    cpu_seconds: float


def test_sixteen_at_once_get_the_tokens_of_one_after_the_other_eight_times_faster(server: ServerProcess) -> None:
    async def ask(client: httpx.AsyncClient, index: int) -> str:
        body = {"model": "tiny", "prompt": f"number {index}", "max_tokens": TOKENS, "temperature": 0}
        answer = await client.post(f"{server.url}/v1/completions", json={**body, "ignore_eos": True})
        assert answer.json()["usage"]["completion_tokens"] == TOKENS
        return str(answer.json()["choices"][0]["text"])

    async def serially(client: httpx.AsyncClient) -> list[str]:
        return [await ask(client, index) for index in range(CLIENTS)]

    async def together(client: httpx.AsyncClient) -> list[str]:
        return list(await asyncio.gather(*(ask(client, index) for index in range(CLIENTS))))

    fewer, faster, cheaper = 0.0, 0.0, 0.0
    for _ in range(ROUNDS):
        alone, cost_alone = measured(server, serially)
        shared, cost_shared = measured(server, together)
        assert shared == alone
        assert cost_alone.steps >= CLIENTS * (TOKENS - 1)
        fewer = max(fewer, cost_alone.steps / cost_shared.steps)
        faster = max(faster, cost_alone.seconds / cost_shared.seconds)
        cheaper = max(cheaper, cost_alone.cpu_seconds / cost_shared.cpu_seconds)
        if fewer >= TIMES_FEWER_STEPS and max(faster, cheaper) >= TIMES_FASTER:
            return
    raise AssertionError(
        f"best of {ROUNDS} rounds: {faster:.1f} times faster, {cheaper:.1f} times less to compute, {fewer:.1f} times"
        " fewer steps"
    )


def measured(server: ServerProcess, ask: Callable[[httpx.AsyncClient], Awaitable[list[str]]]) -> tuple[list[str], Cost]:
    """What was said, and what it took."""

    async def run() -> tuple[list[str], float, float]:
        # Connections are made before, as a client has them that asks all day.
        async with httpx.AsyncClient(timeout=600) as client:
            await asyncio.gather(*(client.get(f"{server.url}/livez") for _ in range(CLIENTS)))
            started, computed = time.monotonic(), cpu_seconds(server)
            texts = await ask(client)
            return texts, time.monotonic() - started, cpu_seconds(server) - computed

    steps = STEPS[server.get("/version").json()["backend"]]
    before = server.metric(steps)
    texts, seconds, computed = asyncio.run(run())
    return texts, Cost(server.metric(steps) - before, seconds, computed)


def cpu_seconds(server: ServerProcess) -> float:
    """What the server's processes have computed so far."""
    root = psutil.Process(server.process.pid)
    times = [process.cpu_times() for process in (root, *root.children(recursive=True))]
    return float(sum(one.user + one.system for one in times))
