"""The body of a request: read once, bounded, and handed on to whoever answers it."""

import asyncio
import json

from starlette.types import Message, Receive

from slipway_runtime.engine.base import RequestError


class ClientGone(Exception):
    """The client closed the connection."""


async def read_body(receive: Receive, declared: str | None, limit_bytes: int) -> bytes:
    """The whole body.

    Raises RequestError 413 if it has more than ``limit_bytes``, ClientGone if the client leaves before its end.
    """
    too_large = RequestError(
        413, f"the body is larger than {limit_bytes} bytes (server.max_body_bytes)", code="request_too_large"
    )
    if declared is not None and declared.isdigit() and int(declared) > limit_bytes:
        raise too_large
    parts = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        parts += message.get("body", b"")
        if len(parts) > limit_bytes:
            raise too_large
        if not message.get("more_body", False):
            return bytes(parts)


def parse_object(body: bytes) -> dict[str, object]:
    """A JSON object.

    Raises RequestError 400 with the place of the mistake.
    """
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise RequestError(400, f"the body is no JSON: {error}", code="invalid_json") from error
    if not isinstance(value, dict):
        raise RequestError(400, f"the body must be a JSON object, not {type(value).__name__}", code="invalid_json")
    return value


class Replay:
    """A ``receive`` that gives the body again, and then waits until the client has gone."""

    def __init__(self, body: bytes) -> None:
        self._body: bytes | None = body
        self.gone = asyncio.Event()

    async def __call__(self) -> Message:
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}
