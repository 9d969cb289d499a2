"""What is looked at before vLLM gets a request."""

import json

import pytest

from slipway_runtime.engine.base import Catalogue, ModelCard, RequestError
from slipway_runtime.engine.vllm.inspection import Inspection

INSPECT = Inspection(Catalogue([ModelCard("tiny"), ModelCard("half", "tiny")], 512))


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
    ],
)
def test_what_vllm_would_not_refuse_is_refused(body: dict[str, object], status: int, code: str | None) -> None:
    with pytest.raises(RequestError) as caught:
        look(**body)
    assert (caught.value.status, caught.value.code) == (status, code)


@pytest.mark.parametrize("path", ["/sleep", "/collective_rpc", "/reset_prefix_cache"])
def test_routes_that_change_the_server_are_closed(path: str) -> None:
    with pytest.raises(RequestError, match="Not Found"):
        look(path)
