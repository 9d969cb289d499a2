"""`fetch urls`: dataset files from HTTP servers into one folder."""

import logging
from collections.abc import Sequence
from pathlib import Path

from .dataset_url import file_names, parse_dataset_urls
from .download import download
from .errors import EXIT_CONFIG, TransferError
from .public_http import public_session

log = logging.getLogger(__name__)


def fetch_urls(texts: Sequence[str], destination: Path, *, allow_private: bool = False) -> list[Path]:
    """Download every URL into ``destination``; the files, in the order of the URLs.

    All URLs are tried before a failure is reported, so that one run names every broken one. Raises
    TransferError, with the exit code of the first failure.
    """
    urls = parse_dataset_urls(texts)
    try:
        destination.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TransferError(f"{destination}: cannot write: {error.strerror}", EXIT_CONFIG) from error
    session = public_session(allow_private)
    files: list[Path] = []
    failures: list[TransferError] = []
    for url, name in zip(urls, file_names(urls), strict=True):
        try:
            size = download(url, destination / name, session)
        except TransferError as error:
            failures.append(error)
            continue
        log.info("downloaded %s to %s, %d bytes", url.shown, name, size)
        files.append(destination / name)
    if failures:
        raise TransferError("; ".join(str(failure) for failure in failures), failures[0].exit_code)
    return files
