"""What the supervisor tells the front before it starts: one JSON file, named by an environment variable."""

import os
from pathlib import Path

from pydantic import BaseModel

from slipway_runtime.config.serve import ServeSettings

VARIABLE = "SLIPWAY_FRONT"


class AdapterNote(BaseModel):
    """An adapter, for the metrics."""

    name: str
    strength: float


class Boot(BaseModel):
    """Settings, the inherited sockets, and what the supervisor has found out."""

    settings: ServeSettings
    listener: int
    control: int
    started_at: float
    weights: str
    selectable: list[str]
    adapters: list[AdapterNote]

    def write(self, path: Path) -> None:
        """Write the file."""
        path.write_text(self.model_dump_json(), encoding="utf-8")


def read_boot() -> Boot:
    """The file that the environment names. Raises KeyError if this process was not started by the supervisor."""
    return Boot.model_validate_json(Path(os.environ[VARIABLE]).read_text(encoding="utf-8"))
