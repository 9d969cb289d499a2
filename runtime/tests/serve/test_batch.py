"""Rows that share the model: what comes out is what each would give alone."""

import asyncio
import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from slipway_runtime.adapters.plan import AdapterPlan, PreparedAdapter
from slipway_runtime.config.serve import RuntimeSection
from slipway_runtime.engine.base import Chunk, GenerationRequest, RequestError, Sampling
from slipway_runtime.engine.prompting import Prompter
from slipway_runtime.engine.transformers import engine as engine_module
from slipway_runtime.engine.transformers.engine import TransformersEngine
from slipway_runtime.engine.transformers.model import LoadedModel
from slipway_runtime.observe.metrics import Metrics
from tinymodel import save_adapter

PROMPTS = ["the quick brown fox", "a", "say hello to the world and count to ten: one two three", "what"] * 4


def make_engine(folder: Path, plan: AdapterPlan | None = None, rows: int = 16) -> TransformersEngine:
    settings = RuntimeSection(model=str(folder), dtype="float32")
    model = LoadedModel(folder, settings, plan or AdapterPlan(), "tiny")
    return TransformersEngine(model, Prompter(folder, None, False), rows, Metrics())


@pytest.fixture(scope="module", params=["tiny_llama", "tiny_phi3"])
def model_folder(request: pytest.FixtureRequest) -> Path:
    folder: Path = request.getfixturevalue(request.param)
    return folder


@pytest.fixture(scope="module")
def engine(model_folder: Path) -> Iterator[TransformersEngine]:
    engine = make_engine(model_folder)
    yield engine
    engine.stop()


def ask(folder: Path, prompt: str, tokens: int = 24, model: str = "tiny", **options: object) -> GenerationRequest:
    ids = AutoTokenizer.from_pretrained(folder)(prompt)["input_ids"]
    sampling = Sampling(max_tokens=tokens, ignore_eos=True, **{"temperature": 0, "logprobs": 0, **options})  # type: ignore[arg-type]
    return GenerationRequest("id", model, tuple(ids), sampling)


async def tokens_of(engine: TransformersEngine, request: GenerationRequest, delay: float = 0) -> list[int]:
    await asyncio.sleep(delay)
    return [one.token_id async for chunk in engine.generate(request) for one in chunk.logprobs]


def test_the_tokens_are_those_of_generate(model_folder: Path, engine: TransformersEngine) -> None:
    model = AutoModelForCausalLM.from_pretrained(model_folder)
    for prompt in PROMPTS[:4]:
        request = ask(model_folder, prompt)
        ids = torch.tensor([request.prompt_ids])
        expected = model.generate(
            ids, attention_mask=torch.ones_like(ids), max_new_tokens=24, do_sample=False, eos_token_id=None
        )[0, ids.shape[1] :].tolist()
        assert asyncio.run(tokens_of(engine, request)) == expected


def test_rows_that_come_and_go_do_not_disturb_each_other(model_folder: Path, engine: TransformersEngine) -> None:
    requests = [ask(model_folder, prompt, tokens=6 + 3 * index) for index, prompt in enumerate(PROMPTS)]

    async def alone() -> list[list[int]]:
        return [await tokens_of(engine, request) for request in requests]

    async def together() -> list[list[int]]:
        return await asyncio.gather(*(tokens_of(engine, one, 0.004 * index) for index, one in enumerate(requests)))

    assert asyncio.run(together()) == asyncio.run(alone())


def test_a_seed_gives_the_same_answer_in_any_company(model_folder: Path, engine: TransformersEngine) -> None:
    seeded = ask(model_folder, "hello", temperature=1.0, seed=42)
    others = [ask(model_folder, prompt, temperature=1.0) for prompt in PROMPTS[:5]]

    async def in_company() -> list[int]:
        results = await asyncio.gather(*(tokens_of(engine, one) for one in [*others, seeded]))
        return list(results[-1])

    assert asyncio.run(in_company()) == asyncio.run(tokens_of(engine, seeded))


def test_closing_the_iterator_frees_the_row(model_folder: Path, engine: TransformersEngine) -> None:
    async def leave_early() -> tuple[int, int]:
        chunks = engine.generate(ask(model_folder, "hello", tokens=400))
        async for _ in chunks:
            break
        await chunks.aclose()  # type: ignore[attr-defined]
        for _ in range(3000):
            if engine.load() == (0, 0):
                break
            await asyncio.sleep(0.02)
        return engine.load()

    assert asyncio.run(leave_early()) == (0, 0)


def test_more_requests_than_rows_wait_and_are_answered(tiny_llama: Path) -> None:
    engine = make_engine(tiny_llama, rows=2)
    try:

        async def many() -> list[list[int]]:
            return await asyncio.gather(*(tokens_of(engine, ask(tiny_llama, prompt, 5)) for prompt in PROMPTS))

        assert [len(tokens) for tokens in asyncio.run(many())] == [5] * len(PROMPTS)
    finally:
        engine.stop()


def test_rows_with_different_adapters_share_the_steps(tiny_llama: Path, tmp_path: Path) -> None:
    plan = AdapterPlan(
        selectable=tuple(
            PreparedAdapter(name, save_adapter(tiny_llama, tmp_path / name, seed), 4)
            for name, seed in (("v1.0", 1), ("two", 2))
        )
    )
    engine = make_engine(tiny_llama, plan)
    try:
        requests = [ask(tiny_llama, "hello", 12, model) for model in ("tiny", "v1.0", "two")] * 3

        async def together() -> list[list[int]]:
            return await asyncio.gather(*(tokens_of(engine, request) for request in requests))

        alone = [asyncio.run(tokens_of(engine, request)) for request in requests[:3]]
        assert asyncio.run(together()) == alone * 3
        assert len({tuple(tokens) for tokens in alone}) == 3
    finally:
        engine.stop()


