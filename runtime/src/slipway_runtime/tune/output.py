"""The finished adapter, put in place so that a reader finds all of it or nothing."""

import json
import shutil
from pathlib import Path
from typing import Any

from .markers import ADAPTER_CONFIG, ADAPTER_WEIGHTS, COMPLETED, FAILED

_SCRATCH = ".adapter"


def clear_markers(output_dir: Path) -> None:
    """Forget the end of an earlier run before a new one starts."""
    for name in (COMPLETED, FAILED):
        (output_dir / name).unlink(missing_ok=True)
    shutil.rmtree(output_dir / _SCRATCH, ignore_errors=True)


def save_adapter(model: Any, output_dir: Path, summary: str) -> None:
    """Save the adapter of a PEFT model and, last of all, the sentinel with ``summary`` in it.

    The folder itself is a mounted volume and cannot be exchanged, so its files are, one rename each.
    """
    scratch = output_dir / _SCRATCH
    shutil.rmtree(scratch, ignore_errors=True)
    model.save_pretrained(str(scratch), safe_serialization=True)
    _normalise(scratch / ADAPTER_CONFIG)
    for name in (ADAPTER_WEIGHTS, ADAPTER_CONFIG):
        # safetensors writes files for the owner alone, but the pusher may be another user.
        (scratch / name).chmod(0o644)
        (scratch / name).replace(output_dir / name)
    shutil.rmtree(scratch)
    sentinel = output_dir / f".{COMPLETED}"
    sentinel.write_text(f"Fine-Tuning completed: {summary}\n", encoding="utf-8")
    sentinel.replace(output_dir / COMPLETED)


def _normalise(path: Path) -> None:
    """Sort what peft keeps in sets, so that the same training gives the same file and image digest."""
    config = json.loads(path.read_text(encoding="utf-8"))
    for key in ("target_modules", "exclude_modules", "modules_to_save"):
        if isinstance(config.get(key), list):
            config[key] = sorted(config[key])
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
