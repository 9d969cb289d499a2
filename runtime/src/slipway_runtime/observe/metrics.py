"""Prometheus metrics in base units, the same on both backends, and vLLM's queue metrics for transformers."""

from collections.abc import Callable, Iterable
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from slipway_runtime.lifecycle import Lifecycle, Phase

from .tally import Tally

#: Seconds; from a tiny model's token to a long answer of a large one.
_LATENCY = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600)
_TOKEN = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)


class Metrics:
    """Our own metrics, in a registry of their own so that they can stand beside vLLM's."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        common: dict[str, Any] = {"registry": self.registry, "namespace": "slipway"}
        self.requests = Counter("requests", "Answered requests.", ["route", "code"], **common)
        self.rejected = Counter("rejected", "Requests turned away.", ["reason"], **common)
        self.cancelled = Counter("cancelled", "Requests whose client went away.", **common)
        self.request_seconds = Histogram(
            "request_duration_seconds",
            "From the request's arrival to the answer's end.",
            ["route"],
            buckets=_LATENCY,
            **common,
        )
        self.first_byte_seconds = Histogram(
            "time_to_first_byte_seconds",
            "From the request's arrival to the first byte of the answer's body.",
            ["route"],
            buckets=_LATENCY,
            **common,
        )
        self.first_token_seconds = Histogram(
            "time_to_first_token_seconds",
            "From acceptance to the first token (transformers; vLLM has its own).",
            buckets=_LATENCY,
            **common,
        )
        self.inter_token_seconds = Tally(
            "slipway_inter_token_seconds", "Between two tokens of one answer (transformers; vLLM has its own).", _TOKEN
        )
        self.registry.register(self.inter_token_seconds)
        self.queue_seconds = Histogram(
            "queue_seconds",
            "From acceptance to the first step (transformers; vLLM has its own).",
            buckets=_LATENCY,
            **common,
        )
        self.prompt_tokens = Counter("prompt_tokens", "Prompt tokens read (transformers).", **common)
        self.generation_tokens = Counter("generation_tokens", "Tokens generated (transformers).", **common)
        self.steps = Counter(
            "engine_steps", "Steps of the model, each for all sequences in the batch (transformers).", **common
        )
        self.in_flight = Gauge("requests_in_flight", "Accepted requests that are not answered yet.", **common)
        self.load_seconds = Gauge("model_load_seconds", "From the program's start to ready.", **common)
        self.adapter_info = Gauge("adapter_info", "Adapters in use.", ["adapter", "strength", "mode"], **common)

    def show_lifecycle(self, lifecycle: Lifecycle) -> None:
        """Add ``slipway_state``, which is 1 for the current phase, and the progress of the download."""
        self.registry.register(_LifecycleCollector(lifecycle))

    def show_load(self, model: str, load: Callable[[], tuple[int, int]]) -> None:
        """Add our queue metrics and vLLM's names for them (vLLM itself brings the latter on its backend)."""
        self.registry.register(_LoadCollector(model, load, self))

    def render(self) -> bytes:
        """The text format."""
        return generate_latest(self.registry)


class _LifecycleCollector(Collector):
    def __init__(self, lifecycle: Lifecycle) -> None:
        self._lifecycle = lifecycle

    def collect(self) -> Iterable[Metric]:
        state = GaugeMetricFamily("slipway_state", "1 for the phase the server is in.", labels=["phase"])
        for phase in Phase:
            state.add_metric([str(phase)], float(phase is self._lifecycle.phase))
        yield state
        done = GaugeMetricFamily("slipway_download_done_bytes", "Bytes of the weights that are there.")
        done.add_metric([], self._lifecycle.bytes_done)
        yield done
        total = GaugeMetricFamily("slipway_download_total_bytes", "Bytes of the weights; 0 without a download.")
        total.add_metric([], self._lifecycle.bytes_total)
        yield total


class _LoadCollector(Collector):
    def __init__(self, model: str, load: Callable[[], tuple[int, int]], metrics: Metrics) -> None:
        self._model = model
        self._load = load
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        running, waiting = self._load()
        values = {"running": ("Sequences being generated.", running), "waiting": ("Sequences in the queue.", waiting)}
        for name, (text, value) in values.items():
            own = GaugeMetricFamily(f"slipway_requests_{name}", text)
            own.add_metric([], value)
            yield own
            alias = GaugeMetricFamily(f"vllm:num_requests_{name}", text, labels=["model_name"])
            alias.add_metric([self._model], value)
            yield alias
        tokens = {"prompt_tokens": self._metrics.prompt_tokens, "generation_tokens": self._metrics.generation_tokens}
        for name, counter in tokens.items():
            same = CounterMetricFamily(f"vllm:{name}", f"Same as slipway_{name}_total.", labels=["model_name"])
            same.add_metric([self._model], counter._value.get())
            yield same
