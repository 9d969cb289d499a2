"""How the program ends, for Kubernetes: signals, and the reason of a failure."""

import asyncio
import contextlib
import signal
from pathlib import Path

#: Kubernetes shows the content in the pod's status (terminationMessagePath).
TERMINATION_LOG = Path("/dev/termination-log")


def stop_event() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set."""
    event = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, event.set)
    return event


def report_failure(reason: str) -> None:
    """Put the reason where Kubernetes shows it, if we run there."""
    if TERMINATION_LOG.exists():
        with contextlib.suppress(OSError):
            TERMINATION_LOG.write_text(reason[:4000] + "\n", encoding="utf-8")
