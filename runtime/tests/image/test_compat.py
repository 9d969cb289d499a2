import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from slipway_runtime.compat import serve as compat_serve
from slipway_runtime.compat import serve_config
from slipway_runtime.compat.argv import parse
from slipway_runtime.compat.serve_config import transformers_config, vllm_config
from slipway_runtime.config.serve import ServeSettings

RUNTIME = Path(__file__).parents[2]

# What KAITO v0.12 emits for a preset with adapters and a configuration file.
KAITO_VLLM = [
    "--served-model-name=phi-4-mini-instruct",
    "--max-model-len=auto",
    "--gpu-memory-utilization=0.84",
    '--kv-events-config={"enable_kv_cache_events":true}',
    "--compilation-config.pass_config.fuse_allreduce_rms=False",
    "--enable-lora",
    "--model=microsoft/phi-4-mini-instruct",
    "--download-dir=/workspace/weights",
    "--load_format=auto",
    "--trust-remote-code",
    "--dtype=bfloat16",
    "--kaito-kv-cache-cpu-memory-utilization=0",
]


def test_kaitos_vllm_command_line_is_a_valid_configuration(tmp_path: Path) -> None:
    file = tmp_path / "inference_config.yaml"
    file.write_text("kv_cache_cpu_memory_utilization: 0.5\nvllm: {max-model-len: 2048, max_num_seqs: 8}\n")
    config = vllm_config(parse([*KAITO_VLLM, f"--kaito-config-file={file}"]))
    settings = ServeSettings.model_validate(config)
    assert settings.runtime.model == "microsoft/phi-4-mini-instruct"
    assert settings.runtime.served_model_name == "phi-4-mini-instruct"
    assert settings.runtime.trust_remote_code is True
    # The file wins over the command line.
    assert settings.runtime.max_context == 2048
    assert settings.kv_cache_cpu_memory_utilization == 0.5
    assert settings.vllm == {
        "gpu-memory-utilization": 0.84,
        "kv-events-config": {"enable_kv_cache_events": True},
        "compilation-config.pass_config.fuse_allreduce_rms": False,
        "load-format": "auto",
        "max-num-seqs": 8,
    }


def test_kaitos_transformers_command_line_is_a_valid_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b", "no-adapter"):
        (tmp_path / name).mkdir()
        if name != "no-adapter":
            (tmp_path / name / "adapter_config.json").write_text("{}")
    monkeypatch.setattr(serve_config, "DEFAULT_ADAPTERS", str(tmp_path))
    arguments = parse(["--pipeline", "text-generation", "--torch_dtype=bfloat16", "--trust_remote_code"])
    settings = ServeSettings.model_validate(transformers_config(arguments, {"a": "0.5"}))
    assert settings.runtime.backend == "transformers"
    assert settings.runtime.model == "/workspace/weights"
    assert settings.runtime.dtype == "bfloat16"
    assert [(item.name, item.strength) for item in settings.adapters.items] == [("a", 0.5), ("b", 1.0)]
    assert settings.adapters.mode == "merged"


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--pipeline=summarization"], "allowed are text-generation and conversational"),
        (["--torch_dtpye=bfloat16"], "unknown: --torch-dtpye"),
        (["text"], "expected --key=value"),
    ],
)
def test_a_wrong_command_line_ends_with_2(argv: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert compat_serve.serve_transformers(argv) == 2
    assert message in capsys.readouterr().err


def test_an_inline_chat_template_becomes_a_file() -> None:
    written: list[str] = []

    def write(text: str) -> str:
        written.append(text)
        return "/tmp/template.jinja"

    config = vllm_config(parse(["--chat-template={{ messages }}"]))
    assert serve_config.with_template_file(config, write)["runtime"]["chat_template"] == "/tmp/template.jinja"
    assert written == ["{{ messages }}"]


@pytest.mark.parametrize("path", sorted((RUNTIME / "compat").rglob("*.py")), ids=lambda path: path.name)
def test_every_path_of_kaito_leads_to_something(path: Path) -> None:
    code = f"import runpy; module = runpy.run_path({str(path)!r}); print(len(module))"
    environment = {**os.environ, "PYTHONPATH": str(RUNTIME / "src")}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr


def test_probes_of_workers_are_content_and_those_of_a_leader_without_a_server_are_not() -> None:
    script = str(RUNTIME / "compat" / "vllm" / "multi-node-health-check.py")
    command = [sys.executable, script, "readiness", "--vllm-port=9"]
    environment = {**os.environ, "PYTHONPATH": str(RUNTIME / "src")}
    worker = subprocess.run(command, env={**environment, "POD_INDEX": "1"}, check=False)
    leader = subprocess.run(command, env={**environment, "POD_INDEX": "0"}, check=False, capture_output=True)
    assert (worker.returncode, leader.returncode) == (0, 1)


def test_the_ray_script_refuses_what_it_does_not_know() -> None:
    script = RUNTIME / "compat" / "vllm" / "multi-node-serving.sh"
    for arguments in (["leader", "--ray_size=2"], ["leader"], ["worker"], []):
        done = subprocess.run([str(script), *arguments], capture_output=True, check=False)
        assert done.returncode == 2, arguments


def test_values_keep_their_meaning() -> None:
    assert parse(["--a=True", "--b_c=1", "--d=auto", "--e", "--f=0.5", "--g=[1]"]) == {
        "a": True,
        "b-c": 1,
        "d": "auto",
        "e": True,
        "f": 0.5,
        "g": json.loads("[1]"),
    }
