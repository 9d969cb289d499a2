from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from slipway_runtime.config.cli import render
from slipway_runtime.config.problems import ConfigError
from slipway_runtime.tune.load import load_training_config
from slipway_runtime.tune.outcome import TuneError
from slipway_runtime.tune.run import RunPaths
from slipway_runtime.tune.schema import tune_schema

SCHEMA = Path(__file__).parents[2] / "schema" / "tune.schema.json"

# The two default ConfigMaps of KAITO's chart, as its documentation lists their content.
LORA = {
    "ModelConfig": {"torch_dtype": "bfloat16", "local_files_only": True, "device_map": "auto"},
    "QuantizationConfig": {"load_in_4bit": False},
    "LoraConfig": {"r": 8, "lora_alpha": 8, "lora_dropout": 0.0},
    "TrainingArguments": {
        "output_dir": "/mnt/results",
        "ddp_find_unused_parameters": False,
        "save_strategy": "no",
        "per_device_train_batch_size": 1,
    },
    "DataCollator": {"mlm": True},
    "DatasetConfig": {"shuffle_dataset": True, "train_test_split": 1},
}
QLORA = {
    **LORA,
    "QuantizationConfig": {
        "load_in_4bit": True,
        "bnb_4bit_quant_type": "nf4",
        "bnb_4bit_compute_dtype": "bfloat16",
        "bnb_4bit_use_double_quant": True,
    },
}


def write(folder: Path, text: str) -> Path:
    path = folder / "training_config.yaml"
    path.write_text(text)
    return path


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_training_config(write(folder, text))
    return [str(problem).removeprefix(f"{folder}/training_config.yaml:") for problem in caught.value.problems]


@pytest.mark.parametrize(("sections", "quantized"), [(LORA, False), (QLORA, True)])
def test_the_defaults_of_kaito_are_read(tmp_path: Path, sections: dict[str, Any], quantized: bool) -> None:
    training = load_training_config(write(tmp_path, yaml.safe_dump({"training_config": sections})))
    assert training.quantized is quantized
    assert training.arguments.given() == {
        "output_dir": "/mnt/results",
        "ddp_find_unused_parameters": False,
        "save_strategy": "no",
        "per_device_train_batch_size": 1,
    }
    jsonschema.validate({"training_config": sections}, tune_schema())


def test_every_problem_is_named_with_position_and_path(tmp_path: Path) -> None:
    text = """\
training_config:
  ModelConfig:
    torch_dtype: bfloat17
    state_dict: {}
  LoraConfig:
    lora_alpah: 8
    r: many
  TrainingArguments:
    evaluation_strategy: steps
    hub_token: secret
  Trainer: {}
  QuantizationConfig: {load_in_4bit: true, load_in_8bit: true}
other: 1
"""
    found = problems(tmp_path, text)
    assert (
        "3:5: training_config.ModelConfig.torch_dtype: must be 'auto', 'bfloat16', 'float16' or 'float32',"
        in (found[0])
    )
    assert "4:5: training_config.ModelConfig.state_dict: is not offered: the weights are read from the folder" in found
    assert '6:5: training_config.LoraConfig.lora_alpah: unknown key; did you mean "lora_alpha"?' in found
    assert any(line.startswith("7:5: training_config.LoraConfig.r: must be a valid integer") for line in found)
    assert (
        '9:5: training_config.TrainingArguments.evaluation_strategy: unknown key; did you mean "eval_strategy"?'
        in found
    )
    assert any("10:5: training_config.TrainingArguments.hub_token: is not offered" in line for line in found)
    assert any(line.startswith("11:3: training_config.Trainer: unknown key; did you mean") for line in found)
    assert any(line.startswith("12:3: ") and "both true; keep one" in line for line in found)
    assert any(line.startswith("13:1: other: unknown key; known here: training_config") for line in found)
    assert len(found) == 9


def test_a_file_without_the_root_key_says_so(tmp_path: Path) -> None:
    assert problems(tmp_path, "LoraConfig: {}\n")[0].endswith(" training_config: is required")


