"""`fetch artifact`: named files of an OCI artifact, as model weights are shipped.

Understands what ``oras push`` writes (a title per file) and the CNCF model format of the AIKit and modctl
packagers (a file path per layer, raw or tar).
"""

import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath

from slipway_runtime.oci.manifest import Descriptor
from slipway_runtime.oci.unpack import apply_layer, refuse_links_out

from .errors import TransferError
from .registry import RegistryOptions, registry_client
from .staging import Staging

log = logging.getLogger(__name__)

PARALLEL_DOWNLOADS = 4
"""Files at a time: one stream rarely fills a node's network, many only compete."""

_NAME_KEYS = ("org.cncf.model.filepath", "org.opencontainers.image.title")
_UNPACK_KEY = "io.deis.oras.content.unpack"
_MODEL_LAYER = "application/vnd.cncf.model."


def fetch_artifact(reference: str, destination: Path, options: RegistryOptions) -> str:
    """Put the files of the artifact into ``destination``; the digest of the artifact.

    Every file is checked against its digest; an interrupted run is continued. Raises TransferError and the
    errors of the registry client.
    """
    client = registry_client(reference, options)
    manifest = client.manifest(options.architecture)
    if manifest.is_image:
        raise TransferError(f"{client.reference}: is a container image, not an artifact; use 'fetch image'")
    plan = [(layer, _file_name(layer, str(client.reference))) for layer in manifest.layers]
    named = [str(name) for layer, name in plan if name is not None and not _is_archive(layer)]
    twice = sorted({name for name in named if named.count(name) > 1})
    if twice:
        raise TransferError(f"{client.reference}: has several files called {', '.join(twice)}")
    if not plan:
        raise TransferError(f"{client.reference}: has no files")
    staging = Staging(destination, {"digest": manifest.digest})
    if staging.is_done():
        log.info("%s is already in %s", manifest.digest, destination)
        return manifest.digest
    staging.open()
    staging.tree.mkdir(exist_ok=True)

    def fetch(item: tuple[Descriptor, PurePosixPath | None]) -> None:
        layer, name = item
        if name is None or _is_archive(layer):
            target = staging.blobs / layer.digest.removeprefix("sha256:")
        else:
            target = staging.tree / name
        target.parent.mkdir(parents=True, exist_ok=True)
        # A client holds the state of its login, so each download has its own.
        registry_client(reference, options).download(layer, target)
        log.info("downloaded %s, %d bytes", name or layer.digest, layer.size_bytes)

    with ThreadPoolExecutor(PARALLEL_DOWNLOADS) as pool:
        for _ in pool.map(fetch, plan):
            pass
    for layer in manifest.layers:
        if _is_archive(layer):
            # The members of a folder that oras packed start with the folder's own name.
            apply_layer(staging.blobs / layer.digest.removeprefix("sha256:"), "", staging.tree)
    refuse_links_out(staging.tree)
    names = staging.publish()
    log.info("put %s into %s: %s", manifest.digest, destination, ", ".join(names))
    return manifest.digest


def _is_archive(layer: Descriptor) -> bool:
    if layer.annotations.get(_UNPACK_KEY) == "true":
        return True
    return layer.media_type.startswith(_MODEL_LAYER) and ".tar" in layer.media_type


def _file_name(layer: Descriptor, where: str) -> PurePosixPath | None:
    """Path of the file inside the destination; None for an archive without a name."""
    text = next((layer.annotations[key] for key in _NAME_KEYS if key in layer.annotations), None)
    if text is None:
        if _is_archive(layer):
            return None
        raise TransferError(
            f"{where}: layer {layer.digest} ({layer.media_type}) names no file; expected one of the"
            f" annotations {', '.join(_NAME_KEYS)}"
        )
    path = PurePosixPath(text)
    if path.is_absolute() or ".." in path.parts or not path.parts or path.parts[0].startswith(".slipway"):
        raise TransferError(f"{where}: layer {layer.digest} has the file name {text!r}, outside the folder")
    return path
