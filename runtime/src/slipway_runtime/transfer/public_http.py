"""An HTTP session that connects to vetted addresses only, on every hop.

The check sits where the socket is opened: what is checked is what is connected to, so neither a redirect nor
a name that resolves differently the second time gets round it.
"""

import contextlib
import socket
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import select_proxy
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NameResolutionError, NewConnectionError

from .addresses import allowed_addresses
from .errors import TransferError


def _connect(connection: HTTPConnection, allow_private: bool) -> socket.socket:
    host, port = connection.host.strip("[]"), connection.port
    try:
        addresses = allowed_addresses(host, port, allow_private)
    except socket.gaierror as error:
        raise NameResolutionError(host, connection, error) from error
    failure: OSError | None = None
    for _, address in addresses:
        try:
            return socket.create_connection((address, port), connection.timeout)
        except OSError as error:
            failure = error
    raise NewConnectionError(connection, f"{host}: {failure}")


def _pools(allow_private: bool) -> dict[str, type[HTTPConnectionPool]]:
    class VettedHTTP(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return _connect(self, allow_private)

    class VettedHTTPS(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return _connect(self, allow_private)

    class Pool(HTTPConnectionPool):
        ConnectionCls = VettedHTTP

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = VettedHTTPS

    return {"http": Pool, "https": SecurePool}


class _VettingAdapter(HTTPAdapter):
    def __init__(self, allow_private: bool) -> None:
        self._allow_private = allow_private
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _pools(self._allow_private)

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        # Through a proxy the proxy resolves and connects; what can be checked then is the name, here.
        if kwargs.get("proxies") and select_proxy(request.url or "", kwargs["proxies"]):
            parts = urlsplit(request.url or "")
            with contextlib.suppress(socket.gaierror):
                allowed_addresses(parts.hostname or "", parts.port or 443, self._allow_private)
        return super().send(request, *args, **kwargs)


class _Refuse(HTTPAdapter):
    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        raise TransferError(f"redirected to {request.url}: only http and https are allowed")


def public_session(allow_private: bool) -> requests.Session:
    """A session for dataset URLs. ``allow_private`` lifts the address rule (tests, data in the cluster)."""
    session = requests.Session()
    session.max_redirects = 10
    # No logins from ~/.netrc; proxies still come from the environment.
    session.auth = lambda request: request
    session.mount("", _Refuse())
    for scheme in ("http://", "https://"):
        session.mount(scheme, _VettingAdapter(allow_private))
    return session
