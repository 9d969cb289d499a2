"""KAITO's exec probes, answered by the server's own routes."""

import argparse
import os
import urllib.error
import urllib.request
from collections.abc import Sequence

TIMEOUT_SECONDS = 5


def multi_node(argv: Sequence[str] | None = None) -> int:
    """``multi-node-health-check.py liveness|readiness``: only the leader (POD_INDEX 0) has a server to ask."""
    parser = argparse.ArgumentParser(prog="multi-node-health-check.py")
    parser.add_argument("probe", choices=("liveness", "readiness"))
    parser.add_argument("--leader-address")
    parser.add_argument("--ray-port", type=int, default=6379)
    parser.add_argument("--vllm-port", type=int, default=5000)
    arguments = parser.parse_args(argv)
    if os.environ.get("POD_INDEX", "0") != "0":
        return 0
    return _ask(arguments.vllm_port, "/livez" if arguments.probe == "liveness" else "/health")


def startup(argv: Sequence[str] | None = None) -> int:
    """``benchmark_entrypoint.py``, a startup probe: ready or not. No benchmark is run inside a probe."""
    return _ask(5000, "/health")


def _ask(port: int, path: str) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=TIMEOUT_SECONDS):
            return 0
    except (urllib.error.URLError, OSError) as error:
        print(f"{path}: {error}")
        return 1
