"""The sequences of one request, and what the metrics know of them."""

import dataclasses
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from slipway_runtime.engine.base import Chunk, GenerationRequest, RequestError, Sampling, TokenLogprob
from slipway_runtime.observe.metrics import Metrics

from ..context import ServingContext
from ..parallel import all_or_none, interleave
from .requests import MAX_SEQUENCES, SamplingFields


@dataclass
class Answer:
    """A finished sequence."""

    text: str = ""
    tokens: int = 0
    finish_reason: str | None = None
    logprobs: list[TokenLogprob] = field(default_factory=list)

    def add(self, chunk: Chunk) -> None:
        self.text += chunk.text
        self.tokens += chunk.token_count
        self.logprobs += chunk.logprobs
        self.finish_reason = chunk.finish_reason or self.finish_reason


class Generation:
    """``n`` sequences for every prompt of a request."""

    def __init__(
        self, context: ServingContext, metrics: Metrics, fields: SamplingFields, prompts: Sequence[list[int]]
    ) -> None:
        if len(prompts) * fields.n > MAX_SEQUENCES:
            message = f"{len(prompts)} prompts with n {fields.n} are more than {MAX_SEQUENCES} sequences"
            raise RequestError(400, message, param="n")
        catalogue = context.catalogue
        self.model = catalogue.require(fields.model) if fields.model is not None else catalogue.cards[0].id
        self.prompt_tokens = sum(len(prompt) for prompt in prompts)
        self._engine = context.engine
        self._metrics = metrics
        self._requests: list[GenerationRequest] = []
        vocabulary = len(context.prompter.tokenizer)
        for prompt in prompts:
            outside = [token for token in prompt if not 0 <= token < vocabulary]
            if outside:
                raise RequestError(400, f"token id {outside[0]} is not between 0 and {vocabulary - 1}", param="prompt")
            sampling = fields.sampling(len(prompt), catalogue.max_context, vocabulary, context.defaults)
            for index in range(fields.n):
                one = _reseeded(sampling, index)
                self._requests.append(GenerationRequest(uuid.uuid4().hex, self.model, tuple(prompt), one))

    async def answers(self) -> list[Answer]:
        """All sequences, finished."""
        return await all_or_none([self._answer(request) for request in self._requests])

    def chunks(self) -> AsyncIterator[tuple[int, Chunk]]:
        """The parts of all sequences as they come, each with the number of its sequence."""
        return interleave([self._measured(request) for request in self._requests])

    async def _answer(self, request: GenerationRequest) -> Answer:
        answer = Answer()
        async for chunk in self._measured(request):
            answer.add(chunk)
        return answer

    async def _measured(self, request: GenerationRequest) -> AsyncIterator[Chunk]:
        self._metrics.prompt_tokens.inc(len(request.prompt_ids))
        before = time.monotonic()
        timer = self._metrics.first_token_seconds
        async for chunk in self._engine.generate(request):
            now = time.monotonic()
            timer.observe(now - before)
            timer, before = self._metrics.inter_token_seconds, now
            self._metrics.generation_tokens.inc(chunk.token_count)
            yield chunk


def _reseeded(sampling: Sampling, index: int) -> Sampling:
    """Another seed for every sequence of a request, as they would all be the same otherwise."""
    return sampling if sampling.seed is None else dataclasses.replace(sampling, seed=sampling.seed + index)
