"""The engine: one thread that steps the model for all requests together."""

import asyncio
import logging
import queue
import threading
import time
from collections.abc import AsyncIterator, Sequence

import torch

from slipway_runtime.observe.metrics import Metrics

from ..base import Chunk, GenerationRequest, RequestError
from ..prompting import Prompter
from .batch import Batch, Choice
from .model import LoadedModel
from .row import Job, Outbox, Row
from .sampling import RowSampler

log = logging.getLogger(__name__)

#: How long an idle engine waits for more requests after the first, so that a burst starts together.
GATHER_SECONDS = 0.002
#: Tokens of a stream that come faster than this are given out together: an event costs the thread of the event loop,
#: which the model waits for, as much as a step of a small model. A reader sees no difference.
STREAM_SECONDS = 0.01
#: The same with many streams, for each of them; still forty times a second.
MANY_STREAMS_SECONDS = 0.025
#: So many are many.
MANY_STREAMS = 8
#: Prompt tokens, padding included, that are read in one step; more wait for the next, so that running rows go on.
MAX_PREFILL_TOKENS = 16384


class TransformersEngine:
    """Micro-batching over one model. Requests join and leave between steps."""

    def __init__(self, model: LoadedModel, prompter: Prompter, max_rows: int, metrics: Metrics) -> None:
        self._model = model
        self._tokenizer = prompter.tokenizer
        self._max_rows = max_rows
        self._metrics = metrics
        self._waiting: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._held: list[Job] = []
        #: Taken from the queue, and not in the batch yet.
        self._joining: list[Job] = []
        self._stopping = False
        self._failure: BaseException | None = None
        #: When the streams were last given what they are owed, all in the same step: the event loop wakes once for all.
        self._given_at = 0.0
        self._end_ids = _end_ids(model, prompter)
        self._batch = Batch(model.forward, model.device, pad_id=self._tokenizer.pad_token_id or 0)
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self._thread.start()

    async def generate(self, request: GenerationRequest) -> AsyncIterator[Chunk]:
        """Chunks of one sequence. Closing the iterator stops the generation within a step."""
        if self._failure is not None or self._stopping:
            raise RequestError(503, "the engine has stopped", kind="server_error", code="engine_stopped")
        if not request.prompt_ids:
            raise RequestError(400, "the prompt has no tokens", param="prompt")
        outbox: Outbox = asyncio.Queue()
        job = Job(request, outbox, asyncio.get_running_loop())
        self._metrics.prompt_tokens.inc(len(request.prompt_ids))
        self._waiting.put(job)
        try:
            while True:
                chunk = await outbox.get()
                if isinstance(chunk, BaseException):
                    raise chunk
                yield chunk
                if chunk.finish_reason is not None:
                    return
        finally:
            job.cancelled = True

    def load(self) -> tuple[int, int]:
        """Sequences running now, and waiting."""
        return len(self._batch.rows), self._waiting.qsize() + len(self._held)

    def stop(self) -> None:
        """End the thread; requests that still run get an error."""
        self._stopping = True
        self._waiting.put(None)
        self._thread.join(timeout=10)

    @property
    def failure(self) -> BaseException | None:
        """Why the thread ended, if it was not asked to."""
        return self._failure

    def _run(self) -> None:
        try:
            with torch.inference_mode():
                while not self._stopping:
                    self._admit()
                    self._advance()
        except BaseException as error:
            self._failure = error
            log.exception("the engine's thread failed")
        finally:
            self._abandon()

    def _admit(self) -> None:
        self._held += self._arrivals()
        self._held = [job for job in self._held if not job.cancelled]
        room = self._max_rows - len(self._batch.rows)
        chosen: list[Job] = []
        longest = 0
        while self._held and len(chosen) < room:
            longest = max(longest, len(self._held[0].request.prompt_ids))
            if chosen and longest * (len(chosen) + 1) > MAX_PREFILL_TOKENS:
                break
            chosen.append(self._held.pop(0))
        if not chosen:
            return
        now = time.monotonic()
        for job in chosen:
            self._metrics.queue_seconds.observe(now - job.queued_at)
        self._joining = chosen
        rows = [row for job in chosen if (row := self._row(job)) is not None]
        try:
            if rows:
                self._settle()
                self._publish(self._batch.add(rows))
        except torch.OutOfMemoryError:
            self._out_of_memory(rows)
        self._joining = []

    def _arrivals(self) -> list[Job]:
        """New jobs; with nothing to do, wait for one and then a moment for those that come with it."""
        jobs: list[Job] = []
        idle = not self._batch.rows and not self._held
        deadline: float | None = None
        while not self._stopping:
            try:
                if idle and deadline is None:
                    job = self._waiting.get()
                    deadline = time.monotonic() + GATHER_SECONDS
                elif idle and deadline is not None and len(jobs) < self._max_rows:
                    job = self._waiting.get(timeout=max(0.0, deadline - time.monotonic()))
                else:
                    job = self._waiting.get_nowait()
            except queue.Empty:
                break
            if job is not None:
                jobs.append(job)
        return jobs

    def _advance(self) -> None:
        self._batch.drop(lambda row: row.finish_reason is not None or row.job.cancelled)
        if not self._batch.rows:
            return
        try:
            self._publish(self._batch.step())
        except torch.OutOfMemoryError:
            # A failed step may have grown some layers' keys and not others': no row can go on.
            rows = self._batch.rows
            self._batch.clear()
            self._out_of_memory(rows)

    def _publish(self, choices: list[Choice]) -> None:
        """Hand out a step's tokens, waking each event loop once. What fails in one row ends that row alone."""
        now = time.monotonic()
        pause = STREAM_SECONDS if len(self._batch.rows) < MANY_STREAMS else MANY_STREAMS_SECONDS
        is_due = now - self._given_at >= pause
        if is_due:
            self._given_at = now
        news: dict[asyncio.AbstractEventLoop, list[tuple[Outbox, Chunk | RequestError]]] = {}
        #: Time of the token before -> how many rows had one then. Rows that share steps share it.
        before: dict[float, int] = {}
        for row, token_id, logprob in choices:
            if row.count:
                before[row.last_token_at] = before.get(row.last_token_at, 0) + 1
            else:
                self._metrics.first_token_seconds.observe(now - row.last_token_at)
            row.last_token_at = now
            item: Chunk | RequestError | None
            try:
                if row.sampler.failure is not None:
                    raise row.sampler.failure
                item = row.accept(token_id, logprob, is_due)
            except Exception as error:
                row.finish_reason = "error"
                item = _broken(row.job, error)
            if item is not None:
                news.setdefault(row.job.loop, []).append((row.job.outbox, item))
        self._metrics.steps.inc()
        self._metrics.generation_tokens.inc(len(choices))
        for moment, rows in before.items():
            self._metrics.inter_token_seconds.observe(now - moment, rows)
        for loop, items in news.items():
            _post(loop, items)

    def _settle(self) -> None:
        """Give out what streams are owed, before a step that may take long."""
        for row in self._batch.rows:
            if row.owes:
                _post(row.job.loop, [(row.job.outbox, row.give())])

    def _row(self, job: Job) -> Row | None:
        """The row of a job; None, and the job has its error, if its parameters cannot be used."""
        sampling = job.request.sampling
        end_ids = frozenset(sampling.stop_token_ids)
        if not sampling.ignore_eos:
            end_ids |= self._end_ids
        try:
            sampler = RowSampler(sampling, job.request.prompt_ids, end_ids, self._model.device)
            return Row(job, sampler, self._tokenizer, end_ids)
        except (ValueError, TypeError, IndexError, OverflowError) as error:
            _post(job.loop, [(job.outbox, _broken(job, error))])
            return None

    def _out_of_memory(self, rows: list[Row]) -> None:
        torch.cuda.empty_cache()
        log.error("out of memory with %d sequences; lower server.max_concurrency or runtime.max_context", len(rows))
        error = RequestError(503, "the GPU's memory is full; try again", kind="server_error", code="out_of_memory")
        for row in rows:
            _post(row.job.loop, [(row.job.outbox, error)])

    def _abandon(self) -> None:
        error = RequestError(503, "the engine has stopped", kind="server_error", code="engine_stopped")
        jobs = [row.job for row in self._batch.rows] + self._joining + self._held
        while True:
            try:
                job = self._waiting.get_nowait()
            except queue.Empty:
                break
            if job is not None:
                jobs.append(job)
        for job in jobs:
            _post(job.loop, [(job.outbox, error)])


def _broken(job: Job, error: Exception) -> RequestError:
    log.error("request %s cannot go on", job.request.id, exc_info=error)
    return RequestError(500, f"the answer cannot go on: {error}", kind="server_error", code="generation_failed")


def _post(loop: asyncio.AbstractEventLoop, news: Sequence[tuple[Outbox, Chunk | RequestError]]) -> None:
    def deliver() -> None:
        for outbox, item in news:
            outbox.put_nowait(item)

    if not loop.is_closed():
        loop.call_soon_threadsafe(deliver)


def _end_ids(model: LoadedModel, prompter: Prompter) -> frozenset[int]:
    """Tokens that end an answer: those of generation_config.json, and the tokenizer's."""
    ids: set[int] = set()
    for value in (model.generation.eos_token_id, prompter.tokenizer.eos_token_id):
        if isinstance(value, int):
            ids.add(value)
        elif value is not None:
            ids.update(value)
    # A token that the model has no logit for can neither be chosen nor be put off by min_tokens.
    rows = int(getattr(model.config, "vocab_size", 0) or 0)
    return frozenset(one for one in ids if rows == 0 or one < rows)
