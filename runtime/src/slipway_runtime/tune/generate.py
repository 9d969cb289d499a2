"""Writes library_sections.py from the installed peft and trl, whose options the sections offer.

    python -m slipway_runtime.tune.generate src/slipway_runtime/tune/library_sections.py

Run it after an update of these libraries; a test fails when the file no longer fits them.
"""

import dataclasses
import sys
import types
import typing
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from .refused import REFUSED_LORA, REFUSED_TRAINING

_HEADER = '''"""Sections whose keys are the libraries' own. Written by generate.py, not by hand."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from .section import Section, yaml_no
'''


def render() -> str:
    """The text of library_sections.py."""
    from peft import LoraConfig
    from trl import SFTConfig

    return "\n\n".join(
        (
            _HEADER,
            _render_class("LoraConfig", "LoRA (peft).", LoraConfig, REFUSED_LORA),
            _render_class("TrainingArguments", "The training loop (trl).", SFTConfig, REFUSED_TRAINING),
        )
    )


def _render_class(name: str, doc: str, source: type, refused: typing.Mapping[str, str]) -> str:
    lines = [f"class {name}(Section):", f'    """{doc}"""', ""]
    hints = typing.get_type_hints(source)
    for field in sorted(dataclasses.fields(source), key=lambda field: field.name):
        if field.name.startswith("_") or field.name in refused:
            continue
        lines.append(f"    {field.name}: {_type(hints[field.name], field.name)} = {_default(field)}")
    return "\n".join(lines) + "\n"


def _type(hint: Any, name: str) -> str:
    text = _union(hint)
    if name.endswith("_strategy") and "'no'" in text:
        return f"Annotated[{text}, BeforeValidator(yaml_no)]"
    return text


def _union(hint: Any) -> str:
    """The parts of a hint in one order: typing keeps a union as it was first written anywhere in the process."""
    return " | ".join(sorted(set(_parts(hint)), key=lambda part: (part == "None", part)))


def _parts(hint: Any) -> Iterator[str]:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        members = get_args(hint)
        enums = [member for member in members if isinstance(member, type) and issubclass(member, Enum)]
        for member in members:
            # "an enum or its value as text": the values are what a file can hold.
            if not (member is str and enums):
                yield from _parts(member)
    elif hint is type(None):
        yield "None"
    elif origin is Literal:
        # peft documents a family of values by one with brackets; any text has to pass then.
        values = get_args(hint)
        yield "str" if any("[" in str(value) for value in values) else f"Literal[{_list(values)}]"
    elif isinstance(hint, type) and issubclass(hint, Enum):
        yield f"Literal[{_list(member.value for member in hint)}]"
    elif origin in (list, dict, tuple):
        inner = ", ".join(_union(argument) for argument in get_args(hint))
        yield f"{origin.__name__}[{inner}]"
    elif hint in (int, float, bool, str):
        yield hint.__name__
    elif hint is dict:
        yield "dict[str, Any]"
    elif hint is Any:
        yield "Any"
    elif isinstance(hint, type) and (issubclass(hint, dict) or dataclasses.is_dataclass(hint)):
        yield "dict[str, Any]"
    else:
        raise TypeError(f"no type for {hint!r}; refuse the key in refused.py or teach generate.py")


def _list(values: typing.Iterable[Any]) -> str:
    return ", ".join(repr(value) for value in values)


def _default(field: "dataclasses.Field[Any]") -> str:
    value = field.default
    if field.default_factory is not dataclasses.MISSING:
        value = field.default_factory()
        if not isinstance(value, list | dict):
            value = None
    if isinstance(value, Enum):
        value = value.value
    if value in ([], {}):
        return f"Field(default_factory={type(value).__name__})"
    return repr(value)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(render(), encoding="utf-8")
