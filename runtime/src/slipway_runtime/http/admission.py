"""How many requests are inside, and who has to wait outside."""

import asyncio
import math

from slipway_runtime.engine.base import RequestError
from slipway_runtime.lifecycle import Lifecycle, Phase
from slipway_runtime.observe.metrics import Metrics

#: Weight of the newest request in the average duration that Retry-After is taken from.
_SMOOTHING = 0.2


class Rejected(RequestError):
    """A request that is turned away for now, with the seconds after which it may come again."""

    def __init__(self, status: int, message: str, code: str, retry_after_seconds: int) -> None:
        kind = "rate_limit_error" if status == 429 else "server_error"
        super().__init__(status, message, kind=kind, code=code)
        self.retry_after_seconds = retry_after_seconds


class Admission:
    """Takes requests up to a limit, and none before the server is ready or once it drains."""

    def __init__(self, lifecycle: Lifecycle, concurrency: int, queue: int, metrics: Metrics) -> None:
        self._lifecycle = lifecycle
        self._concurrency = concurrency
        self._limit = concurrency + queue
        self._metrics = metrics
        self._inside = 0
        self._average_seconds = 1.0
        self._empty = asyncio.Event()
        self._empty.set()

    @property
    def inside(self) -> int:
        """Accepted requests that are not answered yet."""
        return self._inside

    def enter(self) -> None:
        """Count a request in.

        Raises Rejected: 503 while the server is not ready, 429 when it is full.
        """
        phase = self._lifecycle.phase
        if phase is not Phase.READY:
            self._metrics.rejected.labels(str(phase)).inc()
            if phase in (Phase.DRAINING, Phase.STOPPED):
                raise Rejected(503, "the server is shutting down; send it again, to another one", "draining", 1)
            raise Rejected(503, f"the model is not ready yet ({phase})", "not_ready", 10)
        if self._inside >= self._limit:
            self._metrics.rejected.labels("queue_full").inc()
            wait = self._average_seconds * self._inside / self._concurrency
            raise Rejected(
                429,
                f"the queue is full: {self._inside} requests are being answered or wait, at most {self._limit}",
                "queue_full",
                max(1, min(60, math.ceil(wait))),
            )
        self._inside += 1
        self._metrics.in_flight.set(self._inside)
        self._empty.clear()

    def leave(self, seconds: float) -> None:
        """Count a request out that took ``seconds``."""
        self._inside -= 1
        self._metrics.in_flight.set(self._inside)
        self._average_seconds += _SMOOTHING * (seconds - self._average_seconds)
        if self._inside == 0:
            self._empty.set()

    async def drained(self) -> None:
        """Return when no request is inside."""
        await self._empty.wait()
