"""Bodies that are no JSON, or that no answer could be made of."""

import asyncio
import json

import pytest
from starlette.types import Message

from slipway_runtime.engine.base import RequestError
from slipway_runtime.http.body import load_json, parse_object, read_body


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{no", "Expecting property name"),
        (b'{"a": NaN}', "NaN is no JSON number"),
        (b'{"a": -Infinity}', "-Infinity is no JSON number"),
        (b'{"a": "\xff"}', "can't decode byte 0xff"),
        (b'{"a": "\\ud800"}', "half of a surrogate pair"),
        (b'{"\\uDFFF": 1}', "half of a surrogate pair"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a": ' + b"9" * 5000 + b"}", "4300 digits"),
        ('{"a": 1}'.encode("utf-16"), "can't decode byte"),
        (b"[]", "must be a JSON object, not list"),
        (b"", "Expecting value"),
    ],
)
def test_what_is_no_object_is_a_400_that_says_why(body: bytes, reason: str) -> None:
    with pytest.raises(RequestError) as caught:
        parse_object(body)
    assert (caught.value.status, caught.value.code) == (400, "invalid_json")
    assert reason in caught.value.message


@pytest.mark.parametrize("text", ["grüße 世界", "\U0001f600", "\x00"])
def test_any_text_comes_through_written_as_it_is_and_escaped(text: str) -> None:
    for ascii_only in (True, False):
        assert load_json(json.dumps({"a": text}, ensure_ascii=ascii_only).encode()) == {"a": text}


def test_a_body_that_does_not_arrive_is_a_408() -> None:
    parts: list[Message] = [{"type": "http.request", "body": b"{", "more_body": True}]

    async def receive() -> Message:
        return parts.pop() if parts else await asyncio.Future()

    with pytest.raises(RequestError) as caught:
        asyncio.run(read_body(receive, None, 1024, limit_seconds=0.05))
    assert (caught.value.status, caught.value.code) == (408, "body_timeout")
