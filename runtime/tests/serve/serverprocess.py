"""The real server as a subprocess."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import yaml

from children import end_with_parent
from ports import free_port

SOURCE = Path(__file__).parents[2] / "src"
#: vLLM starts in 33 s on two idle cores, and took nine minutes on two cores with a load of 27.
START_SECONDS = 840.0


class ServerProcess:
    """``python -m slipway_runtime serve`` with a config file."""

    def __init__(self, folder: Path, config: dict[str, Any], environment: dict[str, str] | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        config.setdefault("server", {}).update({"host": "127.0.0.1", "port": self.port})
        self.config_file = folder / "config.yaml"
        self.config_file.write_text(yaml.safe_dump(config), encoding="utf-8")
        self.log_file = folder / "server.log"
        self._log = self.log_file.open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "slipway_runtime", "serve", "--config", str(self.config_file)],
            env={**test_environment(), **(environment or {})},
            stdout=self._log,
            stderr=subprocess.STDOUT,
            preexec_fn=end_with_parent,
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return self.log_file.read_text(encoding="utf-8", errors="replace")

    def wait_ready(self) -> "ServerProcess":
        """Wait until it is ready; fails with its log otherwise."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"the server ended with {self.process.returncode}:\n{self.log[-6000:]}")
            if self.status("/readyz") == 200:
                return self
            time.sleep(0.2)
        raise AssertionError(f"the server is not ready after {START_SECONDS:g} s:\n{self.log[-6000:]}")

    def status(self, path: str) -> int:
        """Status of a GET; 0 if nobody answers."""
        try:
            return httpx.get(self.url + path, timeout=10).status_code
        except httpx.HTTPError:
            return 0

    def get(self, path: str, **options: Any) -> httpx.Response:
        return httpx.get(self.url + path, timeout=300, **options)

    def post(self, path: str, body: dict[str, Any] | None = None, **options: Any) -> httpx.Response:
        if body is not None:
            options["json"] = body
        return httpx.post(self.url + path, timeout=300, **options)

    def chat(self, prompt: str, **options: Any) -> str:
        """The likeliest continuation of a prompt."""
        kwargs = {"do_sample": False, "max_new_tokens": 16, **options.pop("generate_kwargs", {})}
        answer = self.post("/chat", {"prompt": prompt, "return_full_text": False, "generate_kwargs": kwargs, **options})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["Result"])

    def metric(self, name: str) -> float:
        """Sum of the samples of a metric."""
        lines = self.get("/metrics").text.splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.split("{")[0].split(" ")[0] == name)

    def terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def stop(self) -> int:
        """End it, the hard way if it does not end by itself, and return the exit code."""
        if self.process.poll() is None:
            self.terminate()
        try:
            return self.process.wait(300)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()
        finally:
            self._log.close()


def test_environment() -> dict[str, str]:
    """Ours, without a network and with one thread: with more, small models are slower.

    vLLM's engine computes in its own process, as it does on one GPU. On a CPU it would have a worker beside it, and
    while they wait for each other both call sched_yield without a pause: Linux 6.18, until it has "sched/fair: Fix
    zero_vruntime tracking fix", then lets all other programs wait for seconds, on two cores the tests themselves.
    """
    return {
        **os.environ,
        "PYTHONPATH": str(SOURCE),
        "OMP_NUM_THREADS": "1",
        "HF_HUB_OFFLINE": "1",
        "VLLM_CPU_KVCACHE_SPACE": "1",
        "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
        "TOKENIZERS_PARALLELISM": "false",
    }


test_environment.__test__ = False  # type: ignore[attr-defined]
