"""`fetch hub`: the weights of a model from the Hugging Face hub, for a volume that several pods read."""

from pathlib import Path

from slipway_runtime.lifecycle import Lifecycle
from slipway_runtime.weights.errors import WeightsError, WeightsRefused
from slipway_runtime.weights.mark import read_mark

from .errors import EXIT_SOURCE, EXIT_UNAVAILABLE, TransferError


def fetch_hub(model: str, revision: str | None, destination: Path) -> str:
    """Put the files of ``model`` that serving needs into ``destination``; the commit that they are of.

    An interrupted run is continued, and a complete one asks the hub nothing. Raises TransferError.
    """
    from slipway_runtime.weights.hub import download_from_hub

    try:
        destination.mkdir(parents=True, exist_ok=True)
        download_from_hub(model, revision, destination, Lifecycle())
    except WeightsRefused as error:
        raise TransferError(str(error), EXIT_SOURCE) from error
    except WeightsError as error:
        raise TransferError(str(error), EXIT_UNAVAILABLE) from error
    mark = read_mark(destination)
    if mark is None:
        raise TransferError(f"{destination}: the mark of the finished download is gone", EXIT_UNAVAILABLE)
    return mark.commit
