"""A folder as an image layer: the same bytes for the same files, whoever packs them and when."""

import gzip
import hashlib
import json
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from .manifest import IMAGE_CONFIG, IMAGE_LAYER_GZIP, IMAGE_MANIFEST, Descriptor

_GZIP_LEVEL = 6
"""zlib's default; weights hardly compress, higher levels only cost time."""


@dataclass(frozen=True)
class PackedImage:
    """An image ready to be uploaded: layer, config, manifest, in this order."""

    layer: Descriptor
    layer_file: Path
    config: Descriptor
    config_bytes: bytes
    manifest_bytes: bytes


def pack_image(files: Sequence[tuple[str, Path]], layer_file: Path, annotations: Mapping[str, str]) -> PackedImage:
    """Pack ``files`` (path in the image, source) into one gzip layer, written to ``layer_file``.

    Owner is root, times are zero, modes 0644 and 0755, members in order of their path, and the gzip header
    carries neither name nor time: so a second push of the same adapter finds its layer in the registry.
    """
    diff = _Hashing()
    with layer_file.open("wb") as raw:
        blob = _Hashing(raw)
        with gzip.GzipFile("", "wb", _GZIP_LEVEL, blob, mtime=0) as compressed:
            diff.sink = compressed
            with tarfile.open(fileobj=diff, mode="w|", format=tarfile.PAX_FORMAT) as archive:  # type: ignore[call-overload]
                _add(archive, files)
    layer = Descriptor(IMAGE_LAYER_GZIP, blob.digest, blob.size_bytes)
    config_bytes = _json(
        {
            # Without os and architecture some runtimes refuse to unpack the image as a volume.
            "architecture": "amd64",
            "os": "linux",
            "rootfs": {"type": "layers", "diff_ids": [diff.digest]},
            "config": {},
            "history": [{"created_by": "slipway push"}],
        }
    )
    config = Descriptor(IMAGE_CONFIG, f"sha256:{hashlib.sha256(config_bytes).hexdigest()}", len(config_bytes))
    manifest: dict[str, Any] = {
        "schemaVersion": 2,
        "mediaType": IMAGE_MANIFEST,
        "config": config.to_json(),
        "layers": [layer.to_json()],
    }
    if annotations:
        manifest["annotations"] = dict(sorted(annotations.items()))
    return PackedImage(layer, layer_file, config, config_bytes, _json(manifest))


def _add(archive: tarfile.TarFile, files: Sequence[tuple[str, Path]]) -> None:
    folders: set[str] = set()
    for name, source in sorted(files):
        parts = name.split("/")
        for depth in range(1, len(parts)):
            folder = "/".join(parts[:depth])
            if folder not in folders:
                folders.add(folder)
                entry = tarfile.TarInfo(folder)
                entry.type = tarfile.DIRTYPE
                entry.mode = 0o755
                archive.addfile(entry)
        entry = tarfile.TarInfo(name)
        entry.size = source.stat().st_size
        entry.mode = 0o644
        with source.open("rb") as file:
            archive.addfile(entry, file)


def _json(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":"), sort_keys=True).encode()


class _Hashing:
    """A sink that hashes and counts what passes through it."""

    def __init__(self, sink: IO[bytes] | gzip.GzipFile | None = None) -> None:
        self.sink = sink
        self.size_bytes = 0
        self._hash = hashlib.sha256()

    @property
    def digest(self) -> str:
        return f"sha256:{self._hash.hexdigest()}"

    def write(self, data: bytes) -> int:
        self._hash.update(data)
        self.size_bytes += len(data)
        if self.sink is not None:
            self.sink.write(data)
        return len(data)

    def flush(self) -> None:
        if self.sink is not None:
            self.sink.flush()
