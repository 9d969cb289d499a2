"""Whole runs of the program, as a subprocess."""

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

from tune.conftest import Pod, conversations

# Each run imports torch, which takes seconds on a free machine and a minute on a busy one.
pytestmark = pytest.mark.timeout(900)

ARGUMENTS: dict[str, Any] = {
    "output_dir": "results",
    "save_strategy": "no",
    "per_device_train_batch_size": 8,
    "learning_rate": 1e-2,
    "logging_steps": 1,
    "num_train_epochs": 3,
}


def configure(pod: Pod, model: Path, *, arguments: dict[str, Any] | None = None, **sections: dict[str, Any]) -> None:
    defaults: dict[str, dict[str, Any]] = {
        "ModelConfig": {
            "pretrained_model_name_or_path": str(model),
            "torch_dtype": "float32",
            "local_files_only": True,
        },
        "LoraConfig": {"r": 8, "lora_alpha": 16, "lora_dropout": 0.0},
        "TrainingArguments": {**ARGUMENTS, **(arguments or {})},
        "DataCollator": {"mlm": True},
    }
    pod.configure(**{**defaults, **sections})


def answer(model: Any, tokenizer: Any, question: str) -> str:
    messages = [{"role": "user", "content": question}]
    ids = tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_tensors="pt", return_dict=True)
    with torch.no_grad():
        output = model.generate(**ids, max_new_tokens=12, do_sample=False)
    return str(tokenizer.decode(output[0][ids["input_ids"].shape[1] :]))


def losses(output: str) -> list[float]:
    """Loss of every logged step."""
    return [float(line.split("loss ")[1].split(",")[0]) for line in output.splitlines() if ": loss " in line]


def test_lora_lowers_the_loss_and_changes_the_answer(pod: Pod, llama: Path) -> None:
    configure(pod, llama, arguments={"num_train_epochs": 8})
    pod.data("train.jsonl", conversations(64))
    code, output = pod.run()
    assert code == 0, output
    values = losses(output)
    assert len(values) == 64
    assert values[-1] < values[0] / 2
    assert sorted(path.name for path in pod.results.iterdir()) == [
        "adapter_config.json",
        "adapter_model.safetensors",
        "fine_tuning_completed.txt",
        "fine_tuning_progress.json",
        "fine_tuning_run.json",
    ]
    progress = json.loads((pod.results / "fine_tuning_progress.json").read_text())
    assert (progress["phase"], progress["step"], progress["totalSteps"]) == ("completed", 64, 64)
    tokenizer = AutoTokenizer.from_pretrained(llama)
    base = AutoModelForCausalLM.from_pretrained(llama)
    before = answer(base, tokenizer, "what is 5?")
    after = answer(PeftModel.from_pretrained(base, str(pod.results)), tokenizer, "what is 5?")
    assert "seven seven seven" not in before
    assert after.startswith("seven seven seven")

    # Asked again, as a Job does whose pod was lost after the last step: nothing to do.
    stamp = (pod.results / "adapter_model.safetensors").stat().st_mtime_ns
    code, output = pod.run()
    assert (code, "already has the adapter" in output) == (0, True)
    assert (pod.results / "adapter_model.safetensors").stat().st_mtime_ns == stamp


