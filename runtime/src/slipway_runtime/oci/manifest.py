"""Manifests and descriptors, as far as reading and writing content needs them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .errors import RegistryError

IMAGE_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
IMAGE_INDEX = "application/vnd.oci.image.index.v1+json"
IMAGE_CONFIG = "application/vnd.oci.image.config.v1+json"
IMAGE_LAYER_GZIP = "application/vnd.oci.image.layer.v1.tar+gzip"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_INDEX = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"

ACCEPT = ", ".join((IMAGE_MANIFEST, IMAGE_INDEX, DOCKER_MANIFEST, DOCKER_INDEX))
MANIFEST_LIMIT_BYTES = 4 * 1024 * 1024
"""Largest manifest that is read; registries take no larger ones (distribution spec, 4 MiB)."""


@dataclass(frozen=True)
class Descriptor:
    """A blob or manifest by its digest."""

    media_type: str
    digest: str
    size_bytes: int
    annotations: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The descriptor as it stands in a manifest."""
        document: dict[str, Any] = {
            "mediaType": self.media_type,
            "digest": self.digest,
            "size": self.size_bytes,
        }
        if self.annotations:
            document["annotations"] = dict(sorted(self.annotations.items()))
        return document


@dataclass(frozen=True)
class Manifest:
    """An image or artifact manifest and the digest under which it is known."""

    digest: str
    media_type: str
    config: Descriptor
    layers: tuple[Descriptor, ...]
    artifact_type: str
    annotations: Mapping[str, str]

    @property
    def is_image(self) -> bool:
        """Whether this is a container image: a file system in layers, not a set of named files."""
        return self.config.media_type in (IMAGE_CONFIG, DOCKER_CONFIG)


def parse_manifest(raw: bytes, digest: str, where: str) -> Manifest:
    """Read an image manifest. Raises RegistryError naming what is missing."""
    document = _object(raw, where)
    media_type = str(document.get("mediaType") or IMAGE_MANIFEST)
    if "layers" not in document or "config" not in document:
        raise RegistryError(f"{where}: not an image manifest ({media_type}): no config and layers")
    return Manifest(
        digest=digest,
        media_type=media_type,
        config=_descriptor(document["config"], f"{where}: config"),
        layers=tuple(_descriptor(layer, f"{where}: layers[{index}]") for index, layer in enumerate(document["layers"])),
        artifact_type=str(document.get("artifactType") or ""),
        annotations=document.get("annotations") or {},
    )


def select_platform(raw: bytes, architecture: str, where: str) -> str | None:
    """Digest of the manifest for linux/``architecture`` when ``raw`` is an index; None when it is not one.

    An index with a single image is taken whatever its platform: data images often name none.
    """
    document = _object(raw, where)
    if "manifests" not in document:
        return None
    entries = [
        entry
        for entry in document["manifests"]
        # BuildKit stores attestations beside the images, with this platform.
        if (entry.get("platform") or {}).get("architecture") != "unknown"
    ]
    for entry in entries:
        platform = entry.get("platform") or {}
        if platform.get("os") == "linux" and platform.get("architecture") == architecture:
            return str(entry["digest"])
    if len(entries) == 1:
        return str(entries[0]["digest"])
    offered = sorted(
        "{os}/{architecture}".format(**{"os": "?", "architecture": "?", **(entry.get("platform") or {})})
        for entry in entries
    )
    raise RegistryError(f"{where}: no image for linux/{architecture}; offered: {', '.join(offered) or 'none'}")


def _object(raw: bytes, where: str) -> dict[str, Any]:
    try:
        document = json.loads(raw)
    except ValueError as error:
        raise RegistryError(f"{where}: manifest is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise RegistryError(f"{where}: manifest is not a JSON object")
    return document


def _descriptor(value: Any, where: str) -> Descriptor:
    try:
        descriptor = Descriptor(
            media_type=str(value["mediaType"]),
            digest=str(value["digest"]),
            size_bytes=int(value["size"]),
            annotations=value.get("annotations") or {},
        )
    except (KeyError, TypeError, ValueError) as error:
        raise RegistryError(f"{where}: not a descriptor with mediaType, digest and size") from error
    if not descriptor.digest.startswith("sha256:"):
        raise RegistryError(f"{where}: digest {descriptor.digest!r} is not sha256")
    return descriptor
