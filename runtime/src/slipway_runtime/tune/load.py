"""The configuration file into :class:`TrainingConfig`, with every problem found at once."""

import difflib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from slipway_runtime.config.document import Document, KeyPath, dotted, read_document
from slipway_runtime.config.problems import ConfigError, Problem

from .config import TrainingConfig, TuneFile
from .refused import REFUSED


def load_training_config(file: Path) -> TrainingConfig:
    """Read KAITO's ``training_config.yaml``.

    Raises ConfigError with all problems: position, ``training_config.Section.key``, the value given, what is
    allowed; for an unknown key the nearest known one, or why the library's option is not offered.
    """
    document = read_document(file)
    try:
        return TuneFile.model_validate(document.values).training_config
    except ValidationError as error:
        problems = [_problem(dict(entry), document) for entry in error.errors()]
        raise ConfigError(list(dict.fromkeys(problems))) from error


def _problem(entry: dict[str, Any], document: Document) -> Problem:
    path = _key_path(entry["loc"], document)
    place = document.place(path)
    kind, message = str(entry["type"]), str(entry["msg"])
    if kind == "extra_forbidden":
        return Problem(place, dotted(path), _unknown(path))
    if kind == "missing":
        return Problem(place, dotted(path), "is required")
    if kind == "value_error":
        return Problem(place, dotted(path), message.removeprefix("Value error, "))
    given = entry["input"]
    shown = "" if isinstance(given, dict | list) else f", not {given!r}"
    message = message.removeprefix("Input should be ").removeprefix("Input should ")
    return Problem(place, dotted(path), f"must be {message}{shown}")


def _key_path(location: tuple[str | int, ...], document: Document) -> KeyPath:
    """The part of pydantic's location that is in the file; behind it may stand the branch of a union."""
    path: tuple[str | int, ...] = ()
    for part in location:
        if (*path, part) not in document.positions:
            break
        path = (*path, part)
    # A key that is missing is not in the file but belongs to the path all the same.
    return path or tuple(location[:1])


def _unknown(path: KeyPath) -> str:
    key = str(path[-1])
    section = str(path[1]) if len(path) == 3 else ""
    reason = REFUSED.get(section, {}).get(key)
    if reason is not None:
        return f"is not offered: {reason}"
    names = _names(path[:-1])
    lower = {name.lower(): name for name in names}
    near = difflib.get_close_matches(key.lower(), lower, n=1, cutoff=0.5)
    hint = f' did you mean "{lower[near[0]]}"?' if near else ""
    known = f" known here: {', '.join(names)}" if len(names) <= 15 else ""
    return f"unknown key;{hint}{known}" if hint or known else "unknown key"


def _names(path: KeyPath) -> list[str]:
    model: type[BaseModel] = TuneFile
    for part in path:
        for name, field in model.model_fields.items():
            if (field.alias or name) == part and isinstance(field.annotation, type):
                model = field.annotation
    return sorted(field.alias or name for name, field in model.model_fields.items())
