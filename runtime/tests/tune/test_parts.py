import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import torch
from starlette.testclient import TestClient
from transformers import AutoModelForCausalLM

from slipway_runtime.tune.checkpoints import claim, is_completed
from slipway_runtime.tune.library_sections import LoraConfig
from slipway_runtime.tune.outcome import (
    EXIT_CONFIG,
    EXIT_DATA,
    EXIT_MEMORY,
    EXIT_TRAINING,
    Outcome,
    TuneError,
    outcome_of,
    write_failure,
    write_json,
)
from slipway_runtime.tune.output import clear_markers, save_adapter
from slipway_runtime.tune.progress import Progress
from slipway_runtime.tune.status_server import status_app
from slipway_runtime.tune.supervisor import read_outcome
from slipway_runtime.tune.targets import target_modules

KAITO_PHI3 = "k_proj,q_proj,v_proj,o_proj,gate_proj,down_proj,up_proj"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (TuneError("x", EXIT_DATA), EXIT_DATA),
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"), EXIT_MEMORY),
        (MemoryError(), EXIT_MEMORY),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"), EXIT_MEMORY),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED"), EXIT_MEMORY),
        (RuntimeError("shapes do not match"), EXIT_TRAINING),
        (ValueError("can't allocate memory"), EXIT_TRAINING),
    ],
)
def test_what_was_thrown_decides_the_exit_code(error: Exception, code: int) -> None:
    outcome = outcome_of(error)
    assert outcome.exitCode == code
    assert ("per_device_train_batch_size" in outcome.message) == (code == EXIT_MEMORY)


def test_torch_really_says_this_when_memory_runs_out() -> None:
    with pytest.raises(RuntimeError) as caught:
        torch.empty(1 << 60)
    assert outcome_of(caught.value).exitCode == EXIT_MEMORY


def test_all_linear_layers_but_the_head_are_tuned(llama: Path, phi3: Path) -> None:
    model = AutoModelForCausalLM.from_pretrained(llama)
    names = ["down_proj", "gate_proj", "k_proj", "o_proj", "q_proj", "up_proj", "v_proj"]
    assert target_modules(LoraConfig(), model, {}) == names
    fused = AutoModelForCausalLM.from_pretrained(phi3)
    assert target_modules(LoraConfig(), fused, {}) == ["down_proj", "gate_up_proj", "o_proj", "qkv_proj"]


def test_kaitos_list_is_taken_only_where_it_fits_the_model(llama: Path, phi3: Path) -> None:
    environ = {"DEFAULT_TARGET_MODULES": "q_proj, v_proj"}
    model = AutoModelForCausalLM.from_pretrained(llama)
    assert target_modules(LoraConfig(), model, environ) == ["q_proj", "v_proj"]
    fused = AutoModelForCausalLM.from_pretrained(phi3)
    chosen = target_modules(LoraConfig(), fused, {"DEFAULT_TARGET_MODULES": KAITO_PHI3})
    assert "qkv_proj" in chosen


def test_layers_that_the_model_does_not_have_are_refused(phi3: Path) -> None:
    model = AutoModelForCausalLM.from_pretrained(phi3)
    with pytest.raises(TuneError, match="no layer q_proj, v_proj; it has down_proj, gate_up_proj") as caught:
        target_modules(LoraConfig(target_modules=["q_proj", "v_proj", "o_proj"]), model, {})
    assert caught.value.exit_code == EXIT_CONFIG
    assert target_modules(LoraConfig(target_modules=["o_proj"]), model, {}) == ["o_proj"]
    assert target_modules(LoraConfig(target_modules="all-linear"), model, {}) == "all-linear"


def checkpoint(folder: Path, step: int, complete: bool = True) -> Path:
    path = folder / f"checkpoint-{step}"
    path.mkdir(parents=True)
    (path / "adapter_model.safetensors").write_text("x")
    if complete:
        (path / "trainer_state.json").write_text("{}")
    return path


def test_the_last_complete_checkpoint_is_gone_on_from(tmp_path: Path) -> None:
    assert claim(tmp_path, "mark", restart=False) is None
    checkpoint(tmp_path, 9)
    ten = checkpoint(tmp_path, 10)
    killed = checkpoint(tmp_path, 11, complete=False)
    assert claim(tmp_path, "mark", restart=False) == ten
    assert not killed.exists()


