"""Our routes inside vLLM's server. vLLM loads :class:`Front` by its ``--middleware`` option."""

import asyncio
import json
import logging
import os
import signal
import socket
import time
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from transformers import GenerationConfig

from slipway_runtime.http.context import ServingContext
from slipway_runtime.http.drain import drain
from slipway_runtime.http.host import Host, build_host
from slipway_runtime.http.routes import around_vllm
from slipway_runtime.http.server import Server, make_server
from slipway_runtime.lifecycle import Lifecycle, Phase
from slipway_runtime.observe.logs import set_up_logging

from ..base import EngineError, RequestError
from ..prompting import Prompter
from ..warmup import catalogue, warm_up
from .boot import Boot, read_boot
from .channel import Channel
from .engine import VllmEngine
from .inner import InnerApp
from .inspection import Inspection, described_fields
from .refusals import OpenAIErrors

log = logging.getLogger(__name__)

_DEFAULTS = ("temperature", "top_k", "top_p", "min_p", "repetition_penalty")


class Front:
    """The outermost middleware: it opens the inherited port when vLLM is ready, and answers there."""

    def __init__(self, app: ASGIApp) -> None:
        self._vllm = app
        self._boot: Boot = read_boot()
        set_up_logging(self._boot.settings.server.log_format)
        self._lifecycle = Lifecycle(phase=Phase.LOADING, started_at=self._boot.started_at)
        self._host: Host = build_host(self._boot.settings, "vllm", self._lifecycle)
        self._server: Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve requests; begin when the application has started, and end with it."""
        if scope["type"] != "lifespan":
            await self._host.gateway(scope, receive, send)
            return

        async def noticing(message: Message) -> None:
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                task = asyncio.ensure_future(self._serve(scope))
                self._tasks.add(task)

        await self._vllm(scope, receive, noticing)
        if self._server is not None:
            self._server.should_exit = True

    async def _serve(self, scope: Scope) -> None:
        channel = await Channel.over(socket.socket(fileno=self._boot.control))
        try:
            listening = await self._listen(scope)
            await channel.send(event="serving")
            await self._open(scope)
            await channel.send(event="ready")
        except (EngineError, RequestError, OSError, ValueError) as error:
            log.exception("the model does not answer")
            await channel.send(event="failed", reason=f"the model does not answer: {error}")
            return
        async for message in channel.messages():
            if message["command"] == "drain":
                await channel.send(event="drained", complete=await drain(self._host))
                self._host.tracing.close()
        # The supervisor has gone: nobody would end this process.
        os.kill(os.getpid(), signal.SIGTERM)
        await listening

    async def _listen(self, scope: Scope) -> "asyncio.Task[None]":
        """Accept connections on the supervisor's socket, through vLLM's whole application."""
        listener = socket.socket(fileno=self._boot.listener)
        listener.setblocking(False)
        self._lifecycle.enter(Phase.WARMING)
        self._server = make_server(scope["app"])
        task = asyncio.ensure_future(self._server.serve(sockets=[listener]))
        # uvicorn only has a flag for this, no event.
        while not self._server.started and not task.done():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        return task

    async def _open(self, scope: Scope) -> None:
        settings = self._boot.settings
        inner = InnerApp(self._vllm, scope)
        self._host.operations.more_metrics = lambda: _metrics(inner)
        for adapter in self._boot.adapters:
            self._host.metrics.adapter_info.labels(adapter.name, f"{adapter.strength:g}", settings.adapters.mode).set(1)
        folder = Path(self._boot.weights)
        template = Path(settings.runtime.chat_template) if settings.runtime.chat_template else None
        prompter = await asyncio.to_thread(Prompter, folder, template, settings.runtime.trust_remote_code)
        ids = catalogue(settings.served_names, self._boot.selectable, await _context_length(inner))
        prompter.max_context = ids.max_context
        engine = VllmEngine(inner)
        context = ServingContext("vllm", ids, engine, prompter, _defaults(folder), int(time.time()))
        self._host.gateway.backend = around_vllm(context, OpenAIErrors(self._vllm))
        self._host.gateway.inspect = Inspection(ids, await _fields(inner), self._host.concurrency)
        if settings.warmup.enabled:
            await warm_up(context, settings.warmup.prompt)
        self._lifecycle.enter(Phase.READY)
        log.info("ready: %s, context %d tokens", ", ".join(ids.names()), ids.max_context)


async def _metrics(inner: InnerApp) -> bytes:
    _, text = await inner.call("GET", "/metrics/")
    return text


async def _fields(inner: InnerApp) -> dict[str, frozenset[str]]:
    status, body = await inner.call("GET", "/openapi.json")
    # Not there with vLLM's option disable-fastapi-docs: then unknown fields are ignored, as vLLM does.
    return described_fields(json.loads(body)) if status == 200 else {}


async def _context_length(inner: InnerApp) -> int:
    status, body = await inner.call("GET", "/v1/models")
    if status != 200:
        raise EngineError(f"vLLM's /v1/models answers {status}")
    cards: list[dict[str, Any]] = json.loads(body)["data"]
    return int(cards[0]["max_model_len"])


def _defaults(folder: Path) -> dict[str, float]:
    try:
        generation = GenerationConfig.from_pretrained(folder)
    except OSError:
        return {}
    values: dict[str, Any] = {name: getattr(generation, name, None) for name in _DEFAULTS}
    return {name: value for name, value in values.items() if value is not None}
