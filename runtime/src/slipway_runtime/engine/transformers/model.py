"""The model in memory: loading it, and running it for rows with different adapters."""

import inspect
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, DynamicCache, GenerationConfig

from slipway_runtime.adapters.plan import AdapterPlan
from slipway_runtime.config.serve import RuntimeSection

from ..base import EngineError
from .attention import use_cpu_attention


class LoadedModel:
    """A causal language model, with its adapters."""

    def __init__(self, folder: Path, settings: RuntimeSection, adapters: AdapterPlan, served_name: str) -> None:
        dtype: Any = "auto" if settings.dtype == "auto" else getattr(torch, settings.dtype)
        # Without a GPU accelerate's placement only costs time.
        device_map = settings.device_map if torch.cuda.is_available() else None
        base = AutoModelForCausalLM.from_pretrained(
            folder,
            dtype=dtype,
            device_map=device_map,
            trust_remote_code=settings.trust_remote_code,
            local_files_only=True,
        )
        base.eval()
        use_cpu_attention(base)
        if getattr(base, "_is_stateful", False):
            raise EngineError(
                f"{type(base).__name__} keeps a state beside keys and values, which this backend cannot share between "
                "requests; serve it with runtime.backend vllm"
            )
        self.config = base.config.get_text_config()
        self.generation: GenerationConfig = base.generation_config
        self.device: torch.device = base.get_input_embeddings().weight.device
        # torch's names of modules have no dots, model ids may have: peft gets names of ours.
        internal = {adapter.name: f"adapter{index}" for index, adapter in enumerate(adapters.all)}
        self._adapter_of: dict[str, str | None] = {
            adapter.name: internal[adapter.name] for adapter in adapters.selectable
        }
        self._adapter_of[served_name] = internal[adapters.merged.name] if adapters.merged else None
        self._peft = _with_adapters(base, [(internal[adapter.name], adapter.folder) for adapter in adapters.all])
        self._model: Any = self._peft or base
        self._active: str | None = None
        if self._peft is not None:
            self._peft.base_model.disable_adapter_layers()
        # Only the last position's logits are needed; a prompt's would fill the memory.
        takes = inspect.signature(base.forward).parameters
        self._extra = {"logits_to_keep": 1} if "logits_to_keep" in takes else {}

    @property
    def max_context(self) -> int | None:
        """The model's own limit in tokens, if its configuration has one."""
        limit = getattr(self.config, "max_position_embeddings", None)
        return int(limit) if limit else None

    @torch.inference_mode()
    def forward(
        self,
        ids: torch.Tensor,
        mask: torch.Tensor,
        positions: torch.Tensor,
        cache: DynamicCache,
        models: Sequence[str],
    ) -> torch.Tensor:
        """Logits of the last position, for rows that each use their own model id."""
        arguments: dict[str, Any] = {
            "input_ids": ids,
            "attention_mask": mask,
            "position_ids": positions,
            "past_key_values": cache,
            "use_cache": True,
            **self._extra,
        }
        if self._peft is not None:
            wanted = {self._adapter_of[model] for model in models}
            if len(wanted) > 1:
                self._enable()
                arguments["adapter_names"] = [self._adapter_of[model] or "__base__" for model in models]
            else:
                self._select(wanted.pop())
        logits: torch.Tensor = self._model(**arguments).logits[:, -1]
        return logits

    def _enable(self) -> None:
        assert self._peft is not None
        if self._active is None:
            self._peft.base_model.enable_adapter_layers()
            self._active = self._peft.active_adapter

    def _select(self, adapter: str | None) -> None:
        assert self._peft is not None
        if adapter == self._active:
            return
        if adapter is None:
            self._peft.base_model.disable_adapter_layers()
        else:
            self._enable()
            self._peft.set_adapter(adapter, inference_mode=True)
        self._active = adapter


def _with_adapters(base: Any, adapters: list[tuple[str, Path]]) -> PeftModel | None:
    if not adapters:
        return None
    (first, folder), *others = adapters
    model = PeftModel.from_pretrained(base, folder, adapter_name=first)
    for name, folder in others:
        model.load_adapter(folder, adapter_name=name)
    model.eval()
    return model
