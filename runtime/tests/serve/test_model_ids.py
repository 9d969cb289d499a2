"""The ids under which a model and its adapters are asked for."""

import json

import pytest

from slipway_runtime.engine.base import EngineError, RequestError
from slipway_runtime.engine.vllm.inspection import Inspection
from slipway_runtime.engine.warmup import catalogue


def test_every_name_is_listed_and_means_the_first() -> None:
    ids = catalogue(["tiny", "also"], ["tone"], 512)
    assert ids.names() == ["tiny", "also", "tone"]
    assert [ids.require(name) for name in ids.names()] == ["tiny", "tiny", "tone"]
    with pytest.raises(RequestError, match='there is "tiny", "also", "tone"'):
        ids.require("other")


def test_an_adapter_is_not_called_like_the_model() -> None:
    with pytest.raises(EngineError, match='an adapter is called "also"'):
        catalogue(["tiny", "also"], ["also"], 512)


def test_vllm_is_asked_for_the_first_name() -> None:
    inspect = Inspection(catalogue(["tiny", "also"], [], 512), {})
    body = inspect("POST", "/v1/completions", b'{"model": "also", "prompt": "a"}')
    assert json.loads(body) == {"model": "tiny", "prompt": "a"}
    untouched = b'{"model": "tiny",  "prompt": "a"}'
    assert inspect("POST", "/v1/completions", untouched) is untouched
