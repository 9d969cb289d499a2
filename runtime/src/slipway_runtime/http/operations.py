"""Routes for operators: probes, metrics, version, the OpenAPI document. Answered in every phase."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from slipway_runtime import __version__
from slipway_runtime.lifecycle import Lifecycle, Phase
from slipway_runtime.observe.hardware import hardware_report
from slipway_runtime.observe.metrics import Metrics

from .openapi import openapi_document
from .plain import EXCEPTION_HANDLERS

TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8"


@dataclass
class Operations:
    """What the routes report. ``more_metrics`` brings the backend's own, in the same text format.

    ``has_clients`` is False on a node that only computes for another one: whether that one takes requests is its own
    answer, and nobody has to wait for this one.
    """

    lifecycle: Lifecycle
    metrics: Metrics
    backend: str
    served_name: str
    more_metrics: Callable[[], Awaitable[bytes]] | None = None
    has_clients: bool = True
    app: Starlette = field(init=False)

    def __post_init__(self) -> None:
        routes = [
            Route("/", self.root),
            *(Route(path, self.health) for path in ("/health", "/healthz")),
            Route("/livez", self.live),
            Route("/readyz", self.ready),
            Route("/startupz", self.startup),
            Route("/metrics", self.show_metrics),
            Route("/metrics.json", self.show_hardware),
            Route("/version", self.version),
            Route("/openapi.json", self.openapi),
        ]
        self.app = Starlette(routes=routes, exception_handlers=EXCEPTION_HANDLERS)

    async def root(self, request: Request) -> Response:
        """KAITO's greeting."""
        return JSONResponse({"message": "Server is running"})

    async def health(self, request: Request) -> Response:
        """200 if requests are answered, as KAITO's and vLLM's /health."""
        if self.lifecycle.is_ready:
            return JSONResponse({"status": "Healthy"})
        return JSONResponse({"status": "Unavailable", **self.lifecycle.describe()}, 503)

    async def live(self, request: Request) -> Response:
        """200 unless the server has failed for good; loading and draining are life."""
        failed = self.lifecycle.phase is Phase.FAILED
        return JSONResponse(
            {"status": "failed" if failed else "alive", **self.lifecycle.describe()}, 503 if failed else 200
        )

    async def ready(self, request: Request) -> Response:
        """200 if new requests are taken; without clients, unless it has failed."""
        return self._answer(self.lifecycle.is_ready)

    async def startup(self, request: Request) -> Response:
        """200 once the server was ready, without clients at once; until then the phase and how far it is."""
        return self._answer(self.lifecycle.has_started)

    def _answer(self, holds: bool) -> Response:
        fine = holds or (not self.has_clients and self.lifecycle.phase is not Phase.FAILED)
        return JSONResponse(self.lifecycle.describe(), 200 if fine else 503)

    async def show_metrics(self, request: Request) -> Response:
        """Prometheus, or KAITO's JSON if the client asks for that."""
        if "application/json" in request.headers.get("accept", ""):
            return await self.show_hardware(request)
        text = self.metrics.render()
        if self.more_metrics is not None:
            text += await self.more_metrics()
        return Response(text, headers={"Content-Type": TEXT_FORMAT})

    async def show_hardware(self, request: Request) -> Response:
        """GPU and CPU, in the shape of KAITO's /metrics."""
        return JSONResponse(await asyncio.to_thread(hardware_report))

    async def version(self, request: Request) -> Response:
        """Our version and the backend."""
        return JSONResponse({"version": __version__, "backend": self.backend, "model": self.served_name})

    async def openapi(self, request: Request) -> Response:
        """The document that ``schema openapi`` prints."""
        return JSONResponse(openapi_document())
