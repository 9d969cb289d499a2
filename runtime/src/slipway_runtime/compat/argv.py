"""KAITO's ``--key=value`` arguments as plain values."""

import json
from collections.abc import Sequence

import yaml

Arguments = dict[str, object]


def parse(argv: Sequence[str]) -> Arguments:
    """Parse ``--key=value``, ``--key value`` and a lone ``--key`` (true); keys are given back with hyphens.

    Values are read like YAML scalars, and JSON objects and lists as such: ``True`` is a boolean, ``auto`` a word.
    Raises ValueError for an argument that is no flag.
    """
    found: Arguments = {}
    words = list(argv)
    while words:
        word = words.pop(0)
        if not word.startswith("--"):
            raise ValueError(f"{word!r}: expected --key=value")
        key, equals, value = word[2:].partition("=")
        if not equals and words and not words[0].startswith("--"):
            value, equals = words.pop(0), "="
        # Only up to the first dot: what follows names a key of a nested setting and keeps its spelling.
        name, dot, rest = key.partition(".")
        found[name.replace("_", "-") + dot + rest] = _value(value) if equals else True
    return found


def _value(text: str) -> object:
    if text.startswith(("{", "[")):
        try:
            return json.loads(text)
        except ValueError:
            return text
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError:
        return text
    return value if isinstance(value, bool | int | float | str) else text
