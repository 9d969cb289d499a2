"""Progress and metrics of a run over HTTP, read from the files in its output folder."""

import threading
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .markers import FAILED
from .progress import read_progress

PHASES = ("starting", "loading", "training", "saving", "completed", "interrupted", "failed")

# Names of the trainer's values as metrics, in base units; others stay in /progress only.
_LOGGED = {
    "loss": ("loss", "Training loss of the last logged steps."),
    "eval_loss": ("eval_loss", "Loss on the rows held out."),
    "learning_rate": ("learning_rate", "Learning rate of the last step."),
    "grad_norm": ("gradient_norm", "Norm of the gradient before clipping."),
    "num_tokens": ("tokens", "Tokens trained on so far."),
}


def status_app(output_dir: Callable[[], Path]) -> Starlette:
    """The application: probes, /progress (JSON) and /metrics (Prometheus)."""

    def root(request: Request) -> Response:
        return JSONResponse({"message": "Tuning is running", "phase": read_progress(output_dir())["phase"]})

    def health(request: Request) -> Response:
        # Alive as long as it answers: a run that failed ends its process, not its probe.
        return JSONResponse({"status": "Healthy", "phase": read_progress(output_dir())["phase"]})

    def progress(request: Request) -> Response:
        document = read_progress(output_dir())
        if (output_dir() / FAILED).exists():
            document["phase"] = "failed"
        return JSONResponse(document)

    def metrics(request: Request) -> Response:
        return Response(_metrics(read_progress(output_dir())), media_type=CONTENT_TYPE_LATEST)

    probes = [Route(path, health) for path in ("/health", "/healthz", "/livez", "/readyz", "/startupz")]
    return Starlette(routes=[Route("/", root), Route("/progress", progress), Route("/metrics", metrics), *probes])


def _metrics(progress: dict[str, Any]) -> bytes:
    registry = CollectorRegistry()

    def gauge(name: str, text: str, value: float) -> None:
        Gauge(f"slipway_tuning_{name}", text, registry=registry).set(value)

    phase = Gauge("slipway_tuning_state", "1 for the phase of the run.", ["phase"], registry=registry)
    for name in PHASES:
        phase.labels(name).set(float(name == progress["phase"]))
    gauge("step", "Optimizer steps done.", progress["step"])
    gauge("steps", "Optimizer steps of the whole run; 0 until it is known.", progress["totalSteps"])
    gauge("epoch", "Passes over the data done.", progress["epoch"])
    gauge("elapsed_seconds", "Training time of this process.", progress["elapsedSeconds"])
    if progress["remainingSeconds"] is not None:
        gauge("remaining_seconds", "Training time left at the current speed.", progress["remainingSeconds"])
    gauge("processes", "Training processes, one per GPU.", progress["processes"])
    gauge("trainable_parameters", "Parameters of the adapter.", progress["trainableParameters"])
    for key, (name, text) in _LOGGED.items():
        if key in progress["metrics"]:
            gauge(name, text, progress["metrics"][key])
    return generate_latest(registry)


@contextmanager
def serving(app: Starlette, host: str, port: int) -> Any:
    """Serve ``app`` in a thread while the block runs. Raises OSError when the port is taken."""
    config = uvicorn.Config(app, host=host, port=port, log_level="warning", access_log=False)
    server = uvicorn.Server(config)
    # Bound here, not in the thread: a port that is taken is an error of the caller.
    socket = config.bind_socket()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(5)
        socket.close()
