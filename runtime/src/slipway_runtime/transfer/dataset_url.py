"""Dataset URLs as they are written, and the file names they get."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import parse_qsl, unquote, urlsplit, urlunsplit

from .errors import EXIT_CONFIG, TransferError

_SHA256 = re.compile(r"[0-9a-f]{64}")
_UNSAFE = re.compile(r"[^A-Za-z0-9._ +=@-]")
_NAME_LIMIT = 200
"""File systems allow 255 bytes; the rest is for the .part ending and a collision number."""


@dataclass(frozen=True)
class DatasetUrl:
    """One file to download. What stands after ``#`` is never sent: it may promise size and digest."""

    url: str
    sha256: str | None
    size_bytes: int | None

    @property
    def shown(self) -> str:
        """The URL for messages, without the query: signed URLs carry their secret there."""
        parts = urlsplit(self.url)
        host = parts.hostname or ""
        if parts.port:
            host += f":{parts.port}"
        return urlunsplit((parts.scheme, host, parts.path, "", ""))


def parse_dataset_urls(texts: Sequence[str]) -> list[DatasetUrl]:
    """Parse URLs such as ``https://host/train.jsonl#sha256=<hex>&size=<bytes>``.

    Raises TransferError (exit code 2) with every problem of every URL, by its position.
    """
    problems: list[str] = []
    parsed = [_parse(text, f"url {index + 1}", problems) for index, text in enumerate(texts)]
    if problems:
        raise TransferError("; ".join(problems), EXIT_CONFIG)
    return parsed


def _parse(text: str, where: str, problems: list[str]) -> DatasetUrl:
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError as error:
        problems.append(f"{where}: {error}")
        return DatasetUrl(text, None, None)
    if parts.scheme not in ("http", "https"):
        problems.append(f"{where}: scheme {parts.scheme!r} is not allowed; give an http or https URL")
    elif not parts.hostname:
        problems.append(f"{where}: has no host")
    if parts.username or parts.password:
        problems.append(f"{where}: carries a login; use a signed URL, or an image with a pull secret")
    if port == 0:
        problems.append(f"{where}: port 0 is not allowed")
    promised = dict(parse_qsl(parts.fragment))
    sha256 = promised.get("sha256", "").lower() or None
    if sha256 is not None and not _SHA256.fullmatch(sha256):
        problems.append(f"{where}: sha256 {sha256!r} is not 64 hex digits")
    size = promised.get("size")
    if size is not None and not size.isdecimal():
        problems.append(f"{where}: size {size!r} is not a number of bytes")
        size = None
    return DatasetUrl(urlunsplit(parts._replace(fragment="")), sha256, int(size) if size is not None else None)


def file_names(urls: Sequence[DatasetUrl]) -> list[str]:
    """A file name for each URL: the last part of its path, numbered where two would be the same.

    The second ``train.jsonl`` becomes ``train-2.jsonl``, as the ending decides how the data is read. Equality
    ignores case, so that the names also differ on volumes that do.
    """
    taken: set[str] = set()
    names: list[str] = []
    for url in urls:
        name = _UNSAFE.sub("_", unquote(PurePosixPath(urlsplit(url.url).path).name)).lstrip(".")
        path = PurePosixPath((name or "dataset")[-_NAME_LIMIT:])
        candidate, number = str(path), 1
        while candidate.lower() in taken:
            number += 1
            candidate = f"{path.stem}-{number}{path.suffix}"
        taken.add(candidate.lower())
        names.append(candidate)
    return names
