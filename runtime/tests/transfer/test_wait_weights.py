"""Waiting for weights that another pod downloads into a shared volume."""

import subprocess
import sys
from pathlib import Path

import pytest

from slipway_runtime.transfer.errors import EXIT_UNAVAILABLE, TransferError
from slipway_runtime.transfer.staging import Staging
from slipway_runtime.transfer.wait_weights import POLL_SECONDS, wait_for_weights
from slipway_runtime.weights.mark import MARK, Mark

CONTENT = b"weights"


def finish(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(CONTENT)
    mark = Mark(model="org/tiny", asked="main", commit="c0ffee", files={"model.safetensors": len(CONTENT)})
    (folder / MARK).write_text(mark.model_dump_json())


class Clock:
    """Time that passes only while somebody sleeps; ``events`` happen when their moment has come."""

    def __init__(self, events: dict[float, object] | None = None) -> None:
        self.now = 0.0
        self.events = dict(events or {})

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        for moment in [moment for moment in self.events if moment <= self.now]:
            event = self.events.pop(moment)
            assert callable(event)
            event()


def test_weights_that_are_there_are_not_waited_for(tmp_path: Path) -> None:
    finish(tmp_path)
    assert wait_for_weights(tmp_path, wait_seconds=0) == pytest.approx(0, abs=1)


def test_a_download_that_ends_later_ends_the_waiting(tmp_path: Path) -> None:
    clock = Clock({100: lambda: finish(tmp_path)})
    waited = wait_for_weights(tmp_path, wait_seconds=600, sleep=clock.sleep, clock=clock)
    assert waited == pytest.approx(100, abs=POLL_SECONDS)


def test_what_came_from_a_registry_counts_as_well(tmp_path: Path) -> None:
    staging = Staging(tmp_path, {"digest": "sha256:0"})
    staging.open()
    staging.tree.mkdir()
    clock = Clock({20: staging.publish})
    assert wait_for_weights(tmp_path, wait_seconds=600, sleep=clock.sleep, clock=clock) == 20


def test_a_mark_without_its_files_is_not_enough(tmp_path: Path) -> None:
    finish(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(CONTENT[:-1])
    clock = Clock()
    with pytest.raises(TransferError, match=r"model\.safetensors not there, or of another size after 30 s") as raised:
        wait_for_weights(tmp_path, wait_seconds=30, sleep=clock.sleep, clock=clock)
    assert raised.value.exit_code == EXIT_UNAVAILABLE


def test_a_mark_that_is_half_written_is_none(tmp_path: Path) -> None:
    (tmp_path / MARK).write_text('{"model": "org/')
    clock = Clock({10: lambda: finish(tmp_path)})
    assert wait_for_weights(tmp_path, wait_seconds=60, sleep=clock.sleep, clock=clock) == 10


def test_the_command_says_what_it_waited_for(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "slipway_runtime", "wait", "weights", str(tmp_path), "--wait-seconds=0"]
    empty = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (empty.returncode, empty.stdout) == (EXIT_UNAVAILABLE, "")
    assert "the download has not ended after 0 s; look at the Job" in empty.stderr
    finish(tmp_path)
    full = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (full.returncode, full.stdout) == (0, '{"waited_seconds": 0.0}\n')
