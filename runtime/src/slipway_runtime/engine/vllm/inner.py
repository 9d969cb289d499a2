"""Calls of vLLM's application inside its own process, without a connection."""

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator

from starlette.types import ASGIApp, Message, Scope

from .refusals import as_request_error


class InnerApp:
    """vLLM's ASGI application. ``state`` is the scope that its own server gave it."""

    def __init__(self, app: ASGIApp, scope: Scope) -> None:
        self._app = app
        self._base = {name: scope[name] for name in ("app", "state") if name in scope}

    async def call(self, method: str, path: str) -> tuple[int, bytes]:
        """Status and whole body of a request without a body."""
        status, parts = 0, []
        async for message in self._messages(method, path, b""):
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                parts.append(message.get("body", b""))
        return status, b"".join(parts)

    async def events(self, path: str, body: dict[str, object]) -> AsyncGenerator[dict[str, object], None]:
        """The server-sent events of a streamed answer; closing the iterator stops the generation.

        Raises RequestError with vLLM's own message if it refuses the request.
        """
        status, buffer = 0, b""
        async with contextlib.aclosing(self._messages("POST", path, json.dumps(body).encode())) as messages:
            async for message in messages:
                if message["type"] == "http.response.start":
                    status = message["status"]
                    continue
                buffer += message.get("body", b"")
                if status != 200:
                    continue
                *lines, buffer = buffer.split(b"\n")
                for line in lines:
                    if line.startswith(b"data: ") and line != b"data: [DONE]":
                        value = json.loads(line[6:])
                        if "error" in value:
                            raise as_request_error(500, line[6:])
                        yield value
        if status != 200:
            raise as_request_error(status or 500, buffer)

    async def _messages(self, method: str, path: str, body: bytes) -> AsyncGenerator[Message, None]:
        queue: asyncio.Queue[Message | None] = asyncio.Queue()
        unread = [body]

        async def receive() -> Message:
            if unread:
                return {"type": "http.request", "body": unread.pop(), "more_body": False}
            return await asyncio.Future()

        async def send(message: Message) -> None:
            queue.put_nowait(message)

        async def run() -> None:
            try:
                await self._app(self._scope(method, path, body), receive, send)
            finally:
                queue.put_nowait(None)

        task = asyncio.ensure_future(run())
        try:
            while (message := await queue.get()) is not None:
                yield message
            await task
        finally:
            task.cancel()

    def _scope(self, method: str, path: str, body: bytes) -> Scope:
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        return {
            **self._base,
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": headers,
            "client": ("127.0.0.1", 0),
            "server": ("127.0.0.1", 0),
        }
