"""Servers that many tests share: starting vLLM takes a minute."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from serve.serverprocess import ServerProcess
from tinymodel import save_adapter

#: One adapter in three strengths, each as a model id of its own.
STRENGTHS = {"none": 0.0, "half": 0.5, "full": 1.0}
#: Of the model itself.
SERVED_NAMES = ["tiny", "also-tiny"]


@pytest.fixture(scope="session")
def adapters(tmp_path_factory: pytest.TempPathFactory, tiny_llama: Path) -> Path:
    """Folders of adapters: none, half and full are the same one; other is another, of another rank."""
    root = tmp_path_factory.mktemp("adapters")
    save_adapter(tiny_llama, root / "full", seed=1)
    for name in ("none", "half"):
        shutil.copytree(root / "full", root / name)
    save_adapter(tiny_llama, root / "other", seed=2, rank=8, modules=("q_proj", "o_proj"))
    return root


class Servers:
    """Starts each shared server once, without waiting until somebody needs it."""

    def __init__(self, folder: Path, model: Path, adapters: Path) -> None:
        self._folder = folder
        self._model = model
        self._adapters = adapters
        self._started: dict[str, ServerProcess] = {}

    def start(self, name: str) -> ServerProcess:
        if name not in self._started:
            backend, _, kind = name.partition("-")
            make = self._merged if kind == "merged" else self._plain
            self._started[name] = ServerProcess(self._folder / name, make(backend))
        return self._started[name]

    def stop_all(self) -> None:
        for server in self._started.values():
            server.stop()

    def _plain(self, backend: str) -> dict[str, object]:
        items = [{"name": name, "strength": strength} for name, strength in STRENGTHS.items()]
        return {
            **self._common(backend),
            "adapters": {"dir": str(self._adapters), "items": items},
            "server": {"max_concurrency": 16, "max_queue": 48, "max_body_bytes": 65536},
        }

    def _merged(self, backend: str) -> dict[str, object]:
        """Two adapters in one, a token, and a short queue."""
        token_file = self._folder / "tokens"
        token_file.write_text("first-token\nsecond-token\n", encoding="utf-8")
        items = [{"name": "full", "strength": 0.5}, {"name": "other", "strength": 0.75}]
        return {
            **self._common(backend),
            "adapters": {"dir": str(self._adapters), "mode": "merged", "combination": "cat", "items": items},
            "server": {
                "max_concurrency": 4,
                "max_queue": 4,
                "auth_token_file": str(token_file),
                "drain_timeout_seconds": 300,
            },
        }

    def _common(self, backend: str) -> dict[str, object]:
        config: dict[str, object] = {
            "runtime": {
                "backend": backend,
                "model": str(self._model),
                "served_model_name": SERVED_NAMES,
                "dtype": "float32",
                "max_context": 512,
            }
        }
        if backend == "vllm":
            config["vllm"] = {"enforce-eager": True}
        return config


@pytest.fixture(scope="session")
def servers(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, tiny_llama: Path, adapters: Path
) -> Iterator[Servers]:
    """The shared servers."""
    shared = Servers(tmp_path_factory.mktemp("servers"), tiny_llama, adapters)
    yield shared
    shared.stop_all()


@pytest.fixture(scope="session", autouse=True)
def early_vllm(request: pytest.FixtureRequest) -> None:
    """Start the first vLLM while the tests that need none run."""
    needed = {name for item in request.session.items for name in servers_of(item)}
    if needed:
        request.getfixturevalue("servers").start("vllm" if "vllm" in needed else "vllm-merged")


@pytest.fixture(params=["transformers", "vllm"])
def server(request: pytest.FixtureRequest, servers: Servers) -> ServerProcess:
    """A ready server with adapters by name, once with each backend."""
    ready = servers.start(request.param).wait_ready()
    if request.param == "vllm" and any("vllm-merged" in servers_of(item) for item in request.session.items):
        # The next one loads while this one is tested.
        servers.start("vllm-merged")
    return ready


@pytest.fixture(params=["transformers", "vllm"])
def merged_server(request: pytest.FixtureRequest, servers: Servers) -> ServerProcess:
    """A ready server with merged adapters, tokens and a short queue, once with each backend."""
    return servers.start(f"{request.param}-merged").wait_ready()


def servers_of(item: pytest.Item) -> set[str]:
    """The shared vLLM servers that a test needs."""
    if "[vllm" not in item.nodeid or not isinstance(item, pytest.Function):
        return set()
    merged = {"merged_server", "merged_pair"} & set(item.fixturenames)
    return {"vllm-merged" if merged else "vllm"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests without a server first, then by server, those that end one last; otherwise in the given order."""

    def rank(item: pytest.Item) -> tuple[int, int]:
        ends_server = item.get_closest_marker("ends_server") is not None
        names = item.fixturenames if isinstance(item, pytest.Function) else []
        if {"merged_server", "merged_pair"} & set(names):
            return 4 if ends_server else 3, int("[vllm" in item.nodeid)
        if {"server", "both"} & set(names):
            return 1 + int("[vllm" in item.nodeid), int(ends_server)
        return 0, 0

    items.sort(key=rank)
