"""One sequence of a batch, from the request to its last token."""

import asyncio
import time
from dataclasses import dataclass, field

from transformers import PreTrainedTokenizerBase

from ..base import Chunk, GenerationRequest, TokenLogprob
from .decoding import TextStream
from .sampling import RowSampler

#: What the engine's thread hands to the waiting request; an exception ends it.
Outbox = asyncio.Queue[Chunk | BaseException]


@dataclass
class Job:
    """A request that waits for a row or has one. ``cancelled`` may be set from any thread."""

    request: GenerationRequest
    outbox: Outbox
    loop: asyncio.AbstractEventLoop
    queued_at: float = field(default_factory=time.monotonic)
    cancelled: bool = False


class Row:
    """The state of one sequence while it is generated."""

    def __init__(
        self, job: Job, sampler: RowSampler, tokenizer: PreTrainedTokenizerBase, end_ids: frozenset[int]
    ) -> None:
        sampling = job.request.sampling
        self.job = job
        self.sampler = sampler
        self.adapter = job.request.model
        self.count = 0
        self.last_token_at = job.queued_at
        #: What is kept of an answer that is given out as a whole.
        self._parts: list[str] = []
        self._logprobs: list[TokenLogprob] = []
        self.finish_reason: str | None = None
        self._end_ids = end_ids
        self._sampling = sampling
        self._text = TextStream(
            tokenizer,
            job.request.prompt_ids,
            sampling.stop,
            skip_special_tokens=sampling.skip_special_tokens,
            include_stop=sampling.include_stop,
        )

    @property
    def length(self) -> int:
        """Tokens of the prompt and those generated so far."""
        return len(self.job.request.prompt_ids) + self.count

    def accept(self, token_id: int, logprob: TokenLogprob | None) -> Chunk | None:
        """Take the next token and say what became known with it; None while nobody reads that."""
        sampling = self._sampling
        self.count += 1
        is_end = self.count > sampling.min_tokens and token_id in self._end_ids
        if is_end or self._text.push(token_id, check_stop=self.count > sampling.min_tokens):
            self.finish_reason = "stop"
        elif self.count >= sampling.max_tokens:
            self.finish_reason = "length"
        text = self._text.take(finished=self.finish_reason is not None)
        logprobs = (logprob,) if logprob is not None and not is_end else ()
        if self.job.request.is_streamed:
            return Chunk(text, 1, logprobs, self.finish_reason)
        self._parts.append(text)
        self._logprobs += logprobs
        if self.finish_reason is None:
            return None
        return Chunk("".join(self._parts), self.count, tuple(self._logprobs), self.finish_reason)
