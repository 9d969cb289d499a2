"""Server-sent events."""

import json
from collections.abc import AsyncIterator, Mapping

from starlette.responses import StreamingResponse

from slipway_runtime.engine.base import RequestError

DONE = b"data: [DONE]\n\n"

_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def event(value: object) -> bytes:
    """One event with a JSON value."""
    return b"data: " + _ENCODE(value).encode() + b"\n\n"


class ChoiceEvents:
    """Events that differ in their choices alone: what they have in common is encoded once."""

    def __init__(self, head: Mapping[str, object]) -> None:
        self._start = "data: " + _ENCODE(dict(head))[:-1] + ',"choices":['

    def __call__(self, choice: Mapping[str, object]) -> bytes:
        """The event with one choice."""
        return (self._start + _ENCODE(choice) + "]}\n\n").encode()


class EventStream(StreamingResponse):
    """A response of events. An error after the first event is an event too, since the status is sent by then."""

    media_type = "text/event-stream"

    def __init__(self, events: AsyncIterator[bytes]) -> None:
        headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
        super().__init__(_with_errors(events), headers=headers)


async def _with_errors(events: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    try:
        async for part in events:
            yield part
    except RequestError as error:
        yield event({"error": {"message": error.message, "type": error.kind, "param": error.param, "code": error.code}})
