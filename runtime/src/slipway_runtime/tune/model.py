"""Base model and tokenizer, as the configuration asks for them."""

from pathlib import Path
from typing import Any

import torch
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    BitsAndBytesConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from .config import ModelConfig, TrainingConfig
from .outcome import EXIT_CONFIG, TuneError


def load_tokenizer(config: ModelConfig) -> PreTrainedTokenizerBase:
    """The tokenizer, with a padding token and the configured chat template.

    Raises TuneError (exit code 2) when it cannot be loaded.
    """
    try:
        tokenizer = AutoTokenizer.from_pretrained(config.pretrained_model_name_or_path, **_source(config))
    except (OSError, ValueError) as error:
        raise TuneError(f"tokenizer of {config.pretrained_model_name_or_path}: {error}", EXIT_CONFIG) from error
    if config.chat_template is not None:
        tokenizer.chat_template = _template(config.chat_template)
    if tokenizer.pad_token is None:
        # Padding is masked out of the loss, so any token will do that the model knows.
        tokenizer.pad_token = tokenizer.unk_token or tokenizer.eos_token
    return tokenizer


def load_model(config: TrainingConfig, device: torch.device) -> PreTrainedModel:
    """The base model on ``device``, quantized for QLoRA.

    Raises TuneError (exit code 2) when it cannot be loaded.
    """
    options: dict[str, Any] = {**_source(config.model), "dtype": _dtype(config.model.torch_dtype)}
    if config.model.attn_implementation is not None:
        options["attn_implementation"] = config.model.attn_implementation
    if config.quantized:
        given = config.quantization.given()
        given.pop("quant_method", None)
        if "bnb_4bit_compute_dtype" in given:
            given["bnb_4bit_compute_dtype"] = getattr(torch, given["bnb_4bit_compute_dtype"])
        options["quantization_config"] = BitsAndBytesConfig(**given)
    try:
        # Each process has the whole model on its own GPU; spreading it over GPUs would contradict the ranks.
        model = AutoModelForCausalLM.from_pretrained(
            config.model.pretrained_model_name_or_path, device_map={"": device}, **options
        )
    except (OSError, ValueError, ImportError) as error:
        raise TuneError(f"model {config.model.pretrained_model_name_or_path}: {error}", EXIT_CONFIG) from error
    model.config.use_cache = False
    return model


def _source(config: ModelConfig) -> dict[str, Any]:
    options: dict[str, Any] = {
        "revision": config.revision,
        "local_files_only": config.local_files_only or Path(config.pretrained_model_name_or_path).is_absolute(),
        "trust_remote_code": config.trust_remote_code,
        "force_download": config.force_download,
    }
    if config.cache_dir is not None:
        options["cache_dir"] = config.cache_dir
    return options


def _dtype(name: str) -> Any:
    return "auto" if name == "auto" else getattr(torch, name)


def _template(text: str) -> str:
    """A template given as text has a brace or a line break in it, a file name has neither."""
    if "{" in text or "\n" in text:
        return text
    try:
        return Path(text).read_text(encoding="utf-8")
    except OSError as error:
        raise TuneError(f"training_config.ModelConfig.chat_template: {text}: {error.strerror}", EXIT_CONFIG) from error
