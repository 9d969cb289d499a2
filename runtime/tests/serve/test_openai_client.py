"""The official OpenAI client for Python against both backends."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import openai
import pytest
from openai import AsyncOpenAI, OpenAI
from openai.types.chat import ChatCompletionMessageParam

from serve.serverprocess import ServerProcess

MESSAGES: list[ChatCompletionMessageParam] = [{"role": "user", "content": "say hello"}]


@pytest.fixture
def client(server: ServerProcess) -> OpenAI:
    return OpenAI(base_url=f"{server.url}/v1", api_key="none", max_retries=0, timeout=300)


def test_models_are_listed_and_found(client: OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["tiny", "also-tiny", "none", "half", "full"]
    assert client.models.retrieve("half").id == "half"
    with pytest.raises(openai.NotFoundError, match="does not exist"):
        client.models.retrieve("nothing")


def test_the_model_answers_to_each_of_its_names(client: OpenAI) -> None:
    answers = [
        client.completions.create(model=name, prompt="hello", max_tokens=8, temperature=0)
        for name in ("tiny", "also-tiny")
    ]
    assert [answer.model for answer in answers] == ["tiny", "tiny"]
    assert answers[0].choices[0].text == answers[1].choices[0].text
    assert client.models.retrieve("also-tiny").id == "also-tiny"


def test_a_chat_completion_has_text_usage_and_reason(client: OpenAI) -> None:
    answer = client.chat.completions.create(model="tiny", messages=MESSAGES, max_tokens=12, temperature=0)
    assert answer.model == "tiny"
    assert answer.choices[0].finish_reason == "length"
    assert answer.choices[0].message.content
    assert answer.usage is not None
    assert answer.usage.completion_tokens == 12
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + 12


def test_a_stream_is_the_same_text_and_ends_with_usage(client: OpenAI) -> None:
    whole = client.chat.completions.create(model="tiny", messages=MESSAGES, max_tokens=20, temperature=0)
    chunks = list(
        client.chat.completions.create(
            model="tiny",
            messages=MESSAGES,
            max_tokens=20,
            temperature=0,
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == whole.choices[0].message.content
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens == 20
    reasons = [choice.finish_reason for chunk in chunks for choice in chunk.choices if choice.finish_reason]
    assert reasons == ["length"]


def test_n_sequences_are_n_choices_and_a_seed_repeats_them(client: OpenAI) -> None:
    def texts() -> list[str | None]:
        answer = client.chat.completions.create(
            model="tiny", messages=MESSAGES, max_tokens=12, n=3, seed=5, temperature=1
        )
        return [choice.message.content for choice in answer.choices]

    first = texts()
    assert len(set(first)) == 3
    assert texts() == first


def test_several_prompts_are_answered_in_order(client: OpenAI) -> None:
    prompts = ["hello", "the quick brown", "one two"]
    together = client.completions.create(model="tiny", prompt=prompts, max_tokens=8, temperature=0)
    alone = [client.completions.create(model="tiny", prompt=one, max_tokens=8, temperature=0) for one in prompts]
    assert [choice.text for choice in together.choices] == [one.choices[0].text for one in alone]


def test_log_probabilities_are_of_the_chosen_and_the_likeliest(client: OpenAI) -> None:
    answer = client.chat.completions.create(
        model="tiny", messages=MESSAGES, max_tokens=4, temperature=0, logprobs=True, top_logprobs=2
    )
    assert answer.choices[0].logprobs is not None
    content = answer.choices[0].logprobs.content or []
    assert len(content) == 4
    for token in content:
        assert len(token.top_logprobs) == 2
        assert token.logprob == pytest.approx(token.top_logprobs[0].logprob, abs=1e-4)
    plain = client.completions.create(model="tiny", prompt="hello", max_tokens=3, temperature=0, logprobs=2)
    assert plain.choices[0].logprobs is not None
    assert len(plain.choices[0].logprobs.token_logprobs or []) == 3


def test_a_stop_string_ends_with_stop(client: OpenAI) -> None:
    whole = client.completions.create(model="tiny", prompt="hello", max_tokens=24, temperature=0).choices[0].text
    word = whole[5:7]
    answer = client.completions.create(model="tiny", prompt="hello", max_tokens=24, temperature=0, stop=word)
    assert answer.choices[0].finish_reason == "stop"
    assert answer.choices[0].text == whole[: whole.index(word)]


def test_a_prompt_beyond_the_context_is_refused(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.completions.create(model="tiny", prompt="word " * 600, max_tokens=8)
    assert "512" in str(caught.value)
    with pytest.raises(openai.BadRequestError):
        client.completions.create(model="tiny", prompt="hello", max_tokens=512)


def test_an_unknown_model_is_not_found(client: OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match='"nothing" does not exist; there is "tiny"'):
        client.chat.completions.create(model="nothing", messages=MESSAGES)


def test_wrong_values_are_refused_with_the_field(client: OpenAI) -> None:
    for wrong in ({"max_tokens": -1}, {"temperature": -1}, {"top_p": 2}):
        with pytest.raises(openai.BadRequestError):
            client.chat.completions.create(model="tiny", messages=MESSAGES, **wrong)  # type: ignore[call-overload]


def test_sixteen_at_once_say_what_each_says_alone(client: OpenAI) -> None:
    prompts = [f"number {index} says" for index in range(16)]

    def say(prompt: str) -> str:
        return client.completions.create(model="tiny", prompt=prompt, max_tokens=24, temperature=0).choices[0].text

    alone = [say(prompt) for prompt in prompts]
    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(say, prompts)) == alone


def test_a_client_that_leaves_stops_its_generation(server: ServerProcess) -> None:
    def idle() -> bool:
        return server.metric("vllm:num_requests_running") == 0 and server.metric("slipway_requests_in_flight") == 0

    async def leave(*, stream: bool) -> None:
        # Sixteen sequences at once take long enough that even a slow machine sees them run.
        long = {"model": "tiny", "prompt": "hello", "max_tokens": 480, "n": 16, "stream": stream}
        async with AsyncOpenAI(base_url=f"{server.url}/v1", api_key="none", max_retries=0) as client:
            if stream:
                events = await client.completions.create(**long, extra_body={"ignore_eos": True})  # type: ignore[call-overload]
                async for _ in events:
                    break
                await events.close()
            else:
                answer = asyncio.ensure_future(client.completions.create(**long, extra_body={"ignore_eos": True}))  # type: ignore[call-overload]
                while not answer.done() and not await asyncio.to_thread(lambda: not idle()):
                    await asyncio.sleep(0.01)
                answer.cancel()

    def is_cancelled(*, stream: bool) -> bool:
        before = server.metric("slipway_cancelled_total")
        asyncio.run(leave(stream=stream))
        assert eventually(idle)
        return server.metric("slipway_cancelled_total") > before

    for stream in (True, False):
        # A machine may be so busy that the answer was complete before the client could leave: then once more.
        assert any(is_cancelled(stream=stream) for _ in range(5))


def eventually(holds: Callable[[], bool], seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.05)
    return False
