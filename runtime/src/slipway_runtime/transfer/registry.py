"""A registry client for a reference on the command line."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from slipway_runtime.oci.client import RegistryClient
from slipway_runtime.oci.credentials import default_auth_paths, load_credentials
from slipway_runtime.oci.errors import RegistryError
from slipway_runtime.oci.reference import parse_reference

from .errors import EXIT_CONFIG, TransferError


@dataclass(frozen=True)
class RegistryOptions:
    """How to reach the registry."""

    auth_paths: Sequence[Path] = ()
    """Docker config files and folders of them; empty: the default places."""
    plain_http: bool = False
    """HTTP without TLS, for a registry inside a test or a closed network."""
    architecture: str = "amd64"
    """Which image of a multi-platform index is taken."""


def registry_client(text: str, options: RegistryOptions) -> RegistryClient:
    """A client for ``text`` with all credentials that fit. Raises TransferError (exit code 2)."""
    try:
        reference = parse_reference(text)
        credentials = load_credentials(options.auth_paths or default_auth_paths(), reference)
    except RegistryError as error:
        raise TransferError(str(error), EXIT_CONFIG) from error
    return RegistryClient(reference, credentials, plain_http=options.plain_http)