def test_checkpoints_of_another_run_are_not_mixed_in(tmp_path: Path) -> None:
    claim(tmp_path, "one", restart=False)
    old = checkpoint(tmp_path, 10)
    with pytest.raises(TuneError, match="another configuration or other data") as caught:
        claim(tmp_path, "two", restart=False)
    assert caught.value.exit_code == EXIT_CONFIG
    assert old.exists()
    assert claim(tmp_path, "two", restart=True) is None
    assert not old.exists()


def test_a_folder_that_cannot_be_written_is_a_matter_of_configuration(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(TuneError, match="cannot write") as caught:
        claim(tmp_path / "file" / "results", "mark", restart=False)
    assert caught.value.exit_code == EXIT_CONFIG


def test_the_sentinel_is_written_last_and_cleared_first(tmp_path: Path) -> None:
    written: list[list[str]] = []

    class Adapter:
        def save_pretrained(self, folder: str, safe_serialization: bool) -> None:
            written.append(sorted(path.name for path in tmp_path.iterdir()))
            path = Path(folder)
            path.mkdir()
            (path / "adapter_config.json").write_text('{"target_modules": ["b", "a"]}')
            (path / "adapter_model.safetensors").write_text("weights")
            (path / "README.md").write_text("x")

    write_failure(tmp_path, Outcome.of(EXIT_TRAINING, "an earlier try"))
    clear_markers(tmp_path)
    save_adapter(Adapter(), tmp_path, "3 steps")
    assert written == [[]]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "adapter_config.json",
        "adapter_model.safetensors",
        "fine_tuning_completed.txt",
    ]
    assert json.loads((tmp_path / "adapter_config.json").read_text()) == {"target_modules": ["a", "b"]}
    claim(tmp_path, "mark", restart=False)
    assert is_completed(tmp_path, "mark")
    assert not is_completed(tmp_path, "other")


def test_an_adapter_that_cannot_be_saved_leaves_no_sentinel(tmp_path: Path) -> None:
    class Adapter:
        def save_pretrained(self, folder: str, safe_serialization: bool) -> None:
            raise OSError("no space left on device")

    with pytest.raises(OSError, match="no space"):
        save_adapter(Adapter(), tmp_path, "3 steps")
    assert not (tmp_path / "fine_tuning_completed.txt").exists()
    assert not (tmp_path / "adapter_config.json").exists()


@pytest.mark.parametrize(
    ("codes", "processes", "returncode", "code"),
    [
        ([0], 1, 0, 0),
        ([143], 1, 143, 143),
        ([0, 5], 2, 1, EXIT_TRAINING),
        # The others are told to stop when one process is killed; that is no interruption of the run.
        ([143], 2, 1, EXIT_MEMORY),
        ([], 1, -9, EXIT_MEMORY),
        ([], 1, -11, EXIT_TRAINING),
    ],
)
def test_the_end_of_the_processes_decides_the_end_of_the_run(
    tmp_path: Path, codes: list[int], processes: int, returncode: int, code: int
) -> None:
    for rank, exit_code in enumerate(codes):
        write_json(tmp_path / f"outcome-{rank}.json", asdict(Outcome.of(exit_code, "x")))
    assert read_outcome(tmp_path, processes, returncode).exitCode == code


def get(folder: Path, path: str) -> Any:
    return TestClient(status_app(lambda: folder)).get(path)


def test_progress_and_metrics_are_served(tmp_path: Path) -> None:
    Progress(
        phase="training", step=5, totalSteps=10, metrics={"loss": 1.5, "entropy": 2.0}, remainingSeconds=3.5
    ).write(tmp_path)
    assert get(tmp_path, "/progress").json()["step"] == 5
    assert get(tmp_path, "/health").json() == {"status": "Healthy", "phase": "training"}
    text = get(tmp_path, "/metrics").text
    for line in (
        'slipway_tuning_state{phase="training"} 1.0',
        'slipway_tuning_state{phase="failed"} 0.0',
        "slipway_tuning_step 5.0",
        "slipway_tuning_loss 1.5",
        "slipway_tuning_remaining_seconds 3.5",
    ):
        assert line in text
    assert "entropy" not in text


def test_before_the_first_progress_the_run_is_starting(tmp_path: Path) -> None:
    assert get(tmp_path, "/progress").json()["phase"] == "starting"
    (tmp_path / "fine_tuning_progress.json").write_text("broken")
    assert get(tmp_path, "/health").json()["phase"] == "starting"
