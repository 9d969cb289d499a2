"""Bearer tokens."""

import contextlib
import hmac
from pathlib import Path

from slipway_runtime.config.problems import ConfigError, Problem
from slipway_runtime.engine.base import RequestError


class Tokens:
    """The tokens of a file, one a line. The file is read again when it changes, as mounted Secrets do."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._stamp: tuple[int, int] | None = None
        self._tokens: list[bytes] = []
        try:
            self._refresh()
        except OSError as error:
            raise ConfigError([Problem("server.auth_token_file", "", f"cannot be read: {error}")]) from error
        if not self._tokens:
            raise ConfigError([Problem("server.auth_token_file", "", f"{file} has no token; write one a line")])

    def check(self, authorization: str | None) -> None:
        """Raises RequestError 401 unless the header carries one of the tokens."""
        # A Secret that is being replaced: the tokens read before stay good.
        with contextlib.suppress(OSError):
            self._refresh()
        scheme, _, token = (authorization or "").partition(" ")
        given = token.strip().encode()
        # Every token is compared, so that the time does not tell which one is near.
        matches = [hmac.compare_digest(given, known) for known in self._tokens]
        if scheme.lower() != "bearer" or not any(matches):
            raise RequestError(
                401,
                'a token is needed: send the header "Authorization: Bearer <token>"',
                kind="authentication_error",
                code="invalid_api_key",
            )

    def _refresh(self) -> None:
        stat = self._file.stat()
        stamp = (stat.st_mtime_ns, stat.st_size)
        if stamp == self._stamp:
            return
        tokens = [line.strip().encode() for line in self._file.read_text(encoding="utf-8").splitlines() if line.strip()]
        if tokens:
            self._tokens = tokens
        self._stamp = stamp
