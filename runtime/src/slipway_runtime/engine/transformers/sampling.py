"""The choice of the next token for every row of a batch, each with its own parameters and random numbers."""

import os
import random
from collections import Counter
from collections.abc import Sequence

import torch
from transformers import (
    LogitsProcessor,
    LogitsProcessorList,
    MinPLogitsWarper,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
    TypicalLogitsWarper,
)

from ..base import Sampling, TokenLogprob

#: Less than this, except 0, is taken as this: logits divided by it are still finite. The same in vLLM
#: (``_MAX_TEMP`` in vllm/sampling_params.py, 0.32.0).
MIN_TEMPERATURE = 0.01
#: What is reported for the logarithm of a probability that is 0, as JSON has no infinity; OpenAI's number.
_LOG_OF_ZERO = -9999.0

#: What decides how likely the tokens are: rows that agree in it are computed together.
Shape = tuple[float, int, float, float, float]


class RowSampler:
    """Chooses the tokens of one sequence. What it chooses does not depend on the other rows."""

    def __init__(
        self, sampling: Sampling, prompt_ids: tuple[int, ...], end_ids: frozenset[int], device: torch.device
    ) -> None:
        s = sampling
        self.sampling = s
        #: Why no token could be chosen; the row ends with it, the others go on.
        self.failure: Exception | None = None
        self.is_greedy = s.temperature == 0
        self.shape: Shape = (s.temperature, s.top_k, s.top_p, s.min_p, s.typical_p)
        self._end_ids = torch.tensor(sorted(end_ids), dtype=torch.long, device=device)
        # One number a token, made outside the model's device: a draw by torch costs as much as a small step.
        self._random = random.Random(s.seed if s.seed is not None else os.urandom(16))
        self._counts_tokens = s.presence_penalty != 0 or s.frequency_penalty != 0
        self._generated: Counter[int] = Counter()
        self._seen: set[int] = set(prompt_ids) if s.repetition_penalty != 1 else set()
        self._count = 0
        self._bias: tuple[torch.Tensor, torch.Tensor] | None = None
        if s.logit_bias:
            ids, values = zip(*s.logit_bias, strict=True)
            self._bias = (torch.tensor(ids, device=device), torch.tensor(values, device=device))
        #: Whether the logits are what the model says, except before ``min_tokens``.
        self._is_unchanged = self._bias is None and s.repetition_penalty == 1 and not self._counts_tokens

    @property
    def is_unchanged(self) -> bool:
        """Whether ``adjust`` would do nothing now."""
        return self._is_unchanged and self._count >= self.sampling.min_tokens

    def adjust(self, logits: torch.Tensor) -> None:
        """Put bias, least length and penalties into the logits of the row (vocabulary), in place."""
        s = self.sampling
        if self._bias is not None:
            logits.index_add_(0, self._bias[0], self._bias[1].to(logits.dtype))
        if self._count < s.min_tokens and len(self._end_ids):
            logits[self._end_ids] = -torch.inf
        if s.repetition_penalty != 1:
            ids = torch.tensor(sorted(self._seen), dtype=torch.long, device=logits.device)
            values = logits[ids]
            logits[ids] = torch.where(values > 0, values / s.repetition_penalty, values * s.repetition_penalty)
        if self._generated:
            ids = torch.tensor(list(self._generated), dtype=torch.long, device=logits.device)
            counts = torch.tensor(list(self._generated.values()), dtype=logits.dtype, device=logits.device)
            logits[ids] -= s.presence_penalty + s.frequency_penalty * counts

    def draw(self) -> float:
        """The next random number of the row, from 0 to below 1."""
        return self._random.random()

    def took(self, token_id: int) -> None:
        """Remember a chosen token for the least length and the penalties."""
        self._count += 1
        if self._counts_tokens:
            self._generated[token_id] += 1
        if self.sampling.repetition_penalty != 1:
            self._seen.add(token_id)


