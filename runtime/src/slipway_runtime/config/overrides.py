"""Flags and environment variables for the scalar settings, made from the settings' own fields.

``server.max_queue`` is ``--server-max-queue`` and ``SLIPWAY_SERVER_MAX_QUEUE``. Lists and the ``vllm`` map are for the
file only.
"""

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import get_args

from pydantic import BaseModel

from .serve import ServeSettings


@dataclass(frozen=True)
class Override:
    """One setting outside the file."""

    path: tuple[str, ...]
    description: str

    @property
    def flag(self) -> str:
        return "--" + "-".join(self.path).replace("_", "-")

    @property
    def variable(self) -> str:
        return "SLIPWAY_" + "_".join(self.path).upper()

    @property
    def attribute(self) -> str:
        return "override_" + "__".join(self.path)


def overrides(model: type[BaseModel] = ServeSettings, prefix: tuple[str, ...] = ()) -> Iterator[Override]:
    """The scalar settings, in the order of the fields."""
    for name, field in model.model_fields.items():
        section = _section(field.annotation)
        if section is not None:
            yield from overrides(section, (*prefix, name))
        elif not _is_collection(field.annotation):
            yield Override((*prefix, name), field.description or "")


def _section(annotation: object) -> type[BaseModel] | None:
    for candidate in (annotation, *get_args(annotation)):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    return None


def _is_collection(annotation: object) -> bool:
    return getattr(annotation, "__origin__", None) in (tuple, list, dict)


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add a flag for every scalar setting; its value stays text until the settings are checked."""
    for override in overrides():
        parser.add_argument(
            override.flag,
            dest=override.attribute,
            metavar="VALUE",
            help=override.description.replace("%", "%%") or None,
        )


def from_flags(arguments: argparse.Namespace) -> dict[tuple[str, ...], tuple[str, str]]:
    """Path -> (where it came from, value) of the flags that were given."""
    given = {}
    for override in overrides():
        value = getattr(arguments, override.attribute, None)
        if value is not None:
            given[override.path] = (f"flag {override.flag}", value)
    return given


def from_environment(environment: Mapping[str, str]) -> dict[tuple[str, ...], tuple[str, str]]:
    """Path -> (where it came from, value) of the variables that are set."""
    given = {}
    for override in overrides():
        value = environment.get(override.variable)
        if value is not None:
            given[override.path] = (f"environment variable {override.variable}", value)
    return given
