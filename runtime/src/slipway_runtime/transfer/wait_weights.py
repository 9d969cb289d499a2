"""`wait weights`: until another pod has filled a volume that both mount."""

import logging
import time
from collections.abc import Callable
from pathlib import Path

from slipway_runtime.weights.mark import differing_files, read_mark

from .errors import EXIT_UNAVAILABLE, TransferError
from .staging import Staging

log = logging.getLogger(__name__)

POLL_SECONDS = 5.0
SAY_SECONDS = 60.0
"""How often the log says that nothing is there yet."""


def wait_for_weights(
    folder: Path,
    *,
    wait_seconds: float,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> float:
    """Return when `fetch` has filled ``folder``, from the hub or from a registry; the seconds that it took.

    Raises TransferError (exit code 75) when it is not there after ``wait_seconds``.
    """
    started = clock()
    said = started - SAY_SECONDS
    while True:
        missing = _missing(folder)
        now = clock()
        if missing is None:
            return now - started
        if now - started >= wait_seconds:
            raise TransferError(
                f"{folder}: {missing} after {wait_seconds:.0f} s; look at the Job that downloads the weights",
                EXIT_UNAVAILABLE,
            )
        if now - said >= SAY_SECONDS:
            said = now
            log.info("waiting for the weights in %s: %s", folder, missing)
        sleep(POLL_SECONDS)


def _missing(folder: Path) -> str | None:
    """Why the weights are not complete; None when they are."""
    mark = read_mark(folder)
    if mark is None:
        return None if Staging.is_filled(folder) else "the download has not ended"
    differing = differing_files(folder, mark.files)
    return f"{', '.join(differing[:3])} not there, or of another size" if differing else None
