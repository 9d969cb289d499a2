"""Where the weights are, downloaded first if need be."""

import logging
from pathlib import Path

from slipway_runtime.config.serve import ServeSettings
from slipway_runtime.lifecycle import Lifecycle, Phase

from .errors import WeightsError

log = logging.getLogger(__name__)


def resolve_weights(settings: ServeSettings, lifecycle: Lifecycle) -> Path:
    """The folder with the weights.

    Raises WeightsError if they cannot be found or downloaded.
    """
    source = settings.weights_source
    target = Path(settings.weights.dir)
    if source == "folder":
        folder = Path(settings.runtime.model or "")
    elif source == "hub":
        from .hub import download_from_hub

        lifecycle.enter(Phase.DOWNLOADING)
        folder = download_from_hub(settings.runtime.model or "", settings.runtime.revision, target, lifecycle)
    else:
        lifecycle.enter(Phase.DOWNLOADING)
        folder = _from_registry(settings.weights.reference or "", target)
    if not folder.is_dir():
        raise WeightsError(f"{folder} is no folder; mount the weights there, or set runtime.model to a hub id")
    if not (folder / "config.json").is_file():
        found = ", ".join(sorted(path.name for path in folder.iterdir())[:10]) or "nothing"
        raise WeightsError(f"{folder} has no config.json, so it is no model folder; it has: {found}")
    return folder


def _from_registry(reference: str, target: Path) -> Path:
    from slipway_runtime.oci.errors import RegistryError, RegistryUnavailable
    from slipway_runtime.transfer.errors import TransferError
    from slipway_runtime.transfer.fetch_artifact import fetch_artifact
    from slipway_runtime.transfer.registry import RegistryOptions

    try:
        digest = fetch_artifact(reference, target, RegistryOptions())
    except (TransferError, RegistryError, RegistryUnavailable) as error:
        raise WeightsError(f"weights.reference: {error}") from error
    log.info("weights are %s", digest)
    return target
