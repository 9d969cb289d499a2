"""The rows that share the steps of the model, with their keys and values."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from transformers import DynamicCache

from ..base import TokenLogprob
from . import cache as kv
from .row import Row
from .sampling import choose_all

#: Runs the model: ids, mask, positions, cache, adapter of every row -> logits of the last position.
Forward = Callable[[torch.Tensor, torch.Tensor, torch.Tensor, DynamicCache, Sequence[str]], torch.Tensor]
Choice = tuple[Row, int, TokenLogprob | None]


class Batch:
    """Rows come with their prompts, advance by one token a step together, and leave when they are finished."""

    def __init__(self, forward: Forward, device: torch.device, pad_id: int) -> None:
        self._forward = forward
        self._device = device
        self._pad_id = pad_id
        self.rows: list[Row] = []
        self._cache: DynamicCache | None = None
        self._mask = torch.empty((0, 0), dtype=torch.long, device=device)
        self._last: list[int] = []

    def add(self, rows: list[Row]) -> list[Choice]:
        """Read the prompts of new rows and choose their first tokens. Nothing changes if the model fails."""
        prompts = [row.job.request.prompt_ids for row in rows]
        width = max(len(prompt) for prompt in prompts)
        ids = torch.full((len(rows), width), self._pad_id, dtype=torch.long)
        mask = torch.zeros((len(rows), width), dtype=torch.long)
        for index, prompt in enumerate(prompts):
            ids[index, width - len(prompt) :] = torch.tensor(prompt)
            mask[index, width - len(prompt) :] = 1
        mask = mask.to(self._device)
        positions = (mask.cumsum(dim=-1) - 1).clamp(min=0)
        cache = kv.empty_cache()
        logits = self._forward(ids.to(self._device), mask, positions, cache, [row.adapter for row in rows])
        choices = self._choose(rows, logits)
        self._join(rows, cache, mask, [token for _, token, _ in choices])
        return choices

    def step(self) -> list[Choice]:
        """Choose the next token of every row. Nothing changes if the model fails."""
        assert self._cache is not None
        ids = torch.tensor(self._last, dtype=torch.long, device=self._device)[:, None]
        mask = torch.cat([self._mask, self._mask.new_ones((len(self.rows), 1))], dim=-1)
        positions = self._mask.sum(dim=-1, keepdim=True)
        logits = self._forward(ids, mask, positions, self._cache, [row.adapter for row in self.rows])
        self._mask = mask
        choices = self._choose(self.rows, logits)
        self._last = [token for _, token, _ in choices]
        return choices

    def drop(self, is_done: Callable[[Row], bool]) -> list[Row]:
        """Take out rows, and the columns that only they needed."""
        leaving = [row for row in self.rows if is_done(row)]
        if not leaving:
            return []
        staying = [index for index, row in enumerate(self.rows) if not is_done(row)]
        if not staying:
            self.clear()
            return leaving
        assert self._cache is not None
        index = torch.tensor(staying, device=self._device)
        self._mask = self._mask[index]
        first = int(self._mask.any(dim=0).to(torch.int8).argmax())
        self._mask = self._mask[:, first:]
        kv.keep(self._cache, index, first)
        self.rows = [self.rows[i] for i in staying]
        self._last = [self._last[i] for i in staying]
        return leaving

    def clear(self) -> None:
        """Forget all rows and give their memory back."""
        self.rows = []
        self._cache = None
        self._mask = self._mask.new_empty((0, 0))
        self._last = []

    def _choose(self, rows: list[Row], logits: torch.Tensor) -> list[Choice]:
        tokens, logprobs = choose_all([row.sampler for row in rows], logits)
        return list(zip(rows, tokens, logprobs, strict=True))

    def _join(self, rows: list[Row], cache: DynamicCache, mask: torch.Tensor, last: list[int]) -> None:
        if self._cache is None:
            self.rows, self._cache, self._mask, self._last = list(rows), cache, mask, last
            return
        longer = max(self._mask.shape[1], mask.shape[1])
        kv.pad_left(self._cache, longer - self._mask.shape[1])
        kv.pad_left(cache, longer - mask.shape[1])
        kv.join(self._cache, cache)
        self._mask = torch.cat([_padded(self._mask, longer), _padded(mask, longer)])
        self.rows = self.rows + rows
        self._last = self._last + last


def _padded(mask: torch.Tensor, width: int) -> torch.Tensor:
    padding: Any = (width - mask.shape[1], 0)
    return torch.nn.functional.pad(mask, padding)
