"""How a tuning run ends: exit codes, reasons, and the failure marker."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from .markers import FAILED

EXIT_CONFIG = 2
EXIT_DATA = 3
EXIT_MEMORY = 4
EXIT_TRAINING = 5
EXIT_INTERRUPTED = 143
"""128 + SIGTERM: a checkpoint was saved, the next run goes on from it."""

REASONS = {
    0: "completed",
    EXIT_CONFIG: "configuration",
    EXIT_DATA: "data",
    EXIT_MEMORY: "outOfMemory",
    EXIT_TRAINING: "training",
    EXIT_INTERRUPTED: "interrupted",
}

# What torch's CPU allocator and CUDA's libraries say when torch has no exception class of its own for it.
_MEMORY_MESSAGES = (
    "can't allocate memory",
    "not enough memory",
    "CUDA out of memory",
    "CUBLAS_STATUS_ALLOC_FAILED",
    "CUDNN_STATUS_ALLOC_FAILED",
)


class TuneError(Exception):
    """The run cannot go on; ``exit_code`` is one of REASONS."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


@dataclass(frozen=True)
class Outcome:
    """The end of a run, as it is written for other programs to read."""

    exitCode: int
    reason: str
    message: str

    @staticmethod
    def of(exit_code: int, message: str) -> "Outcome":
        """An outcome with the reason that belongs to the exit code."""
        return Outcome(exit_code, REASONS[exit_code], message)


def outcome_of(error: BaseException) -> Outcome:
    """Classify what was thrown while training."""
    if isinstance(error, TuneError):
        return Outcome.of(error.exit_code, str(error))
    message = f"{type(error).__name__}: {error}"
    if isinstance(error, MemoryError) or type(error).__name__ in ("OutOfMemoryError", "AcceleratorOutOfMemoryError"):
        return Outcome.of(EXIT_MEMORY, f"{message}; {MEMORY_ADVICE}")
    if isinstance(error, RuntimeError) and any(text in str(error) for text in _MEMORY_MESSAGES):
        return Outcome.of(EXIT_MEMORY, f"{message}; {MEMORY_ADVICE}")
    return Outcome.of(EXIT_TRAINING, message)


MEMORY_ADVICE = (
    "lower per_device_train_batch_size (and raise gradient_accumulation_steps), lower max_length, use QLoRA"
    " (load_in_4bit), or ask for a machine with more memory"
)


def write_json(path: Path, document: object) -> None:
    """Write ``path`` so that a reader sees the old file or the new one, never half of one."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    with scratch.open("w", encoding="utf-8") as file:
        json.dump(document, file, indent=2, sort_keys=True)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)


def write_failure(output_dir: Path, outcome: Outcome) -> None:
    """Leave the failure marker, which ends a waiting pusher."""
    output_dir.mkdir(parents=True, exist_ok=True)
    write_json(output_dir / FAILED, asdict(outcome))
