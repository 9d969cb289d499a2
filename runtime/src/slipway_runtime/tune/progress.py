"""How far a run is, as the trainer's process writes it and the status server reads it."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from .markers import PROGRESS
from .outcome import write_json


@dataclass
class Progress:
    """State of a run. Counts are of optimizer steps; seconds are wall time of this process."""

    phase: str = "starting"
    """starting, loading, training, saving, completed, interrupted or failed."""
    method: str = ""
    """lora or qlora."""
    step: int = 0
    totalSteps: int = 0
    resumedFromStep: int = 0
    epoch: float = 0.0
    elapsedSeconds: float = 0.0
    remainingSeconds: float | None = None
    trainableParameters: int = 0
    processes: int = 1
    trainRows: int = 0
    metrics: dict[str, float] = field(default_factory=dict)
    """Last values that the trainer logged: loss, learning_rate, grad_norm, eval_loss ..."""

    def write(self, output_dir: Path) -> None:
        """Replace the progress file."""
        write_json(output_dir / PROGRESS, asdict(self))


def read_progress(output_dir: Path) -> dict[str, Any]:
    """The last progress; the one of a program that has just started when there is none yet."""
    try:
        document = json.loads((output_dir / PROGRESS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        document = None
    return document if isinstance(document, dict) else asdict(Progress())
