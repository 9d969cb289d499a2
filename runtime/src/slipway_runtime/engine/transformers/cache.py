"""Keys and values of a batch whose rows come and go. Rows are aligned at the right, padded at the left."""

import torch
import torch.nn.functional as functional
from transformers import DynamicCache


def pad_left(cache: DynamicCache, columns: int) -> None:
    """Put ``columns`` empty positions in front of every row."""
    if columns == 0:
        return
    for layer in cache.layers:
        layer.keys = functional.pad(layer.keys, (0, 0, columns, 0))
        layer.values = functional.pad(layer.values, (0, 0, columns, 0))


def join(first: DynamicCache, second: DynamicCache) -> None:
    """Append the rows of ``second`` to ``first``; both must have the same length."""
    for one, other in zip(first.layers, second.layers, strict=True):
        one.keys = torch.cat([one.keys, other.keys])
        one.values = torch.cat([one.values, other.values])


def keep(cache: DynamicCache, rows: torch.Tensor, first_column: int) -> None:
    """Keep some rows, without the columns in front of ``first_column``, which are padding in all of them."""
    for layer in cache.layers:
        layer.keys = layer.keys[rows, :, first_column:].contiguous()
        layer.values = layer.values[rows, :, first_column:].contiguous()
