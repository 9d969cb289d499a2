"""vLLM's errors as OpenAI's error object."""

import json

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from serve.serverprocess import ServerProcess
from slipway_runtime.engine.vllm.refusals import OpenAIErrors, as_request_error

ITS_OWN = {"error": {"message": "n must be 1", "type": "BadRequestError", "param": "body.n", "code": 400}}


async def fine(request: Request) -> Response:
    return JSONResponse({"detail": "fine"}, headers={"x-kept": "yes"})


async def refused(request: Request) -> Response:
    return JSONResponse(ITS_OWN, 400)


async def ask(method: str, path: str) -> httpx.Response:
    app = OpenAIErrors(Starlette(routes=[Route("/v1/fine", fine), Route("/v1/refused", refused)]))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        return await client.request(method, path)


@pytest.mark.parametrize(
    ("method", "path", "status", "kind", "code", "param"),
    [
        ("GET", "/v1/refused", 400, "invalid_request_error", None, "n"),
        ("GET", "/v1/nothing", 404, "not_found_error", "not_found", None),
        ("DELETE", "/v1/fine", 405, "invalid_request_error", None, None),
    ],
)
@pytest.mark.anyio
async def test_an_error_has_the_shape_of_openais(
    method: str, path: str, status: int, kind: str, code: str | None, param: str | None
) -> None:
    answer = await ask(method, path)
    error = answer.json()["error"]
    assert (answer.status_code, error["type"], error["code"], error["param"]) == (status, kind, code, param)
    assert error["message"]
    assert ("GET" in answer.headers.get("allow", "")) == (status == 405)
    assert int(answer.headers["content-length"]) == len(answer.content)


@pytest.mark.anyio
async def test_an_answer_goes_through_as_it_is() -> None:
    answer = await ask("GET", "/v1/fine")
    assert (answer.json(), answer.headers["x-kept"]) == ({"detail": "fine"}, "yes")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"gone", "gone"),
        (b"", "vLLM answers 500"),
        (b'{"error": "no"}', "no"),
        (b'{"detail": "Not Found"}', "Not Found"),
        (json.dumps(ITS_OWN).encode(), "n must be 1"),
    ],
)
def test_any_body_of_an_error_is_understood(body: bytes, message: str) -> None:
    assert as_request_error(500, body).message == message


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/v1/nothing", 404), ("GET", "/v1/completions", 405), ("PUT", "/tokenize", 405), ("GET", "/nothing", 404)],
)
def test_unknown_routes_and_methods_are_openais_errors(
    server: ServerProcess, method: str, path: str, status: int
) -> None:
    answer = httpx.request(method, server.url + path, timeout=300)
    assert answer.status_code == status
    assert set(answer.json()["error"]) == {"message", "type", "param", "code"}


def test_what_is_refused_names_the_field(server: ServerProcess) -> None:
    for field, value in (("top_p", 0), ("temperature", "hot"), ("stream_options", {"include_usage": True})):
        answer = server.post("/v1/completions", {"model": "tiny", "prompt": "a", field: value})
        error = answer.json()["error"]
        assert (answer.status_code, error["type"], error["param"]) == (400, "invalid_request_error", field)
        assert error["code"] is None
