"""HTTP to one registry: retries, timeouts, and the challenge-response login of the distribution spec."""

import base64
from collections.abc import Sequence
from http.cookiejar import DefaultCookiePolicy
from typing import IO
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import parse_dict_header
from urllib3.util.retry import Retry

from .credentials import Credential
from .errors import RegistryError, RegistryUnavailable

RETRIES = 5
"""Tries after the first for a connection that fails or an answer that says "later"."""
TIMEOUT_SECONDS = (10.0, 120.0)
"""Connect and read timeout. A registry may take long to close an upload of many gigabytes."""
_RETRY_STATUS = (408, 429, 500, 502, 503, 504)


def retrying_session(retries: int = RETRIES, backoff_seconds: float = 0.5) -> requests.Session:
    """A session that retries idempotent requests with growing pauses and honours Retry-After."""
    policy = Retry(
        total=retries,
        backoff_factor=backoff_seconds,
        backoff_max=30,
        status_forcelist=_RETRY_STATUS,
        allowed_methods=("GET", "HEAD", "PUT", "POST"),
        raise_on_status=False,
    )
    session = requests.Session()
    session.mount("https://", HTTPAdapter(max_retries=policy))
    session.mount("http://", HTTPAdapter(max_retries=policy))
    # Some registries (Harbor) take a client that keeps cookies for a browser and ask for CSRF tokens.
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    # Without this requests would add logins from ~/.netrc.
    session.auth = _no_login
    return session


def _no_login(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _describe(candidate: Credential | None) -> str:
    if candidate is None:
        return "anonymous"
    return f"{candidate.username or 'token'} of {candidate.source}"


class Transport:
    """Authenticated requests to one registry host for one repository.

    ``credentials`` are tried in order when the registry asks for a login, then anonymous access, so that
    one expired login does not hide a public image.
    """

    def __init__(
        self,
        host: str,
        repository: str,
        credentials: Sequence[Credential],
        *,
        plain_http: bool = False,
        session: requests.Session | None = None,
    ) -> None:
        self.base = f"{'http' if plain_http else 'https'}://{host}"
        self.repository = repository
        self._session = session or retrying_session()
        self._candidates: list[Credential | None] = [*credentials, None]
        self._header: str | None = None
        self._challenge = ""

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: dict[str, str] | None = None,
        data: bytes | IO[bytes] | None = None,
        stream: bool = False,
    ) -> requests.Response:
        """Send, logging in when asked to. ``url`` is absolute or a path of this registry.

        Raises RegistryUnavailable when no answer came, RegistryError when every login was refused.
        """
        if url.startswith("/"):
            url = self.base + url
        response = self._send(method, url, headers, data, stream)
        refused: list[str] = []
        fresh_login = False
        # A login kept from an earlier request is renewed once (tokens expire, and are bound to a scope);
        # one that is refused when fresh is dropped, so every round uses something up.
        while response.status_code in (401, 403) and self._same_host(url):
            self._challenge = response.headers.get("WWW-Authenticate") or self._challenge
            if fresh_login:
                refused.append(_describe(self._candidates.pop(0)))
            if not self._login(refused):
                break
            fresh_login = True
            response.close()
            if data is not None and not isinstance(data, bytes):
                data.seek(0)
            response = self._send(method, url, headers, data, stream)
        if response.status_code in (401, 403) and self._same_host(url):
            tried = ", ".join(refused) or "anonymous"
            raise RegistryError(
                f"{urlsplit(url).netloc} refused {method} on {self.repository}"
                f" (HTTP {response.status_code}) for: {tried};"
                " give a docker config.json with access to this repository by --auth-file"
            )
        return response

    def _send(
        self,
        method: str,
        url: str,
        headers: dict[str, str] | None,
        data: bytes | IO[bytes] | None,
        stream: bool,
    ) -> requests.Response:
        sent = dict(headers or {})
        if self._header and self._same_host(url):
            sent["Authorization"] = self._header
        try:
            return self._session.request(method, url, headers=sent, data=data, stream=stream, timeout=TIMEOUT_SECONDS)
        except requests.exceptions.SSLError as error:
            raise RegistryError(f"{urlsplit(url).netloc}: TLS: {error}") from error
        except requests.RequestException as error:
            raise RegistryUnavailable(f"{method} {url}: {error}") from error

    def _same_host(self, url: str) -> bool:
        """Whether credentials may go to ``url``: only to the registry itself, never to a blob store."""
        return url == self.base or url.startswith(self.base + "/")

    def _login(self, refused: list[str]) -> bool:
        """Log in with the first candidate that the token service accepts; drop those before it."""
        scheme, _, rest = self._challenge.partition(" ")
        challenge = parse_dict_header(rest)  # type: ignore[no-untyped-call]
        while self._candidates:
            header = self._header_for(self._candidates[0], scheme.lower(), challenge)
            if header is not None:
                self._header = header
                return True
            refused.append(_describe(self._candidates.pop(0)))
        return False

    def _header_for(self, candidate: Credential | None, scheme: str, challenge: dict[str, str | None]) -> str | None:
        if candidate is not None and candidate.registry_token:
            return f"Bearer {candidate.registry_token}"
        if scheme == "basic":
            if candidate is None or not candidate.username:
                return None
            login = f"{candidate.username}:{candidate.password}".encode()
            return f"Basic {base64.b64encode(login).decode()}"
        if scheme == "bearer" and challenge.get("realm"):
            token = self._token(candidate, challenge)
            return f"Bearer {token}" if token else None
        return None

    def _token(self, candidate: Credential | None, challenge: dict[str, str | None]) -> str | None:
        """A bearer token for the scope that the registry asked for (distribution: token authentication)."""
        realm = str(challenge["realm"])
        fields = {key: str(challenge[key]) for key in ("service", "scope") if challenge.get(key)}
        fields.setdefault("scope", f"repository:{self.repository}:pull,push")
        if urlsplit(realm).scheme != "https" and self.base.startswith("https://"):
            raise RegistryError(f"{self.base}: token service {realm!r} is not https; no login was sent")
        try:
            if candidate is not None and candidate.identity_token:
                form = {**fields, "grant_type": "refresh_token", "refresh_token": candidate.identity_token}
                form["client_id"] = "slipway"
                answer = self._session.post(realm, data=form, timeout=TIMEOUT_SECONDS)
            else:
                login = (candidate.username, candidate.password) if candidate is not None else _no_login
                answer = self._session.get(realm, params=fields, auth=login, timeout=TIMEOUT_SECONDS)
        except requests.RequestException as error:
            raise RegistryUnavailable(f"token service {realm}: {error}") from error
        if answer.status_code >= 500:
            raise RegistryUnavailable(f"token service {realm}: HTTP {answer.status_code}")
        if answer.status_code != 200:
            return None
        document = answer.json()
        token = document.get("token") or document.get("access_token")
        return str(token) if token else None
