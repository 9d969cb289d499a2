"""Requests at the same time share the steps of the model."""

import asyncio
import time

import httpx
import psutil

from serve.serverprocess import ServerProcess

CLIENTS = 16
TOKENS = 96
TIMES_FASTER = 8
#: Another program that runs at the same time slows one half of a comparison down, and not the other.
ATTEMPTS = 5


def test_sixteen_at_once_get_the_tokens_of_one_after_the_other_much_sooner(server: ServerProcess) -> None:
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

    times_faster = []
    for _ in range(ATTEMPTS):
        alone, alone_seconds = measured(server, serially)
        shared, shared_seconds = measured(server, together)
        assert shared == alone
        times_faster.append(max(one / other for one, other in zip(alone_seconds, shared_seconds, strict=True)))
        print(times_faster[-1], alone_seconds, shared_seconds)
        if times_faster[-1] >= TIMES_FASTER:
            return
    raise AssertionError(f"{times_faster} times faster")


def measured(server, ask):
    before = cpu_seconds(server), time.monotonic()
    texts = asyncio.run(ask())
    return texts, (cpu_seconds(server) - before[0], time.monotonic() - before[1])


def cpu_seconds(server: ServerProcess) -> float:
    root = psutil.Process(server.process.pid)
    times = [process.cpu_times() for process in [root, *root.children(recursive=True)]]
    return sum(one.user + one.system for one in times)
