"""Adapters with strengths, against what peft makes of them."""

import shutil
from pathlib import Path

import pytest
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

from slipway_runtime.adapters.discover import discover
from slipway_runtime.adapters.plan import AdapterPlan, prepare
from slipway_runtime.config.problems import ConfigError
from slipway_runtime.config.serve import AdaptersSection
from tinymodel import save_adapter

IDS = torch.arange(7, 27)[None]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, tiny_llama: Path) -> Path:
    root = tmp_path_factory.mktemp("combine")
    save_adapter(tiny_llama, root / "one", seed=1)
    save_adapter(tiny_llama, root / "two", seed=2)
    save_adapter(tiny_llama, root / "wide", seed=3, rank=8, modules=("q_proj", "o_proj"))
    return root


def plan(folder: Path, scratch: Path, mode: str = "merged", how: str = "cat", **strengths: float) -> AdapterPlan:
    items = [{"name": name, "strength": strength} for name, strength in strengths.items()]
    section = {"dir": str(folder), "mode": mode, "combination": how, "items": items}
    settings = AdaptersSection.model_validate(section)
    return prepare(discover(settings, {}), settings, scratch)


def logits(model_folder: Path, adapter: Path | None) -> torch.Tensor:
    model = AutoModelForCausalLM.from_pretrained(model_folder)
    if adapter is not None:
        model = PeftModel.from_pretrained(model, adapter)
    with torch.inference_mode():
        found: torch.Tensor = model.eval()(IDS).logits
    return found


def by_peft(model_folder: Path, folder: Path, how: str, strengths: dict[str, float]) -> torch.Tensor:
    base = AutoModelForCausalLM.from_pretrained(model_folder)
    first, *others = strengths
    model = PeftModel.from_pretrained(base, folder / first, adapter_name=first)
    for name in others:
        model.load_adapter(folder / name, adapter_name=name)
    model.add_weighted_adapter(list(strengths), list(strengths.values()), "sum", combination_type=how)
    model.set_adapter("sum")
    with torch.inference_mode():
        found: torch.Tensor = model.eval()(IDS).logits
    return found


@pytest.mark.parametrize("how", ["cat", "svd", "linear"])
def test_a_combination_is_what_peft_makes(how: str, folder: Path, tiny_llama: Path, tmp_path: Path) -> None:
    merged = plan(folder, tmp_path, how=how, one=0.5, two=0.75).merged
    assert merged is not None
    ours = logits(tiny_llama, merged.folder)
    theirs = by_peft(tiny_llama, folder, how, {"one": 0.5, "two": 0.75})
    assert (ours - theirs).abs().max() < 2e-4
    assert (ours - logits(tiny_llama, None)).abs().max() > 0.1


def test_joining_ranks_is_exact_for_adapters_of_different_ranks_and_modules(
    folder: Path, tiny_llama: Path, tmp_path: Path
) -> None:
    merged = plan(folder, tmp_path, one=1.0, wide=-0.5).merged
    assert merged is not None
    assert merged.rank == 12
    base = AutoModelForCausalLM.from_pretrained(tiny_llama)
    for name, strength in (("one", 1.0), ("wide", -0.5)):
        alone = plan(folder, tmp_path / name, mode="per-request", **{name: strength}).selectable[0]
        base = PeftModel.from_pretrained(base, alone.folder).merge_and_unload()
    with torch.inference_mode():
        added = base.eval()(IDS).logits
    assert (logits(tiny_llama, merged.folder) - added).abs().max() < 2e-4


def test_strength_zero_is_the_base_model_to_the_bit(folder: Path, tiny_llama: Path, tmp_path: Path) -> None:
    alone = plan(folder, tmp_path, mode="per-request", one=0.0).selectable[0]
    assert torch.equal(logits(tiny_llama, alone.folder), logits(tiny_llama, None))
    assert plan(folder, tmp_path, one=0.0, two=0.0).merged is None


def test_strength_one_is_used_from_where_it_is(folder: Path, tmp_path: Path) -> None:
    assert plan(folder, tmp_path, mode="per-request", one=1.0).selectable[0].folder == folder / "one"
    merged = plan(folder, tmp_path, one=1.0, two=0.0).merged
    assert merged is not None
    assert merged.folder == folder / "one"


def test_half_twice_is_once_whole(folder: Path, tiny_llama: Path, tmp_path: Path) -> None:
    shutil.copytree(folder / "one", tmp_path / "in" / "first")
    shutil.copytree(folder / "one", tmp_path / "in" / "second")
    for how in ("cat", "svd"):
        merged = plan(tmp_path / "in", tmp_path / how, how=how, first=0.5, second=0.5).merged
        assert merged is not None
        assert (logits(tiny_llama, merged.folder) - logits(tiny_llama, folder / "one")).abs().max() < 1e-4


def test_linear_needs_one_rank(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="linear needs adapters of one rank, these have 4, 8; use cat"):
        plan(folder, tmp_path, how="linear", one=1.0, wide=1.0)


def test_every_folder_is_used_when_none_is_listed_and_the_environment_has_the_strengths(folder: Path) -> None:
    settings = AdaptersSection(dir=str(folder))
    found = discover(settings, {"two": "0.25"})
    assert [(adapter.name, adapter.strength) for adapter in found] == [("one", 1.0), ("two", 0.25), ("wide", 1.0)]
    with pytest.raises(ConfigError, match=r'environment variable two: must be a strength such as 0\.5, not "much"'):
        discover(settings, {"two": "much"})


def test_no_folder_is_no_adapter(tmp_path: Path) -> None:
    assert discover(AdaptersSection(dir=str(tmp_path / "nothing")), {}) == []


def test_everything_that_is_broken_is_named(folder: Path, tmp_path: Path) -> None:
    root = tmp_path / "broken"
    shutil.copytree(folder, root)
    (root / "one" / "adapter_config.json").write_text("{", encoding="utf-8")
    (root / "two" / "adapter_model.safetensors").write_bytes(b"none")
    (root / "wide" / "adapter_config.json").write_text('{"peft_type": "IA3"}', encoding="utf-8")
    items = [{"name": name} for name in ("one", "two", "wide", "missing")]
    with pytest.raises(ConfigError) as caught:
        discover(AdaptersSection.model_validate({"dir": str(root), "items": items}), {})
    text = str(caught.value)
    assert "adapter_config.json is no JSON" in text
    assert "adapter_model.safetensors cannot be read" in text
    assert "peft_type must be \"LORA\", not 'IA3'" in text
    assert "no such folder; there is one, two, wide" in text


def test_a_strength_for_what_has_none_is_refused(folder: Path, tmp_path: Path) -> None:
    root = tmp_path / "dora"
    shutil.copytree(folder / "one", root / "one")
    config = root / "one" / "adapter_config.json"
    config.write_text(config.read_text(encoding="utf-8").replace('"use_dora": false', '"use_dora": true'))
    with pytest.raises(ConfigError, match="uses DoRA; such an adapter can be used alone at strength 1"):
        plan(root, tmp_path / "out", one=0.5)
