"""What stands before every route, around an application made for the test."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from slipway_runtime.config.problems import ConfigError
from slipway_runtime.config.serve import ServeSettings
from slipway_runtime.http.auth import Tokens
from slipway_runtime.http.drain import drain
from slipway_runtime.http.host import Host, build_host
from slipway_runtime.lifecycle import Lifecycle, Phase
from slipway_runtime.observe.logs import JsonFormatter


class Backend:
    """Routes that wait, stream, echo and fail."""

    def __init__(self) -> None:
        self.go_on = asyncio.Event()
        self.stopped: list[str] = []
        self.app = Starlette(
            routes=[
                Route("/echo", self.echo, methods=["POST"]),
                Route("/wait", self.wait, methods=["POST"]),
                Route("/stream", self.stream, methods=["POST"]),
                Route("/fail", self.fail, methods=["POST"]),
            ]
        )

    async def echo(self, request: Request) -> Response:
        return PlainTextResponse(await request.body())

    async def wait(self, request: Request) -> Response:
        try:
            await self.go_on.wait()
        except asyncio.CancelledError:
            self.stopped.append("wait")
            raise
        return JSONResponse({"done": True})

    async def stream(self, request: Request) -> Response:
        async def parts() -> AsyncIterator[bytes]:
            yield b"data: 1\n\n"
            await self.go_on.wait()

        return StreamingResponse(parts(), media_type="text/event-stream")

    async def fail(self, request: Request) -> Response:
        raise RuntimeError("broken on purpose")


def host_of(backend: Backend, phase: Phase = Phase.READY, **server: object) -> Host:
    settings = ServeSettings.model_validate({"runtime": {"model": "org/tiny"}, "server": server})
    lifecycle = Lifecycle()
    host = build_host(settings, "transformers", lifecycle)
    host.gateway.backend = backend.app
    lifecycle.enter(phase)
    return host


Scenario = Callable[[httpx.AsyncClient, Host, Backend], Awaitable[None]]


def play(scenario: Scenario, phase: Phase = Phase.READY, **server: object) -> None:
    async def run() -> None:
        backend = Backend()
        host = host_of(backend, phase, **server)
        transport = httpx.ASGITransport(host.gateway, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            await asyncio.wait_for(scenario(client, host, backend), 60)

    asyncio.run(run())


def test_the_callers_request_id_comes_back_and_a_strange_one_does_not() -> None:
    async def scenario(client: httpx.AsyncClient, host: Host, backend: Backend) -> None:
        answer = await client.post("/echo", content=b"x", headers={"x-request-id": "abc-1"})
        assert answer.headers["x-request-id"] == "abc-1"
        strange = await client.post("/echo", content=b"x", headers={"x-request-id": "y" * 200})
        assert len(strange.headers["x-request-id"]) == 32

    play(scenario)


def test_a_body_over_the_limit_is_refused_by_its_declared_and_by_its_real_length() -> None:
    async def scenario(client: httpx.AsyncClient, host: Host, backend: Backend) -> None:
        assert (await client.post("/echo", content=b"x" * 1024)).text == "x" * 1024
        declared = await client.post("/echo", content=b"x" * 1025)
        assert declared.status_code == 413
        assert "larger than 1024 bytes" in declared.json()["error"]["message"]

        async def parts() -> AsyncIterator[bytes]:
            for _ in range(4):
                yield b"x" * 500

        assert (await client.post("/echo", content=parts())).status_code == 413
        assert host.admission.inside == 0

    play(scenario, max_body_bytes=1024)


def test_beyond_the_queue_there_is_a_429_with_a_time_to_come_again() -> None:
    async def scenario(client: httpx.AsyncClient, host: Host, backend: Backend) -> None:
        waiting = [asyncio.ensure_future(client.post("/wait")) for _ in range(3)]
        while host.admission.inside < 3:
            await asyncio.sleep(0.01)
        refused = await client.post("/wait")
        assert refused.status_code == 429
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert refused.json()["error"]["code"] == "queue_full"
        backend.go_on.set()
        assert {answer.status_code for answer in await asyncio.gather(*waiting)} == {200}
        assert (await client.post("/wait")).status_code == 200
        metrics = (await client.get("/metrics")).text
        assert 'slipway_rejected_total{reason="queue_full"} 1.0' in metrics

    play(scenario, max_concurrency=2, max_queue=1)


@pytest.mark.parametrize(
    ("phase", "health", "live", "startup"),
    [
        (Phase.LOADING, 503, 200, 503),
        (Phase.WARMING, 503, 200, 503),
        (Phase.READY, 200, 200, 200),
        (Phase.DRAINING, 503, 200, 200),
        (Phase.FAILED, 503, 503, 503),
    ],
)
def test_probes_tell_loading_ready_draining_and_failed_apart(
    phase: Phase, health: int, live: int, startup: int
) -> None:
    async def scenario(client: httpx.AsyncClient, host: Host, backend: Backend) -> None:
        for path, status in (("/health", health), ("/healthz", health), ("/readyz", health), ("/livez", live)):
            assert (await client.get(path)).status_code == status
        shown = await client.get("/startupz")
        assert (shown.status_code, shown.json()["phase"]) == (startup, str(phase))
        work = await client.post("/echo", content=b"x")
        assert work.status_code == (200 if phase is Phase.READY else 503)
        assert ("retry-after" in work.headers) == (phase is not Phase.READY)

    play(scenario, phase)


def test_what_takes_too_long_is_stopped() -> None:
    async def scenario(client: httpx.AsyncClient, host: Host, backend: Backend) -> None:
        answer = await client.post("/wait")
        assert (answer.status_code, answer.json()["error"]["code"]) == (504, "request_timeout")
        assert backend.stopped == ["wait"]
        stream = await client.post("/stream")
        assert stream.text.startswith("data: 1\n\n")
        assert "request_timeout" in stream.text
        assert host.admission.inside == 0

    play(scenario, request_timeout_seconds=0.2)


def test_a_client_that_leaves_cancels_the_work() -> None:
    async def scenario(client: httpx.AsyncClient, host: Host, backend: Backend) -> None:
        gone = asyncio.Event()
        messages = [{"type": "http.request", "body": b"", "more_body": False}]

        async def receive() -> dict[str, object]:
            if messages:
                return messages.pop()
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: object) -> None:
            raise AssertionError("nobody is there")

        scope = {"type": "http", "method": "POST", "path": "/wait", "headers": [], "query_string": b""}
        request = asyncio.ensure_future(host.gateway(scope, receive, send))  # type: ignore[arg-type]
        while host.admission.inside == 0:
            await asyncio.sleep(0.01)
        gone.set()
        await request
        assert backend.stopped == ["wait"]
        assert 'code="499"' in (await client.get("/metrics")).text

    play(scenario)


def test_a_failure_of_the_backend_is_a_500_without_its_insides() -> None:
    async def scenario(client: httpx.AsyncClient, host: Host, backend: Backend) -> None:
        answer = await client.post("/fail")
        assert answer.status_code == 500
        assert "on purpose" not in answer.text

    play(scenario)


def test_draining_lets_accepted_requests_finish_and_takes_no_others() -> None:
    async def scenario(client: httpx.AsyncClient, host: Host, backend: Backend) -> None:
        accepted = asyncio.ensure_future(client.post("/wait"))
        while host.admission.inside == 0:
            await asyncio.sleep(0.01)
        ending = asyncio.ensure_future(drain(host))
        await asyncio.sleep(0.05)
        late = await client.post("/wait")
        assert (late.status_code, late.json()["error"]["code"]) == (503, "draining")
        backend.go_on.set()
        assert (await accepted).status_code == 200
        assert await ending is True

    play(scenario, drain_timeout_seconds=5)


def test_draining_ends_when_its_time_is_over() -> None:
    async def scenario(client: httpx.AsyncClient, host: Host, backend: Backend) -> None:
        accepted = asyncio.ensure_future(client.post("/wait"))
        while host.admission.inside == 0:
            await asyncio.sleep(0.01)
        assert await drain(host) is False
        backend.go_on.set()
        await accepted

    play(scenario, drain_timeout_seconds=0.1)


def test_a_token_is_asked_for_everywhere_but_at_the_probes(tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    file.write_text("one\ntwo\n", encoding="utf-8")

    async def scenario(client: httpx.AsyncClient, host: Host, backend: Backend) -> None:
        for path in ("/health", "/healthz", "/livez", "/readyz", "/startupz"):
            assert (await client.get(path)).status_code == 200
        for path in ("/", "/metrics", "/version", "/openapi.json"):
            refused = await client.get(path)
            assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
        assert (await client.post("/echo", content=b"x")).status_code == 401
        for token, status in (("one", 200), ("two", 200), ("three", 401), ("", 401)):
            answer = await client.post("/echo", content=b"x", headers={"authorization": f"Bearer {token}"})
            assert answer.status_code == status
        file.write_text("three-is-new\n", encoding="utf-8")
        header = {"authorization": "Bearer three-is-new"}
        assert (await client.post("/echo", content=b"x", headers=header)).status_code == 200

    play(scenario, auth_token_file=str(file))


def test_a_token_file_that_cannot_be_used_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        Tokens(tmp_path / "nothing")
    (tmp_path / "empty").write_text("\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="has no token"):
        Tokens(tmp_path / "empty")


def test_metrics_have_no_label_that_a_client_makes_up() -> None:
    async def scenario(client: httpx.AsyncClient, host: Host, backend: Backend) -> None:
        for index in range(3):
            await client.post(f"/made-up-{index}")
        text = (await client.get("/metrics")).text
        assert "made-up" not in text
        assert 'slipway_requests_total{code="404",route="other"} 3.0' in text

    play(scenario)


def test_a_log_line_is_json_with_the_request_id(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario(client: httpx.AsyncClient, host: Host, backend: Backend) -> None:
        await client.post("/echo", content=b"x", headers={"x-request-id": "id-1"})

    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(JsonFormatter().format(record))

    access = logging.getLogger("slipway_runtime.access")
    access.addHandler(keep := Keep())
    access.setLevel(logging.INFO)
    try:
        play(scenario)
    finally:
        access.removeHandler(keep)
    line = json.loads(lines[-1])
    assert (line["request_id"], line["status"], line["path"], line["level"]) == ("id-1", 200, "/echo", "info")
    assert line["time"].endswith("Z")


def test_operations_answer_without_a_model() -> None:
    async def scenario(client: httpx.AsyncClient, host: Host, backend: Backend) -> None:
        assert (await client.get("/")).json() == {"message": "Server is running"}
        assert (await client.get("/version")).json()["backend"] == "transformers"
        assert (await client.get("/openapi.json")).json()["openapi"] == "3.1.0"
        assert 'slipway_state{phase="loading"} 1.0' in (await client.get("/metrics")).text
        hardware = (await client.get("/metrics", headers={"accept": "application/json"})).json()
        assert hardware["cpu_info"]["total_cores"] >= 1
        assert hardware["cpu_info"]["memory"]["total"].endswith(" GB")

    play(scenario, Phase.LOADING)
