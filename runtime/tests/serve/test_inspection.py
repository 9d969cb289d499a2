"""What is looked at before vLLM gets a request."""

import json

import pytest

from slipway_runtime.engine.base import Catalogue, ModelCard, RequestError
from slipway_runtime.engine.vllm.inspection import Inspection, described_fields

FIELDS = frozenset({"model", "prompt", "max_tokens", "max_completion_tokens", "stop", "n", "user"})
INSPECT = Inspection(Catalogue([ModelCard("tiny"), ModelCard("half", "tiny")], 512), {"/v1/completions": FIELDS})


def look(path: str = "/v1/completions", **body: object) -> dict[str, object]:
    seen: dict[str, object] = json.loads(INSPECT("POST", path, json.dumps(body).encode()))
    return seen


def test_a_request_without_a_model_gets_the_served_one() -> None:
    assert look(prompt="a") == {"prompt": "a", "model": "tiny"}
    assert look(prompt="a", model="half")["model"] == "half"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"model": "tiny--base"}, 404, "model_not_found"),
        ({"model": 5}, 400, None),
        ({"max_tokens": 512}, 400, "context_length_exceeded"),
        ({"max_completion_tokens": 9999}, 400, "context_length_exceeded"),
        ({"max_token": 9}, 400, "unknown_parameter"),
        ({"best_of": 3}, 400, "unsupported_parameter"),
        ({"n": 65}, 400, None),
        ({"n": 8, "prompt": ["a"] * 9}, 400, None),
        ({"stop": [str(n) for n in range(65)]}, 400, None),
        ({"stop": "x" * 4097}, 400, None),
        ({"stop": ["a", ""]}, 400, None),
    ],
)
def test_what_vllm_would_not_refuse_is_refused(body: dict[str, object], status: int, code: str | None) -> None:
    with pytest.raises(RequestError) as caught:
        look(**body)
    assert (caught.value.status, caught.value.code) == (status, code)


def test_too_many_tokens_are_refused_without_a_guess_at_the_prompt() -> None:
    with pytest.raises(RequestError, match="max_tokens is 512; prompt and answer together have at most 512 tokens"):
        look(max_tokens=512)


@pytest.mark.parametrize("messages", [None, [], "hello"])
def test_a_conversation_has_messages(messages: object) -> None:
    with pytest.raises(RequestError, match="at least one message") as caught:
        look("/v1/chat/completions", messages=messages)
    assert caught.value.param == "messages"


def test_what_changes_nothing_is_taken_out() -> None:
    assert look(prompt="a", store=True, best_of=1, tools=[], seed=None) == {"prompt": "a", "model": "tiny"}
    assert look(prompt="a", model="half", user="u", metadata={}) == {"prompt": "a", "model": "half", "user": "u"}


def test_a_route_that_is_not_described_keeps_its_fields() -> None:
    assert look("/v1/responses", input="a", anything=1) == {"input": "a", "anything": 1, "model": "tiny"}


def test_one_request_may_have_as_many_sequences_as_are_worked_on_at_once() -> None:
    inspect = Inspection(Catalogue([ModelCard("tiny")], 512), {}, sequences=256)
    inspect("POST", "/v1/completions", json.dumps({"prompt": ["a"] * 256}).encode())
    with pytest.raises(RequestError, match="257 sequences are asked for, at most 256"):
        inspect("POST", "/v1/completions", json.dumps({"prompt": ["a"] * 257}).encode())


@pytest.mark.parametrize(
    "path",
    [
        "/sleep",
        "/collective_rpc",
        "/reset_prefix_cache",
        "/abort_requests",
        "/server_info",
        "/docs",
        "/v1/load_lora_adapter",
        "/v1x",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_routes_that_are_not_for_clients_are_closed(method: str, path: str) -> None:
    with pytest.raises(RequestError, match="Not Found"):
        INSPECT(method, path, b"{}")


@pytest.mark.parametrize("path", ["/v1/responses", "/v1/embeddings", "/rerank", "/v1/completions"])
def test_routes_for_clients_are_open(path: str) -> None:
    assert look(path) == {"model": "tiny"}


def test_the_fields_are_those_that_vllm_describes() -> None:
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/CompletionRequest"}}}}
    document = {
        "paths": {"/v1/completions": {"post": {"requestBody": body}}, "/v1/chat/completions": {"post": {}}},
        "components": {"schemas": {"CompletionRequest": {"properties": {"prompt": {}, "n": {}}}}},
    }
    assert described_fields(document) == {"/v1/completions": frozenset({"prompt", "n"})}
