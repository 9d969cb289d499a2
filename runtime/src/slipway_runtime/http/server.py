"""uvicorn without its own signal handlers: what a signal means is decided by the lifecycle."""

import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from .connection import KEEP_ALIVE_SECONDS, Connection

BACKLOG = 2048


class Server(uvicorn.Server):
    """A server that stops when ``should_exit`` is set, and not by itself."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield


def make_server(app: ASGIApp) -> Server:
    """A server for an application, without access lines and without lifespan events."""
    config = uvicorn.Config(
        app,
        http=Connection,
        # Nothing is served over them; an upgrade is answered as the plain request that it is.
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        backlog=BACKLOG,
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    return Server(config)


def listen(host: str, port: int) -> socket.socket:
    """A listening TCP socket. Raises OSError if the address is taken or is not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    listener.setblocking(False)
    return listener
