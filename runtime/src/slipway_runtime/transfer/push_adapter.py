"""`push`: a finished adapter as an image that KAITO and this runtime can mount."""

import json
import logging
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from slipway_runtime.oci.pack import pack_image
from slipway_runtime.tune.markers import ADAPTER_CONFIG, ADAPTER_FILES, ADAPTER_WEIGHTS

from .errors import EXIT_CONFIG, TransferError
from .registry import RegistryOptions, registry_client

log = logging.getLogger(__name__)

DATA_FOLDER = "data"
"""Folder of the image that holds the adapter, as KAITO's puller expects it."""


def push_adapter(
    folder: Path, reference: str, annotations: Mapping[str, str], options: RegistryOptions
) -> dict[str, Any]:
    """Push the adapter in ``folder`` to ``reference``; its digest and sizes.

    The tag changes with the last request, after all content is in the registry; the same adapter gives the
    same digest. Raises TransferError and the errors of the registry client.
    """
    client = registry_client(reference, options)
    if client.reference.digest is not None:
        raise TransferError(f"{reference}: push needs a tag, not a digest", EXIT_CONFIG)
    _check_adapter(folder)
    with tempfile.TemporaryDirectory(prefix="push-") as scratch:
        image = pack_image(
            [(f"{DATA_FOLDER}/{name}", folder / name) for name in ADAPTER_FILES],
            Path(scratch) / "layer.tar.gz",
            annotations,
        )
        sent = client.upload(image.layer, image.layer_file)
        client.upload(image.config, image.config_bytes)
        digest = client.put_manifest(image.manifest_bytes)
    found = client.manifest().digest
    if found != digest:
        raise TransferError(f"{client.reference}: was moved to {found} by another push while {digest} was pushed")
    log.info("pushed %s@%s, layer of %d bytes", client.reference, digest, image.layer.size_bytes)
    return {
        "image": f"{client.reference}@{digest}",
        "digest": digest,
        "layerBytes": image.layer.size_bytes,
        "layerSent": sent,
    }


def _check_adapter(folder: Path) -> None:
    """Refuse to push what no server could load: a config without a type, a truncated weights file."""
    for name in ADAPTER_FILES:
        if not (folder / name).is_file():
            raise TransferError(f"{folder / name}: not there; an adapter is {' and '.join(ADAPTER_FILES)}")
    try:
        config = json.loads((folder / ADAPTER_CONFIG).read_text(encoding="utf-8"))
    except ValueError as error:
        raise TransferError(f"{folder / ADAPTER_CONFIG}: not JSON: {error}") from error
    if not isinstance(config, dict) or "peft_type" not in config:
        raise TransferError(f"{folder / ADAPTER_CONFIG}: has no peft_type, so it is not a PEFT adapter")
    _check_safetensors(folder / ADAPTER_WEIGHTS)


def _check_safetensors(path: Path) -> None:
    """Check that the file is as long as its header says (safetensors format: length, JSON header, data)."""
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if length > size - 8:
            raise TransferError(f"{path}: not a safetensors file: its header is longer than the file")
        try:
            header = json.loads(file.read(length))
            tensors = [entry for name, entry in header.items() if name != "__metadata__"]
            end = max((entry["data_offsets"][1] for entry in tensors), default=0)
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            raise TransferError(f"{path}: not a safetensors file: {error}") from error
    if not tensors:
        raise TransferError(f"{path}: holds no tensors")
    if 8 + length + end != size:
        raise TransferError(f"{path}: has {size} bytes, its header says {8 + length + end}: incomplete")
