"""Tokens per second and time to the first token, ours beside what it is built on.

    node scripts/runtime-env.mjs                   # prints the environment's folder
    PYTHONPATH=src:tests <folder>/bin/python bench/serve_bench.py

A tiny model shows what the server itself costs: with a real model, every token takes far longer than here. Both servers
of a pair run at the same time and are asked in turns, so that a busy machine is equally busy for both; the median of
the rounds counts. The clients need a core beside the server's: on two cores, with nothing else running.
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import aiohttp
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from ports import free_port
from serve.serverprocess import ServerProcess, test_environment
from tinymodel import save_model

PROMPT = "the quick brown fox jumps over the lazy dog"
TOKENS = 128
#: Of each client in a round.
REQUESTS = 4


@dataclass
class Measure:
    """One round: all clients together."""

    tokens_per_second: float
    first_token_seconds: float


async def one_request(session: aiohttp.ClientSession, url: str, tokens: int = TOKENS) -> float:
    """Seconds to the first event of a streamed completion."""
    body = {"model": "tiny", "prompt": PROMPT, "max_tokens": tokens, "temperature": 0, "stream": True}
    body["ignore_eos"] = True
    started = time.monotonic()
    first = 0.0
    async with session.post(f"{url}/v1/completions", json=body) as answer:
        answer.raise_for_status()
        async for _ in answer.content.iter_any():
            first = first or time.monotonic() - started
    return first


async def one_round(url: str, clients: int, requests: int) -> Measure:
    """Each client sends its requests one after the other, over a connection that it has."""
    timeout = aiohttp.ClientTimeout(total=600)
    async with aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(limit=0)) as session:

        async def client() -> list[float]:
            return [await one_request(session, url) for _ in range(requests)]

        await asyncio.gather(*(one_request(session, url, tokens=1) for _ in range(clients)))
        started = time.monotonic()
        firsts = [first for part in await asyncio.gather(*(client() for _ in range(clients))) for first in part]
        seconds = time.monotonic() - started
    return Measure(clients * requests * TOKENS / seconds, statistics.median(firsts))


class PlainGenerate:
    """``model.generate`` in this process."""

    def __init__(self, folder: Path) -> None:
        self._model = AutoModelForCausalLM.from_pretrained(folder).eval()
        self._ids = torch.tensor([AutoTokenizer.from_pretrained(folder)(PROMPT)["input_ids"]])

    def round(self, clients: int, requests: int) -> Measure:
        """A batch as large as there are clients; the first token comes with the last, as nothing is streamed."""
        ids = self._ids.repeat(clients, 1)
        mask = torch.ones_like(ids)
        started = time.monotonic()
        with torch.inference_mode():
            for _ in range(requests):
                self._model.generate(
                    ids, attention_mask=mask, max_new_tokens=TOKENS, min_new_tokens=TOKENS, do_sample=False
                )
        seconds = time.monotonic() - started
        return Measure(clients * requests * TOKENS / seconds, seconds / requests)


def start_plain_vllm(folder: Path, log: Path) -> tuple[subprocess.Popen[bytes], str]:
    """vLLM's own server, without anything of ours."""
    port = free_port()
    command = [sys.executable, "-m", "vllm.entrypoints.openai.api_server", "--model", str(folder)]
    command += ["--served-model-name", "tiny", "--port", str(port), "--host", "127.0.0.1", "--dtype", "float32"]
    command += ["--max-model-len", "512", "--enforce-eager", "--disable-uvicorn-access-log", "--max-num-seqs", "16"]
    process = subprocess.Popen(
        command,
        env=test_environment(),
        stdout=log.open("wb"),
        stderr=subprocess.STDOUT,
        # As ours starts it: Linux gives every session the same share of a busy machine (sched_autogroup_enabled).
        start_new_session=True,
    )
    return process, f"http://127.0.0.1:{port}"


async def wait_for(url: str) -> None:
    """Until /health answers 200."""
    async with aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(f"{url}/health") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.5)


def compare(name: str, pair: dict[str, list[Measure]], clients: int) -> None:
    """Print both sides, and what ours costs: in the middle of the rounds, each beside the one of the other side."""
    for side, measures in pair.items():
        speed = statistics.median(one.tokens_per_second for one in measures)
        first = statistics.median(one.first_token_seconds for one in measures)
        print(f"{name:13} {clients:7} {side:22} {speed:10.0f} {1000 * first:12.1f}")
    ours, others = pair.values()
    costs = [1 - one.tokens_per_second / other.tokens_per_second for one, other in zip(ours, others, strict=True)]
    print(f"{name:13} {clients:7} {'overhead':22} {100 * statistics.median(costs):9.1f} %", flush=True)


def config(backend: str, folder: Path) -> dict[str, object]:
    """The settings of our server."""
    runtime = {"backend": backend, "model": str(folder), "served_model_name": "tiny", "dtype": "float32"}
    whole: dict[str, object] = {"runtime": {**runtime, "max_context": 512}, "server": {"max_concurrency": 16}}
    if backend == "vllm":
        whole["vllm"] = {"enforce-eager": True}
    return whole


def bench_transformers(folder: Path, scratch: Path, rounds: int) -> None:
    server = ServerProcess(scratch / "transformers", config("transformers", folder)).wait_ready()
    plain = PlainGenerate(folder)
    try:
        for clients in (1, 4, 16):
            pair: dict[str, list[Measure]] = {"slipway": [], "model.generate": []}
            for _ in range(rounds):
                pair["slipway"].append(asyncio.run(one_round(server.url, clients, REQUESTS)))
                pair["model.generate"].append(plain.round(clients, REQUESTS))
            compare("transformers", pair, clients)
    finally:
        server.stop()


def bench_vllm(folder: Path, scratch: Path, rounds: int) -> None:
    server = ServerProcess(scratch / "vllm", config("vllm", folder))
    process, url = start_plain_vllm(folder, scratch / "plain.log")
    try:
        server.wait_ready()
        asyncio.run(wait_for(url))
        for clients in (1, 4, 16):
            pair: dict[str, list[Measure]] = {"slipway": [], "vLLM's own server": []}
            asyncio.run(one_round(server.url, clients, 1))
            asyncio.run(one_round(url, clients, 1))
            for _ in range(rounds):
                pair["slipway"].append(asyncio.run(one_round(server.url, clients, REQUESTS)))
                pair["vLLM's own server"].append(asyncio.run(one_round(url, clients, REQUESTS)))
            compare("vllm", pair, clients)
    finally:
        process.terminate()
        process.wait(60)
        server.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--backend", choices=["transformers", "vllm", "both"], default="both")
    parser.add_argument("--rounds", type=int, default=9)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="slipway-bench-") as scratch:
        folder = save_model(Path(scratch) / "model")
        print(f"{'backend':13} {'clients':>7} {'server':22} {'tokens/s':>10} {'first ms':>12}")
        if arguments.backend in ("transformers", "both"):
            bench_transformers(folder, Path(scratch), arguments.rounds)
        if arguments.backend in ("vllm", "both"):
            bench_vllm(folder, Path(scratch), arguments.rounds)


if __name__ == "__main__":
    main()
