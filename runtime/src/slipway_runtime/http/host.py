"""The server's parts, put together once and the same for every backend."""

import gc
from dataclasses import dataclass

from slipway_runtime.config.serve import ServeSettings
from slipway_runtime.lifecycle import Lifecycle, Phase
from slipway_runtime.observe.metrics import Metrics
from slipway_runtime.observe.tracing import Tracing

from .admission import Admission
from .gateway import Gateway
from .operations import Operations

#: Requests worked on at once if the settings do not say: rows of a batch, and vLLM's own default for max-num-seqs.
DEFAULT_CONCURRENCY = {"transformers": 32, "vllm": 256}


@dataclass(frozen=True)
class Host:
    """One serving process."""

    settings: ServeSettings
    lifecycle: Lifecycle
    metrics: Metrics
    tracing: Tracing
    admission: Admission
    operations: Operations
    gateway: Gateway
    concurrency: int


def build_host(settings: ServeSettings, backend: str, lifecycle: Lifecycle) -> Host:
    """Everything but the model.

    Raises ConfigError if the token file cannot be used.
    """
    metrics = Metrics()
    metrics.show_lifecycle(lifecycle)
    name = settings.served_name
    tracing = Tracing(settings.telemetry.otlp_endpoint, name)
    concurrency = settings.server.max_concurrency or DEFAULT_CONCURRENCY[backend]
    admission = Admission(lifecycle, concurrency, settings.server.max_queue, metrics)
    operations = Operations(lifecycle, metrics, backend, name)
    gateway = Gateway(settings.server, lifecycle, metrics, tracing, admission, operations.app)

    def note(phase: Phase) -> None:
        if phase is Phase.READY:
            metrics.load_seconds.set(lifecycle.elapsed_seconds)
            # Libraries and model stay for good: without this, every search for garbage would walk through all of it
            # again, some tenths of a second in the middle of an answer.
            gc.collect()
            gc.freeze()

    lifecycle.on_change(note)
    return Host(settings, lifecycle, metrics, tracing, admission, operations, gateway, concurrency)
