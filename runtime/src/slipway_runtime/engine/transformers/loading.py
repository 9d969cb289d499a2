"""From the settings to a model that answers. Importing this module takes seconds."""

import asyncio
import logging
import time
from pathlib import Path
from typing import Any

from slipway_runtime.adapters.discover import Adapter
from slipway_runtime.adapters.plan import prepare
from slipway_runtime.config.serve import ServeSettings
from slipway_runtime.http.context import ServingContext
from slipway_runtime.http.host import Host
from slipway_runtime.http.routes import transformers_app
from slipway_runtime.lifecycle import Phase

from ..base import EngineError
from ..prompting import Prompter
from ..warmup import catalogue, warm_up
from .engine import TransformersEngine
from .model import LoadedModel

log = logging.getLogger(__name__)

#: Context of a model whose configuration names none.
FALLBACK_CONTEXT = 2048
#: Fields of generation_config.json that requests start from, the same that vLLM takes.
_DEFAULTS = ("temperature", "top_k", "top_p", "min_p", "repetition_penalty")


async def load_model(host: Host, folder: Path, adapters: list[Adapter], scratch: Path) -> TransformersEngine:
    """Adapters, tokenizer, model, warm-up; the gateway answers requests afterwards.

    Raises ConfigError or EngineError that say what to do.
    """
    settings, lifecycle = host.settings, host.lifecycle
    plan = await asyncio.to_thread(prepare, adapters, settings.adapters, scratch)
    for adapter in adapters:
        host.metrics.adapter_info.labels(adapter.name, f"{adapter.strength:g}", settings.adapters.mode).set(1)
    template = Path(settings.runtime.chat_template) if settings.runtime.chat_template else None
    prompter = await asyncio.to_thread(Prompter, folder, template, settings.runtime.trust_remote_code)
    model = await asyncio.to_thread(LoadedModel, folder, settings.runtime, plan, settings.served_name)
    ids = catalogue(settings.served_names, [adapter.name for adapter in plan.selectable], _context(settings, model))
    prompter.max_context = ids.max_context
    engine = TransformersEngine(model, prompter, host.concurrency, host.metrics)
    host.metrics.show_load(settings.served_name, engine.load)
    context = ServingContext("transformers", ids, engine, prompter, _defaults(model), int(time.time()))
    host.gateway.backend = transformers_app(context)
    lifecycle.enter(Phase.WARMING)
    if settings.warmup.enabled:
        await warm_up(context, settings.warmup.prompt)
    lifecycle.enter(Phase.READY)
    log.info("ready: %s, context %d tokens", ", ".join(ids.names()), ids.max_context)
    return engine


def _context(settings: ServeSettings, model: LoadedModel) -> int:
    asked = settings.runtime.max_context
    own = model.max_context
    if asked == "auto":
        return own or FALLBACK_CONTEXT
    if own is not None and asked > own:
        raise EngineError(f"runtime.max_context is {asked}, but the model's limit is {own} tokens")
    return asked


def _defaults(model: LoadedModel) -> dict[str, float]:
    values: dict[str, Any] = {name: getattr(model.generation, name, None) for name in _DEFAULTS}
    return {name: value for name, value in values.items() if value is not None}
