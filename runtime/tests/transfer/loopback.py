"""A real registry on loopback, an HTTP server that misbehaves on request, and the smallest adapter."""

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from children import end_with_parent
from ports import free_port

# bcrypt hash of the password below, made with `htpasswd -nbB`; bcrypt is the only kind the registry takes.
USERNAME, PASSWORD = "pusher", "correct:horse"
HTPASSWD_LINE = "pusher:$2y$05$LtT3VMQtSZIUhuI97QSYMeQHZyB33N0m8PHE.YyGVa7wIa/l4gmFi\n"


@dataclass(frozen=True)
class LocalRegistry:
    """A running registry and where it keeps its files."""

    host: str
    storage: Path


def install_programs() -> None:
    """Install docker-registry and skopeo when they are missing; fails the test when that is impossible."""
    if shutil.which("docker-registry") and shutil.which("skopeo"):
        return
    script = Path(__file__).parent / "install-registry.sh"
    done = subprocess.run([str(script)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.fail(f"no registry to test against: {done.stderr.strip()}")


def start_registry(folder: Path, auth: str = "") -> tuple[subprocess.Popen[bytes], LocalRegistry]:
    """Start docker-registry with its files in ``folder``; ``auth`` is YAML for its config."""
    port = free_port()
    storage = folder / "storage"
    config = folder / "config.yml"
    config.write_text(
        "version: 0.1\nlog: {level: error}\n"
        f"storage: {{filesystem: {{rootdirectory: {storage}}}}}\n"
        f"http: {{addr: 127.0.0.1:{port}}}\n{auth}"
    )
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            ["docker-registry", "serve", str(config)],
            stdout=log,
            stderr=log,
            env={**os.environ, "HOME": "/"},
            preexec_fn=end_with_parent,
        )
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return process, LocalRegistry(f"127.0.0.1:{port}", storage)
        except OSError:
            time.sleep(0.05)
    process.kill()
    raise RuntimeError(f"docker-registry did not start: {(folder / 'log').read_text()}")


Reply = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class WebServer:
    """Answers each path with the next of its prepared replies; the last one stays."""

    url: str = ""
    replies: dict[str, list[Reply]] = field(default_factory=dict)
    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    def answer(self, path: str, *replies: Reply) -> str:
        """Prepare the replies of ``path``; its URL."""
        self.replies[path] = list(replies)
        return self.url + path


def body(data: bytes, status: int = 200, headers: dict[str, str] | None = None, cut: int | None = None) -> Reply:
    """A reply with ``data``; ``cut`` closes the connection after so many bytes. Ranges are honoured."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        start = 0
        code = status
        wanted = handler.headers.get("Range")
        if wanted and status == 200:
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
            code = 206
        handler.send_response(code)
        for key, value in (headers or {}).items():
            handler.send_header(key, value)
        if code == 206:
            handler.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        handler.send_header("Content-Length", str(len(data) - start))
        handler.send_header("Connection", "close")
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(data[start : start + cut if cut is not None else None])
            handler.wfile.flush()
        if cut is not None:
            handler.connection.shutdown(socket.SHUT_RDWR)

    return reply


def write_adapter(folder: Path, value: int = 1) -> None:
    """Write adapter files with one tensor of ``value``."""
    data = bytes([value]) * 64
    header = json.dumps({"w": {"dtype": "U8", "shape": [64], "data_offsets": [0, 64]}}).encode()
    (folder / "adapter_model.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + data)
    (folder / "adapter_config.json").write_text(json.dumps({"peft_type": "LORA", "r": 8}))


def fetch_manifest_digest(registry: LocalRegistry, repository: str, tag: str) -> str:
    """Digest under which the registry has a tag; HTTPError (an OSError) when it has none."""
    request = urllib.request.Request(
        f"http://{registry.host}/v2/{repository}/manifests/{tag}",
        headers={"Accept": "application/vnd.oci.image.manifest.v1+json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return str(answer.headers["Docker-Content-Digest"])
