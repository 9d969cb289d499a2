"""Requests that are mistakes or attacks: each is refused in its own answer, and the server answers the next one."""

import json
from typing import Any

import pytest

from serve.serverprocess import ServerProcess

DEEP = b"[" * 100_000
EVERY_TOKEN = list(range(320))


def completion(**fields: Any) -> tuple[str, bytes]:
    return "/v1/completions", json.dumps({"model": "tiny", "prompt": "hello", "max_tokens": 3, **fields}).encode()


def conversation(**fields: Any) -> tuple[str, bytes]:
    messages = [{"role": "user", "content": "hi"}]
    return "/v1/chat/completions", json.dumps({"messages": messages, "max_tokens": 3, **fields}).encode()


def chat(**options: Any) -> tuple[str, bytes]:
    return "/chat", json.dumps({"prompt": "a", "generate_kwargs": {"max_new_tokens": 3, **options}}).encode()


#: Name -> request, and the statuses that may answer it.
REQUESTS: dict[str, tuple[tuple[str, bytes], set[int]]] = {
    "a temperature that divides to infinity": (completion(temperature=1e-40), {200}),
    "the same on /chat": (chat(temperature=1e-40), {200}),
    "every token an end, and none allowed": (
        completion(stop_token_ids=EVERY_TOKEN, min_tokens=2, temperature=1),
        {200, 500},
    ),
    "an end that the model does not have": (completion(stop_token_ids=[999_999], min_tokens=2), {400}),
    "the same end on /chat": (chat(eos_token_id=999_999, min_new_tokens=2), {400}),
    "a negative end on /chat": (chat(eos_token_id=-5, min_new_tokens=2), {400}),
    "a bias for no token": (completion(logit_bias={"\u00b2": 1}), {400}),
    "a bias with a number too long": (completion(logit_bias={"1" * 5000: 1}), {400}),
    "NaN": (completion(temperature=float("nan")), {400}),
    "NaN on /chat": (chat(temperature=float("nan")), {422}),
    "a negative max_tokens": (completion(max_tokens=-5), {400}),
    "a huge max_tokens": (completion(max_tokens=10**30), {400}),
    "ten thousand stop texts": (completion(stop=[f"s{n}" for n in range(10_000)]), {400, 413}),
    "too many stop texts on /chat": (chat(stop_strings=[f"s{n}" for n in range(100)]), {400}),
    "an empty stop text": (completion(stop=[""]), {400}),
    "an empty stop text on /chat": (chat(stop_strings=""), {400}),
    "a million sequences": (completion(n=10**6), {400}),
    "a thousand prompts": (completion(prompt=["a"] * 1000), {400}),
    "half of a character": (completion(prompt="\ud800"), {400}),
    "half of a character as the model": (completion(model="\udfff"), {400}),
    "half of a character on /chat": (("/chat", b'{"prompt": "\\ud800"}'), {422}),
    "no prompt tokens": (completion(prompt=[]), {400}),
    "a negative prompt token": (completion(prompt=[-1]), {400}),
    "a prompt token that the model does not have": (completion(prompt=[10**6]), {400}),
    "no messages": (conversation(messages=[]), {400}),
    "a picture": (
        conversation(messages=[{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]),
        {400},
    ),
    "a message without a role": (conversation(messages=[{"content": "x"}]), {400}),
    "a tool": (conversation(tools=[{"type": "function", "function": {"name": "f"}}]), {400}),
    "a field that nobody knows": (conversation(temprature=1), {400}),
    "a field that this server cannot honour": (completion(best_of=3), {400}),
    "nested too deeply": (("/v1/completions", DEEP), {400, 413}),
    "nested too deeply on /chat": (("/chat", DEEP), {413, 422}),
    "bytes that are no text": (("/v1/completions", b'{"prompt": "\xff"}'), {400}),
    "bytes that are no text on /chat": (("/chat", b'{"prompt": "\xff"}'), {422}),
    "a list on /chat": (("/chat", b"[]"), {422}),
    "a token to detokenize that does not exist": (("/detokenize", b'{"model": "tiny", "tokens": [-1]}'), {400}),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_a_hostile_request_costs_only_itself(server: ServerProcess, name: str) -> None:
    (path, body), statuses = REQUESTS[name]
    answer = server.post(path, content=body, headers={"content-type": "application/json"})
    assert answer.status_code in statuses, answer.text
    if answer.status_code != 200:
        refusal = answer.json()
        assert refusal["detail"] if path == "/chat" else refusal["error"]["message"]
    assert server.status("/readyz") == 200


def test_a_conversation_with_tool_calls_in_it_is_read(server: ServerProcess) -> None:
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    messages = [
        {"role": "user", "content": [{"type": "text", "text": "hi"}]},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "content": "3", "tool_call_id": "1"},
    ]
    answer = server.post("/v1/chat/completions", {"model": "tiny", "messages": messages, "max_tokens": 3})
    assert answer.status_code == 200, answer.text


def test_routes_of_vllm_that_are_not_for_clients_are_not_found(server: ServerProcess) -> None:
    for path in ("/abort_requests", "/reset_prefix_cache", "/docs", "/v1/load_lora_adapter"):
        assert server.post(path, {}).status_code == 404


def test_a_line_break_in_a_path_makes_no_line_in_the_log(server: ServerProcess) -> None:
    server.get("/a%0a%7B%22level%22:%22forged%22%7D")
    assert not [line for line in server.log.splitlines() if line.startswith('{"level":"forged"')]
