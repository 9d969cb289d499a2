"""Where the server is between its start and its end; what the probes answer from."""

import enum
import time
from collections.abc import Callable
from dataclasses import dataclass, field


class Phase(enum.StrEnum):
    """The phases, in the order in which they come."""

    STARTING = "starting"
    DOWNLOADING = "downloading"
    LOADING = "loading"
    WARMING = "warming"
    READY = "ready"
    DRAINING = "draining"
    STOPPED = "stopped"
    FAILED = "failed"


STARTED = frozenset({Phase.READY, Phase.DRAINING, Phase.STOPPED})


@dataclass
class Lifecycle:
    """The current phase, since when, and why if it failed. Changed from one thread at a time."""

    phase: Phase = Phase.STARTING
    reason: str | None = None
    started_at: float = field(default_factory=time.time)
    bytes_done: int = 0
    bytes_total: int = 0
    _listeners: list[Callable[[Phase], None]] = field(default_factory=list, repr=False)

    def enter(self, phase: Phase, reason: str | None = None) -> None:
        """Go to a phase; a failure is kept, whatever comes after it."""
        if self.phase is Phase.FAILED or self.phase is phase:
            return
        self.phase = phase
        self.reason = reason
        for listener in self._listeners:
            listener(phase)

    def on_change(self, listener: Callable[[Phase], None]) -> None:
        """Call ``listener`` with every phase that is entered from now on."""
        self._listeners.append(listener)

    @property
    def elapsed_seconds(self) -> float:
        """Seconds since the program's start."""
        return time.time() - self.started_at

    @property
    def is_ready(self) -> bool:
        """Whether new requests are taken."""
        return self.phase is Phase.READY

    @property
    def has_started(self) -> bool:
        """Whether the server was ready at some time; it stays so while draining."""
        return self.phase in STARTED

    def describe(self) -> dict[str, object]:
        """What /startupz shows."""
        shown: dict[str, object] = {
            "phase": str(self.phase),
            "elapsed_seconds": round(self.elapsed_seconds, 1),
        }
        if self.bytes_total:
            shown |= {"bytes_done": self.bytes_done, "bytes_total": self.bytes_total}
        if self.reason:
            shown["reason"] = self.reason
        return shown
