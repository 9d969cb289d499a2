"""The command line of vLLM."""

import json
from pathlib import Path

import pytest

from slipway_runtime.adapters.plan import AdapterPlan, PreparedAdapter
from slipway_runtime.config.problems import ConfigError
from slipway_runtime.config.serve import OWNED_VLLM_FLAGS, ServeSettings
from slipway_runtime.engine.vllm.arguments import SEVERAL_WORDS, explain_kaito_keys, vllm_command

SOCKET = Path("/run/vllm.sock")


def settings(**sections: object) -> ServeSettings:
    return ServeSettings.model_validate({"runtime": {"model": "/m", "served_model_name": "tiny"}, **sections})


def flags(command: list[str]) -> dict[str, str]:
    """Flag -> value, empty for a bare flag."""
    found = {}
    for index, word in enumerate(command):
        if word.startswith("--"):
            following = command[index + 1] if index + 1 < len(command) else "--"
            found[word[2:]] = "" if following.startswith("--") else following
    return found


def test_the_file_wins_over_our_defaults() -> None:
    command = vllm_command(settings(vllm={"max-model-len": 1024, "dtype": "half"}), Path("/w"), AdapterPlan(), SOCKET)
    found = flags(command)
    assert (found["max-model-len"], found["dtype"], found["model"]) == ("1024", "half", "/w")
    assert flags(vllm_command(settings(), Path("/w"), AdapterPlan(), SOCKET))["max-model-len"] == "auto"


def test_booleans_are_bare_flags_and_objects_are_json() -> None:
    given = {"enforce-eager": True, "enable_prefix_caching": False, "kv-events-config": {"on": True}, "seed": None}
    command = vllm_command(settings(vllm=given), Path("/w"), AdapterPlan(), SOCKET)
    found = flags(command)
    assert found["enforce-eager"] == ""
    assert "no-enable-prefix-caching" in found
    assert json.loads(found["kv-events-config"]) == {"on": True}
    assert "seed" not in found


def test_a_list_is_the_words_or_the_json_that_vllm_takes() -> None:
    given = {"cudagraph_capture_sizes": [1, 2, 4], "allowed-origins": ["https://a.example"]}
    command = vllm_command(settings(vllm=given), Path("/w"), AdapterPlan(), SOCKET)
    at = command.index("--cudagraph-capture-sizes")
    assert command[at + 1 : at + 4] == ["1", "2", "4"]
    assert command[at + 4].startswith("--")
    assert command[command.index("--allowed-origins") + 1] == '["https://a.example"]'


def test_the_options_of_several_words_are_those_of_the_schema() -> None:
    facts = json.loads((Path(__file__).parents[2] / "schema" / "vllm-options.json").read_text())
    several = {name for name, option in facts["options"].items() if option["takes"] == "values"}
    assert several - OWNED_VLLM_FLAGS.keys() == SEVERAL_WORDS


def test_the_command_is_the_same_for_any_order_of_the_keys() -> None:
    one = vllm_command(settings(vllm={"seed": 1, "dtype": "half"}), Path("/w"), AdapterPlan(), SOCKET)
    other = vllm_command(settings(vllm={"dtype": "half", "seed": 1}), Path("/w"), AdapterPlan(), SOCKET)
    assert one == other


def test_a_merged_adapter_answers_under_the_served_name() -> None:
    plan = AdapterPlan(merged=PreparedAdapter("sum", Path("/a"), 12))
    command = vllm_command(settings(), Path("/w"), plan, SOCKET)
    found = flags(command)
    assert (found["served-model-name"], found["max-lora-rank"]) == ("tiny--base", "16")
    assert json.loads(found["lora-modules"]) == {"name": "tiny", "path": "/a"}


def test_a_rank_beyond_vllms_is_refused_with_a_way_out() -> None:
    plan = AdapterPlan(selectable=(PreparedAdapter("big", Path("/a"), 1024),))
    with pytest.raises(ConfigError, match='adapter "big": rank 1024 is more than vLLM takes'):
        vllm_command(settings(), Path("/w"), plan, SOCKET)


def test_a_group_of_nodes_is_a_pipeline_over_ray() -> None:
    ray = {"cluster_size": 3, "leader_address": "leader"}
    found = flags(vllm_command(settings(ray=ray), Path("/w"), AdapterPlan(), SOCKET))
    assert (found["pipeline-parallel-size"], found["distributed-executor-backend"]) == ("3", "ray")


def test_the_log_says_what_becomes_of_kaitos_keys() -> None:
    lines = explain_kaito_keys(settings(max_probe_steps=6, kv_cache_cpu_memory_utilization=0.5))
    assert "max_probe_steps has no effect" in lines[0]
    assert "kv-offloading-size" in lines[1]
    assert explain_kaito_keys(settings(kv_cache_cpu_memory_utilization=0)) == [
        "kv_cache_cpu_memory_utilization is 0: keys and values stay on the GPU"
    ]
    given = settings(kv_cache_cpu_memory_utilization=0.5, vllm={"kv-offloading-size": 3})
    assert explain_kaito_keys(given) == ["kv_cache_cpu_memory_utilization gives way to vllm.kv-offloading-size 3"]


def test_vllm_knows_every_flag_that_we_write() -> None:
    from vllm.entrypoints.launchers.cli_args import make_arg_parser
    from vllm.utils.argparse_utils import FlexibleArgumentParser

    plan = AdapterPlan(selectable=(PreparedAdapter("one", Path("/a"), 4),))
    sections = {"server": {"max_concurrency": 4}, "ray": {"cluster_size": 2, "leader_address": "a"}}
    whole = settings(**sections, kv_cache_cpu_memory_utilization=0.5)
    parser = make_arg_parser(FlexibleArgumentParser())
    parsed = parser.parse_args(vllm_command(whole, Path("/w"), plan, SOCKET)[3:])
    assert parsed.max_num_seqs == 4
    assert parsed.middleware == ["slipway_runtime.engine.vllm.front.Front"]
