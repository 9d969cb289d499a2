"""Requests at the same time share the steps of the model."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import httpx

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

    times_faster: list[float] = []
    while len(times_faster) < ATTEMPTS and max(times_faster, default=0) < TIMES_FASTER:
        alone, alone_seconds = measured(serially)
        shared, shared_seconds = measured(together)
        assert shared == alone
        times_faster.append(alone_seconds / shared_seconds)
    assert max(times_faster) >= TIMES_FASTER, times_faster


def measured(ask: Callable[[], Awaitable[list[str]]]) -> tuple[list[str], float]:
    """What was said, and the seconds that it took."""

    async def run() -> tuple[list[str], float]:
        started = time.monotonic()
        return await ask(), time.monotonic() - started

    return asyncio.run(run())
