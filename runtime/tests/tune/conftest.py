"""A tiny model and a mount tree as the tuning pod has it."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from children import end_with_parent
from ports import free_port
from tinymodel import save_model

SOURCE = Path(__file__).parents[2] / "src"


@pytest.fixture(scope="session")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny Llama."""
    return save_model(tmp_path_factory.mktemp("llama"), "llama")


@pytest.fixture(scope="session")
def phi3(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny Phi-3, whose attention has query, key and value in one layer."""
    return save_model(tmp_path_factory.mktemp("phi3"), "phi3")


@dataclass
class Pod:
    """The folders of a tuning pod below ``root``, and the program run in it."""

    root: Path
    port: int = 0
    environment: dict[str, str] = field(default_factory=dict)
    processes: list["subprocess.Popen[str]"] = field(default_factory=list)

    @property
    def results(self) -> Path:
        return self.root / "results"

    def configure(self, **sections: dict[str, Any]) -> Path:
        """Write training_config.yaml."""
        path = self.root / "config" / "training_config.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(yaml.safe_dump({"training_config": sections}))
        return path

    def data(self, name: str, rows: list[dict[str, Any]]) -> Path:
        """Write a jsonl file into the data folder."""
        path = self.root / "data" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return path

    def start(self, *more: str) -> "subprocess.Popen[str]":
        """Start ``tune``; its status server listens on ``port``."""
        self.port = free_port()
        command = [sys.executable, "-m", "slipway_runtime", "tune", "--root", str(self.root)]
        command += ["--host", "127.0.0.1", "--port", str(self.port), *more]
        environment = {**os.environ, "PYTHONPATH": str(SOURCE), "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
        environment |= self.environment
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
            preexec_fn=end_with_parent,
        )
        self.processes.append(process)
        return process

    def run(self, *more: str) -> tuple[int, str]:
        """Run ``tune`` to its end: exit code and everything it printed."""
        out, err = self.start(*more).communicate(timeout=600)
        return self.processes[-1].returncode, out + err

    def get(self, path: str) -> bytes:
        """A page of the status server."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
            return bytes(answer.read())

    def wait_for(self, condition: Callable[[dict[str, Any]], bool], seconds: float = 600) -> dict[str, Any]:
        """Poll /progress until ``condition`` holds."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            assert self.processes[-1].poll() is None, self.processes[-1].communicate()
            try:
                progress: dict[str, Any] = json.loads(self.get("/progress"))
            except OSError:
                progress = {}
            if progress and condition(progress):
                return progress
            time.sleep(0.05)
        raise TimeoutError(f"the run did not get there: {progress}")

    def marker(self) -> dict[str, Any]:
        """The failure marker."""
        document: dict[str, Any] = json.loads((self.results / "fine_tuning_failed.json").read_text())
        return document


@pytest.fixture
def pod(tmp_path: Path) -> Any:
    """An empty pod; programs that still run at the end of the test are ended."""
    root = tmp_path / "mnt"
    root.mkdir()
    made = Pod(root)
    yield made
    for process in made.processes:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            process.communicate()


def conversations(count: int, answer: str = "seven seven seven") -> list[dict[str, Any]]:
    """Rows that all have the same answer, which is quickly learnt."""
    return [
        {
            "messages": [
                {"role": "user", "content": f"what is {number}?"},
                {"role": "assistant", "content": answer},
            ]
        }
        for number in range(count)
    ]
