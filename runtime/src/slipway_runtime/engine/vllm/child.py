"""A child process with everything that it starts."""

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Sequence

_END_SECONDS = 15.0
#: prctl(2): the signal that the kernel sends to a child when its parent dies.
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class Child:
    """A process in a session of its own, which ends with us whatever happens to us."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, command: Sequence[str], environment: dict[str, str], files: Sequence[int] = ()) -> "Child":
        """Start it; it inherits our output and the given file descriptors. Raises OSError if it cannot start."""
        process = await asyncio.create_subprocess_exec(
            *command,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            pass_fds=files,
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )
        return cls(process)

    async def wait(self) -> str:
        """Wait for its end and say how it ended."""
        code = await self._process.wait()
        if code < 0:
            return f"killed by {signal.Signals(-code).name}"
        return f"exit code {code}"

    async def end(self) -> None:
        """Ask it to end, then kill what is left of its session."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), _END_SECONDS)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()


def _die_with_parent() -> None:
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
