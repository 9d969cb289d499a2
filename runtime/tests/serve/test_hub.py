"""Weights from the hub, against a small hub on loopback."""

import hashlib
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from serve.serverprocess import test_environment
from slipway_runtime.transfer.errors import EXIT_SOURCE, EXIT_UNAVAILABLE
from slipway_runtime.transfer.wait_weights import wait_for_weights
from slipway_runtime.weights.hub import wanted_files
from slipway_runtime.weights.mark import MARK

COMMIT = "c0ffee" * 6 + "c0ff"
FILES = {
    "config.json": b'{"model_type": "llama"}',
    "model.safetensors": bytes(range(256)) * 64,
    "pytorch_model.bin": b"pickle",
    "onnx/model.onnx": b"other",
}
PROGRAM = """
import json, sys
from pathlib import Path
from slipway_runtime.lifecycle import Lifecycle
from slipway_runtime.weights.hub import download_from_hub
from slipway_runtime.weights.errors import WeightsError
lifecycle = Lifecycle()
try:
    download_from_hub(sys.argv[1], sys.argv[2] or None, Path(sys.argv[3]), lifecycle)
except WeightsError as error:
    print(json.dumps({"error": str(error)}))
else:
    print(json.dumps({"done": lifecycle.bytes_done, "total": lifecycle.bytes_total}))
"""


class Hub(ThreadingHTTPServer):
    """The few routes that huggingface_hub asks."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[str] = []
        self.lie_about_size = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: Hub

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        self.server.requests.append(f"{self.command} {self.path}")
        path = self.path.split("?")[0]
        if path.startswith("/api/models/org/tiny/tree/"):
            entries = [{"type": "file", "path": name, "size": len(data), "oid": "0"} for name, data in FILES.items()]
            self.answer(200, json.dumps(entries).encode(), {"Content-Type": "application/json"})
        elif path.startswith("/api/models/org/tiny"):
            extra = 1 if self.server.lie_about_size else 0
            siblings = [{"rfilename": name, "size": len(data) + extra} for name, data in FILES.items()]
            body = {"id": "org/tiny", "modelId": "org/tiny", "sha": COMMIT, "siblings": siblings, "tags": []}
            self.answer(200, json.dumps(body).encode(), {"Content-Type": "application/json"})
        elif path.startswith("/api/models/org/gated"):
            self.answer(403, b"", {"X-Error-Code": "GatedRepo", "X-Error-Message": "gated"})
        elif path.startswith("/org/tiny/resolve/"):
            data = FILES.get(path.split("/", 5)[5])
            if data is None:
                self.answer(404, b"", {"X-Error-Code": "EntryNotFound"})
            else:
                etag = hashlib.sha256(data).hexdigest()
                self.answer(200, data, {"ETag": f'"{etag}"', "X-Repo-Commit": COMMIT, "Accept-Ranges": "bytes"})
        else:
            self.answer(401, b"", {"X-Error-Code": "RepoNotFound", "X-Error-Message": "not found"})

    def answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def hub() -> Iterator[Hub]:
    server = Hub()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


def download(hub: Hub, target: Path, model: str = "org/tiny", revision: str = COMMIT) -> dict[str, object]:
    environment = {**test_environment(), "HF_ENDPOINT": hub.url, "HF_HOME": str(target.parent / "hf")}
    del environment["HF_HUB_OFFLINE"]
    command = [sys.executable, "-c", PROGRAM, model, revision, str(target)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_what_serving_needs_is_downloaded_once(hub: Hub, tmp_path: Path) -> None:
    target = tmp_path / "weights"
    size = len(FILES["config.json"]) + len(FILES["model.safetensors"])
    assert download(hub, target) == {"done": size, "total": size}
    assert (target / "model.safetensors").read_bytes() == FILES["model.safetensors"]
    assert not (target / "pytorch_model.bin").exists()
    hub.requests.clear()
    assert download(hub, target) == {"done": 0, "total": 0}
    assert hub.requests == []


def fetch(hub: Hub, target: Path, model: str) -> subprocess.CompletedProcess[str]:
    environment = {**test_environment(), "HF_ENDPOINT": hub.url, "HF_HOME": str(target.parent / "hf")}
    del environment["HF_HUB_OFFLINE"]
    command = [sys.executable, "-m", "slipway_runtime", "fetch", "hub", model, f"--revision={COMMIT}"]
    command += [f"--into={target}"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_the_command_fills_a_volume_that_others_may_read(hub: Hub, tmp_path: Path) -> None:
    target = tmp_path / "volume" / "weights"
    done = fetch(hub, target, "org/tiny")
    assert (done.returncode, json.loads(done.stdout)) == (0, {"commit": COMMIT}), done.stderr
    assert wait_for_weights(target, wait_seconds=0) < 1
    for name in ("config.json", "model.safetensors", MARK):
        assert (target / name).stat().st_mode & 0o444 == 0o444
    hub.requests.clear()
    assert fetch(hub, target, "org/tiny").returncode == 0
    assert hub.requests == []


def test_the_command_tells_what_no_other_try_mends(hub: Hub, tmp_path: Path) -> None:
    refused = fetch(hub, tmp_path / "weights", "org/gated")
    assert refused.returncode == EXIT_SOURCE
    assert "accept its terms on the hub" in refused.stderr
    hub.lie_about_size = True
    assert fetch(hub, tmp_path / "weights", "org/tiny").returncode == EXIT_UNAVAILABLE


def test_a_damaged_file_is_downloaded_again(hub: Hub, tmp_path: Path) -> None:
    target = tmp_path / "weights"
    download(hub, target)
    (target / "model.safetensors").unlink()
    download(hub, target)
    assert (target / "model.safetensors").read_bytes() == FILES["model.safetensors"]


def test_a_size_that_differs_is_an_error(hub: Hub, tmp_path: Path) -> None:
    hub.lie_about_size = True
    error = str(download(hub, tmp_path / "weights").get("error"))
    assert "config.json, model.safetensors came with another size" in error


@pytest.mark.parametrize(
    ("model", "message"), [("org/gated", "accept its terms"), ("org/unknown", "is not on the hub, or is private")]
)
def test_what_cannot_be_had_is_explained(hub: Hub, tmp_path: Path, model: str, message: str) -> None:
    assert message in str(download(hub, tmp_path / "weights", model)["error"])


def test_pickles_are_taken_only_without_safetensors() -> None:
    assert wanted_files({"a.bin": 1, "config.json": 2}) == {"a.bin": 1, "config.json": 2}
    assert wanted_files({"a.bin": 1, "a.safetensors": 2, "original/x.pth": 3}) == {"a.safetensors": 2}
