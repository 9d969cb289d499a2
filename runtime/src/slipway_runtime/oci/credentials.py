"""Registry credentials out of docker ``config.json`` files, several of them, and folders of such files."""

import base64
import binascii
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .credential_helpers import helper_login, is_identity_token
from .errors import RegistryError
from .reference import DEFAULT_REGISTRY, Reference

# Docker Hub's key in files that `docker login` wrote.
_HUB_ALIASES = {"index.docker.io", "registry-1.docker.io", DEFAULT_REGISTRY}


@dataclass(frozen=True)
class Credential:
    """One login. ``source`` is the file it is from, for messages; secrets stay out of ``repr``."""

    source: str
    username: str = ""
    password: str = field(default="", repr=False)
    identity_token: str = field(default="", repr=False)
    """OAuth2 refresh token, as Azure's registry hands out."""
    registry_token: str = field(default="", repr=False)
    """Bearer token to be sent as it is."""


def default_auth_paths(environ: Mapping[str, str] = os.environ) -> list[Path]:
    """Where to look when no file is given.

    ``REGISTRY_AUTH_FILE`` (containers tools), ``DOCKER_CONFIG`` (docker), ``~/.docker/config.json``, and
    ``~/.docker/config.d``, where KAITO's manifests project one secret per adapter. Absent ones are left out.
    """
    home = Path(environ.get("HOME") or "/")
    docker = Path(environ.get("DOCKER_CONFIG") or home / ".docker")
    paths = [docker / "config.json", docker / "config.d"]
    if environ.get("REGISTRY_AUTH_FILE"):
        paths.insert(0, Path(environ["REGISTRY_AUTH_FILE"]))
    return [path for path in paths if path.exists()]


def auth_files(paths: Iterable[Path]) -> list[Path]:
    """Every file of ``paths``, folders walked in sorted order.

    In a folder only ``*.json``, ``.dockerconfigjson`` and ``.dockercfg`` count; the ``..data`` links that
    the kubelet keeps beside projected files are skipped, or each secret would be read twice.
    """
    found: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        for folder, names, files in os.walk(path, followlinks=True):
            names[:] = sorted(name for name in names if not name.startswith(".."))
            for name in sorted(files):
                if name.endswith(".json") or name in (".dockerconfigjson", ".dockercfg"):
                    found.append(Path(folder) / name)
    return found


def load_credentials(paths: Iterable[Path], reference: Reference) -> list[Credential]:
    """Credentials that fit ``reference``, in the order to try them.

    A key with a path (``registry/team``) goes before the bare host, longer paths first, as in
    containers-auth.json(5). Raises RegistryError for a file that is missing or not a docker config.
    """
    scored: list[tuple[int, int, Credential]] = []
    for file in auth_files(paths):
        document = _read(file)
        for key, entry in _auths(file, document).items():
            length = _match(key, reference)
            # An empty entry is docker's note that the login is with the helper.
            if length is not None and entry != {}:
                scored.append((-length, len(scored), _credential(file, key, entry)))
        login = helper_login(file, document, reference)
        if login is not None:
            scored.append((0, len(scored), _from_helper(file, *login)))
    return [credential for _, _, credential in sorted(scored, key=lambda item: item[:2])]


def _read(file: Path) -> dict[str, object]:
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise RegistryError(f"registry credentials {file}: {error.strerror}") from error
    except ValueError as error:
        raise RegistryError(f"registry credentials {file}: not JSON: {error}") from error
    if not isinstance(document, dict):
        raise RegistryError(f'registry credentials {file}: not a docker config; expected {{"auths": {{...}}}}')
    return document


def _auths(file: Path, document: dict[str, object]) -> dict[str, object]:
    # The older .dockercfg is the map itself.
    auths = document if "auths" not in document and file.name == ".dockercfg" else document.get("auths", {})
    if not isinstance(auths, dict):
        raise RegistryError(f'registry credentials {file}: not a docker config; expected {{"auths": {{...}}}}')
    return auths


def _from_helper(file: Path, username: str, secret: str) -> Credential:
    if is_identity_token(username):
        return Credential(source=str(file), identity_token=secret)
    return Credential(source=str(file), username=username, password=secret)


def _match(key: str, reference: Reference) -> int | None:
    """Length of the path in ``key`` when it covers the reference, else None."""
    bare = key.split("://", 1)[-1].rstrip("/")
    host, _, path = bare.partition("/")
    if host in _HUB_ALIASES:
        host = DEFAULT_REGISTRY
    # docker login writes https://index.docker.io/v1/ and some tools a /v2 after the host.
    if path in ("v1", "v2"):
        path = ""
    if host != reference.registry:
        return None
    if path and reference.repository != path and not reference.repository.startswith(path + "/"):
        return None
    return len(path)


def _credential(file: Path, key: str, entry: object) -> Credential:
    if not isinstance(entry, dict):
        raise RegistryError(f"registry credentials {file}: auths.{key} is not an object")
    username, password = str(entry.get("username") or ""), str(entry.get("password") or "")
    if entry.get("auth"):
        try:
            decoded = base64.b64decode(str(entry["auth"]), validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError) as error:
            raise RegistryError(f"registry credentials {file}: auths.{key}.auth is not base64 text") from error
        # A password may hold a colon, a user name may not.
        username, _, password = decoded.partition(":")
    return Credential(
        source=str(file),
        username=username,
        password=password.rstrip("\0"),
        identity_token=str(entry.get("identitytoken") or ""),
        registry_token=str(entry.get("registrytoken") or ""),
    )
