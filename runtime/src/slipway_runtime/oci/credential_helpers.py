"""Logins from docker's credential helpers: programs called ``docker-credential-NAME`` that a docker config names.

The protocol is that of github.com/docker/docker-credential-helpers: ``get``, the server on stdin, JSON on stdout.
"""

import json
import logging
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from .errors import RegistryError
from .reference import DEFAULT_REGISTRY, Reference

log = logging.getLogger(__name__)

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_HUB_SERVER = "https://index.docker.io/v1/"
_IDENTITY_TOKEN = "<token>"
"""User name by which a helper says that the secret is an OAuth2 refresh token."""
_NOT_FOUND = "credentials not found"
_TIMEOUT_SECONDS = 60


def helper_login(file: Path, document: Mapping[str, object], reference: Reference) -> tuple[str, str] | None:
    """User name and secret that the config's helper has for the registry; None without a helper or a login.

    A helper named for this very registry has to be there. One for all of them (``credsStore``) may be missing: the
    config then comes from a desktop, and the image may be public. Raises RegistryError.
    """
    server = _HUB_SERVER if reference.registry == DEFAULT_REGISTRY else reference.registry
    named = document.get("credHelpers") or {}
    if not isinstance(named, dict):
        raise RegistryError(f"registry credentials {file}: credHelpers must map registries to helpers")
    name = named.get(server) or named.get(reference.registry)
    required = name is not None
    name = name or document.get("credsStore")
    if not name:
        return None
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise RegistryError(f"registry credentials {file}: {name!r} is no name of a credential helper")
    program = shutil.which(f"docker-credential-{name}")
    if program is None:
        message = (
            f"registry credentials {file}: the login for {reference.registry} is with docker-credential-{name}, which"
            " is not installed here; give it as auths (docker login without a helper, or a Secret of type"
            " kubernetes.io/dockerconfigjson)"
        )
        if required:
            raise RegistryError(message)
        log.warning("%s", message)
        return None
    return _ask(program, server)


def _ask(program: str, server: str) -> tuple[str, str] | None:
    try:
        done = subprocess.run(
            [program, "get"], input=server, capture_output=True, text=True, timeout=_TIMEOUT_SECONDS, check=False
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise RegistryError(f"{program}: {error}") from error
    if done.returncode != 0:
        said = (done.stdout + done.stderr).strip()
        if _NOT_FOUND in said:
            return None
        raise RegistryError(f"{program} get {server}: exit code {done.returncode}: {said}")
    try:
        answer = json.loads(done.stdout)
        return str(answer["Username"]), str(answer["Secret"])
    except (ValueError, KeyError, TypeError) as error:
        raise RegistryError(f"{program} get {server}: no JSON with Username and Secret") from error


def is_identity_token(username: str) -> bool:
    """Whether the secret beside this user name is a refresh token."""
    return username == _IDENTITY_TOKEN
