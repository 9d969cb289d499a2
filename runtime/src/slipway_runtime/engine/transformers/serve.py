"""A server with the transformers backend: the port first, then the libraries and the model."""

import asyncio
import importlib
import logging
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from slipway_runtime.adapters.discover import discover
from slipway_runtime.config.serve import ServeSettings
from slipway_runtime.http.drain import drain
from slipway_runtime.http.host import Host, build_host
from slipway_runtime.http.server import listen, make_server
from slipway_runtime.http.termination import report_failure, stop_event
from slipway_runtime.lifecycle import Lifecycle, Phase
from slipway_runtime.weights.resolve import resolve_weights

if TYPE_CHECKING:
    from .engine import TransformersEngine

log = logging.getLogger(__name__)

#: After so long a thread that computes lets the one that answers clients run. With Python's 5 ms, the first token of a
#: small model would wait longer for the interpreter than for the model.
_SWITCH_SECONDS = 0.0005
#: How often the engine's thread is looked at.
_WATCH_SECONDS = 1.0


async def serve_transformers(settings: ServeSettings) -> int:
    """Serve until a signal comes; the exit code."""
    stop = stop_event()
    sys.setswitchinterval(_SWITCH_SECONDS)
    lifecycle = Lifecycle()
    host = build_host(settings, "transformers", lifecycle)
    explain_ignored(settings)
    listener = listen(settings.server.host, settings.server.port)
    server = make_server(host.gateway)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    stopped = asyncio.create_task(stop.wait())
    code = 0
    engine: TransformersEngine | None = None
    with tempfile.TemporaryDirectory(prefix="slipway-") as scratch:
        loading = asyncio.create_task(_load(host, Path(scratch)))
        await asyncio.wait({loading, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if loading.done():
            try:
                engine = loading.result()
            except Exception as error:
                # Files that are no weights, and the code that comes with some models, fail in many ways.
                code = _failed(lifecycle, f"cannot load the model: {error}", error)
        else:
            # A model that loads cannot be interrupted; nothing was accepted, so nothing is lost.
            log.info("stopped while loading")
            os._exit(0)
    if engine is not None:
        watch = asyncio.create_task(_failure(engine))
        await asyncio.wait({watch, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if watch.done():
            code = _failed(lifecycle, f"the engine failed: {watch.result()}", watch.result())
        else:
            await drain(host)
        watch.cancel()
        await asyncio.to_thread(engine.stop)
    server.should_exit = True
    await serving
    stopped.cancel()
    host.tracing.close()
    lifecycle.enter(Phase.STOPPED)
    return code


def explain_ignored(settings: ServeSettings) -> None:
    """Say which settings have no effect on this backend."""
    if settings.vllm:
        log.warning("the vllm section has no effect on the transformers backend: %s", ", ".join(sorted(settings.vllm)))
    for name in ("max_probe_steps", "kv_cache_cpu_memory_utilization"):
        if getattr(settings, name) is not None:
            log.warning("%s has no effect on the transformers backend", name)


def _failed(lifecycle: Lifecycle, reason: str, error: BaseException) -> int:
    log.error("%s", reason, exc_info=error)
    lifecycle.enter(Phase.FAILED, reason)
    report_failure(reason)
    return 1


async def _load(host: Host, scratch: Path) -> "TransformersEngine":
    folder = await asyncio.to_thread(resolve_weights, host.settings, host.lifecycle)
    adapters = discover(host.settings.adapters, os.environ)
    host.lifecycle.enter(Phase.LOADING)
    # Importing the libraries takes seconds; the probes are answered meanwhile.
    module = await asyncio.to_thread(importlib.import_module, "slipway_runtime.engine.transformers.loading")
    engine: TransformersEngine = await module.load_model(host, folder, adapters, scratch)
    return engine


async def _failure(engine: "TransformersEngine") -> BaseException:
    # Set by another thread, so there is no asyncio.Event to wait for.
    while engine.failure is None:  # noqa: ASYNC110
        await asyncio.sleep(_WATCH_SECONDS)
    return engine.failure
