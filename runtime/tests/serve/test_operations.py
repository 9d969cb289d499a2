"""What operators see of a running server, on both backends."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from serve.serverprocess import ServerProcess, test_environment


def test_the_phases_are_passed_in_order(server: ServerProcess) -> None:
    shown = server.get("/startupz").json()
    assert shown["phase"] == "ready"
    assert server.get("/").json() == {"message": "Server is running"}
    assert server.get("/health").json() == {"status": "Healthy"}
    assert server.metric("slipway_model_load_seconds") == pytest.approx(shown["elapsed_seconds"], rel=5)


def test_queue_metrics_have_vllms_names(server: ServerProcess) -> None:
    before = server.metric("vllm:generation_tokens_total")
    server.post("/v1/completions", {"model": "tiny", "prompt": "a", "max_tokens": 5, "ignore_eos": True})
    text = server.get("/metrics").text
    for name in ("vllm:num_requests_running", "vllm:num_requests_waiting"):
        assert f"# TYPE {name} gauge" in text
        assert 'model_name="tiny"' in text
    assert server.metric("vllm:generation_tokens_total") >= before + 5
    assert 'slipway_adapter_info{adapter="half",mode="per-request",strength="0.5"} 1.0' in text


def test_every_metric_is_there_once_with_a_text_and_a_type(server: ServerProcess) -> None:
    answer = server.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    families = list(text_string_to_metric_families(answer.text))
    names = [family.name for family in families]
    assert sorted(set(names)) == sorted(names)
    ours = [family for family in families if family.name.startswith("slipway_")]
    assert len(ours) >= 15
    for family in ours:
        assert family.documentation, family.name
        assert family.type in ("counter", "gauge", "histogram"), family.name
        assert "milli" not in family.name


def test_every_log_line_of_ours_is_json(server: ServerProcess) -> None:
    server.post("/v1/completions", {"prompt": "a", "max_tokens": 2}, headers={"x-request-id": "find-me"})
    deadline = time.monotonic() + 60
    # The line is written after the answer, and its end after its beginning.
    while not (mine := access_lines(server, "find-me")) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [line["path"] for line in mine] == ["/v1/completions"]


def access_lines(server: ServerProcess, request_id: str) -> list[dict[str, object]]:
    whole = server.log.rpartition("\n")[0].splitlines()
    lines = [json.loads(line) for line in whole if line.startswith("{")]
    return [line for line in lines if line.get("request_id") == request_id and "status" in line]


def test_tokens_and_text_are_turned_into_each_other(server: ServerProcess) -> None:
    tokens = server.post("/tokenize", {"model": "tiny", "prompt": "hello world"}).json()
    assert tokens["max_model_len"] == 512
    assert len(tokens["tokens"]) == tokens["count"]
    text = server.post("/detokenize", {"model": "tiny", "tokens": tokens["tokens"]}).json()
    assert text["prompt"].endswith("hello world")


def test_a_body_over_the_limit_is_a_413(server: ServerProcess) -> None:
    answer = server.post("/v1/completions", {"prompt": "x" * 70000})
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "request_too_large")


def test_what_is_no_json_is_a_400(server: ServerProcess) -> None:
    answer = server.post("/v1/completions", content=b"{no")
    assert (answer.status_code, "no JSON" in answer.json()["error"]["message"]) == (400, True)


@pytest.mark.parametrize("question", ["live", "ready", "startup"])
def test_the_probe_command_says_yes(server: ServerProcess, question: str) -> None:
    command = [sys.executable, "-m", "slipway_runtime", "probe", question, "--port", str(server.port)]
    done = subprocess.run(command, env=test_environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_probe_command_says_no_where_nobody_answers() -> None:
    command = [sys.executable, "-m", "slipway_runtime", "probe", "ready", "--port", "1"]
    done = subprocess.run(command, env=test_environment(), capture_output=True, text=True, check=False)
    assert (done.returncode, "127.0.0.1:1 does not answer" in done.stdout) == (1, True)


def test_settings_that_cannot_be_used_end_with_2_and_all_problems(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("server: {prt: 1}\nruntime: {backend: x, model: a}\n", encoding="utf-8")
    command = [sys.executable, "-m", "slipway_runtime", "serve", "--config", str(file)]
    done = subprocess.run(command, env=test_environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "2 problems; nothing was started" in done.stderr


def test_a_folder_without_a_model_ends_with_1_and_the_reason(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path, {"runtime": {"backend": "transformers", "model": str(tmp_path)}})
    assert server.process.wait(600) == 1
    assert "has no config.json, so it is no model folder" in server.log


@pytest.mark.ends_server
@pytest.mark.parametrize("server", ["vllm"], indirect=True)
def test_a_killed_vllm_ends_the_pod_with_the_reason_within_seconds(server: ServerProcess) -> None:
    (child,) = children(server.process.pid)
    killed = time.monotonic()
    subprocess.run(["kill", f"-{signal.SIGKILL.value}", str(child)], check=True)
    while "vLLM ended while ready: killed by SIGKILL" not in server.log:
        assert time.monotonic() - killed < 15, "not noticed within 15 s"
        time.sleep(0.05)
    assert server.process.wait(300) == 1


def children(pid: int) -> list[int]:
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=True)
    return [int(line) for line in listed.stdout.split()]
