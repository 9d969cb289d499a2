"""Which adapters there are, with everything that is wrong with them."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from slipway_runtime.config.problems import ConfigError, Problem
from slipway_runtime.config.serve import AdaptersSection

CONFIG_FILE = "adapter_config.json"
WEIGHTS_FILE = "adapter_model.safetensors"


@dataclass(frozen=True)
class Adapter:
    """A LoRA adapter on disk, and how strong it shall be."""

    name: str
    folder: Path
    strength: float
    config: dict[str, Any]

    @property
    def rank(self) -> int:
        """The largest rank of its modules."""
        pattern: dict[str, int] = self.config.get("rank_pattern") or {}
        return max([int(self.config["r"]), *pattern.values()])


def discover(settings: AdaptersSection, environment: Mapping[str, str]) -> list[Adapter]:
    """The adapters to use: the listed ones in their order, or every folder sorted by name.

    Of a folder that is not listed, the environment variable named like it is the strength, as in KAITO's images.

    Raises ConfigError with every adapter that is missing or broken.
    """
    root = Path(settings.dir)
    if settings.items:
        wanted = [(item.name, item.strength) for item in settings.items]
        problems: list[Problem] = []
    else:
        folders = sorted(path.name for path in root.iterdir() if path.is_dir()) if root.is_dir() else []
        # A volume may bring folders of its own, such as lost+found; a real adapter's folder never starts like this.
        names = [name for name in folders if not name.startswith((".", "lost+found"))]
        wanted, problems = _strengths(names, environment)
    adapters = []
    for name, strength in wanted:
        folder = root / name
        config, complaints = _read(folder, root)
        if config is not None and not complaints:
            adapters.append(Adapter(name, folder, strength, config))
        problems += [Problem(f'adapter "{name}"', str(folder), message) for message in complaints]
    if problems:
        raise ConfigError(problems)
    return adapters


def _strengths(names: list[str], environment: Mapping[str, str]) -> tuple[list[tuple[str, float]], list[Problem]]:
    wanted, problems = [], []
    for name in names:
        text = environment.get(name)
        try:
            strength = 1.0 if text is None else float(text)
        except ValueError:
            strength = math.nan
        if math.isfinite(strength):
            wanted.append((name, strength))
        else:
            problems.append(
                Problem(f"environment variable {name}", "", f'must be a strength such as 0.5, not "{text}"')
            )
    return wanted, problems


def _wrong_ranks(config: dict[str, Any]) -> list[str]:
    def is_rank(value: object) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and value >= 1

    problems = []
    if not is_rank(config.get("r")):
        problems.append(f"{CONFIG_FILE}: r must be a whole number from 1, not {config.get('r')!r}")
    pattern = config.get("rank_pattern") or {}
    if not isinstance(pattern, dict) or not all(is_rank(rank) for rank in pattern.values()):
        problems.append(f"{CONFIG_FILE}: rank_pattern must map modules to whole numbers from 1, not {pattern!r}")
    return problems


def _read(folder: Path, root: Path) -> tuple[dict[str, Any] | None, list[str]]:
    if not folder.is_dir():
        there = sorted(path.name for path in root.iterdir() if path.is_dir()) if root.is_dir() else []
        known = f"there is {', '.join(there)}" if there else f"{root} has no folders"
        return None, [f"no such folder; {known}"]
    problems = []
    config: dict[str, Any] | None = None
    path = folder / CONFIG_FILE
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        problems.append(f"has no {CONFIG_FILE}; copy the whole output of the fine-tuning")
    except ValueError as error:
        problems.append(f"{CONFIG_FILE} is no JSON: {error}")
    if config is not None:
        kind = config.get("peft_type") if isinstance(config, dict) else None
        if kind != "LORA":
            problems.append(f'{CONFIG_FILE}: peft_type must be "LORA", not {kind!r}')
        else:
            problems += _wrong_ranks(config)
    try:
        with safe_open(folder / WEIGHTS_FILE, framework="numpy") as tensors:
            if not any("lora_A" in key or "lora_embedding_A" in key for key in tensors.keys()):  # noqa: SIM118
                problems.append(f"{WEIGHTS_FILE} has no LoRA weights")
    except (OSError, SafetensorError) as error:
        problems.append(f"{WEIGHTS_FILE} cannot be read: {error}")
    return config, problems
