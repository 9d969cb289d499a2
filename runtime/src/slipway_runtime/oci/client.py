"""Pull and push of manifests and blobs, every byte checked against its digest."""

import hashlib
import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlencode, urljoin, urlsplit, urlunsplit

import requests
import urllib3

from .credentials import Credential
from .errors import RegistryError, RegistryUnavailable
from .manifest import (
    ACCEPT,
    IMAGE_MANIFEST,
    MANIFEST_LIMIT_BYTES,
    Descriptor,
    Manifest,
    parse_manifest,
    select_platform,
)
from .reference import Reference
from .transport import RETRIES, Transport

log = logging.getLogger(__name__)

CHUNK_BYTES = 256 * 1024


class RegistryClient:
    """One repository of one registry."""

    def __init__(
        self,
        reference: Reference,
        credentials: Sequence[Credential] = (),
        *,
        plain_http: bool = False,
        transport: Transport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.reference = reference
        self._transport = transport or Transport(
            reference.api_host, reference.repository, credentials, plain_http=plain_http
        )
        self._sleep = sleep
        self._root = f"/v2/{reference.repository}"

    def manifest(self, architecture: str = "amd64") -> Manifest:
        """The manifest that the reference points at; of an index the one for ``architecture``."""
        raw, digest = self._manifest_bytes(self.reference.target)
        selected = select_platform(raw, architecture, str(self.reference))
        if selected is not None:
            raw, digest = self._manifest_bytes(selected)
        return parse_manifest(raw, digest, str(self.reference))

    def _manifest_bytes(self, target: str) -> tuple[bytes, str]:
        response = self._transport.request("GET", f"{self._root}/manifests/{target}", headers={"Accept": ACCEPT})
        self._expect(response, (200,), f"manifest {target}")
        raw = response.content
        if len(raw) > MANIFEST_LIMIT_BYTES:
            raise RegistryError(f"{self.reference}: manifest has {len(raw)} bytes, over 4 MiB")
        digest = f"sha256:{hashlib.sha256(raw).hexdigest()}"
        promised = target if target.startswith("sha256:") else response.headers.get("Docker-Content-Digest")
        if promised and promised.startswith("sha256:") and promised != digest:
            raise RegistryError(f"{self.reference}: manifest {target} has digest {digest}, not {promised} as promised")
        return raw, digest

    def download(self, blob: Descriptor, destination: Path) -> None:
        """Write ``blob`` to ``destination``, going on where an earlier try stopped.

        The partial file is ``destination`` plus ``.part``; the final name appears only with the digest
        checked. Raises RegistryError on a wrong digest or size, RegistryUnavailable after all retries.
        """
        if destination.exists() and _sha256(destination) == blob.digest:
            return
        part = destination.with_name(destination.name + ".part")
        for attempt in range(RETRIES + 1):
            try:
                self._continue(blob, part)
                break
            except (requests.RequestException, urllib3.exceptions.HTTPError, ConnectionError) as error:
                if attempt == RETRIES:
                    raise RegistryUnavailable(f"{self.reference}: blob {blob.digest}: {error}") from error
                log.warning("blob %s stopped after %d bytes, going on", blob.digest, _size(part))
                self._sleep(min(30.0, 0.5 * 2**attempt))
        actual = _sha256(part)
        if actual != blob.digest:
            part.unlink()
            raise RegistryError(f"{self.reference}: blob {blob.digest} arrived with digest {actual}")
        part.replace(destination)

    def _continue(self, blob: Descriptor, part: Path) -> None:
        """Fetch what is missing of ``part``; raises ConnectionError when the body ended early."""
        have = _size(part)
        if have > blob.size_bytes:
            part.unlink()
            have = 0
        if have == blob.size_bytes and part.exists():
            return
        headers = {"Accept-Encoding": "identity"}
        if have:
            headers["Range"] = f"bytes={have}-"
        response = self._transport.request("GET", f"{self._root}/blobs/{blob.digest}", headers=headers, stream=True)
        with response:
            self._expect(response, (200, 206), f"blob {blob.digest}")
            # A registry may ignore the range and send everything.
            mode = "ab" if response.status_code == 206 else "wb"
            written = have if mode == "ab" else 0
            with part.open(mode) as file:
                for chunk in response.iter_content(CHUNK_BYTES):
                    written += len(chunk)
                    if written > blob.size_bytes:
                        raise RegistryError(
                            f"{self.reference}: blob {blob.digest} is longer than its {blob.size_bytes} bytes"
                        )
                    file.write(chunk)
        if written < blob.size_bytes:
            raise ConnectionError(f"{written} of {blob.size_bytes} bytes arrived")

    def upload(self, blob: Descriptor, source: Path | bytes) -> bool:
        """Upload ``source`` unless the repository has it; True when bytes were sent."""
        found = self._transport.request("HEAD", f"{self._root}/blobs/{blob.digest}")
        if found.status_code == 200:
            return False
        started = self._transport.request("POST", f"{self._root}/blobs/uploads/")
        self._expect(started, (202,), "start of upload")
        location = urljoin(started.url, started.headers["Location"])
        parts = urlsplit(location)
        query = f"{parts.query}&" if parts.query else ""
        url = urlunsplit(parts._replace(query=query + urlencode({"digest": blob.digest})))
        headers = {"Content-Type": "application/octet-stream", "Content-Length": str(blob.size_bytes)}
        if isinstance(source, bytes):
            response = self._transport.request("PUT", url, headers=headers, data=source)
        else:
            with source.open("rb") as file:
                response = self._transport.request("PUT", url, headers=headers, data=file)
        self._expect(response, (201,), f"upload of {blob.digest}")
        return True

    def put_manifest(self, raw: bytes, media_type: str = IMAGE_MANIFEST) -> str:
        """Store ``raw`` under the reference's tag; the digest. The tag changes in this one request."""
        digest = f"sha256:{hashlib.sha256(raw).hexdigest()}"
        response = self._transport.request(
            "PUT",
            f"{self._root}/manifests/{self.reference.tag or digest}",
            headers={"Content-Type": media_type},
            data=raw,
        )
        self._expect(response, (200, 201), "manifest")
        stored = response.headers.get("Docker-Content-Digest", digest)
        if stored != digest:
            raise RegistryError(f"{self.reference}: the registry stored {stored}, sent was {digest}")
        return digest

    def _expect(self, response: requests.Response, statuses: tuple[int, ...], what: str) -> None:
        if response.status_code in statuses:
            return
        message = f"{self.reference}: {what}: HTTP {response.status_code}{_reason(response)}"
        if response.status_code >= 500 or response.status_code in (408, 429):
            raise RegistryUnavailable(message)
        raise RegistryError(message)


def _reason(response: requests.Response) -> str:
    """The registry's own words, from the error body of the distribution spec."""
    try:
        errors = response.json()["errors"]
        return ": " + "; ".join(f"{error.get('code')} {error.get('message', '')}".strip() for error in errors)
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
