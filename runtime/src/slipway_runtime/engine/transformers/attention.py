"""Attention on the CPU for rows of different lengths that have one new token each.

The library's own functions repeat keys that several heads share, and build the mask of a prompt, for every token: with
sixteen rows that takes longer than the rest of the model. torch's kernel for the CPU takes shared keys as they are; the
ones for GPUs do not, if there is a mask too, so there the library's way stays.
"""

from typing import Any

import torch
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface, AttentionMaskInterface, PreTrainedModel
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import causal_mask_function, sdpa_mask

_NAME = "slipway_cpu"


def use_cpu_attention(model: PreTrainedModel) -> None:
    """Have the model use it, if it runs on the CPU and takes torch's attention from the library's registry."""
    if model.device.type != "cpu" or model.config._attn_implementation != "sdpa":
        return
    if not model._can_set_attn_implementation():
        return
    AttentionInterface.register(_NAME, attend)
    AttentionMaskInterface.register(_NAME, mask)
    model.set_attn_implementation(_NAME)


def attend(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    *,
    scaling: float | None = None,
    **options: Any,
) -> tuple[torch.Tensor, None]:
    """The library's function, but without a copy of the keys for every head that shares them."""
    is_shared = query.shape[1] != key.shape[1]
    if not is_shared or attention_mask is None or options.get("position_bias") is not None:
        result: tuple[torch.Tensor, None] = sdpa_attention_forward(
            module, query, key, value, attention_mask, scaling=scaling, **options
        )
        return result
    heads = scaled_dot_product_attention(query, key, value, attn_mask=attention_mask, scale=scaling, enable_gqa=True)
    return heads.transpose(1, 2).contiguous(), None


def mask(
    *,
    q_length: int,
    kv_length: int,
    q_offset: int,
    kv_offset: int,
    mask_function: Any,
    attention_mask: torch.Tensor | None,
    dtype: torch.dtype,
    **options: Any,
) -> torch.Tensor | None:
    """The library's mask; for one new token in every row, just where the padding is."""
    is_step = q_length == 1 and kv_offset == 0 and q_offset == kv_length - 1 and mask_function is causal_mask_function
    if is_step and attention_mask is not None and attention_mask.shape[-1] == kv_length:
        additive = torch.zeros(attention_mask.shape, dtype=dtype, device=attention_mask.device)
        return additive.masked_fill_(~attention_mask, -torch.inf)[:, None, None, :]
    whole: torch.Tensor | None = sdpa_mask(
        q_length=q_length,
        kv_length=kv_length,
        q_offset=q_offset,
        kv_offset=kv_offset,
        mask_function=mask_function,
        attention_mask=attention_mask,
        dtype=dtype,
        **options,
    )
    return whole
