"""Servers with merged adapters, tokens and a short queue; the last test ends them."""

import re
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from serve.conftest import Servers
from serve.serverprocess import ServerProcess

TOKEN = {"Authorization": "Bearer second-token"}
LONG = {"model": "tiny", "prompt": "hello", "max_tokens": 300, "temperature": 0, "ignore_eos": True}


def complete(server: ServerProcess, body: dict[str, object]) -> httpx.Response:
    return server.post("/v1/completions", body, headers=TOKEN)


@pytest.fixture
def merged_pair(servers: Servers) -> list[ServerProcess]:
    """Both servers, ready."""
    return [servers.start(f"{name}-merged").wait_ready() for name in ("transformers", "vllm")]


def test_tokens_guard_everything_but_the_probes(merged_server: ServerProcess) -> None:
    assert merged_server.status("/readyz") == 200
    for path in ("/", "/metrics", "/v1/models"):
        assert merged_server.status(path) == 401
    assert merged_server.get("/v1/models", headers=TOKEN).status_code == 200
    refused = merged_server.post("/v1/completions", LONG)
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "invalid_api_key")


def test_only_the_served_names_are_shown_and_taken(merged_server: ServerProcess) -> None:
    cards = merged_server.get("/v1/models", headers=TOKEN).json()["data"]
    assert [card["id"] for card in cards] == ["tiny", "also-tiny"]
    assert complete(merged_server, {**LONG, "model": "tiny--base"}).status_code == 404
    for name in ("tiny", "also-tiny"):
        assert complete(merged_server, {**LONG, "model": name, "max_tokens": 4}).json()["model"] == "tiny"


def test_a_request_without_a_model_gets_the_served_one(merged_server: ServerProcess) -> None:
    body = {name: value for name, value in LONG.items() if name != "model"}
    assert complete(merged_server, {**body, "max_tokens": 4}).json()["model"] == "tiny"


@pytest.mark.parametrize("param", ["[vllm and transformers"])
def test_merged_adapters_with_strengths_say_the_same(
    param: str, merged_pair: list[ServerProcess], servers: Servers
) -> None:
    body = {**LONG, "max_tokens": 32}
    answers = {complete(server, body).json()["choices"][0]["text"] for server in merged_pair}
    assert len(answers) == 1
    plain = servers.start("transformers").wait_ready()
    assert plain.post("/v1/completions", body).json()["choices"][0]["text"] not in answers


def test_overload_is_refused_and_the_server_stays_up(merged_server: ServerProcess) -> None:
    # On a busy machine thirty clients may come one after the other: then more of them have to.
    for clients in (30, 60, 120):
        with ThreadPoolExecutor(clients) as pool:
            answers = list(pool.map(lambda _: complete(merged_server, LONG), range(clients)))
        refused = [answer for answer in answers if answer.status_code == 429]
        if refused:
            break
    assert {answer.status_code for answer in answers} == {200, 429}
    assert all(int(answer.headers["retry-after"]) >= 1 for answer in refused)
    assert len(answers) - len(refused) >= 8
    assert merged_server.status("/livez") == 200
    assert complete(merged_server, {**LONG, "max_tokens": 2}).status_code == 200


@pytest.mark.ends_server
def test_a_drain_under_load_loses_nothing(merged_server: ServerProcess) -> None:
    # One client for all: each of its own would need longer to make than the server to answer.
    with httpx.Client(verify=False, timeout=300, headers=TOKEN) as client, ThreadPoolExecutor(8) as pool:

        def ask(body: dict[str, object]) -> httpx.Response | None:
            try:
                return client.post(f"{merged_server.url}/v1/completions", json=body)
            except httpx.TransportError:
                return None

        # Thirty-two sequences on four rows: some run, most wait.
        sent = [pool.submit(ask, {**LONG, "n": 4, "temperature": 1}) for _ in range(8)]
        # With the first answer the others run or wait.
        while not any(one.done() for one in sent):
            time.sleep(0.01)
        merged_server.terminate()
        late: list[int] = []
        while merged_server.process.poll() is None and 503 not in late:
            answer = ask({**LONG, "max_tokens": 1})
            late += [] if answer is None else [answer.status_code]
        answers = [answer for future in sent if (answer := future.result()) is not None]
    finished = [answer for answer in answers if answer.status_code == 200]
    # On a busy machine a client may be so slow that it comes when the server drains: then it is told.
    assert {answer.status_code for answer in answers} <= {200, 503}
    (accepted,) = re.findall(r"draining: (\d+) requests are being answered", merged_server.log)
    # The first late one may have come just before the drain.
    assert len(finished) + late.count(200) >= int(accepted) >= 1
    assert {answer.json()["usage"]["completion_tokens"] for answer in finished} == {1200}
    assert 503 in late
    assert merged_server.stop() == 0
    assert "drained" in merged_server.log
