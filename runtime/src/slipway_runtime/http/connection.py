"""A connection whose request line and headers are bounded, in bytes and in seconds; uvicorn bounds neither."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

#: As much as nginx and Node take by default, and then some for long tokens.
MAX_HEAD_BYTES = 64 * 1024
#: Seconds from a request's first byte to the end of its headers.
HEAD_SECONDS = 30.0
#: Seconds an idle connection is kept; longer than the 60 s of common load balancers, so that they close it first.
KEEP_ALIVE_SECONDS = 75


class Connection(HttpToolsProtocol):
    """uvicorn's, which answers 431 to more than ``MAX_HEAD_BYTES`` and 408 after ``HEAD_SECONDS``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._in_head = False
        self._head_bytes = 0
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the first request; uvicorn only does so for the next ones."""
        super().connection_made(transport)  # type: ignore[arg-type]
        self._deadline = self.loop.call_later(KEEP_ALIVE_SECONDS, transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the request."""
        self._head_is_there()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        super().on_message_begin()
        self._head_is_there()
        self._in_head = True
        self._head_bytes = 0
        self._deadline = self.loop.call_later(HEAD_SECONDS, self._too_slow)

    def on_headers_complete(self) -> None:
        """The last byte of its headers."""
        self._head_is_there()
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Bytes of any part of a request."""
        super().data_received(data)
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self._refuse(431, f"the request line and headers have more than {MAX_HEAD_BYTES} bytes")

    def _head_is_there(self) -> None:
        self._in_head = False
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_slow(self) -> None:
        self._refuse(408, f"the headers did not arrive within {HEAD_SECONDS:g} s")

    def _refuse(self, status: int, message: str) -> None:
        self._head_is_there()
        if self.transport.is_closing():
            return
        # An answer that is still being sent cannot be followed by another one out of turn.
        if self.cycle is None or self.cycle.response_complete:
            body = message.encode()
            head = b"content-type: text/plain; charset=utf-8\r\nconnection: close\r\n"
            self.transport.write(
                STATUS_LINE[status] + head + b"content-length: " + str(len(body)).encode() + b"\r\n\r\n" + body
            )
        self.transport.close()
