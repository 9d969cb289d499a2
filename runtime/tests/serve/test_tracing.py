"""Traces, received by a collector on loopback."""

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from slipway_runtime.observe.tracing import Tracing

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Collector(ThreadingHTTPServer):
    """Keeps the spans that it is sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.spans: list[Span] = []
        self.services: list[str] = []


class Handler(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        assert self.path == "/v1/traces"
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        request = ExportTraceServiceRequest.FromString(body)
        for resource in request.resource_spans:
            names = {pair.key: pair.value.string_value for pair in resource.resource.attributes}
            self.server.services.append(names["service.name"])
            for scope in resource.scope_spans:
                self.server.spans += scope.spans
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    server = Collector()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


def test_a_request_is_a_span_below_the_callers(collector: Collector) -> None:
    tracing = Tracing(f"http://127.0.0.1:{collector.server_address[1]}", "tiny")
    with tracing.request("POST", "/v1/chat/completions", {"traceparent": PARENT}) as span:
        span.set_attribute("http.response.status_code", 200)
    tracing.close()
    (sent,) = collector.spans
    attributes = {pair.key: pair.value.string_value for pair in sent.attributes}
    assert sent.name == "POST /v1/chat/completions"
    assert sent.trace_id.hex() == PARENT.split("-")[1]
    assert sent.parent_span_id.hex() == PARENT.split("-")[2]
    assert attributes["gen_ai.request.model"] == "tiny"
    assert attributes["gen_ai.operation.name"] == "chat"


def test_opentelemetrys_own_variables_are_an_endpoint_too(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{collector.server_address[1]}")
    monkeypatch.setenv("OTEL_SERVICE_NAME", "phi-4")
    tracing = Tracing(None, "tiny")
    with tracing.request("POST", "/chat", {}):
        pass
    tracing.close()
    assert [span.name for span in collector.spans] == ["POST /chat"]
    assert collector.services == ["phi-4"]


def test_without_an_endpoint_nothing_is_recorded() -> None:
    tracing = Tracing(None, "tiny", {})
    with tracing.request("POST", "/chat", {"traceparent": PARENT}) as span:
        assert not span.is_recording()
    tracing.close()
