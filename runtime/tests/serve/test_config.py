"""The settings: what is read, what is refused, and in which words."""

from pathlib import Path

import pytest

from slipway_runtime.config.load import load_settings
from slipway_runtime.config.overrides import from_environment, overrides
from slipway_runtime.config.problems import ConfigError
from slipway_runtime.config.serve import RaySection, ServeSettings


def problems_of(text: str, folder: Path) -> list[str]:
    file = folder / "config.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_settings(file)
    return [str(problem).removeprefix(f"{folder}/") for problem in caught.value.problems]


def test_an_empty_file_needs_only_a_model(tmp_path: Path) -> None:
    assert problems_of("", tmp_path) == [
        "config.yaml: runtime.model is missing: a Hugging Face id (org/name) or an absolute folder"
    ]


def test_every_problem_is_reported_with_its_place(tmp_path: Path) -> None:
    text = (
        "runtime: {backend: vlm, model: a/b, revison: x}\n"
        "server:\n"
        "  port: 99999\n"
        "adapters:\n"
        "  items: [{name: one, strength: strong}]\n"
        "max_context: 5\n"
    )
    found = problems_of(text, tmp_path)
    assert [line.split(" ")[0] for line in found] == [
        "config.yaml:1:11:",
        "config.yaml:1:37:",
        "config.yaml:3:3:",
        "config.yaml:5:23:",
        "config.yaml:6:1:",
    ]
    assert "must be 'auto', 'vllm' or 'transformers', not 'vlm'" in found[0]
    assert 'unknown key; did you mean "revision"?' in found[1]
    assert "must be less than or equal to 65535, not 99999" in found[2]
    assert "adapters.items[0].strength" in found[3]
    assert 'did you mean "runtime.max_context"?' in found[4]


def test_a_key_that_is_there_twice_is_an_error(tmp_path: Path) -> None:
    found = problems_of("runtime: {model: a/b}\nserver: {port: 1, port: 2}\n", tmp_path)
    assert found == ["config.yaml:2:19: server.port: the key is already in line 2; keep one"]


def test_flags_that_other_settings_decide_are_refused(tmp_path: Path) -> None:
    found = problems_of("runtime: {model: a/b}\nvllm: {served-model-name: x, --tp: 2, seed: 1}\n", tmp_path)
    assert found == [
        'config.yaml:2:1: vllm: "served-model-name" is decided by runtime.served_model_name; remove it here; '
        '"--tp": write it without the dashes in front'
    ]


def test_sections_that_contradict_each_other_are_all_named(tmp_path: Path) -> None:
    text = "runtime: {backend: transformers, model: org/name}\nweights: {source: folder}\n"
    text += "ray: {cluster_size: 2, leader_address: a}\n"
    (found,) = problems_of(text, tmp_path)
    assert 'runtime.model must be an absolute path, not "org/name"' in found
    assert "the transformers backend serves from one node" in found


@pytest.mark.parametrize("text", ["[1, 2]", "runtime: [", "a: b: c", "\t"])
def test_what_is_no_mapping_is_refused(text: str, tmp_path: Path) -> None:
    assert problems_of(text, tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nothing\.yaml: cannot be read"):
        load_settings(tmp_path / "nothing.yaml")


def test_a_flag_beats_the_environment_which_beats_the_file(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("runtime: {model: /file, dtype: float16}\nserver: {port: 1}\n", encoding="utf-8")
    environment = from_environment({"SLIPWAY_SERVER_PORT": "2", "SLIPWAY_RUNTIME_MODEL": "/environment"})
    flags = {("server", "port"): ("flag --server-port", "3")}
    settings = load_settings(file, environment, flags)
    assert (settings.server.port, settings.runtime.model, settings.runtime.dtype) == (3, "/environment", "float16")


def test_a_wrong_flag_is_named_as_such() -> None:
    with pytest.raises(ConfigError, match=r"flag --server-port: server\.port: must be a valid integer"):
        load_settings(None, {}, {("server", "port"): ("flag --server-port", "many")})


def test_scalars_have_flags_and_lists_have_none() -> None:
    flags = {override.flag for override in overrides()}
    assert {"--server-max-queue", "--runtime-max-context", "--telemetry-otlp-endpoint"} <= flags
    assert not {"--vllm", "--adapters-items"} & flags


@pytest.mark.parametrize(
    ("model", "source", "name"), [("/models/Phi-3", "folder", "phi-3"), ("org/Llama-3", "hub", "llama-3")]
)
def test_the_model_implies_its_source_and_name(model: str, source: str, name: str) -> None:
    settings = ServeSettings.model_validate({"runtime": {"model": model}})
    assert (settings.weights_source, settings.served_name) == (source, name)


def test_kaitos_inference_config_is_a_part_of_the_file() -> None:
    settings = ServeSettings.model_validate(
        {
            "runtime": {"model": "org/name"},
            "max_probe_steps": 6,
            "kv_cache_cpu_memory_utilization": 0.5,
            "vllm": {"cpu-offload-gb": 0, "max-model-len": 4096},
        }
    )
    assert settings.vllm["max-model-len"] == 4096


@pytest.mark.parametrize(
    ("environment", "role"),
    [({"POD_INDEX": "0"}, "leader"), ({"POD_INDEX": "1"}, "worker"), ({"LWS_WORKER_INDEX": "0"}, "leader")],
)
def test_the_pods_index_decides_its_role(environment: dict[str, str], role: str) -> None:
    ray = ServeSettings.model_validate(
        {"runtime": {"model": "a/b"}, "ray": {"cluster_size": 2, "leader_address": "a"}}
    ).ray
    assert ray is not None
    assert ray.role(environment) == role
    with pytest.raises(ConfigError, match="set POD_INDEX or LWS_WORKER_INDEX"):
        ray.role({})


def test_the_leader_is_the_one_of_the_settings_or_of_the_leader_worker_set() -> None:
    environment = {"LWS_LEADER_ADDRESS": "group-0.group.models"}
    assert RaySection(cluster_size=2).leader(environment) == "group-0.group.models"
    assert RaySection(cluster_size=2, leader_address="named").leader(environment) == "named"
    with pytest.raises(ConfigError, match=r"set ray\.leader_address, or the variable LWS_LEADER_ADDRESS"):
        RaySection(cluster_size=2).leader({})


def test_a_model_may_have_several_names() -> None:
    settings = ServeSettings.model_validate({"runtime": {"model": "a/b", "served_model_name": ["phi", "chat"]}})
    assert (settings.served_names, settings.served_name) == (("phi", "chat"), "phi")
    assert ServeSettings.model_validate({"runtime": {"model": "a/B"}}).served_names == ("b",)


@pytest.mark.parametrize(
    ("runtime", "message"),
    [
        ("served_model_name: [a, a]", 'the model id "a" is given twice'),
        ("served_model_name: [x, tone]", 'the model id "tone" is given twice'),
        ("served_model_name: []", "runtime.served_model_name: must have at least 1 item"),
        ("served_model_name: 5", "runtime.served_model_name: must be a valid string, not 5"),
    ],
)
def test_names_that_cannot_be_served_are_told(tmp_path: Path, runtime: str, message: str) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(f"runtime: {{model: a/b, {runtime}}}\nadapters: {{items: [{{name: tone}}]}}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_settings(file)
    assert message in str(caught.value)
