"""OpenTelemetry traces of requests, when an endpoint is set."""

import contextlib
import os
from collections.abc import Iterator, Mapping

from opentelemetry import propagate, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

#: OpenTelemetry's own variables, which its operator sets; the settings beat them.
ENDPOINT_VARIABLES = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")


class Tracing:
    """A span for every request, a child of the caller's if it sends ``traceparent``."""

    def __init__(self, endpoint: str | None, served_name: str, environment: Mapping[str, str] = os.environ) -> None:
        self._provider: TracerProvider | None = None
        self._tracer: trace.Tracer = trace.NoOpTracer()
        self._served_name = served_name
        if endpoint is not None or any(environment.get(name) for name in ENDPOINT_VARIABLES):
            service = environment.get("OTEL_SERVICE_NAME") or "slipway-runtime"
            self._provider = TracerProvider(resource=Resource.create({"service.name": service}))
            # Without an endpoint the exporter reads the variables itself.
            exporter = OTLPSpanExporter(endpoint=endpoint and endpoint.rstrip("/") + "/v1/traces")
            self._provider.add_span_processor(BatchSpanProcessor(exporter))
            self._tracer = self._provider.get_tracer("slipway_runtime")

    @contextlib.contextmanager
    def request(self, method: str, path: str, headers: Mapping[str, str]) -> Iterator[trace.Span]:
        """The span of one request."""
        attributes = {
            "http.request.method": method,
            "url.path": path,
            "gen_ai.request.model": self._served_name,
            "gen_ai.operation.name": "chat" if "chat" in path else "text_completion",
        }
        context = propagate.extract(dict(headers)) if self._provider is not None else None
        with self._tracer.start_as_current_span(
            f"{method} {path}", context=context, kind=trace.SpanKind.SERVER, attributes=attributes
        ) as span:
            yield span

    def close(self) -> None:
        """Send what is left."""
        if self._provider is not None:
            self._provider.shutdown()
