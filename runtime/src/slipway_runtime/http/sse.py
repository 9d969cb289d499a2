"""Server-sent events."""

import json
from collections.abc import AsyncIterator

from starlette.responses import StreamingResponse

from slipway_runtime.engine.base import RequestError

DONE = b"data: [DONE]\n\n"


def event(value: object) -> bytes:
    """One event with a JSON value."""
    return b"data: " + json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n\n"


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