def test_qlora_of_a_phi3_with_prompts_in_parquet(pod: Pod, phi3: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    configure(
        pod,
        phi3,
        QuantizationConfig={
            "load_in_4bit": True,
            "bnb_4bit_quant_type": "nf4",
            "bnb_4bit_use_double_quant": True,
        },
        DatasetConfig={"context_column": "question", "response_column": "answer", "train_test_split": 0.75},
    )
    rows = [{"question": f"what is {number}? ", "answer": "ten nine eight", "id": number} for number in range(64)]
    (pod.root / "data").mkdir()
    pq.write_table(pa.Table.from_pylist(rows), pod.root / "data" / "train.parquet")
    code, output = pod.run()
    assert code == 0, output
    values = losses(output)
    assert values[-1] < values[0] - 1
    progress = json.loads((pod.results / "fine_tuning_progress.json").read_text())
    assert (progress["method"], progress["trainRows"]) == ("qlora", 48)
    assert "eval_loss" in progress["metrics"]
    config = json.loads((pod.results / "adapter_config.json").read_text())
    assert config["target_modules"] == ["down_proj", "gate_up_proj", "o_proj", "qkv_proj"]
    base = AutoModelForCausalLM.from_pretrained(phi3)
    assert PeftModel.from_pretrained(base, str(pod.results)).peft_config["default"].r == 8


def test_two_processes_share_the_rows(pod: Pod, llama: Path) -> None:
    configure(pod, llama)
    pod.data("train.jsonl", conversations(64))
    code, output = pod.run("--processes", "2")
    assert code == 0, output
    values = losses(output)
    # 64 rows in batches of 8 on 2 processes are 4 steps an epoch; only the first process logs.
    assert len(values) == 12
    assert values[-1] < values[0]
    assert json.loads((pod.results / "fine_tuning_progress.json").read_text())["processes"] == 2
    assert (pod.results / "fine_tuning_completed.txt").exists()


@pytest.mark.parametrize("processes", [1, 2])
def test_sigterm_saves_and_the_next_run_gives_the_same_result(
    pod: Pod, llama: Path, tmp_path: Path, processes: int
) -> None:
    # Dropout and shuffling draw random numbers, so the state of their generators has to come back too.
    settings: dict[str, Any] = {
        "arguments": {"num_train_epochs": 20 // processes},
        "LoraConfig": {"r": 8, "lora_dropout": 0.1},
    }
    more = ("--processes", str(processes))
    whole = Pod(tmp_path / "whole")
    whole.root.mkdir()
    for each in (whole, pod):
        configure(each, llama, **settings)
        each.data("train.jsonl", conversations(64))
    code, output = whole.run(*more)
    assert code == 0, output

    process = pod.start(*more)
    seen = pod.wait_for(lambda progress: progress["step"] >= 5)
    assert seen["phase"] == "training"
    assert b'slipway_tuning_state{phase="training"} 1.0' in pod.get("/metrics")
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 143, out + err
    assert "the next run goes on" in err
    (saved,) = pod.results.glob("checkpoint-*")
    step = int(saved.name.removeprefix("checkpoint-"))
    assert 5 <= step < seen["totalSteps"]
    assert not (pod.results / "fine_tuning_completed.txt").exists()
    assert not (pod.results / "fine_tuning_failed.json").exists()
    assert not (pod.results / "README.md").exists()
    assert json.loads((pod.results / "fine_tuning_progress.json").read_text())["phase"] == "interrupted"

    code, output = pod.run(*more)
    assert code == 0, output
    progress = json.loads((pod.results / "fine_tuning_progress.json").read_text())
    assert progress["resumedFromStep"] == step
    assert (pod.results / "adapter_model.safetensors").read_bytes() == (
        whole.results / "adapter_model.safetensors"
    ).read_bytes()


def test_a_killed_training_process_leaves_the_marker(pod: Pod, llama: Path) -> None:
    configure(pod, llama, arguments={"num_train_epochs": 500})
    pod.data("train.jsonl", conversations(64))
    process = pod.start()
    pod.wait_for(lambda progress: progress["step"] >= 1)
    (worker,) = children(process.pid)
    os.kill(worker, signal.SIGKILL)
    _, err = process.communicate(timeout=300)
    assert process.returncode == 4
    assert "most likely because memory ran out" in err
    assert pod.marker()["reason"] == "outOfMemory"


def children(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(stat.parent.name))
    return found


def test_a_wrong_configuration_ends_at_once_with_the_marker(pod: Pod, llama: Path) -> None:
    configure(pod, llama, LoraConfig={"rank": 8})
    pod.environment["PYTHONPROFILEIMPORTTIME"] = "1"
    code, output = pod.run()
    assert code == 2
    assert "training_config.LoraConfig.rank: unknown key; did you mean" in output
    assert pod.marker()["reason"] == "configuration"
    assert not imports_torch(output)


def test_what_only_the_library_knows_to_be_wrong_is_configuration_too(pod: Pod, llama: Path) -> None:
    configure(pod, llama, LoraConfig={"r": 0})
    pod.data("train.jsonl", conversations(8))
    code, output = pod.run()
    assert code == 2, output
    assert "training_config: `r` should be a positive integer" in output


def test_broken_rows_end_with_the_marker_of_the_data(pod: Pod, llama: Path) -> None:
    configure(pod, llama)
    pod.data("train.jsonl", [*conversations(1), {"messages": [{"role": "bot", "content": "x"}]}])
    code, output = pod.run()
    assert code == 3, output
    assert "row 2: messages[0].role must be system, user, assistant or tool, not 'bot'" in output
    assert pod.marker()["exitCode"] == 3


def test_a_folder_without_data_is_told_before_torch_is_loaded(pod: Pod, llama: Path) -> None:
    configure(pod, llama)
    pod.environment["PYTHONPROFILEIMPORTTIME"] = "1"
    code, output = pod.run()
    assert code == 3
    assert "the input step has to put the dataset there" in output
    assert not imports_torch(output)


def imports_torch(output: str) -> bool:
    """Whether the lines of Python's import profile name torch; its import takes seconds, and much memory."""
    modules = [line.rsplit("|", 1)[1].strip() for line in output.splitlines() if line.startswith("import time:")]
    assert "argparse" in modules
    return "torch" in modules


def test_a_model_that_is_not_there_is_configuration(pod: Pod, tmp_path: Path) -> None:
    configure(pod, tmp_path / "nothing")
    pod.data("train.jsonl", conversations(8))
    code, output = pod.run()
    assert code == 2, output
    assert "nothing" in pod.marker()["message"]


def test_a_port_that_is_taken_is_told(pod: Pod, llama: Path) -> None:
    import socket

    configure(pod, llama)
    pod.data("train.jsonl", conversations(8))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        code, output = pod.run("--port", str(taken.getsockname()[1]))
    assert code != 0
    assert "already in use" in output


def test_sigterm_before_training_begins_is_an_interruption(pod: Pod, llama: Path) -> None:
    configure(pod, llama)
    pod.data("train.jsonl", conversations(8))
    # Reading a pipe that nobody writes to holds the program where it has just begun.
    pipe = pod.root / "pipe.yaml"
    os.mkfifo(pipe)
    process = pod.start("--config", str(pipe))
    writer = os.open(pipe, os.O_WRONLY)
    process.send_signal(signal.SIGTERM)
    os.write(writer, (pod.root / "config" / "training_config.yaml").read_bytes())
    os.close(writer)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 143, out + err
    assert "stopped on request before training began" in err
    assert not (pod.results / "fine_tuning_failed.json").exists()


def test_an_adapter_that_is_there_outlives_a_run_that_could_not_begin(pod: Pod, llama: Path) -> None:
    pod.data("train.jsonl", conversations(8))
    configure(pod, llama, arguments={"num_train_epochs": 1})
    code, output = pod.run()
    assert code == 0, output
    configure(pod, llama, arguments={"num_train_epochs": "many"})
    assert pod.run()[0] == 2
    assert (pod.results / "fine_tuning_completed.txt").exists()
    assert pod.marker()["exitCode"] == 2
    configure(pod, llama, arguments={"num_train_epochs": 1})
    code, output = pod.run()
    assert (code, "already has the adapter" in output) == (0, True)
    assert not (pod.results / "fine_tuning_failed.json").exists()
