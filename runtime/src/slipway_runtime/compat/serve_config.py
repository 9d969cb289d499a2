"""KAITO's two inference command lines as configurations of ``serve``."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from .argv import Arguments

DEFAULT_MODEL = "/workspace/weights"
DEFAULT_ADAPTERS = "/mnt/adapter"

Config = dict[str, dict[str, Any]]

# KAITO's flag -> section and key of the configuration of `serve`; the same for both backends.
_COMMON = {
    "served-model-name": ("runtime", "served_model_name"),
    "revision": ("runtime", "revision"),
    "trust-remote-code": ("runtime", "trust_remote_code"),
    "chat-template": ("runtime", "chat_template"),
    "port": ("server", "port"),
    "host": ("server", "host"),
}
_VLLM = {
    **_COMMON,
    "model": ("runtime", "model"),
    "dtype": ("runtime", "dtype"),
    "max-model-len": ("runtime", "max_context"),
    "download-dir": ("weights", "dir"),
    "kaito-adapters-dir": ("adapters", "dir"),
}
_TRANSFORMERS = {
    **_COMMON,
    "pretrained-model-name-or-path": ("runtime", "model"),
    "torch-dtype": ("runtime", "dtype"),
    "device-map": ("runtime", "device_map"),
    "cache-dir": ("weights", "dir"),
    "combination-type": ("adapters", "combination"),
}
# Flags whose meaning is the way this runtime always works.
_NEEDLESS_VLLM = {"enable-lora", "kaito-max-probe-steps"}
_NEEDLESS_TRANSFORMERS = {"allow-remote-files", "force-download", "output-loading-info"}
_UNLIMITED_QUEUE = 1_000_000


def vllm_config(arguments: Arguments) -> Config:
    """Configuration for ``/workspace/vllm/inference_api.py``.

    The file of ``--kaito-config-file`` is merged in and wins over the command line, as in KAITO. Every flag that
    is not KAITO's own goes to vLLM. Raises OSError when that file cannot be read.
    """
    config: Config = {"runtime": {"backend": "vllm", "model": DEFAULT_MODEL}}
    vllm: dict[str, Any] = {}
    left = _take(arguments, _VLLM, config)
    if left.pop("kaito-disable-rate-limit", False):
        _put(config, ("server", "max_queue"), _UNLIMITED_QUEUE)
    top: dict[str, Any] = {}
    share = left.pop("kaito-kv-cache-cpu-memory-utilization", None)
    if share is not None:
        top["kv_cache_cpu_memory_utilization"] = share
    file = left.pop("kaito-config-file", None)
    vllm |= {key: value for key, value in left.items() if key not in _NEEDLESS_VLLM}
    if file:
        given = yaml.safe_load(Path(str(file)).read_text(encoding="utf-8")) or {}
        for key, value in (given.pop("vllm", None) or {}).items():
            name = str(key).replace("_", "-")
            if name in _VLLM:
                _put(config, _VLLM[name], value)
            else:
                vllm[name] = value
        top |= given
    if vllm:
        config["vllm"] = vllm
    return {**config, **top}


def transformers_config(arguments: Arguments, environ: Mapping[str, str] = os.environ) -> Config:
    """Configuration for ``/workspace/tfs/inference_api.py``: all adapters merged, as in KAITO.

    The strength of an adapter is the environment variable of its name. Raises ValueError for flags that are
    unknown (KAITO takes a misspelt one silently), pipelines that are none, strengths that are no numbers.
    """
    config: Config = {"runtime": {"backend": "transformers", "model": DEFAULT_MODEL}}
    left = _take(arguments, _TRANSFORMERS, config)
    pipeline = left.pop("pipeline", "text-generation")
    if pipeline not in ("text-generation", "conversational"):
        raise ValueError(f"--pipeline {pipeline!r}: allowed are text-generation and conversational")
    unknown = sorted(set(left) - _NEEDLESS_TRANSFORMERS)
    if unknown:
        raise ValueError(f"unknown: {', '.join(f'--{name}' for name in unknown)}")
    adapters = _adapters(Path(DEFAULT_ADAPTERS), environ)
    if adapters:
        config.setdefault("adapters", {}).update(mode="merged", items=adapters)
    return config


def _adapters(folder: Path, environ: Mapping[str, str]) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for path in sorted(folder.glob("*/adapter_config.json")):
        name = path.parent.name
        text = environ.get(name, "1.0")
        try:
            found.append({"name": name, "strength": float(text)})
        except ValueError as error:
            raise ValueError(f"environment variable {name}: {text!r} is no adapter strength") from error
    return found


def _take(arguments: Arguments, known: Mapping[str, tuple[str, str]], config: Config) -> dict[str, Any]:
    """Put the known flags in their places and give back the others."""
    left: dict[str, Any] = {}
    for key, value in arguments.items():
        if key in known:
            _put(config, known[key], value)
        else:
            left[key] = value
    return left


def _put(config: Config, place: tuple[str, str], value: object) -> None:
    section, key = place
    config.setdefault(section, {})[key] = value


def with_template_file(config: Config, write: Callable[[str], str]) -> Config:
    """KAITO also takes the template itself in the flag; ``serve`` takes a file, which ``write`` makes."""
    template = str(config["runtime"].get("chat_template") or "")
    if "{" in template or "\n" in template:
        config["runtime"]["chat_template"] = write(template)
    return config
