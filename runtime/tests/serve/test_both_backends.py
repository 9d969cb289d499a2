"""The two backends side by side: the same model says the same."""

import pytest

from serve.conftest import STRENGTHS, Servers
from serve.serverprocess import ServerProcess

PROMPTS = ["hello world", "the quick brown fox", "say: grüße 世界", "one two three"]


@pytest.fixture(params=["[vllm and transformers"])
def both(servers: Servers) -> tuple[ServerProcess, ServerProcess]:
    """Both servers, ready."""
    return servers.start("transformers").wait_ready(), servers.start("vllm").wait_ready()


@pytest.mark.parametrize("prompt", PROMPTS)
def test_the_likeliest_text_is_the_same(both: tuple[ServerProcess, ServerProcess], prompt: str) -> None:
    one, other = both
    assert one.chat(prompt, generate_kwargs={"max_new_tokens": 48}) == other.chat(
        prompt, generate_kwargs={"max_new_tokens": 48}
    )


@pytest.mark.parametrize("adapter", sorted(STRENGTHS))
def test_adapters_of_any_strength_say_the_same(both: tuple[ServerProcess, ServerProcess], adapter: str) -> None:
    one, other = both
    answers = {server.chat("hello world", model=adapter) for server in both}
    assert len(answers) == 1
    base = one.chat("hello world")
    assert (answers == {base}) == (adapter == "none")
    assert other.chat("hello world") == base


@pytest.mark.parametrize(
    "kwargs",
    [{"repetition_penalty": 1.3}, {"min_new_tokens": 4}, {"top_k": 1, "do_sample": True}, {"eos_token_id": 120}],
)
def test_parameters_mean_the_same(both: tuple[ServerProcess, ServerProcess], kwargs: dict[str, object]) -> None:
    assert len({server.chat("one two", generate_kwargs=kwargs) for server in both}) == 1


def test_a_conversation_is_the_same(both: tuple[ServerProcess, ServerProcess]) -> None:
    body = {
        "messages": [{"role": "system", "content": "be brief"}, {"role": "user", "content": "hello"}],
        "generate_kwargs": {"do_sample": False, "max_new_tokens": 24},
    }
    assert len({server.post("/chat", body).json()["Result"] for server in both}) == 1


def test_the_model_lists_are_the_same(both: tuple[ServerProcess, ServerProcess]) -> None:
    def listed(server: ServerProcess) -> list[tuple[str, str | None, int]]:
        cards = server.get("/v1/models").json()["data"]
        return [(card["id"], card["parent"], card["max_model_len"]) for card in cards]

    expected = [
        ("tiny", None, 512),
        ("also-tiny", None, 512),
        ("none", "tiny", 512),
        ("half", "tiny", 512),
        ("full", "tiny", 512),
    ]
    assert [listed(server) for server in both] == [expected, expected]


def test_typical_sampling_is_refused_where_it_does_not_exist(both: tuple[ServerProcess, ServerProcess]) -> None:
    body = {"prompt": "a", "generate_kwargs": {"typical_p": 0.9}}
    one, other = both
    assert one.post("/chat", body).status_code == 200
    refused = other.post("/chat", body)
    assert (refused.status_code, "vLLM has no typical sampling" in refused.json()["detail"]) == (400, True)
