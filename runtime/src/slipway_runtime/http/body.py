"""The body of a request: read once, bounded, and handed on to whoever answers it."""

import asyncio
import json
from typing import NoReturn

from starlette.types import Message, Receive

from slipway_runtime.engine.base import RequestError

#: Seconds in which a body has to arrive: a client that sends a byte a minute must not hold a place in the queue.
BODY_SECONDS = 60.0


class ClientGone(Exception):
    """The client closed the connection."""


async def read_body(
    receive: Receive, declared: str | None, limit_bytes: int, limit_seconds: float = BODY_SECONDS
) -> bytes:
    """The whole body.

    Raises RequestError 413 if it has more than ``limit_bytes``, 408 if it is not there after ``limit_seconds``,
    ClientGone if the client leaves before its end.
    """
    try:
        return await asyncio.wait_for(_read(receive, declared, limit_bytes), limit_seconds)
    except TimeoutError as error:
        message = f"the body did not arrive within {limit_seconds:g} s"
        raise RequestError(408, message, kind="timeout_error", code="body_timeout") from error


async def _read(receive: Receive, declared: str | None, limit_bytes: int) -> bytes:
    too_large = RequestError(
        413, f"the body is larger than {limit_bytes} bytes (server.max_body_bytes)", code="request_too_large"
    )
    if declared is not None and declared.isdecimal() and int(declared) > limit_bytes:
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


def load_json(body: bytes) -> object:
    """The value of a JSON document: UTF-8, no NaN or Infinity (RFC 8259), no halves of characters.

    Raises ValueError that says what is wrong, json.JSONDecodeError where there is a place.
    """
    text = body.decode("utf-8-sig")
    try:
        value: object = _DECODER.decode(text)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if "\\ud" in text or "\\uD" in text:
        _refuse_halves(value)
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def _refuse_halves(value: object) -> None:
    """Half of a surrogate pair is no character: no tokenizer takes it, and no answer could repeat it."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise ValueError("it has half of a surrogate pair, such as \\ud800 without its other half") from error


def parse_object(body: bytes) -> dict[str, object]:
    """A JSON object.

    Raises RequestError 400 with the place of the mistake.
    """
    try:
        value = load_json(body)
    except ValueError as error:
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
