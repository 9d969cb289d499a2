"""Requests at the same time share the steps of the model: how much faster that is, the benchmark says."""

import asyncio

import httpx
import pytest

from serve.serverprocess import ServerProcess

TOKENS = 96


@pytest.mark.parametrize("server", ["transformers"], indirect=True)
def test_sixteen_at_once_get_the_tokens_of_one_after_the_other(server: ServerProcess) -> None:
    async def ask(client: httpx.AsyncClient, index: int) -> str:
        body = {"model": "tiny", "prompt": f"number {index}", "max_tokens": TOKENS, "temperature": 0}
        answer = await client.post(f"{server.url}/v1/completions", json={**body, "ignore_eos": True})
        assert answer.json()["usage"]["completion_tokens"] == TOKENS
        return str(answer.json()["choices"][0]["text"])

    async def both_ways() -> None:
        async with httpx.AsyncClient(timeout=120) as client:
            serial = [await ask(client, index) for index in range(16)]
            together = await asyncio.gather(*(ask(client, index) for index in range(16)))
        assert together == serial

    asyncio.run(both_ways())
