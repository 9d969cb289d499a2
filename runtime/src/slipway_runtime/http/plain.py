"""What Starlette does with an exception of a route."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from slipway_runtime.engine.base import RequestError

from .errors import error_response


async def on_request_error(request: Request, error: Exception) -> Response:
    """A refusal with its own status."""
    assert isinstance(error, RequestError)
    return error_response(request.url.path, error)


async def on_http_error(request: Request, error: Exception) -> Response:
    """Starlette's own: no such route, wrong method."""
    assert isinstance(error, HTTPException)
    code = "not_found" if error.status_code == 404 else None
    response = error_response(request.url.path, RequestError(error.status_code, error.detail, code=code))
    response.headers.update(error.headers or {})
    return response


EXCEPTION_HANDLERS: dict[Any, Any] = {RequestError: on_request_error, HTTPException: on_http_error}
