"""What stands before every route, on both backends: one ASGI application around the backend's own.

Request ids, tokens, admission, body limit, time limit, cancellation when the client goes away, metrics, logs, traces.
"""

import asyncio
import contextlib
import logging
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from slipway_runtime.config.serve import ServerSection
from slipway_runtime.engine.base import RequestError
from slipway_runtime.lifecycle import Lifecycle
from slipway_runtime.observe.logs import request_id_variable
from slipway_runtime.observe.metrics import Metrics
from slipway_runtime.observe.tracing import Tracing

from .admission import Admission, Rejected
from .auth import Tokens
from .body import ClientGone, Replay, read_body
from .errors import error_response

log = logging.getLogger("slipway_runtime.access")

#: Answered without a token and in every phase.
PROBES = frozenset({"/health", "/healthz", "/livez", "/readyz", "/startupz"})
#: Answered in every phase by the operations application.
OPERATIONS = PROBES | {"/", "/metrics", "/metrics.json", "/version", "/openapi.json"}
#: Labels of metrics; a client cannot make new ones with made-up paths.
ROUTES = OPERATIONS | {
    "/chat",
    "/tokenize",
    "/detokenize",
    "/v1/models",
    "/v1/chat/completions",
    "/v1/completions",
    "/v1/embeddings",
    "/v1/responses",
    "/v1/messages",
}
#: nginx's code for a client that went away; only seen in logs and metrics.
CLIENT_CLOSED = 499

_BROKEN = RequestError(500, "the server failed on this request; its log says why", kind="server_error")

#: Looks at a request before the backend does; may change the body, or raise RequestError.
Inspector = Callable[[str, str, bytes], bytes]


@dataclass
class Exchange:
    """One request and what became of it."""

    method: str
    path: str
    request_id: str
    started: float = field(default_factory=time.monotonic)
    status: int = 0
    streamed: bool = False
    first_byte_seconds: float | None = None


