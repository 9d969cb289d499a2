"""Which layers LoRA is put on."""

import logging
from collections.abc import Mapping

import torch
from transformers import PreTrainedModel

from .library_sections import LoraConfig
from .outcome import EXIT_CONFIG, TuneError

log = logging.getLogger(__name__)

ENVIRONMENT = "DEFAULT_TARGET_MODULES"
"""Comma-separated names that KAITO sets for some presets."""


def target_modules(config: LoraConfig, model: PreTrainedModel, environ: Mapping[str, str]) -> str | list[str]:
    """The configured layers, else those of the environment when the model has all of them, else all linear ones.

    KAITO sets separate names of query, key and value for every Phi-3, whose class has them in one layer: with
    that list most of the attention would silently stay untuned. Raises TuneError (exit code 2) for configured
    names that the model does not have.
    """
    if config.target_parameters is not None and config.target_modules is None:
        return []
    available = linear_layers(model)
    every = sorted({name.rsplit(".", 1)[-1] for name in available})
    if config.target_modules is not None:
        chosen = config.target_modules
        # A single text is a pattern or peft's own word; peft reports a pattern without a match itself.
        missing = [] if isinstance(chosen, str) else [name for name in chosen if not _matches(name, available)]
        if missing:
            raise TuneError(
                f"training_config.LoraConfig.target_modules: the model has no layer {', '.join(missing)};"
                f" it has {', '.join(every)}; leave the key out to tune all of them",
                EXIT_CONFIG,
            )
        return chosen
    wanted = [name.strip() for name in environ.get(ENVIRONMENT, "").split(",") if name.strip()]
    if not wanted:
        return every
    absent = [name for name in wanted if not _matches(name, available)]
    if absent:
        log.warning("%s names %s, which the model does not have; tuning all linear layers", ENVIRONMENT, absent)
        return every
    return wanted


def linear_layers(model: PreTrainedModel) -> list[str]:
    """Names of all linear layers but the output head; quantized ones are subclasses."""
    head = model.get_output_embeddings()
    return [
        name for name, module in model.named_modules() if isinstance(module, torch.nn.Linear) and module is not head
    ]


def _matches(name: str, available: list[str]) -> bool:
    return any(layer == name or layer.endswith(f".{name}") for layer in available)
