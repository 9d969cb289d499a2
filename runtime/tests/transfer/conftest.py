"""Fixtures: registries, a web server, a finished adapter."""

import base64
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from transfer.loopback import (
    HTPASSWD_LINE,
    PASSWORD,
    USERNAME,
    LocalRegistry,
    WebServer,
    body,
    install_programs,
    start_registry,
    write_adapter,
)


@pytest.fixture(scope="session")
def registry_programs() -> None:
    """docker-registry and skopeo; fails the tests when they cannot be had."""
    install_programs()


@pytest.fixture(scope="session")
def registry(registry_programs: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalRegistry]:
    """An open registry."""
    process, local = start_registry(tmp_path_factory.mktemp("registry"))
    yield local
    process.terminate()
    process.wait(60)


@pytest.fixture(scope="session")
def private_registry(registry_programs: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalRegistry]:
    """A registry that asks for USERNAME and PASSWORD."""
    folder = tmp_path_factory.mktemp("private-registry")
    (folder / "htpasswd").write_text(HTPASSWD_LINE)
    auth = f"auth: {{htpasswd: {{realm: test, path: {folder / 'htpasswd'}}}}}\n"
    process, local = start_registry(folder, auth)
    yield local
    process.terminate()
    process.wait(60)


@pytest.fixture
def docker_config(tmp_path: Path) -> Callable[..., Path]:
    """Writes a docker config.json with one login."""

    def write(host: str, username: str = USERNAME, password: str = PASSWORD, name: str = "config.json") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        auth = base64.b64encode(f"{USERNAME}:{password}".encode()).decode()
        path.write_text(json.dumps({"auths": {host: {"auth": auth}}}))
        return path

    return write


@pytest.fixture
def web() -> Iterator[WebServer]:
    """A web server on loopback."""
    state = WebServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            self.rfile.read(length)
            path = self.path.split("?")[0]
            state.requests.append((self.command, self.path, dict(self.headers)))
            replies = state.replies.get(path)
            if not replies:
                replies = [body(b"not found", 404)]
            (replies.pop(0) if len(replies) > 1 else replies[0])(self)
            self.close_connection = True

        do_GET = do_HEAD = do_POST = do_PUT = _serve

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}"
    yield state
    server.shutdown()
    server.server_close()


@pytest.fixture
def adapter(tmp_path: Path) -> Path:
    """A finished output folder of the tuning program, with the smallest adapter that is one."""
    folder = tmp_path / "results"
    folder.mkdir()
    write_adapter(folder)
    (folder / "fine_tuning_completed.txt").write_text("done\n")
    return folder
