"""Image references, read the way Docker reads them."""

import re
from dataclasses import dataclass

from .errors import RegistryError

DEFAULT_REGISTRY = "docker.io"
"""Registry of a reference that names none (distribution/reference)."""

_DOCKER_HUB_API = "registry-1.docker.io"
"""Host that serves Docker Hub's registry API; docker.io itself does not."""

# Grammar of github.com/distribution/reference.
_PATH = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*")
_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_HOST = re.compile(r"(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(?::[0-9]+)?")


@dataclass(frozen=True)
class Reference:
    """One image or artifact: ``registry/repository:tag`` or ``registry/repository@digest``."""

    registry: str
    repository: str
    tag: str | None
    digest: str | None

    @property
    def api_host(self) -> str:
        """Host (and port) to send API requests to."""
        return _DOCKER_HUB_API if self.registry == DEFAULT_REGISTRY else self.registry

    @property
    def target(self) -> str:
        """What the manifest URL ends with: the digest when there is one, else the tag."""
        return self.digest or self.tag or "latest"

    def __str__(self) -> str:
        text = f"{self.registry}/{self.repository}"
        if self.tag:
            text += f":{self.tag}"
        if self.digest:
            text += f"@{self.digest}"
        return text


def parse_reference(text: str) -> Reference:
    """Parse ``text``; without a registry it is Docker Hub's, without tag and digest it is ``latest``.

    Raises RegistryError naming the part that is wrong.
    """
    rest, at, digest = text.partition("@")
    if at and not _DIGEST.fullmatch(digest):
        raise RegistryError(f"image reference {text!r}: digest {digest!r} is not sha256: and 64 lower-case hex digits")
    host, slash, path = rest.partition("/")
    # A first component is a host only with a dot, a port, or when it is localhost.
    if not slash or not ("." in host or ":" in host or host == "localhost"):
        host, path = DEFAULT_REGISTRY, rest
    if host == "index.docker.io":
        host = DEFAULT_REGISTRY
    name, colon, tag = path.partition(":")
    if colon and not _TAG.fullmatch(tag):
        raise RegistryError(f"image reference {text!r}: tag {tag!r} is not 1 to 128 of letters, digits, '_', '.', '-'")
    if not _HOST.fullmatch(host):
        raise RegistryError(f"image reference {text!r}: {host!r} is not a host name with an optional port")
    if not _PATH.fullmatch(name):
        raise RegistryError(
            f"image reference {text!r}: repository {name!r} is not lower-case letters, digits and"
            " single separators ('.', '_', '-'), with '/' between components"
        )
    if host == DEFAULT_REGISTRY and "/" not in name:
        name = f"library/{name}"
    return Reference(host, name, tag or (None if digest else "latest"), digest or None)
