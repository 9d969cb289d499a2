"""A YAML file as plain values, together with the line and column of every key."""

from dataclasses import dataclass
from pathlib import Path

import yaml

from .problems import ConfigError, Problem

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True)
class Document:
    name: str
    values: dict[str, object]
    positions: dict[KeyPath, tuple[int, int]]

    def place(self, path: KeyPath) -> str:
        """``file:line:column`` of the key, or of the nearest key above it."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.positions:
                line, column = self.positions[path[:end]]
                return f"{self.name}:{line}:{column}"
        return self.name


def read_document(path: Path) -> Document:
    """Read one YAML mapping.

    Raises ConfigError if the file cannot be read, is no YAML, has a key twice or is not a mapping.
    """
    name = str(path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([Problem(name, "", f"cannot be read: {error}")]) from error
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        values = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        raise ConfigError([Problem(place, "", f"no YAML: {error.problem}")]) from error
    except yaml.YAMLError as error:
        raise ConfigError([Problem(name, "", f"no YAML: {error}")]) from error
    if root is None:
        return Document(name, {}, {})
    if not isinstance(values, dict):
        raise ConfigError([Problem(name, "", f"must be a mapping, not {type(values).__name__}")])
    positions: dict[KeyPath, tuple[int, int]] = {}
    doubles: list[Problem] = []
    _walk(root, (), name, positions, doubles)
    if doubles:
        raise ConfigError(doubles)
    return Document(name, values, positions)


def _walk(
    node: yaml.Node,
    path: KeyPath,
    name: str,
    positions: dict[KeyPath, tuple[int, int]],
    doubles: list[Problem],
) -> None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            below = (*path, str(key.value))
            place = (key.start_mark.line + 1, key.start_mark.column + 1)
            if below in positions:
                first = positions[below]
                message = f"the key is already in line {first[0]}; keep one"
                doubles.append(Problem(f"{name}:{place[0]}:{place[1]}", dotted(below), message))
            positions[below] = place
            _walk(value, below, name, positions, doubles)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            below = (*path, index)
            positions[below] = (value.start_mark.line + 1, value.start_mark.column + 1)
            _walk(value, below, name, positions, doubles)


def dotted(path: KeyPath) -> str:
    """``adapters.items[0].name``"""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text
