"""`fetch image`: one folder out of a container image, as adapters and datasets are shipped."""

import logging
import shutil
from pathlib import Path

from slipway_runtime.oci.unpack import apply_layer, open_tar, refuse_links_out

from .errors import TransferError
from .registry import RegistryOptions, registry_client
from .staging import Staging

log = logging.getLogger(__name__)


def fetch_image(reference: str, root: str, destination: Path, options: RegistryOptions) -> str:
    """Put what the image has under ``root`` into ``destination``; the digest of the image.

    Layers are applied in order with their whiteouts, as a container runtime would. An image that was fetched
    before is not fetched again. Raises TransferError and the errors of the registry client.
    """
    client = registry_client(reference, options)
    manifest = client.manifest(options.architecture)
    if not manifest.is_image:
        raise TransferError(
            f"{client.reference}: is an artifact ({manifest.artifact_type or manifest.config.media_type}),"
            " not a container image; use 'fetch artifact'"
        )
    staging = Staging(destination, {"digest": manifest.digest, "path": root})
    if staging.is_done():
        log.info("%s is already in %s", manifest.digest, destination)
        return manifest.digest
    staging.open()
    blobs = []
    for layer in manifest.layers:
        blob = staging.blobs / layer.digest.removeprefix("sha256:")
        client.download(layer, blob)
        log.info("downloaded layer %s, %d bytes", layer.digest, layer.size_bytes)
        blobs.append(blob)
    # An unpacking that was interrupted starts over: a layer is not resumable, its download is.
    shutil.rmtree(staging.tree, ignore_errors=True)
    staging.tree.mkdir()
    for blob in blobs:
        apply_layer(blob, root, staging.tree)
    refuse_links_out(staging.tree)
    if not any(staging.tree.iterdir()):
        raise TransferError(
            f"{client.reference}: has nothing under /{root.strip('/')};"
            f" the image has {', '.join(_top_level(blobs)) or 'no files'}"
        )
    names = staging.publish()
    log.info("unpacked %s into %s: %s", manifest.digest, destination, ", ".join(names))
    return manifest.digest


def _top_level(blobs: list[Path]) -> list[str]:
    names: set[str] = set()
    for blob in blobs:
        with open_tar(blob) as archive:
            names.update("/" + member.name.lstrip("./").split("/")[0] for member in archive)
    return sorted(names - {"/"})[:20]
