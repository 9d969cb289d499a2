"""Requests at the same time share the steps of the model.

How much time that saves the benchmark shows, on a machine that does nothing else. Here the steps are counted: their
number does not depend on who else computes, and a step of all takes hardly longer than a step of one.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

import httpx

from serve.serverprocess import ServerProcess

CLIENTS = 16
TOKENS = 96
TIMES_FEWER_STEPS = 8
#: What other programs leave of it in the worst case.
TIMES_SOONER = 2
#: On a busy machine clients may come one by one.
ATTEMPTS = 5
#: Counts the steps of a backend's engine.
STEPS = {"transformers": "slipway_engine_steps_total", "vllm": "vllm:iteration_tokens_total_count"}


def test_sixteen_at_once_get_the_tokens_of_one_after_the_other_in_far_fewer_steps(server: ServerProcess) -> None:
    async def ask(client: httpx.AsyncClient, index: int) -> str:
        body = {"model": "tiny", "prompt": f"number {index}", "max_tokens": TOKENS, "temperature": 0}
        answer = await client.post(f"{server.url}/v1/completions", json={**body, "ignore_eos": True})
        assert answer.json()["usage"]["completion_tokens"] == TOKENS
        return str(answer.json()["choices"][0]["text"])

    async def serially() -> list[str]:
        async with httpx.AsyncClient(timeout=600) as client:
            return [await ask(client, index) for index in range(CLIENTS)]

    async def together() -> list[str]:
        async with httpx.AsyncClient(timeout=600) as client:
            return list(await asyncio.gather(*(ask(client, index) for index in range(CLIENTS))))

    fewer, sooner = 0.0, 0.0
    for _ in range(ATTEMPTS):
        alone, alone_steps, alone_seconds = measured(server, serially)
        shared, shared_steps, shared_seconds = measured(server, together)
        assert shared == alone
        assert alone_steps >= CLIENTS * (TOKENS - 1)
        fewer = max(fewer, alone_steps / shared_steps)
        sooner = max(sooner, alone_seconds / shared_seconds)
        if fewer >= TIMES_FEWER_STEPS and sooner >= TIMES_SOONER:
            return
    raise AssertionError(f"{fewer:.1f} times fewer steps, {sooner:.1f} times sooner")


def measured(server: ServerProcess, ask: Callable[[], Awaitable[list[str]]]) -> tuple[list[str], float, float]:
    """What was said, and the steps and seconds that it took."""

    async def run() -> tuple[list[str], float]:
        started = time.monotonic()
        return await ask(), time.monotonic() - started

    steps = STEPS[server.get("/version").json()["backend"]]
    before = server.metric(steps)
    texts, seconds = asyncio.run(run())
    return texts, server.metric(steps) - before, seconds
