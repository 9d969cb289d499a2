"""Waiting for the tuning program to finish, one way or the other."""

import json
import logging
import time
from collections.abc import Callable
from pathlib import Path

from slipway_runtime.tune.markers import COMPLETED, FAILED, PROGRESS

from .errors import EXIT_TRAINING, TransferError

log = logging.getLogger(__name__)

POLL_SECONDS = 2.0


def wait_for_adapter(
    folder: Path,
    *,
    wait_seconds: float | None,
    stale_seconds: float,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.time,
) -> None:
    """Return when the success sentinel stands in ``folder``, and no failure marker of a later run beside it.

    ``wait_seconds``: how long to wait, None without limit, 0 looks once. ``stale_seconds``: a progress file
    untouched for so long means that the tuning program is gone without a word (killed with its container).
    Raises TransferError (exit code 5) when the failure marker appears, the heartbeat stops or time is up.
    """
    started = clock()
    log.info("waiting for %s in %s", COMPLETED, folder)
    while True:
        # Before the sentinel: a run that never began, as its configuration was wrong, leaves that of the run before.
        if (folder / FAILED).exists():
            raise TransferError(f"tuning failed, nothing is pushed: {_reason(folder / FAILED)}", EXIT_TRAINING)
        if (folder / COMPLETED).exists():
            return
        now = clock()
        beat = _modified(folder / PROGRESS)
        if beat is not None and now - beat > stale_seconds:
            raise TransferError(
                f"{folder / PROGRESS} was last written {now - beat:.0f} s ago: the tuning program is gone;"
                " nothing is pushed",
                EXIT_TRAINING,
            )
        if wait_seconds is not None and now - started >= wait_seconds:
            raise TransferError(
                f"{folder / COMPLETED} did not appear within {wait_seconds:.0f} s; nothing is pushed",
                EXIT_TRAINING,
            )
        sleep(POLL_SECONDS)


def _modified(path: Path) -> float | None:
    try:
        return path.stat().st_mtime
    except OSError:
        return None


def _reason(marker: Path) -> str:
    try:
        document = json.loads(marker.read_text(encoding="utf-8"))
        return f"{document['reason']}: {document['message']}"
    except (OSError, ValueError, KeyError, TypeError):
        return f"see {marker}"
