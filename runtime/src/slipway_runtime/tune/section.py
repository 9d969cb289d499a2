"""What all sections of ``training_config`` share."""

from typing import Any

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A mapping in which every key is known and only what was given is passed on to the library."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())

    def given(self) -> dict[str, Any]:
        """The keys that the file has, with checked values; the library's own defaults apply to the others."""
        return {name: getattr(self, name) for name in type(self).model_fields if name in self.model_fields_set}


def yaml_no(value: object) -> object:
    """Undo YAML 1.1, which reads an unquoted ``no`` as false: ``save_strategy: no`` means "no"."""
    return "no" if value is False else value
