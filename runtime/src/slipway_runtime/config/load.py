"""File, environment and flags into :class:`ServeSettings`, with every problem found at once."""

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast, get_args

import yaml
from pydantic import BaseModel, ValidationError

from .document import Document, KeyPath, dotted, read_document
from .overrides import overrides
from .problems import ConfigError, Problem
from .serve import ServeSettings

Overrides = Mapping[tuple[str, ...], tuple[str, str]]


def load_settings(
    file: Path | None, environment: Overrides | None = None, flags: Overrides | None = None
) -> ServeSettings:
    """Settings of ``serve``; a flag beats an environment variable, which beats the file.

    Raises ConfigError with all problems: unknown keys with the nearest known one, wrong values with what is allowed.
    """
    document = read_document(file) if file is not None else Document("command line", {}, {})
    values = cast(dict[str, object], _copied(document.values))
    sources: dict[KeyPath, str] = {}
    for layer in (environment or {}, flags or {}):
        for path, (source, text) in layer.items():
            _put(values, path, _scalar(text))
            sources[path] = source
    try:
        return ServeSettings.model_validate(values)
    except ValidationError as error:
        problems = [_problem(dict(entry), document, sources) for entry in error.errors()]
        raise ConfigError(sorted(set(problems), key=str)) from error


def _copied(value: object) -> object:
    if isinstance(value, dict):
        return {str(key): _copied(below) for key, below in value.items()}
    if isinstance(value, list):
        return [_copied(below) for below in value]
    return value


def _scalar(text: str) -> object:
    """Read like a scalar in the file, so that ``true``, ``12`` and ``null`` mean the same in both."""
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError:
        return text
    return text if isinstance(value, dict | list) else value


def _put(values: dict[str, object], path: tuple[str, ...], value: object) -> None:
    for name in path[:-1]:
        below = values.get(name)
        if not isinstance(below, dict):
            below = values[name] = {}
        values = below
    values[path[-1]] = value


def _problem(entry: dict[str, Any], document: Document, sources: Mapping[KeyPath, str]) -> Problem:
    path = tuple(part for part in entry["loc"] if not _is_branch(part))
    source = sources.get(path) or document.place(path)
    kind, message = entry["type"], str(entry["msg"])
    if kind == "extra_forbidden":
        return Problem(source, dotted(path), _unknown(path))
    if kind == "value_error":
        return Problem(source, dotted(path), message.removeprefix("Value error, "))
    if kind == "missing":
        return Problem(source, dotted(path), "is required")
    given = entry["input"]
    shown = "" if isinstance(given, dict | list) else f", not {given!r}"
    message = (
        message.removeprefix("Input should be ")
        .removeprefix("String should ")
        .removeprefix("List should ")
        .removeprefix("be ")
    )
    return Problem(
        source, dotted(path), f"must {message if message.startswith(('match', 'have')) else f'be {message}'}{shown}"
    )


def _is_branch(part: object) -> bool:
    """Whether a part of pydantic's location names a branch of a union rather than a key."""
    if not isinstance(part, str):
        return False
    return part in {"int", "constrained-int", "constrained-str"} or part.startswith(("literal[", "list[", "function-"))


def _unknown(path: KeyPath) -> str:
    names = _names_at(ServeSettings, path[:-1])
    key = str(path[-1])
    elsewhere = [".".join(override.path) for override in overrides() if override.path[-1] == key]
    near = elsewhere or difflib.get_close_matches(key, names, n=1, cutoff=0.5)
    hint = f' did you mean "{near[0]}"?' if near else ""
    return f"unknown key;{hint} known here: {', '.join(names)}"


def _names_at(model: type[BaseModel], path: KeyPath) -> list[str]:
    for part in path:
        if isinstance(part, int):
            continue
        model = _model_in(model.model_fields[part].annotation) or model
    return sorted(model.model_fields)


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in get_args(annotation):
        found = _model_in(argument)
        if found is not None:
            return found
    return None
