"""The choice of the next token for every row of a batch, each with its own parameters and random numbers."""

import os
from collections import Counter

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


class RowSampler:
    """Chooses the tokens of one sequence. What it chooses does not depend on the other rows."""

    def __init__(
        self, sampling: Sampling, prompt_ids: tuple[int, ...], end_ids: frozenset[int], device: torch.device
    ) -> None:
        self.sampling = sampling
        #: Why no token could be chosen; the row ends with it, the others go on.
        self.failure: Exception | None = None
        self._end_ids = torch.tensor(sorted(end_ids), dtype=torch.long, device=device)
        self._generator = torch.Generator(device=device)
        seed = sampling.seed if sampling.seed is not None else int.from_bytes(os.urandom(7), "big")
        self._generator.manual_seed(seed % 2**63)
        self._warpers = _warpers(sampling)
        self._generated: Counter[int] = Counter()
        self._seen: set[int] = set(prompt_ids) if sampling.repetition_penalty != 1 else set()
        self._count = 0
        self._bias: tuple[torch.Tensor, torch.Tensor] | None = None
        if sampling.logit_bias:
            ids, values = zip(*sampling.logit_bias, strict=True)
            self._bias = (torch.tensor(ids, device=device), torch.tensor(values, device=device))

    @property
    def is_plain(self) -> bool:
        """Whether the likeliest token is the answer now, without looking further."""
        s = self.sampling
        penalised = s.repetition_penalty != 1 or s.presence_penalty != 0 or s.frequency_penalty != 0
        return s.temperature == 0 and not penalised and not s.logit_bias and self._count >= s.min_tokens

    def choose(self, logits: torch.Tensor) -> int:
        """The next token, from the logits of one row (vocabulary); they are changed in place.

        Raises ValueError if the parameters, or the model, leave no token that could be chosen.
        """
        self._adjust(logits)
        if self.sampling.temperature == 0:
            return int(logits.argmax())
        scores = self._warpers(torch.empty((1, 0), dtype=torch.long, device=logits.device), logits[None])
        probabilities = torch.softmax(scores[0], dim=-1)
        # Asked here: on a GPU the draw itself would fail in a way that no later step recovers from.
        if not bool(torch.isfinite(probabilities.sum())):
            raise ValueError("the sampling parameters leave no token to choose from")
        return int(torch.multinomial(probabilities, 1, generator=self._generator))

    def took(self, token_id: int) -> None:
        """Remember a chosen token for the penalties."""
        self._count += 1
        self._generated[token_id] += 1
        if self.sampling.repetition_penalty != 1:
            self._seen.add(token_id)

    def _adjust(self, logits: torch.Tensor) -> None:
        s = self.sampling
        if self._bias is not None:
            logits.index_add_(0, self._bias[0], self._bias[1].to(logits.dtype))
        if self._count < s.min_tokens and len(self._end_ids):
            logits[self._end_ids] = -torch.inf
        if s.repetition_penalty != 1:
            ids = torch.tensor(sorted(self._seen), dtype=torch.long, device=logits.device)
            values = logits[ids]
            logits[ids] = torch.where(values > 0, values / s.repetition_penalty, values * s.repetition_penalty)
        if (s.presence_penalty or s.frequency_penalty) and self._generated:
            ids = torch.tensor(list(self._generated), dtype=torch.long, device=logits.device)
            counts = torch.tensor(list(self._generated.values()), dtype=logits.dtype, device=logits.device)
            logits[ids] -= s.presence_penalty + s.frequency_penalty * counts


def _warpers(sampling: Sampling) -> LogitsProcessorList:
    steps: list[LogitsProcessor] = []
    if sampling.temperature not in (0, 1):
        steps.append(TemperatureLogitsWarper(max(MIN_TEMPERATURE, sampling.temperature)))
    if sampling.top_k > 0:
        steps.append(TopKLogitsWarper(sampling.top_k))
    if sampling.top_p < 1:
        steps.append(TopPLogitsWarper(sampling.top_p))
    if sampling.min_p > 0:
        steps.append(MinPLogitsWarper(sampling.min_p))
    if sampling.typical_p < 1:
        steps.append(TypicalLogitsWarper(sampling.typical_p))
    return LogitsProcessorList(steps)


def choose_all(samplers: list[RowSampler], logits: torch.Tensor) -> tuple[list[int], list[TokenLogprob | None]]:
    """The next token of every row, and its log probabilities where they are asked for.

    A row whose token cannot be chosen gets the likeliest one and its sampler's ``failure``.
    """
    logits = logits.float()
    reports = [
        _raw(row, sampler.sampling.logprobs) if sampler.sampling.logprobs is not None else None
        for row, sampler in zip(logits, samplers, strict=True)
    ]
    likeliest = logits.argmax(dim=-1).tolist()
    tokens: list[int] = []
    for index, sampler in enumerate(samplers):
        token = likeliest[index]
        if not sampler.is_plain:
            try:
                token = sampler.choose(logits[index])
            except (ValueError, IndexError, RuntimeError) as error:
                sampler.failure = error
        tokens.append(token)
    logprobs: list[TokenLogprob | None] = []
    for token, report in zip(tokens, reports, strict=True):
        if report is None:
            logprobs.append(None)
        else:
            values, top = report
            logprobs.append(TokenLogprob(token, _finite(float(values[token])), top))
    for token, sampler in zip(tokens, samplers, strict=True):
        sampler.took(token)
    return tokens, logprobs


def _raw(row: torch.Tensor, count: int) -> tuple[torch.Tensor, tuple[tuple[int, float], ...]]:
    values = torch.log_softmax(row, dim=-1)
    best = values.topk(min(count, len(values))) if count else None
    if best is None:
        return values, ()
    return values, tuple(
        (token, _finite(value)) for token, value in zip(best.indices.tolist(), best.values.tolist(), strict=True)
    )


def _finite(logprob: float) -> float:
    return logprob if logprob > _LOG_OF_ZERO else _LOG_OF_ZERO