class Gateway:
    """The outermost application."""

    def __init__(
        self,
        settings: ServerSection,
        lifecycle: Lifecycle,
        metrics: Metrics,
        tracing: Tracing,
        admission: Admission,
        operations: ASGIApp,
    ) -> None:
        self._settings = settings
        self._lifecycle = lifecycle
        self._metrics = metrics
        self._tracing = tracing
        self._admission = admission
        self._operations = operations
        #: The routes that do the work; needed by the time the lifecycle is at ready.
        self.backend: ASGIApp | None = None
        #: A look at the bodies before the backend gets them.
        self.inspect: Inspector | None = None
        self._tokens = Tokens(Path(settings.auth_token_file)) if settings.auth_token_file else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": "no websockets are served"})
            return
        headers = Headers(scope=scope)
        exchange = Exchange(scope["method"], scope["path"], _request_id(headers))
        reset = request_id_variable.set(exchange.request_id)
        send = self._observed(exchange, send)
        try:
            if exchange.path not in PROBES and self._tokens is not None:
                self._tokens.check(headers.get("authorization"))
            if exchange.path in OPERATIONS:
                await self._operations(scope, receive, send)
            else:
                await self._work(exchange, headers, scope, receive, send)
        except Rejected as error:
            await self._refuse(exchange, error, send, {"Retry-After": str(error.retry_after_seconds)})
        except RequestError as error:
            extra = {"WWW-Authenticate": "Bearer"} if error.status == 401 else {}
            await self._refuse(exchange, error, send, extra)
        except ClientGone:
            exchange.status = CLIENT_CLOSED
            self._metrics.cancelled.inc()
        except Exception:
            log.exception("%s %s failed", exchange.method, _shown(exchange.path))
            await self._refuse(exchange, _BROKEN, send, {})
        finally:
            self._account(exchange)
            request_id_variable.reset(reset)

    async def _work(self, exchange: Exchange, headers: Headers, scope: Scope, receive: Receive, send: Send) -> None:
        self._admission.enter()
        try:
            body = await read_body(receive, headers.get("content-length"), self._settings.max_body_bytes)
            if self.inspect is not None:
                body = self.inspect(exchange.method, exchange.path, body)
            scope = {**scope, "headers": _with_length(scope["headers"], len(body))}
            with self._tracing.request(exchange.method, exchange.path, headers) as span:
                await self._watched(exchange, scope, Replay(body), receive, send)
                span.set_attribute("http.response.status_code", exchange.status)
        finally:
            self._admission.leave(time.monotonic() - exchange.started)

    async def _watched(self, exchange: Exchange, scope: Scope, replay: Replay, receive: Receive, send: Send) -> None:
        """Run the backend until it has answered, the time is over, or the client has gone."""
        assert self.backend is not None
        work = asyncio.ensure_future(_run(self.backend, scope, replay, send))
        watch = asyncio.ensure_future(_until_gone(receive))
        limit = self._settings.request_timeout_seconds
        try:
            await asyncio.wait({work, watch}, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                work.result()
                return
            replay.gone.set()
            if watch.done():
                raise ClientGone
            await self._too_late(exchange, limit, send)
        finally:
            watch.cancel()
            if not work.done():
                work.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await work

    async def _too_late(self, exchange: Exchange, limit: float, send: Send) -> None:
        error = RequestError(
            504,
            f"not finished within {limit:g} s (server.request_timeout_seconds); ask for fewer tokens",
            kind="timeout_error",
            code="request_timeout",
        )
        if exchange.status == 0:
            raise error
        if exchange.streamed:
            body = error_response(exchange.path, error).body
            await send({"type": "http.response.body", "body": b"data: " + bytes(body) + b"\n\n", "more_body": False})

    async def _refuse(self, exchange: Exchange, error: RequestError, send: Send, headers: dict[str, str]) -> None:
        if exchange.status != 0:
            return
        if error.status in (408, 413, 503):
            headers = {**headers, "Connection": "close"}
        response = error_response(exchange.path, error, headers)
        await response({"type": "http", "method": exchange.method, "headers": []}, _never, send)

    def _observed(self, exchange: Exchange, send: Send) -> Send:
        async def observed(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["x-request-id"] = exchange.request_id
                exchange.streamed = headers.get("content-type", "").startswith("text/event-stream")
            elif exchange.first_byte_seconds is None and message.get("body"):
                exchange.first_byte_seconds = time.monotonic() - exchange.started
            await send(message)

        return observed

    def _account(self, exchange: Exchange) -> None:
        status = exchange.status or 500
        seconds = time.monotonic() - exchange.started
        route = exchange.path if exchange.path in ROUTES else "other"
        self._metrics.requests.labels(route, str(status)).inc()
        if exchange.path in PROBES and status < 400:
            return
        if exchange.path not in OPERATIONS:
            self._metrics.request_seconds.labels(route).observe(seconds)
            if exchange.first_byte_seconds is not None:
                self._metrics.first_byte_seconds.labels(route).observe(exchange.first_byte_seconds)
        level = logging.DEBUG if exchange.path in OPERATIONS else logging.INFO
        fields = {
            "method": exchange.method,
            "path": exchange.path,
            "status": status,
            "duration_seconds": round(seconds, 4),
        }
        log.log(level, "%s %s %d", exchange.method, _shown(exchange.path), status, extra={"fields": fields})


def _shown(path: str) -> str:
    """A path as it can stand in a line of a log: a line break in it would begin a line of the client's making."""
    return path if path.isprintable() else ascii(path)


def _request_id(headers: Headers) -> str:
    """The caller's id if it is short and printable, so that it can stand in a log; else a new one."""
    given = headers.get("x-request-id", "")
    return given if 0 < len(given) <= 128 and given.isascii() and given.isprintable() else uuid.uuid4().hex


def _with_length(headers: list[tuple[bytes, bytes]], length: int) -> list[tuple[bytes, bytes]]:
    kept = [(name, value) for name, value in headers if name not in (b"content-length", b"transfer-encoding")]
    return [*kept, (b"content-length", str(length).encode())]


async def _run(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    await app(scope, receive, send)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _never() -> Message:
    return await asyncio.Future()
