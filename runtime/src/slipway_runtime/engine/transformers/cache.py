"""Keys and values of a batch whose rows come and go. Rows are aligned at the right, padded at the left."""

import torch
import torch.nn.functional as functional
from transformers import DynamicCache
from transformers.cache_utils import DynamicLayer

#: Positions that a layer has room for beyond those it needs: so often it is copied as a whole. The library's own layer
#: is copied with every token, which in a batch costs as much as the attention itself.
ROOM_TOKENS = 64


class GrowingLayer(DynamicLayer):  # type: ignore[misc]
    """A layer that puts new tokens behind the old ones in place; ``keys`` and ``values`` are views of what is used."""

    keys: torch.Tensor
    values: torch.Tensor

    def __init__(self) -> None:
        super().__init__()
        self._room: tuple[torch.Tensor, torch.Tensor] | None = None

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *args: object, **kwargs: object
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Append the keys and values of new tokens and return all of them."""
        start = self.get_seq_length()
        end = start + key_states.shape[-2]
        if self._room is None or self._room[0].shape[-2] < end:
            self._room = self._grown(key_states, start, end), self._grown(value_states, start, end)
            if start:
                self._room[0][:, :, :start] = self.keys
                self._room[1][:, :, :start] = self.values
            self.dtype, self.device, self.is_initialized = key_states.dtype, key_states.device, True
        keys, values = self._room
        keys[:, :, start:end] = key_states
        values[:, :, start:end] = value_states
        self.keys, self.values = keys[:, :, :end], values[:, :, :end]
        return self.keys, self.values

    def replace(self, keys: torch.Tensor, values: torch.Tensor) -> None:
        """Hold these, of whatever rows and length, in place of what there was."""
        self._room = None
        self.keys, self.values = keys, values

    @staticmethod
    def _grown(new: torch.Tensor, start: int, end: int) -> torch.Tensor:
        # A prompt needs no room yet: its row is about to be joined with others.
        length = end + ROOM_TOKENS if start else end
        return new.new_empty((*new.shape[:-2], length, new.shape[-1]))


def empty_cache() -> DynamicCache:
    """A cache without rows, for any number of layers."""
    cache = DynamicCache()
    cache.layer_class_to_replicate = GrowingLayer
    return cache


def pad_left(cache: DynamicCache, columns: int) -> None:
    """Put ``columns`` empty positions in front of every row."""
    if columns == 0:
        return
    for layer in cache.layers:
        room = (0, 0, columns, 0)
        layer.replace(functional.pad(layer.keys, room), functional.pad(layer.values, room))


def join(first: DynamicCache, second: DynamicCache) -> None:
    """Append the rows of ``second`` to ``first``; both must have the same length."""
    for one, other in zip(first.layers, second.layers, strict=True):
        one.replace(torch.cat([one.keys, other.keys]), torch.cat([one.values, other.values]))


def keep(cache: DynamicCache, rows: torch.Tensor, first_column: int) -> None:
    """Keep some rows, without the columns in front of ``first_column``, which are padding in all of them."""
    for layer in cache.layers:
        layer.replace(layer.keys[rows, :, first_column:], layer.values[rows, :, first_column:])
