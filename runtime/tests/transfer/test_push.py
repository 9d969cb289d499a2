import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from children import end_with_parent
from slipway_runtime.transfer.errors import EXIT_CONFIG, EXIT_TRAINING, TransferError
from slipway_runtime.transfer.push_adapter import push_adapter
from slipway_runtime.transfer.registry import RegistryOptions
from slipway_runtime.transfer.wait import wait_for_adapter
from transfer.loopback import LocalRegistry, fetch_manifest_digest, write_adapter

OPEN = RegistryOptions(plain_http=True)
SOURCE = Path(__file__).parents[2] / "src"


def push_command(folder: Path, reference: str, *more: str) -> "subprocess.Popen[str]":
    command = [
        sys.executable,
        "-m",
        "slipway_runtime",
        "push",
        reference,
        "--from",
        str(folder),
        "--plain-http",
    ]
    return subprocess.Popen(
        [*command, *more],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        preexec_fn=end_with_parent,
    )


def test_the_push_waits_for_the_sentinel(registry: LocalRegistry, tmp_path: Path) -> None:
    write_adapter(tmp_path, value=3)
    reference = f"{registry.host}/wait/adapter:v1"
    process = push_command(tmp_path, reference, "--result-file", str(tmp_path / "result.json"))
    assert process.stderr is not None
    assert any("waiting for fine_tuning_completed.txt" in line for line in process.stderr)
    with pytest.raises(OSError, match="404"):
        fetch_manifest_digest(registry, "wait/adapter", "v1")
    (tmp_path / "fine_tuning_completed.txt").write_text("done\n")
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    result = json.loads((tmp_path / "result.json").read_text())
    assert result["digest"] == fetch_manifest_digest(registry, "wait/adapter", "v1")
    assert json.loads(out.splitlines()[-1]) == result


def test_the_failure_marker_ends_the_push(registry: LocalRegistry, tmp_path: Path) -> None:
    process = push_command(tmp_path, f"{registry.host}/failed/adapter:v1")
    (tmp_path / "fine_tuning_failed.json").write_text(
        json.dumps({"exitCode": 4, "reason": "outOfMemory", "message": "ask for a larger machine"})
    )
    _, err = process.communicate(timeout=300)
    assert process.returncode == EXIT_TRAINING
    assert "outOfMemory: ask for a larger machine" in err
    with pytest.raises(OSError, match="404"):
        fetch_manifest_digest(registry, "failed/adapter", "v1")


def test_sigterm_ends_the_waiting(tmp_path: Path) -> None:
    process = push_command(tmp_path, "127.0.0.1:9/a:v1")
    assert process.stderr is not None
    assert any("waiting for fine_tuning_completed.txt" in line for line in process.stderr)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=300)
    assert process.returncode == 143


def test_a_heartbeat_that_stops_ends_the_waiting(tmp_path: Path) -> None:
    progress = tmp_path / "fine_tuning_progress.json"
    progress.write_text("{}")
    now = progress.stat().st_mtime
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)

    with pytest.raises(TransferError, match="the tuning program is gone") as caught:
        wait_for_adapter(tmp_path, wait_seconds=None, stale_seconds=60, sleep=sleep, clock=lambda: now + sum(pauses))
    assert caught.value.exit_code == EXIT_TRAINING
    assert sum(pauses) == 62


def test_a_limit_on_the_waiting_is_kept(tmp_path: Path) -> None:
    with pytest.raises(TransferError, match="did not appear within 0 s"):
        wait_for_adapter(tmp_path, wait_seconds=0, stale_seconds=60)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("adapter_config.json", b"{", "not JSON"),
        ("adapter_config.json", b"{}", "no peft_type"),
        ("adapter_model.safetensors", b"\xff" * 20, "longer than the file"),
        ("adapter_model.safetensors", b"\x02" + b"\0" * 7 + b"{}", "no tensors"),
        ("adapter_model.safetensors", b"\x02" + b"\0" * 7 + b"[]", "not a safetensors file"),
        ("adapter_model.safetensors", None, "not there"),
    ],
)
def test_what_is_no_adapter_is_not_pushed(adapter: Path, name: str, content: bytes | None, message: str) -> None:
    if content is None:
        (adapter / name).unlink()
    else:
        (adapter / name).write_bytes(content)
    with pytest.raises(TransferError, match=message):
        push_adapter(adapter, "127.0.0.1:9/a:v1", {}, OPEN)


def test_a_truncated_weights_file_is_not_pushed(adapter: Path) -> None:
    weights = adapter / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    with pytest.raises(TransferError, match="incomplete"):
        push_adapter(adapter, "127.0.0.1:9/a:v1", {}, OPEN)


def test_a_digest_is_no_target(adapter: Path) -> None:
    with pytest.raises(TransferError, match="needs a tag") as caught:
        push_adapter(adapter, "127.0.0.1:9/a@sha256:" + "0" * 64, {}, OPEN)
    assert caught.value.exit_code == EXIT_CONFIG


def test_a_run_that_failed_to_begin_is_not_covered_by_the_adapter_of_the_run_before(adapter: Path) -> None:
    (adapter / "fine_tuning_failed.json").write_text(json.dumps({"reason": "configuration", "message": "no such key"}))
    with pytest.raises(TransferError, match="nothing is pushed: configuration: no such key"):
        wait_for_adapter(adapter, wait_seconds=None, stale_seconds=60)
