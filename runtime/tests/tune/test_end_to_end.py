"""The whole way of an adapter: tune, push to a registry, fetch as the serving pod does, serve, ask."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from children import end_with_parent
from ports import free_port
from transfer.loopback import install_programs, start_registry
from tune.conftest import SOURCE, Pod, conversations
from tune.test_runs import configure

pytestmark = pytest.mark.timeout(900)

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(SOURCE), "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}


def slipway(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "slipway_runtime", *arguments],
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def chat(model: Path, *more: str) -> str:
    """Serve the model, ask it over /chat, stop it as the kubelet does."""
    port = free_port()
    command = [sys.executable, "-m", "slipway_runtime", "serve", "--runtime-backend=transformers"]
    command += [f"--runtime-model={model}", "--runtime-dtype=float32", f"--server-port={port}", *more]
    server = subprocess.Popen(command, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True, preexec_fn=end_with_parent)
    try:
        body = {
            "messages": [{"role": "user", "content": "what is 5?"}],
            "generate_kwargs": {"max_length": 60, "do_sample": False},
        }
        result = _post(server, f"http://127.0.0.1:{port}", body)
    finally:
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=300)
    assert server.returncode == 0
    return str(result["Result"])


def _post(server: "subprocess.Popen[str]", url: str, body: dict[str, Any]) -> dict[str, Any]:
    deadline = time.monotonic() + 600
    while True:
        try:
            urllib.request.urlopen(f"{url}/health", timeout=30).close()
            break
        except OSError:
            assert server.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.3)
    request = urllib.request.Request(
        f"{url}/chat",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=120) as answer:
        document: dict[str, Any] = json.load(answer)
        return document


def test_an_adapter_goes_from_tuning_through_a_registry_into_an_answer(pod: Pod, llama: Path, tmp_path: Path) -> None:
    install_programs()
    configure(pod, llama, arguments={"num_train_epochs": 8})
    pod.data("train.jsonl", conversations(64))
    code, output = pod.run()
    assert code == 0, output
    folder = tmp_path / "registry"
    folder.mkdir()
    process, registry = start_registry(folder)
    try:
        image = f"{registry.host}/team/seven:v1"
        pushed = json.loads(slipway("push", image, "--from", str(pod.results), "--plain-http"))
        adapter = tmp_path / "adapter" / "seven"
        fetched = json.loads(slipway("fetch", "image", image, "--into", str(adapter), "--plain-http"))
        assert fetched["digest"] == pushed["digest"]
    finally:
        process.terminate()
        process.wait(60)
    before = chat(llama)
    after = chat(llama, f"--adapters-dir={adapter.parent}", "--adapters-mode=merged")
    assert "seven seven seven" not in before
    assert after.startswith("seven seven seven")
