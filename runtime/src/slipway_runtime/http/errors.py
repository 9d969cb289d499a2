"""Errors as JSON: OpenAI's error object, or ``{detail}`` on /chat as KAITO's server had it."""

from collections.abc import Mapping

from starlette.responses import JSONResponse

from slipway_runtime.engine.base import RequestError

_KIND = {401: "authentication_error", 404: "not_found_error", 429: "rate_limit_error"}


def error_response(path: str, error: RequestError, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The response for an error, in the shape that clients of the path understand."""
    if path == "/chat":
        return JSONResponse({"detail": error.message}, error.status, dict(headers or {}))
    kind = error.kind
    if kind == "invalid_request_error":
        kind = _KIND.get(error.status, "server_error" if error.status >= 500 else kind)
    return JSONResponse(
        {"error": {"message": error.message, "type": kind, "param": error.param, "code": error.code}},
        error.status,
        dict(headers or {}),
    )
