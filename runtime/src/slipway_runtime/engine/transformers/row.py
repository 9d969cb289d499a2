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
        #: What is known and not given out yet.
        self._kept = 0
        self._parts: list[str] = []
        self._logprobs: list[TokenLogprob] = []
        self._has_given = False
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

    def accept(self, token_id: int, logprob: TokenLogprob | None, is_due: bool) -> Chunk | None:
        """Take the next token and say what is given out with it, if anything is.

        The first token of a stream and the last of any answer are given out at once, the others when it ``is_due``.
        """
        sampling = self._sampling
        self.count += 1
        is_end = self.count > sampling.min_tokens and token_id in self._end_ids
        if is_end or self._text.push(token_id, check_stop=self.count > sampling.min_tokens):
            self.finish_reason = "stop"
        elif self.count >= sampling.max_tokens:
            self.finish_reason = "length"
        self._kept += 1
        part = self._text.take(finished=self.finish_reason is not None)
        if part:
            self._parts.append(part)
        if logprob is not None and not is_end:
            self._logprobs.append(logprob)
        if self.finish_reason is not None or (self.owes and (is_due or not self._has_given)):
            return self.give()
        return None

    def give(self) -> Chunk:
        """What was kept."""
        chunk = Chunk("".join(self._parts), self._kept, tuple(self._logprobs), self.finish_reason)
        self._kept, self._parts, self._logprobs, self._has_given = 0, [], [], True
        return chunk

    @property
    def owes(self) -> bool:
        """Whether a reader waits for tokens that are known."""
        return self.job.request.is_streamed and bool(self._parts or self._logprobs)
