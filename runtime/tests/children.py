"""Programs that a test starts end with it, also where it is killed: a server left behind would keep its memory."""

import ctypes
import signal
import sys

#: prctl(2): the signal that the kernel sends to a child when its parent dies.
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def end_with_parent() -> None:
    """To be called in the child before its program starts (``preexec_fn``)."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
