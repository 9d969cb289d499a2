"""Which checkpoint a run goes on from, and whether it belongs to this run at all."""

import hashlib
import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from .config import TrainingConfig
from .data_files import DataFile
from .markers import COMPLETED
from .outcome import EXIT_CONFIG, TuneError, write_json

RUN_FILE = "fine_tuning_run.json"
"""Fingerprint of the configuration and data that the checkpoints in the folder were made with."""

_PROBE = ".writable"
_CHECKPOINT = re.compile(r"checkpoint-(\d+)")
# transformers writes this file last, so a checkpoint with it is complete.
_LAST_FILE = "trainer_state.json"


def fingerprint(config: TrainingConfig, files: Sequence[DataFile]) -> str:
    """Digest of everything that decides the result: the configuration and the content of the data."""
    digest = hashlib.sha256(config.model_dump_json(by_alias=True, exclude={"arguments": {"output_dir"}}).encode())
    for file in files:
        with file.path.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()


def is_completed(output_dir: Path, mark: str) -> bool:
    """Whether the folder already has the adapter of this very run."""
    return (output_dir / COMPLETED).exists() and _recorded(output_dir) == mark


def claim(output_dir: Path, mark: str, *, restart: bool) -> Path | None:
    """Make the folder this run's and return the checkpoint to go on from, None to start at the beginning.

    Raises TuneError (exit code 2) when it holds checkpoints of another configuration or other data: mixing
    them would give an adapter that no configuration describes. ``restart`` removes all checkpoints first.
    """
    try:
        output_dir.mkdir(parents=True, exist_ok=True)
        write_json(output_dir / _PROBE, {})
        (output_dir / _PROBE).unlink()
    except OSError as error:
        raise TuneError(f"{output_dir}: cannot write: {error.strerror}", EXIT_CONFIG) from error
    found = _checkpoints(output_dir)
    if restart:
        for path in found:
            shutil.rmtree(path)
        found = []
    if found and _recorded(output_dir) != mark:
        raise TuneError(
            f"{output_dir}: has checkpoints of another configuration or other data ({found[-1].name}); give another"
            " TrainingArguments.output_dir, or remove them with --restart",
            EXIT_CONFIG,
        )
    # A checkpoint that was being written when the program was killed is of no use and in the way.
    complete = [path for path in found if (path / _LAST_FILE).is_file()]
    for path in found:
        if path not in complete:
            shutil.rmtree(path)
    write_json(output_dir / RUN_FILE, {"fingerprint": mark})
    return complete[-1] if complete else None


def _checkpoints(output_dir: Path) -> list[Path]:
    numbered = [
        (int(match.group(1)), path)
        for path in output_dir.glob("checkpoint-*")
        if path.is_dir() and (match := _CHECKPOINT.fullmatch(path.name))
    ]
    return [path for _, path in sorted(numbered)]


def _recorded(output_dir: Path) -> str | None:
    try:
        return str(json.loads((output_dir / RUN_FILE).read_text(encoding="utf-8"))["fingerprint"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