def test_yaml_1_1_spellings_mean_what_they_say(tmp_path: Path) -> None:
    text = """\
training_config:
  TrainingArguments: {learning_rate: 1e-4, save_strategy: no, eval_strategy: no, logging_strategy: no}
"""
    given = load_training_config(write(tmp_path, text)).arguments.given()
    assert given == {
        "learning_rate": 1e-4,
        "save_strategy": "no",
        "eval_strategy": "no",
        "logging_strategy": "no",
    }


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ("DatasetConfig: {messages_column: a, text_column: b}", "messages_column and text_column are given"),
        ("DatasetConfig: {context_column: a}", "context_column needs response_column"),
        ("DatasetConfig: {instruction_column: a}", "instruction_column and output_column go together"),
        ("DatasetConfig: {input_column: a}", "input_column needs"),
        ("DatasetConfig: {train_test_split: 0}", "must be greater than 0, not 0"),
        ("DatasetConfig: {dataset_extension: arrow}", "must be 'csv', 'json', 'jsonl' or 'parquet'"),
        ("LoraConfig: {task_type: SEQ_CLS}", "task_type must be CAUSAL_LM"),
        ("TrainingArguments: {eval_strategy: steps}", "no rows are left for it"),
        ("TrainingArguments: {load_best_model_at_end: true}", "needs rows to compare on"),
    ],
)
def test_sections_that_contradict_themselves_are_refused(tmp_path: Path, section: str, message: str) -> None:
    assert message in "\n".join(problems(tmp_path, f"training_config:\n  {section}\n"))


@pytest.mark.parametrize(
    ("output_dir", "folder"),
    [(None, "results"), ("results/a", "results/a"), ("/mnt/x/../y", "y")],
)
def test_the_output_folder_is_below_the_root(tmp_path: Path, output_dir: str | None, folder: str) -> None:
    given = "" if output_dir is None else f"TrainingArguments: {{output_dir: {output_dir}}}"
    training = load_training_config(write(tmp_path, f"training_config: {{{given}}}\n"))
    assert RunPaths.from_environment({}).output_dir(training) == Path("/mnt") / folder


@pytest.mark.parametrize("output_dir", ["/mnt", "/tmp/x", "../x", "."])
def test_an_output_folder_elsewhere_is_refused(tmp_path: Path, output_dir: str) -> None:
    text = f"training_config: {{TrainingArguments: {{output_dir: {output_dir}}}}}\n"
    training = load_training_config(write(tmp_path, text))
    with pytest.raises(TuneError, match="must be a folder below /mnt"):
        RunPaths.from_environment({}).output_dir(training)


def test_kaitos_variables_say_where_configuration_and_data_are() -> None:
    paths = RunPaths.from_environment({"YAML_FILE_PATH": "/c.yaml", "DATASET_FOLDER_PATH": "/d"})
    assert (paths.config, paths.data_dir) == (Path("/c.yaml"), Path("/d"))
    usual = RunPaths.from_environment({})
    assert (usual.config, usual.data_dir) == (Path("/mnt/config/training_config.yaml"), Path("/mnt/data"))


def test_the_exported_schema_is_the_one_in_the_repository() -> None:
    message = "run: python -m slipway_runtime schema tune --output schema"
    assert SCHEMA.read_text(encoding="utf-8") == render("tune"), message


def test_the_schema_refuses_what_the_program_refuses() -> None:
    with pytest.raises(jsonschema.ValidationError, match="lora_alpah"):
        jsonschema.validate({"training_config": {"LoraConfig": {"lora_alpah": 8}}}, tune_schema())


def test_the_sections_fit_the_installed_libraries() -> None:
    import subprocess
    import sys

    from slipway_runtime.tune import generate, library_sections

    formatted = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--stdin-filename", "x.py", "-"],
        input=generate.render(),
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    ).stdout
    message = "run: python -m slipway_runtime.tune.generate, then ruff format"
    assert Path(library_sections.__file__).read_text(encoding="utf-8") == formatted, message
