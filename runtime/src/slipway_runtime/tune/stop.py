"""The wish to stop: SIGTERM of this process, or a file that the supervising process makes."""

import signal
from pathlib import Path
from types import FrameType


class StopRequest:
    """Set once, never unset. ``obeyed`` says that training really ended because of it."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._signalled = False
        self.obeyed = False

    def listen(self) -> None:
        """Take SIGTERM and SIGINT as the wish instead of dying from them."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._signalled = True

    def is_set(self) -> bool:
        """Whether somebody asked."""
        return self._signalled or (self._file is not None and self._file.exists())
