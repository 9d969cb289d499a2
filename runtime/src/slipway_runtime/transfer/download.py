"""One dataset file from an HTTP server: retried, resumed, verified, and complete or absent."""

import hashlib
import json
import logging
import time
from collections.abc import Callable
from pathlib import Path

import requests
import urllib3

from .dataset_url import DatasetUrl
from .errors import EXIT_UNAVAILABLE, TransferError

log = logging.getLogger(__name__)

RETRIES = 5
TIMEOUT_SECONDS = (10.0, 60.0)
CHUNK_BYTES = 256 * 1024
_TEMPORARY = frozenset({408, 425, 429, 500, 502, 503, 504})


def download(
    url: DatasetUrl,
    destination: Path,
    session: requests.Session,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Download ``url`` to ``destination``; the number of bytes of the file.

    Bytes go to ``destination`` plus ``.part``; the final name appears when length and digest are checked. A
    partial file is continued only for the same version of the file (its ETag or Last-Modified, kept beside
    it). Raises TransferError.
    """
    part = destination.with_name(destination.name + ".part")
    for attempt in range(RETRIES + 1):
        try:
            _fetch(url, part, session)
            break
        except (requests.RequestException, urllib3.exceptions.HTTPError, ConnectionError) as error:
            if isinstance(error, requests.TooManyRedirects | requests.exceptions.SSLError):
                raise TransferError(f"{url.shown}: {error}") from error
            if attempt == RETRIES:
                raise TransferError(f"{url.shown}: {_cause(error)} ({RETRIES + 1} tries)", EXIT_UNAVAILABLE) from error
            pause = _pause_seconds(error, attempt)
            log.warning("%s: %s; next try in %.1f s", url.shown, _cause(error), pause)
            sleep(pause)
    try:
        size = _check(url, part)
    except TransferError:
        _forget(part)
        raise
    part.replace(destination)
    _version_file(part).unlink(missing_ok=True)
    return size


class _TryLater(ConnectionError):
    def __init__(self, message: str, seconds: float | None) -> None:
        super().__init__(message)
        self.seconds = seconds


def _fetch(url: DatasetUrl, part: Path, session: requests.Session) -> None:
    have = part.stat().st_size if part.exists() else 0
    version = _read_version(part)
    headers = {"Accept-Encoding": "identity"}
    if have and version:
        headers |= {"Range": f"bytes={have}-", "If-Range": version}
    with session.get(url.url, headers=headers, stream=True, timeout=TIMEOUT_SECONDS) as response:
        if response.status_code == 416 and have:
            _forget(part)
            raise ConnectionError("the server refuses to continue the partial file")
        if response.status_code in _TEMPORARY:
            raise _TryLater(f"HTTP {response.status_code}", _retry_after(response))
        if response.status_code not in (200, 206):
            raise TransferError(f"{url.shown}: HTTP {response.status_code} {response.reason}")
        append = response.status_code == 206
        if append and not response.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
            _forget(part)
            raise ConnectionError("the server sent another range than the one asked for")
        if not append:
            have = 0
            _write_version(part, response)
        length = response.headers.get("Content-Length", "")
        expected = have + int(length) if length.isdecimal() else None
        with part.open("ab" if append else "wb") as file:
            for chunk in response.iter_content(CHUNK_BYTES):
                have += len(chunk)
                if url.size_bytes is not None and have > url.size_bytes:
                    raise TransferError(f"{url.shown}: longer than the {url.size_bytes} bytes given")
                file.write(chunk)
    if expected is not None and have != expected:
        raise ConnectionError(f"the body ended after {have} of {expected} bytes")


def _check(url: DatasetUrl, part: Path) -> int:
    size = part.stat().st_size
    if size == 0:
        raise TransferError(f"{url.shown}: the file is empty")
    if url.size_bytes is not None and size != url.size_bytes:
        raise TransferError(f"{url.shown}: has {size} bytes, not the {url.size_bytes} given")
    if url.sha256 is not None:
        with part.open("rb") as file:
            actual = hashlib.file_digest(file, "sha256").hexdigest()
        if actual != url.sha256:
            raise TransferError(f"{url.shown}: sha256 is {actual}, not {url.sha256} as given")
    return size


def _version_file(part: Path) -> Path:
    return part.with_name(part.name + ".version")


def _write_version(part: Path, response: requests.Response) -> None:
    etag = response.headers.get("ETag", "")
    # A weak ETag does not promise equal bytes and may not stand in If-Range (RFC 9110, 13.1.5).
    version = etag if etag and not etag.startswith("W/") else response.headers.get("Last-Modified", "")
    _version_file(part).write_text(json.dumps(version), encoding="utf-8")


def _read_version(part: Path) -> str:
    try:
        return str(json.loads(_version_file(part).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return ""


def _forget(part: Path) -> None:
    part.unlink(missing_ok=True)
    _version_file(part).unlink(missing_ok=True)


def _retry_after(response: requests.Response) -> float | None:
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isdecimal() else None


def _pause_seconds(error: Exception, attempt: int) -> float:
    if isinstance(error, _TryLater) and error.seconds is not None:
        return min(60.0, error.seconds)
    return float(min(30.0, 0.5 * 2**attempt))


def _cause(error: BaseException) -> str:
    """The message without urllib3's wrapping, which repeats the URL with its query."""
    inner = error
    while isinstance(inner, requests.RequestException) and inner.args and isinstance(inner.args[0], Exception):
        inner = inner.args[0]
    reason = getattr(inner, "reason", None)
    return str(reason) if isinstance(reason, Exception) else str(inner)
