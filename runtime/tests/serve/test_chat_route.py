"""``POST /chat``: KAITO's route, the same on both backends."""

import json
from typing import Any

import httpx
import pytest

from serve.serverprocess import ServerProcess

GREEDY = {"do_sample": False, "max_length": 40}
MESSAGES = [{"role": "user", "content": "say hello"}]


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({}, "Text generation parameter prompt required"),
        ({"prompt": ""}, "Text generation parameter prompt required"),
        ({"messages": []}, "Conversational parameter messages required"),
        ({"prompt": "a", "generate_kwargs": {"num_beam": 2}}, 'unknown "num_beam"; did you mean "num_beams"?'),
        ({"prompt": "a", "generate_kwargs": {"num_beams": 2}}, "beam search is not served"),
        ({"prompt": "a " * 300}, "generate_kwargs.max_length is 200"),
        ({"prompt": "a", "generate_kwargs": {"max_new_tokens": 5000}}, "the model's context is 512"),
        ({"prompt": "a", "handle_long_generation": "cut"}, 'must be "hole"'),
    ],
)
def test_what_cannot_be_answered_is_a_400_that_says_why(
    server: ServerProcess, body: dict[str, Any], detail: str
) -> None:
    answer = server.post("/chat", body)
    assert answer.status_code == 400
    assert detail in answer.json()["detail"]


def test_a_body_of_the_wrong_shape_is_a_422(server: ServerProcess) -> None:
    missing = httpx.post(f"{server.url}/chat", timeout=300)
    assert missing.status_code == 422
    assert missing.json() == {"detail": [{"type": "missing", "loc": ["body"], "msg": "Field required", "input": None}]}
    wrong = server.post("/chat", {"prompt": 5, "generate_kwargs": {}})
    assert (wrong.status_code, wrong.json()["detail"][0]["loc"]) == (422, ["body", "prompt"])
    broken = server.post("/chat", content=b"{")
    assert (broken.status_code, broken.json()["detail"][0]["type"]) == (422, "json_invalid")
    kwargs = server.post("/chat", {"prompt": "a", "generate_kwargs": {"top_k": "many"}})
    assert kwargs.json()["detail"][0]["loc"] == ["body", "generate_kwargs", "top_k"]


def test_another_method_is_a_405(server: ServerProcess) -> None:
    answer = server.get("/chat")
    assert (answer.status_code, answer.json()) == (405, {"detail": "Method Not Allowed"})


def test_the_prompt_is_in_front_unless_it_is_not_wanted(server: ServerProcess) -> None:
    body = {"prompt": "hello world", "generate_kwargs": GREEDY}
    whole = server.post("/chat", body).json()["Result"]
    answer = server.post("/chat", {**body, "return_full_text": False}).json()["Result"]
    assert whole == "hello world" + answer
    assert answer


def test_max_length_counts_the_prompt(server: ServerProcess) -> None:
    prompt = "count to ten"
    used = server.post("/tokenize", {"model": "tiny", "prompt": prompt}).json()["count"]
    # The answer may end early only at the end-of-text token, which these prompts do not reach.
    for length in (used + 1, used + 5):
        kwargs = {"do_sample": False, "max_length": length}
        answer = server.post("/chat", {"prompt": prompt, "generate_kwargs": kwargs}).json()["Result"]
        by_new = server.post(
            "/chat", {"prompt": prompt, "generate_kwargs": {"do_sample": False, "max_new_tokens": length - used}}
        ).json()["Result"]
        assert answer == by_new
    over = server.post("/chat", {"prompt": prompt, "generate_kwargs": {"max_length": used}})
    assert over.status_code == 400


def test_a_conversation_gets_the_assistants_text(server: ServerProcess) -> None:
    result = server.post("/chat", {"messages": MESSAGES, "generate_kwargs": {**GREEDY, "max_length": 60}}).json()
    openai = server.post(
        "/v1/chat/completions", {"model": "tiny", "messages": MESSAGES, "temperature": 0, "max_tokens": 12}
    ).json()["choices"][0]["message"]["content"]
    assert openai
    assert result["Result"].startswith(openai)
    assert not result["Result"].startswith(("{", "["))


def test_a_seed_repeats_the_answer_and_another_does_not(server: ServerProcess) -> None:
    def say(seed: int) -> str:
        kwargs = {"seed": seed, "max_length": 60}
        return str(server.post("/chat", {"prompt": "hello", "generate_kwargs": kwargs}).json()["Result"])

    assert say(1) == say(1)
    assert say(1) != say(2)


def test_several_sequences_are_joined(server: ServerProcess) -> None:
    kwargs = {**GREEDY, "num_return_sequences": 2}
    once = server.post("/chat", {"prompt": "hello", "generate_kwargs": GREEDY}).json()["Result"]
    assert server.post("/chat", {"prompt": "hello", "generate_kwargs": kwargs}).json()["Result"] == once * 2


def test_a_stop_string_ends_the_answer(server: ServerProcess) -> None:
    whole = server.chat("the quick brown fox", generate_kwargs={"max_new_tokens": 24})
    word = whole[6:8]
    cut = server.chat("the quick brown fox", generate_kwargs={"max_new_tokens": 24, "stop_strings": [word]})
    assert cut == whole[: whole.index(word)]


def test_a_stream_brings_the_same_text_in_parts(server: ServerProcess) -> None:
    body = {"prompt": "hello world", "generate_kwargs": GREEDY}
    whole = server.post("/chat", body).json()["Result"]
    with httpx.stream("POST", f"{server.url}/chat", json={**body, "stream": True}, timeout=300) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = [line.removeprefix("data: ") for line in answer.iter_lines() if line]
    assert lines[-1] == "[DONE]"
    events = [json.loads(line) for line in lines[:-1]]
    assert events[-1] == {"Result": whole, "finish_reason": "length"}
    assert "hello world" + "".join(event["delta"] for event in events[:-1]) == whole
    assert len(events) > 2


def test_an_unknown_field_beside_the_known_is_ignored(server: ServerProcess) -> None:
    assert server.post("/chat", {"prompt": "a", "generate_kwargs": GREEDY, "extra": 1}).status_code == 200


def test_a_prompt_that_is_too_long_may_lose_its_start(server: ServerProcess) -> None:
    body = {"prompt": "word " * 700, "generate_kwargs": {"do_sample": False, "max_new_tokens": 8}}
    assert server.post("/chat", body).status_code == 400
    assert server.post("/chat", {**body, "handle_long_generation": "hole"}).status_code == 200
