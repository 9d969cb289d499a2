"""The sequences of one request."""

import dataclasses
import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from slipway_runtime.engine.base import Chunk, GenerationRequest, RequestError, Sampling, TokenLogprob

from ..context import ServingContext
from ..limits import check_tokens
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

    def __init__(self, context: ServingContext, fields: SamplingFields, prompts: Sequence[list[int]]) -> None:
        if len(prompts) * fields.n > MAX_SEQUENCES:
            message = f"{len(prompts)} prompts with n {fields.n} are more than {MAX_SEQUENCES} sequences"
            raise RequestError(400, message, param="n")
        catalogue = context.catalogue
        self.model = catalogue.require(fields.model) if fields.model is not None else catalogue.cards[0].id
        self.prompt_tokens = sum(len(prompt) for prompt in prompts)
        self._engine = context.engine
        self._requests: list[GenerationRequest] = []
        vocabulary = context.prompter.vocabulary
        for prompt in prompts:
            sampling = fields.sampling(len(prompt), catalogue.max_context, vocabulary, context.defaults)
            check_tokens(prompt, vocabulary, "prompt")
            for index in range(fields.n):
                one = _reseeded(sampling, index)
                self._requests.append(
                    GenerationRequest(uuid.uuid4().hex, self.model, tuple(prompt), one, fields.stream)
                )

    async def answers(self) -> list[Answer]:
        """All sequences, finished."""
        return await all_or_none([self._answer(request) for request in self._requests])

    def chunks(self) -> AsyncIterator[tuple[int, Chunk]]:
        """The parts of all sequences as they come, each with the number of its sequence."""
        return interleave([self._engine.generate(request) for request in self._requests])

    async def _answer(self, request: GenerationRequest) -> Answer:
        answer = Answer()
        async for chunk in self._engine.generate(request):
            answer.add(chunk)
        return answer


def _reseeded(sampling: Sampling, index: int) -> Sampling:
    """Another seed for every sequence of a request, as they would all be the same otherwise."""
    return sampling if sampling.seed is None else dataclasses.replace(sampling, seed=(sampling.seed + index) % 2**63)
