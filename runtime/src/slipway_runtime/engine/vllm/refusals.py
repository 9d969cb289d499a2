"""vLLM's errors in OpenAI's shape: the same on both backends, for every status and every route."""

import json
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from slipway_runtime.http.errors import error_response

from ..base import RequestError

#: What FastAPI puts in front of a field in its messages about bodies.
_BODY = "body."
#: Headers of the error that a client needs beside its body.
_KEPT = ("allow", "retry-after", "www-authenticate")


class OpenAIErrors:
    """Around vLLM's application: what it answers goes through untouched, errors are written anew.

    vLLM gives Starlette's ``{detail}`` for unknown routes and methods, and in its own errors names of Python classes as
    types, numbers as codes, and all branches of a union as the message.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        start: Message | None = None
        body = bytearray()

        async def sending(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and message["status"] >= 400:
                start = message
            elif start is None:
                await send(message)
            else:
                body.extend(message.get("body", b""))
                if not message.get("more_body", False):
                    headers = Headers(raw=start["headers"])
                    kept = {name: headers[name] for name in _KEPT if name in headers}
                    answer = error_response(scope["path"], as_request_error(start["status"], bytes(body)), kept)
                    await answer(scope, receive, send)

        await self._app(scope, receive, sending)


def as_request_error(status: int, body: bytes) -> RequestError:
    """The error that a body of vLLM's tells."""
    try:
        value: Any = json.loads(body)
    except ValueError:
        value = body.decode(errors="replace") or f"vLLM answers {status}"
    error = value.get("error", value) if isinstance(value, dict) else value
    details: dict[str, Any] = error if isinstance(error, dict) else {"message": str(error)}
    code, param = details.get("code"), details.get("param")
    return RequestError(
        status,
        str(details.get("message") or details.get("detail") or value),
        code=code if isinstance(code, str) else "not_found" if status == 404 else None,
        param=param.removeprefix(_BODY) if isinstance(param, str) else None,
    )
