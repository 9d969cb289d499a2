"""``probe``: exec probes, for pods whose probes cannot be plain HTTP requests."""

import argparse
import http.client
import json
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slipway_runtime.__main__ import CommandParsers

_PATHS = {"live": "/livez", "ready": "/readyz", "startup": "/startupz"}


def add_parser(subparsers: "CommandParsers") -> None:
    """Add the ``probe`` command."""
    parser = subparsers.add_parser("probe", help="ask a running server how it is; for exec probes")
    parser.add_argument("question", choices=sorted(_PATHS))
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=5000, help="the server's port on this node (default 5000)")
    parser.add_argument("--leader-address", help="with several nodes: the leader must be reachable for live")
    parser.add_argument("--ray-port", type=int, default=6379, help="Ray's port on the leader (default 6379)")
    parser.add_argument("--timeout-seconds", type=float, default=4.0)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """0 for yes, 1 for no; what was found is printed, as Kubernetes shows it in the pod's events."""
    limit: float = arguments.timeout_seconds
    try:
        status, body = _ask(arguments.host, arguments.port, _PATHS[arguments.question], limit)
    except (OSError, http.client.HTTPException) as error:
        print(f"{arguments.host}:{arguments.port} does not answer: {error}")
        return 1
    print(body)
    if status != 200:
        return 1
    if arguments.question == "live" and arguments.leader_address and _has_joined(body):
        try:
            socket.create_connection((arguments.leader_address, arguments.ray_port), limit).close()
        except OSError as error:
            print(f"the leader {arguments.leader_address}:{arguments.ray_port} cannot be reached: {error}")
            return 1
    return 0


def _ask(host: str, port: int, path: str, timeout_seconds: float) -> tuple[int, str]:
    connection = http.client.HTTPConnection(host, port, timeout=timeout_seconds)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read().decode(errors="replace").strip()
    finally:
        connection.close()


def _has_joined(body: str) -> bool:
    """Before the group is together, a leader that is not there yet is no reason to kill the pod."""
    try:
        phase = json.loads(body).get("phase")
    except ValueError:
        return False
    return phase in ("ready", "draining")
