"""The low-rank factors of an adapter."""

import math
import re
from dataclasses import dataclass

import torch
from safetensors.torch import load_file

from slipway_runtime.config.problems import ConfigError, Problem

from .discover import WEIGHTS_FILE, Adapter

_KEY = re.compile(r"^(?P<module>.+)\.lora_(?P<side>[AB])\.weight$")


@dataclass
class Factors:
    """``down`` is (rank, inputs), ``up`` is (outputs, rank); the change of the weight is ``scale * up @ down``."""

    down: torch.Tensor
    up: torch.Tensor
    scale: float = 1.0

    @property
    def rank(self) -> int:
        return self.down.shape[0]


def read_factors(adapter: Adapter) -> dict[str, Factors]:
    """Module -> factors in 32-bit floats; their scale is strength times LoRA scaling.

    Raises ConfigError if the adapter changes the model in ways that have no strength (DoRA, biases, whole modules).
    """
    config = adapter.config
    problems = []
    if config.get("use_dora"):
        problems.append("uses DoRA")
    if config.get("bias", "none") != "none":
        problems.append(f'has biases (bias: "{config["bias"]}")')
    if config.get("modules_to_save"):
        problems.append(f"replaces whole modules ({', '.join(config['modules_to_save'])})")
    tensors = load_file(adapter.folder / WEIGHTS_FILE)
    found: dict[str, dict[str, torch.Tensor]] = {}
    for key, tensor in tensors.items():
        match = _KEY.match(key)
        if match is None:
            problems.append(f'has the weight "{key}", which is no pair of low-rank factors')
        else:
            found.setdefault(match["module"], {})[match["side"]] = tensor.float()
    problems += [f"{module} has only one of its two factors" for module, pair in found.items() if len(pair) != 2]
    if problems:
        raise ConfigError(
            [
                Problem(
                    f'adapter "{adapter.name}"',
                    str(adapter.folder),
                    f"{problem}; such an adapter can be used alone at strength 1 with adapters.mode per-request only",
                )
                for problem in problems
            ]
        )
    return {
        module: Factors(pair["A"], pair["B"], adapter.strength * _scaling(adapter, module, pair["A"].shape[0]))
        for module, pair in sorted(found.items())
    }


def _scaling(adapter: Adapter, module: str, rank: int) -> float:
    config = adapter.config
    alpha = float(config.get("lora_alpha", 8))
    for pattern, value in (config.get("alpha_pattern") or {}).items():
        if re.match(rf"(.*\.)?({pattern})$", module):
            alpha = float(value)
            break
    return alpha / (math.sqrt(rank) if config.get("use_rslora") else rank)
