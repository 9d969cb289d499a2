"""The parent of vLLM: it answers the probes while the model loads, and decides about the end."""

import asyncio
import json
import logging
import os
import socket
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from slipway_runtime.adapters.discover import Adapter, discover
from slipway_runtime.adapters.plan import AdapterPlan, prepare
from slipway_runtime.config.problems import ConfigError
from slipway_runtime.config.serve import ServeSettings
from slipway_runtime.http.host import Host, build_host
from slipway_runtime.http.server import Server, listen, make_server
from slipway_runtime.http.termination import report_failure, stop_event
from slipway_runtime.lifecycle import Lifecycle, Phase
from slipway_runtime.observe.logs import vllm_logging_config
from slipway_runtime.weights.errors import WeightsError
from slipway_runtime.weights.resolve import resolve_weights

from .arguments import explain_kaito_keys, vllm_command
from .boot import VARIABLE, AdapterNote, Boot
from .channel import Channel
from .child import Child
from .ray_group import Leader, RayError

log = logging.getLogger(__name__)

#: What vLLM's child may take beyond the drain to answer that it has drained.
_DRAIN_GRACE_SECONDS = 2.0


class Failure(Exception):
    """The server cannot go on; the message is the reason that the pod shows."""


async def serve_vllm(settings: ServeSettings) -> int:
    """Serve until a signal comes; the exit code."""
    stop = stop_event()
    host = build_host(settings, "vllm", Lifecycle())
    listener = listen(settings.server.host, settings.server.port)
    with tempfile.TemporaryDirectory(prefix="slipway-") as scratch:
        supervisor = Supervisor(host, listener, Path(scratch))
        work = asyncio.create_task(supervisor.run())
        stopped = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({work, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                work.result()
            await supervisor.drain()
            code = 0
        except (Failure, ConfigError, WeightsError, RayError, OSError) as error:
            log.error("%s", error)
            code = _failed(host, str(error))
        except Exception as error:
            # Files that are no weights or adapters make their libraries fail in many ways.
            log.exception("cannot start vLLM")
            code = _failed(host, f"cannot start vLLM: {type(error).__name__}: {error}")
        finally:
            work.cancel()
            stopped.cancel()
            await supervisor.end()
    host.lifecycle.enter(Phase.STOPPED)
    return code


def _failed(host: Host, reason: str) -> int:
    host.lifecycle.enter(Phase.FAILED, reason)
    report_failure(reason)
    return 1


class Supervisor:
    """Loads, hands the port over, watches, drains."""

    def __init__(self, host: Host, listener: socket.socket, scratch: Path) -> None:
        self._host = host
        self._listener = listener
        self._scratch = scratch
        self._server: Server = make_server(host.gateway)
        self._serving = asyncio.create_task(self._server.serve(sockets=[listener.dup()]))
        self._child: Child | None = None
        self._channel: Channel | None = None
        self._leader: Leader | None = None
        self._drained = asyncio.Event()

    async def run(self) -> None:
        """Start vLLM and watch it. Never returns; raises Failure when it cannot go on."""
        settings, lifecycle = self._host.settings, self._host.lifecycle
        for line in explain_kaito_keys(settings):
            log.info("%s", line)
        weights = await asyncio.to_thread(resolve_weights, settings, lifecycle)
        adapters = discover(settings.adapters, os.environ)
        plan = await asyncio.to_thread(prepare, adapters, settings.adapters, self._scratch / "adapters")
        lifecycle.enter(Phase.LOADING)
        if settings.ray is not None:
            self._leader = Leader(settings.ray)
            await self._leader.start()
        await self._start(weights, adapters, plan)
        watched = [asyncio.create_task(self._listen_to_child()), asyncio.create_task(self._watch_child())]
        if self._leader is not None:
            watched.append(asyncio.create_task(self._watch_leader(self._leader)))
        try:
            done, _ = await asyncio.wait(watched, return_when=asyncio.FIRST_EXCEPTION)
            for task in done:
                task.result()
        finally:
            for task in watched:
                task.cancel()

    async def drain(self) -> None:
        """Let the accepted requests finish, where there are any."""
        if self._host.lifecycle.phase is not Phase.READY or self._channel is None:
            log.info("stopped while %s", self._host.lifecycle.phase)
            return
        self._host.lifecycle.enter(Phase.DRAINING)
        await self._channel.send(command="drain")
        limit = self._host.settings.server.drain_timeout_seconds + _DRAIN_GRACE_SECONDS
        try:
            await asyncio.wait_for(self._drained.wait(), limit)
        except TimeoutError:
            log.warning("vLLM did not drain within %g s", limit)

    async def end(self) -> None:
        """End every process and close the port."""
        if self._child is not None:
            await self._child.end()
        if self._leader is not None:
            await self._leader.end()
        if self._channel is not None:
            self._channel.close()
        self._server.should_exit = True
        await self._serving
        self._listener.close()

    async def _start(self, weights: Path, adapters: list[Adapter], plan: AdapterPlan) -> None:
        ours, theirs = socket.socketpair()
        boot = Boot(
            settings=self._host.settings,
            listener=self._listener.fileno(),
            control=theirs.fileno(),
            started_at=self._host.lifecycle.started_at,
            weights=str(weights),
            selectable=[adapter.name for adapter in plan.selectable],
            adapters=[AdapterNote(name=adapter.name, strength=adapter.strength) for adapter in adapters],
        )
        boot_file = self._scratch / "front.json"
        boot.write(boot_file)
        logging_file = self._scratch / "logging.json"
        logging_file.write_text(json.dumps(vllm_logging_config(self._host.settings.server.log_format)))
        command = vllm_command(self._host.settings, weights, plan, self._scratch / "vllm.sock")
        log.info("starting %s", " ".join(command))
        environment = _environment(boot_file, logging_file, self._leader)
        self._child = await Child.start(command, environment, (boot.listener, boot.control))
        theirs.close()
        self._channel = await Channel.over(ours)

    async def _listen_to_child(self) -> None:
        assert self._channel is not None
        async for message in self._channel.messages():
            await self._take(message)

    async def _take(self, message: Mapping[str, Any]) -> None:
        lifecycle = self._host.lifecycle
        if message["event"] == "serving":
            # From here on the child answers on the port; it shares our listening socket, so no connection is lost.
            lifecycle.enter(Phase.WARMING)
            self._server.should_exit = True
            await self._serving
            self._listener.close()
        elif message["event"] == "ready":
            lifecycle.enter(Phase.READY)
        elif message["event"] == "drained":
            self._drained.set()
        elif message["event"] == "failed":
            raise Failure(str(message["reason"]))

    async def _watch_child(self) -> None:
        assert self._child is not None
        how = await self._child.wait()
        phase = self._host.lifecycle.phase
        raise Failure(f"vLLM ended while {phase}: {how}; its own log lines are above")

    async def _watch_leader(self, leader: Leader) -> None:
        raise Failure(f"the Ray leader ended: {await leader.wait()}")


def _environment(boot_file: Path, logging_file: Path, leader: Leader | None) -> dict[str, str]:
    """Ours, with what the child needs; a variable that is set already is left alone."""
    environment = dict(os.environ)
    environment[VARIABLE] = str(boot_file)
    defaults = {
        "VLLM_LOGGING_CONFIG_PATH": str(logging_file),
        "VLLM_NO_USAGE_STATS": "1",
        "DO_NOT_TRACK": "1",
        "HF_HUB_OFFLINE": "1",
    }
    if leader is not None:
        defaults["RAY_ADDRESS"] = leader.address
    for name, value in defaults.items():
        environment.setdefault(name, value)
    return environment