def choose_all(samplers: Sequence[RowSampler], logits: torch.Tensor) -> tuple[list[int], list[TokenLogprob | None]]:
    """The next token of every row, and its log probabilities where they are asked for.

    ``logits`` (rows, vocabulary) may be changed. A row whose token cannot be chosen gets the likeliest one and its
    sampler's ``failure``.
    """
    logits = logits.float()
    reports = _Reports(samplers, logits)
    for row, sampler in enumerate(samplers):
        if not sampler.is_unchanged:
            try:
                sampler.adjust(logits[row])
            except (IndexError, RuntimeError) as error:
                sampler.failure = error
    tokens: list[int] = logits.argmax(dim=-1).tolist()
    groups: dict[Shape, list[int]] = {}
    for row, sampler in enumerate(samplers):
        if not sampler.is_greedy and sampler.failure is None:
            groups.setdefault(sampler.shape, []).append(row)
    for shape, rows in groups.items():
        chosen = _draw(shape, [samplers[row] for row in rows], logits if len(rows) == len(samplers) else logits[rows])
        for row, token in zip(rows, chosen, strict=True):
            if token is None:
                samplers[row].failure = ValueError("the sampling parameters leave no token to choose from")
            else:
                tokens[row] = token
    for token, sampler in zip(tokens, samplers, strict=True):
        sampler.took(token)
    return tokens, reports.of(tokens)


def _draw(shape: Shape, samplers: Sequence[RowSampler], logits: torch.Tensor) -> list[int | None]:
    """A token for every row, by the row's random number; None where no token is left."""
    scores = _warpers(shape)(torch.empty((len(samplers), 0), dtype=torch.long, device=logits.device), logits)
    # The place of the number on the line on which every token has as much room as it is likely. In 64 bits: a token
    # of a large vocabulary would have no room in 32.
    line = torch.softmax(scores, dim=-1).cumsum(dim=-1, dtype=torch.float64)
    ends = line[:, -1:]
    numbers = torch.tensor([[one.draw()] for one in samplers], dtype=torch.float64, device=logits.device)
    places = torch.searchsorted(line, numbers * ends, right=True).squeeze(-1)
    # A number just below 1 may be rounded up to the end of the line.
    last = (line < ends).sum(dim=-1)
    tokens = torch.minimum(places, last).tolist()
    return [
        token if fine else None for token, fine in zip(tokens, torch.isfinite(ends).squeeze(-1).tolist(), strict=True)
    ]


def _warpers(shape: Shape) -> LogitsProcessorList:
    temperature, top_k, top_p, min_p, typical_p = shape
    steps: list[LogitsProcessor] = []
    if temperature != 1:
        steps.append(TemperatureLogitsWarper(max(MIN_TEMPERATURE, temperature)))
    if top_k > 0:
        steps.append(TopKLogitsWarper(top_k))
    if top_p < 1:
        steps.append(TopPLogitsWarper(top_p))
    if min_p > 0:
        steps.append(MinPLogitsWarper(min_p))
    if typical_p < 1:
        steps.append(TypicalLogitsWarper(typical_p))
    return LogitsProcessorList(steps)


class _Reports:
    """Log probabilities of the rows that want them, taken before anything is changed in the logits."""

    def __init__(self, samplers: Sequence[RowSampler], logits: torch.Tensor) -> None:
        self._count = len(samplers)
        #: Row -> how many likeliest tokens it wants.
        self._wanted = {
            row: sampler.sampling.logprobs
            for row, sampler in enumerate(samplers)
            if sampler.sampling.logprobs is not None
        }
        if self._wanted:
            self._values = torch.log_softmax(logits[list(self._wanted)], dim=-1)

    def of(self, tokens: Sequence[int]) -> list[TokenLogprob | None]:
        """The report of every row whose token is now known; None where none is wanted."""
        reports: list[TokenLogprob | None] = [None] * self._count
        if not self._wanted:
            return reports
        chosen = torch.tensor([tokens[row] for row in self._wanted], device=self._values.device)
        values = self._values.gather(-1, chosen[:, None]).squeeze(-1).tolist()
        most = min(max(self._wanted.values()), self._values.shape[-1])
        best = self._values.topk(most)
        likeliest, likelihoods = best.indices.tolist(), best.values.tolist()
        for place, (row, count) in enumerate(self._wanted.items()):
            top = zip(likeliest[place][:count], map(_finite, likelihoods[place][:count]), strict=True)
            reports[row] = TokenLogprob(tokens[row], _finite(values[place]), tuple(top))
        return reports


def _finite(logprob: float) -> float:
    return logprob if logprob > _LOG_OF_ZERO else _LOG_OF_ZERO
