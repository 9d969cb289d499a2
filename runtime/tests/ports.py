"""Ports for programs that a test starts."""

import random
import socket

#: Below the ports that the kernel takes for outgoing connections (32768 and up on Linux): one of those may be given
#: to a client in the seconds until a program listens. Above those that Ray keeps for its workers (10002 to 19999): it
#: refuses to listen on one of them.
_PORTS = range(20000, 32000)
_given: set[int] = set()


def free_port() -> int:
    """A TCP port on loopback that nobody listens on now, and that was not given before."""
    while True:
        port = random.choice(_PORTS)
        if port in _given:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _given.add(port)
        return port
