"""Adapters with other strengths, written in peft's format. Importing this module takes seconds."""

import json
from collections.abc import Sequence
from pathlib import Path

from safetensors.torch import save_file

from slipway_runtime.config.serve import Combination

from .combine import combine
from .discover import CONFIG_FILE, WEIGHTS_FILE, Adapter
from .factors import Factors, read_factors


def write_combined(adapters: Sequence[Adapter], how: Combination, folder: Path) -> int:
    """Write the adapters as one, with their strengths in the weights, and return its rank.

    Raises ConfigError if a strength or the combination is impossible.
    """
    return _write(combine([read_factors(adapter) for adapter in adapters], how), adapters[0], folder)


def _write(factors: dict[str, Factors], like: Adapter, folder: Path) -> int:
    """Write an adapter whose scaling is 1, and return its rank."""
    rank = next(iter(factors.values())).rank
    folder.mkdir(parents=True)
    tensors = {}
    for module, pair in factors.items():
        tensors[f"{module}.lora_A.weight"] = pair.down.contiguous()
        tensors[f"{module}.lora_B.weight"] = pair.up.contiguous()
    save_file(tensors, folder / WEIGHTS_FILE, metadata={"format": "pt"})
    config = {
        "peft_type": "LORA",
        "task_type": like.config.get("task_type", "CAUSAL_LM"),
        "base_model_name_or_path": like.config.get("base_model_name_or_path"),
        "r": rank,
        "lora_alpha": rank,
        "lora_dropout": 0.0,
        "bias": "none",
        "inference_mode": True,
        "target_modules": sorted({module.rsplit(".", 1)[-1] for module in factors}),
    }
    (folder / CONFIG_FILE).write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return rank
