"""A node of a Ray group that has no clients: probes and metrics only."""

import asyncio
import logging
import os

from slipway_runtime.config.serve import RaySection, ServeSettings
from slipway_runtime.http.host import build_host
from slipway_runtime.http.server import listen, make_server
from slipway_runtime.http.termination import report_failure, stop_event
from slipway_runtime.lifecycle import Lifecycle, Phase

from .ray_group import RayError, Worker

log = logging.getLogger(__name__)


async def serve_worker(settings: ServeSettings, group: RaySection) -> int:
    """Compute for the leader until a signal comes; the exit code. The leader's end is a failure here."""
    leader = group.leader(os.environ)
    stop = stop_event()
    lifecycle = Lifecycle()
    host = build_host(settings, "vllm", lifecycle)
    # A StatefulSet replaces workers first, and goes on to a broken leader only when they are ready.
    host.operations.has_clients = False
    listener = listen(settings.server.host, settings.server.port)
    server = make_server(host.gateway)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    worker = Worker(f"{leader}:{group.port}")
    work = asyncio.create_task(_compute(worker, lifecycle))
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({work, stopped}, return_when=asyncio.FIRST_COMPLETED)
    code = 0
    if work.done():
        reason = work.result()
        log.error("%s", reason)
        lifecycle.enter(Phase.FAILED, reason)
        report_failure(reason)
        code = 1
    work.cancel()
    await worker.end()
    server.should_exit = True
    await serving
    stopped.cancel()
    return code


async def _compute(worker: Worker, lifecycle: Lifecycle) -> str:
    """The reason why it ended."""
    lifecycle.enter(Phase.LOADING)
    try:
        await worker.start()
    except (RayError, OSError) as error:
        return str(error)
    lifecycle.enter(Phase.READY)
    log.info("joined the group")
    return f"Ray ended on this worker: {await worker.wait()}"
