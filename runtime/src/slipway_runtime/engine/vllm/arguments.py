"""The command line of vLLM's server, from documented flags only. Sorted, so that it is the same every time."""

import json
import sys
from pathlib import Path

import psutil
from pydantic import JsonValue

from slipway_runtime.adapters.plan import AdapterPlan
from slipway_runtime.config.problems import ConfigError, Problem
from slipway_runtime.config.serve import ServeSettings

#: The ranks that vLLM's --max-lora-rank takes (vllm/config/lora.py, 0.32.0).
LORA_RANKS = (1, 8, 16, 32, 64, 128, 256, 320, 512)
#: Options that take several words (vllm 0.32.0); a list of any other is one word of JSON.
SEVERAL_WORDS = frozenset(
    {
        "allowed-media-domains",
        "collect-detailed-traces",
        "cpu-offload-params",
        "cudagraph-capture-sizes",
        "ignore-patterns",
        "kv-cache-dtype-skip-layers",
        "logits-processors",
        "lora-target-modules",
        "numa-bind-cpus",
        "numa-bind-nodes",
        "offload-params",
        "sleep-preserve-parameter-names",
    }
)
#: Name of the model itself when a merged adapter answers under the served name.
BASE_SUFFIX = "--base"
_GIB = 1024**3

FRONT = "slipway_runtime.engine.vllm.front.Front"


def vllm_command(settings: ServeSettings, weights: Path, adapters: AdapterPlan, socket_file: Path) -> list[str]:
    """Interpreter, module and flags.

    Raises ConfigError if an adapter's rank is more than vLLM takes.
    """
    flags: dict[str, JsonValue] = {"disable-uvicorn-access-log": True}
    flags |= _defaults(settings)
    flags |= _lora_defaults(adapters)
    flags |= {name.replace("_", "-"): value for name, value in settings.vllm.items()}
    flags |= {
        "model": str(weights),
        "served-model-name": settings.served_name + (BASE_SUFFIX if adapters.merged else ""),
        "uds": str(socket_file),
        "middleware": FRONT,
    }
    command = [sys.executable, "-m", "vllm.entrypoints.openai.api_server"]
    for name in sorted(flags):
        command += _flag(name, flags[name])
    return command + _lora_modules(settings, adapters)


def explain_kaito_keys(settings: ServeSettings) -> list[str]:
    """What becomes of the two keys of KAITO's file, for the log."""
    lines = []
    if settings.max_probe_steps is not None:
        lines.append("max_probe_steps has no effect: vLLM fits the context length itself (max-model-len auto)")
    share = settings.kv_cache_cpu_memory_utilization
    if share is not None:
        size = _defaults(settings).get("kv-offloading-size")
        given = settings.vllm.get("kv-offloading-size", settings.vllm.get("kv_offloading_size"))
        if given is not None:
            lines.append(f"kv_cache_cpu_memory_utilization gives way to vllm.kv-offloading-size {given}")
        elif size is None:
            lines.append("kv_cache_cpu_memory_utilization is 0: keys and values stay on the GPU")
        else:
            lines.append(f"kv_cache_cpu_memory_utilization {share:g} of the free memory: kv-offloading-size {size} GiB")
    return lines


def _defaults(settings: ServeSettings) -> dict[str, JsonValue]:
    runtime = settings.runtime
    flags: dict[str, JsonValue] = {"dtype": runtime.dtype, "max-model-len": runtime.max_context}
    if runtime.trust_remote_code:
        flags["trust-remote-code"] = True
    if runtime.chat_template is not None:
        flags["chat-template"] = runtime.chat_template
    if settings.server.max_concurrency is not None:
        flags["max-num-seqs"] = settings.server.max_concurrency
    if settings.ray is not None:
        flags["distributed-executor-backend"] = "ray"
        flags["pipeline-parallel-size"] = settings.ray.cluster_size
    share = settings.kv_cache_cpu_memory_utilization
    if share:
        flags["kv-offloading-size"] = round(psutil.virtual_memory().available * share / _GIB, 1)
    return flags


def _lora_defaults(adapters: AdapterPlan) -> dict[str, JsonValue]:
    if not adapters.all:
        return {}
    rank = max(adapter.rank for adapter in adapters.all)
    fitting = [allowed for allowed in LORA_RANKS if allowed >= rank]
    if not fitting:
        names = ", ".join(adapter.name for adapter in adapters.all if adapter.rank == rank)
        message = f"rank {rank} is more than vLLM takes ({LORA_RANKS[-1]}); use adapters.combination svd"
        raise ConfigError([Problem(f'adapter "{names}"', "", message)])
    # As many at once as there are, so that requests for different adapters do not wait for each other.
    return {"enable-lora": True, "max-lora-rank": fitting[0], "max-loras": len(adapters.all)}


def _lora_modules(settings: ServeSettings, adapters: AdapterPlan) -> list[str]:
    modules = [(adapter.name, adapter.folder) for adapter in adapters.selectable]
    if adapters.merged is not None:
        modules.insert(0, (settings.served_name, adapters.merged.folder))
    if not modules:
        return []
    return ["--lora-modules", *(json.dumps({"name": name, "path": str(folder)}) for name, folder in modules)]


def _flag(name: str, value: JsonValue) -> list[str]:
    """One flag: a boolean is a bare flag, false its negation, a list the words or the JSON that vLLM takes."""
    if value is True:
        return [f"--{name}"]
    if value is False:
        return [f"--no-{name}"]
    if value is None:
        return []
    if isinstance(value, list) and name in SEVERAL_WORDS:
        return [f"--{name}", *(str(each) for each in value)]
    return [f"--{name}", json.dumps(value) if isinstance(value, dict | list) else str(value)]
