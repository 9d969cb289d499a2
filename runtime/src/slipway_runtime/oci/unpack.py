"""Layers onto disk: one folder of an image, with whiteouts honoured and nothing outside the target."""

import gzip
import os
import shutil
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

import pyarrow  # type: ignore[import-untyped]

from .errors import RegistryError

_WHITEOUT = ".wh."
_OPAQUE = ".wh..wh..opq"


@contextmanager
def open_tar(blob: Path) -> Iterator[tarfile.TarFile]:
    """Open a layer as a tar stream: plain, gzip or zstd, told apart by its first bytes.

    Not by the media type: registries and builders disagree about it, the bytes cannot.
    """
    with blob.open("rb") as file:
        magic = file.read(4)
        file.seek(0)
        stream: IO[bytes] | gzip.GzipFile
        if magic[:2] == b"\x1f\x8b":
            stream = gzip.GzipFile(fileobj=file)
        elif magic == b"\x28\xb5\x2f\xfd":
            stream = pyarrow.CompressedInputStream(file, "zstd")
        else:
            stream = file
        try:
            with tarfile.open(fileobj=stream, mode="r|") as archive:
                yield archive
        except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise RegistryError(f"layer {blob.name}: not a tar archive (plain, gzip or zstd): {error}") from error


def apply_layer(blob: Path, root: str, target: Path) -> None:
    """Unpack what lies under ``root`` of the layer into ``target``, over what earlier layers left there.

    ``root`` is a path inside the image such as ``data``; "" takes everything. Owner and times are not kept;
    of the mode only whether the file is executable. Raises RegistryError for a path or link that leaves
    ``root`` and for devices.
    """
    target.mkdir(parents=True, exist_ok=True)
    with open_tar(blob) as archive:
        for member in archive:
            relative = _inside(member.name, root)
            if relative is not None:
                _place(archive, member, relative, root, target)


def refuse_links_out(target: Path) -> None:
    """Raises RegistryError for a symbolic link that leads out of ``target``, by itself or through others.

    Called when all layers are applied: one member's link may be harmless alone, and lead out through another's.
    """
    top = target.resolve()
    for parent, folders, files in os.walk(target):
        for name in [*folders, *files]:
            path = Path(parent) / name
            if path.is_symlink() and not Path(os.path.realpath(path)).is_relative_to(top):
                raise RegistryError(
                    f"{path.relative_to(target)} is a link to {os.readlink(path)!r}, outside the folder"
                )


def _inside(name: str, root: str) -> PurePosixPath | None:
    """Path of a member below ``root``, or None when it lies elsewhere."""
    parts = [part for part in PurePosixPath("/" + name).parts[1:] if part != "."]
    if ".." in parts:
        raise RegistryError(f"layer member {name!r} has '..' in its path")
    base = [part for part in root.split("/") if part]
    if parts[: len(base)] != base:
        return None
    return PurePosixPath(*parts[len(base) :])


def _place(archive: tarfile.TarFile, member: tarfile.TarInfo, relative: PurePosixPath, root: str, target: Path) -> None:
    path = _below(target, relative, member.name)
    if relative.name == _OPAQUE:
        _clear(path.parent)
    elif relative.name.startswith(_WHITEOUT):
        hidden = relative.name.removeprefix(_WHITEOUT)
        if hidden in ("", ".", ".."):
            raise RegistryError(f"layer member {member.name!r} is a whiteout of no file")
        _remove(path.with_name(hidden))
    elif member.isdir():
        if not path.is_dir() or path.is_symlink():
            _remove(path)
            path.mkdir(parents=True)
    elif member.isfile():
        _remove(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        source = archive.extractfile(member)
        if source is None:
            raise RegistryError(f"layer member {member.name!r} has no content")
        with source, path.open("wb") as file:
            shutil.copyfileobj(source, file, 1024 * 1024)
        path.chmod(0o755 if member.mode & 0o111 else 0o644)
    elif member.islnk():
        what = f"layer member {member.name!r} is a hard link to {member.linkname!r}"
        linked = _inside(member.linkname, root)
        if linked is None:
            raise RegistryError(f"{what}, outside")
        original = _below(target, linked, member.linkname)
        if not original.is_file() or original.is_symlink():
            raise RegistryError(f"{what}: no such file")
        _remove(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        os.link(original, path)
    elif member.issym():
        _link(member, relative, path)
    else:
        raise RegistryError(f"layer member {member.name!r} is neither file, folder nor link")


def _link(member: tarfile.TarInfo, relative: PurePosixPath, path: Path) -> None:
    """Make a symbolic link that stays inside; Hugging Face snapshots consist of such links."""
    depth = len(relative.parts) - 1
    if member.linkname.startswith("/"):
        depth = -1
    for part in PurePosixPath(member.linkname).parts:
        if depth < 0:
            break
        depth += -1 if part == ".." else 1
    if depth < 0:
        raise RegistryError(f"layer member {member.name!r} is a link to {member.linkname!r}, outside its folder")
    _remove(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(member.linkname)


def _below(target: Path, relative: PurePosixPath, name: str) -> Path:
    """``relative`` below ``target``, refusing to write through a link that an earlier member made."""
    path = target
    for part in relative.parts[:-1]:
        path = path / part
        if path.is_symlink():
            raise RegistryError(f"layer member {name!r} goes through the link {path.name!r}")
    return target / relative


def _remove(path: Path) -> None:
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.is_dir():
        shutil.rmtree(path)


def _clear(folder: Path) -> None:
    if folder.is_dir():
        for child in folder.iterdir():
            _remove(child)
