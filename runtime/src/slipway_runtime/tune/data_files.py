"""Which files hold the rows."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .config import DatasetConfig
from .outcome import EXIT_CONFIG, EXIT_DATA, TuneError

KINDS = {".csv": "csv", ".json": "json", ".jsonl": "json", ".ndjson": "json", ".parquet": "parquet"}
"""File ending to the loader of the datasets library. The whole ending counts, not a part of the name."""


@dataclass(frozen=True)
class DataFile:
    """One file with rows and the loader that reads it."""

    path: Path
    kind: str


def find_data_files(config: DatasetConfig, data_dir: Path, root: Path) -> list[DataFile]:
    """The data files, sorted by path.

    ``dataset_path`` is taken below ``root`` and may not leave it; without one every supported file below
    ``data_dir`` counts, except hidden ones. Raises TuneError (3 when there is none, 2 for a path outside).
    """
    start = data_dir
    if config.dataset_path is not None:
        start = (
            root / config.dataset_path.lstrip("/")
            if not _below(config.dataset_path, root)
            else Path(config.dataset_path)
        )
        if not start.resolve().is_relative_to(root.resolve()):
            raise TuneError(
                f"training_config.DatasetConfig.dataset_path: {config.dataset_path!r} is outside {root}",
                EXIT_CONFIG,
            )
    if not start.exists():
        raise TuneError(f"{start}: no such file or folder; the input step has to put the dataset there", EXIT_DATA)
    found = [start] if start.is_file() else _walk(start)
    wanted = [f".{config.dataset_extension}"] if config.dataset_extension else list(KINDS)
    files = [DataFile(path, KINDS[path.suffix.lower()]) for path in found if path.suffix.lower() in wanted]
    if not files:
        raise TuneError(f"{start}: no file ending in {', '.join(wanted)}; {_seen(found)}", EXIT_DATA)
    empty = [str(file.path) for file in files if file.path.stat().st_size == 0]
    if empty:
        raise TuneError(f"{', '.join(empty)}: the file is empty", EXIT_DATA)
    return files


def _below(path: str, root: Path) -> bool:
    return Path(path).is_absolute() and Path(path).is_relative_to(root)


def _walk(folder: Path) -> list[Path]:
    found: list[Path] = []
    seen = {_identity(folder)}

    def is_new(path: Path) -> bool:
        """Whether the folder was not walked yet: links may lead back to where they are."""
        identity = _identity(path)
        known = identity in seen
        seen.add(identity)
        return not known

    # The kubelet's ..data links make followlinks see files twice; hidden names are passed over for that too.
    for parent, folders, names in os.walk(folder, followlinks=True):
        here = Path(parent)
        folders[:] = [name for name in sorted(folders) if not name.startswith(".") and is_new(here / name)]
        found += [here / name for name in names if not name.startswith(".")]
    return sorted(found)


def _identity(folder: Path) -> tuple[int, int]:
    stat = folder.stat()
    return stat.st_dev, stat.st_ino


def _seen(found: Sequence[Path]) -> str:
    if not found:
        return "the folder is empty"
    names = ", ".join(path.name for path in found[:5])
    return f"there is {names}" + (f" and {len(found) - 5} more" if len(found) > 5 else "")