def test_the_last_chunk_says_why_it_ended(model_folder: Path, engine: TransformersEngine) -> None:
    async def last(request: GenerationRequest) -> Chunk:
        return [chunk async for chunk in engine.generate(request)][-1]

    assert asyncio.run(last(ask(model_folder, "hello", 3))).finish_reason == "length"
    first = asyncio.run(tokens_of(engine, ask(model_folder, "hello", 4)))
    assert asyncio.run(last(ask(model_folder, "hello", 9, stop_token_ids=(first[2],)))).finish_reason == "stop"


def test_a_stopped_engine_says_so(tiny_llama: Path) -> None:
    engine = make_engine(tiny_llama)
    engine.stop()
    with pytest.raises(RequestError, match="has stopped"):
        asyncio.run(tokens_of(engine, ask(tiny_llama, "hello")))


def test_an_engine_whose_model_fails_reports_it(tiny_llama: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> torch.Tensor:
        raise RuntimeError("the GPU fell off the bus")

    monkeypatch.setattr(LoadedModel, "forward", broken)
    engine = make_engine(tiny_llama)
    with pytest.raises(RequestError, match="has stopped"):
        asyncio.run(tokens_of(engine, ask(tiny_llama, "hello")))
    assert "fell off the bus" in str(engine.failure)


def test_a_full_gpu_costs_the_running_requests_and_not_the_server(
    tiny_llama: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = make_engine(tiny_llama)
    forward = LoadedModel.forward
    try:

        def full(*_: object) -> torch.Tensor:
            raise torch.OutOfMemoryError("CUDA out of memory")

        monkeypatch.setattr(engine._batch, "_forward", full)
        with pytest.raises(RequestError, match="memory is full") as caught:
            asyncio.run(tokens_of(engine, ask(tiny_llama, "hello")))
        assert caught.value.status == 503
        monkeypatch.setattr(engine._batch, "_forward", forward.__get__(engine._model))
        assert len(asyncio.run(tokens_of(engine, ask(tiny_llama, "hello", 3)))) == 3
    finally:
        engine.stop()


def test_a_request_that_cannot_go_on_does_not_disturb_the_others(tiny_llama: Path) -> None:
    # Every token ends the answer, and none may before the second one: no first token is left.
    everything = tuple(range(320))
    impossible = ask(tiny_llama, "hello", temperature=1.0, stop_token_ids=everything, min_tokens=2)
    engine = make_engine(tiny_llama)
    try:

        async def together() -> list[object]:
            requests = [ask(tiny_llama, "hello", 9), impossible, ask(tiny_llama, "say", 9)]
            return await asyncio.gather(*(tokens_of(engine, one) for one in requests), return_exceptions=True)

        one, broken, other = asyncio.run(together())
        assert isinstance(broken, RequestError)
        assert (broken.status, broken.code) == (500, "generation_failed")
        assert one == asyncio.run(tokens_of(engine, ask(tiny_llama, "hello", 9)))
        assert other == asyncio.run(tokens_of(engine, ask(tiny_llama, "say", 9)))
        assert engine.failure is None
    finally:
        engine.stop()


def test_a_prompt_without_tokens_is_refused(tiny_llama: Path) -> None:
    engine = make_engine(tiny_llama)
    try:
        empty = GenerationRequest("id", "tiny", (), Sampling(max_tokens=1))
        with pytest.raises(RequestError, match="no tokens"):
            asyncio.run(tokens_of(engine, empty))
    finally:
        engine.stop()


def test_tokens_are_counted_whichever_route_asks_for_them(tiny_llama: Path) -> None:
    engine = make_engine(tiny_llama)
    try:
        request = ask(tiny_llama, "hello", 7)
        asyncio.run(tokens_of(engine, request))
        text = engine._metrics.render().decode()
        assert f"slipway_prompt_tokens_total {len(request.prompt_ids)}.0" in text
        assert "slipway_generation_tokens_total 7.0" in text
        assert "slipway_time_to_first_token_seconds_count 1.0" in text
        assert "slipway_inter_token_seconds_count 6.0" in text
        assert "slipway_engine_steps_total 7.0" in text
    finally:
        engine.stop()


@pytest.mark.parametrize(("pause", "chunks"), [(0.0, 24), (3600.0, 2)])
def test_tokens_that_come_fast_are_given_out_together(
    tiny_llama: Path, monkeypatch: pytest.MonkeyPatch, pause: float, chunks: int
) -> None:
    monkeypatch.setattr(engine_module, "STREAM_SECONDS", pause)
    engine = make_engine(tiny_llama)
    try:
        streamed = asyncio.run(chunks_of(engine, ask(tiny_llama, "hello")))
        (whole,) = asyncio.run(chunks_of(engine, dataclasses.replace(ask(tiny_llama, "hello"), is_streamed=False)))
        assert len(streamed) == chunks
        assert sum(chunk.token_count for chunk in streamed) == whole.token_count == 24
        assert "".join(chunk.text for chunk in streamed) == whole.text
        assert tuple(one for chunk in streamed for one in chunk.logprobs) == whole.logprobs
        assert (streamed[-1].finish_reason, whole.finish_reason) == ("length", "length")
    finally:
        engine.stop()


async def chunks_of(engine: TransformersEngine, request: GenerationRequest) -> list[Chunk]:
    return [chunk async for chunk in engine.generate(request)]
