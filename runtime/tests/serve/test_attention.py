"""What the CPU computes differently from the library, and the cache that grows in place: the results are the same."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM, DynamicCache
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import causal_mask_function, sdpa_mask, sliding_window_causal_mask_function

from slipway_runtime.engine.transformers import cache as kv
from slipway_runtime.engine.transformers.attention import attend, mask, use_cpu_attention

PADDED = torch.tensor([[0, 0, 1, 1, 1], [1, 1, 1, 1, 1]], dtype=torch.bool)


def step(**changes: Any) -> dict[str, Any]:
    """What the library asks for when every row has one new token."""
    return {
        "batch_size": 2,
        "q_length": 1,
        "kv_length": 5,
        "q_offset": 4,
        "kv_offset": 0,
        "mask_function": causal_mask_function,
        "attention_mask": PADDED,
        "dtype": torch.float32,
        "device": "cpu",
        **changes,
    }


def test_the_mask_of_a_step_is_the_librarys_as_something_to_add() -> None:
    made = mask(**step())
    expected = sdpa_mask(**step())
    assert made is not None
    assert made.shape == expected.shape == (2, 1, 1, 5)
    assert torch.equal(made == 0, expected)


@pytest.mark.parametrize(
    "changes",
    [
        {"mask_function": sliding_window_causal_mask_function(2)},
        {"q_length": 5, "q_offset": 0},
        {"attention_mask": None},
    ],
)
def test_any_other_mask_is_the_librarys(changes: dict[str, Any]) -> None:
    made, expected = mask(**step(**changes)), sdpa_mask(**step(**changes))
    assert (made is None) == (expected is None)
    assert made is None or torch.equal(made, expected)


@pytest.mark.parametrize("key_heads", [1, 2, 4])
@pytest.mark.parametrize("with_mask", [True, False])
def test_heads_that_share_keys_see_the_same(key_heads: int, with_mask: bool) -> None:
    torch.manual_seed(0)
    query = torch.randn(2, 4, 1, 64)
    keys, values = torch.randn(2, key_heads, 5, 64), torch.randn(2, key_heads, 5, 64)
    module: Any = SimpleNamespace(num_key_value_groups=4 // key_heads, is_causal=True)
    seen = mask(**step()) if with_mask else None
    ours, _ = attend(module, query, keys, values, seen, scaling=0.125)
    theirs, _ = sdpa_attention_forward(module, query, keys, values, seen, scaling=0.125)
    assert torch.allclose(ours, theirs, atol=1e-6)


def test_a_model_with_its_own_attention_keeps_it(tiny_llama: Path) -> None:
    model = AutoModelForCausalLM.from_pretrained(tiny_llama, attn_implementation="eager")
    use_cpu_attention(model)
    assert model.config._attn_implementation == "eager"
    usual = AutoModelForCausalLM.from_pretrained(tiny_llama)
    use_cpu_attention(usual)
    assert usual.config._attn_implementation == "slipway_cpu"


def test_a_cache_that_grows_in_place_holds_what_the_librarys_holds() -> None:
    torch.manual_seed(0)
    ours, theirs = kv.empty_cache(), DynamicCache()

    def grow(rows: int, tokens: int) -> None:
        for layer in range(2):
            new = torch.randn(rows, 2, tokens, 8), torch.randn(rows, 2, tokens, 4)
            for one, other in zip(ours.update(*new, layer), theirs.update(*new, layer), strict=True):
                assert torch.equal(one, other)

    grow(3, 7)
    for _ in range(2 * kv.ROOM_TOKENS + 3):
        grow(3, 1)
    rows = torch.tensor([0, 2])
    kv.keep(ours, rows, 2)
    for layer in theirs.layers:
        layer.keys, layer.values = layer.keys[rows, :, 2:], layer.values[rows, :, 2:]
    grow(2, 1)
    assert ours.get_seq_length() == theirs.get_seq_length() == 7 + 2 * kv.ROOM_TOKENS + 3 - 2 + 1
    kv.pad_left(ours, 3)
    assert ours.layers[0].keys.shape == (2, 2, theirs.get_seq_length() + 3, 8)
    assert not ours.layers[0].keys[:, :, :3].any()
