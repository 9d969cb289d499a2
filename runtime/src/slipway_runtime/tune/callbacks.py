"""What happens at every step: progress is written, a wish to stop is obeyed by all processes at once."""

import logging
import math
import time
from pathlib import Path
from typing import Any

import torch
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from .progress import Progress
from .stop import StopRequest

log = logging.getLogger(__name__)

WRITE_SECONDS = 1.0
"""Progress is written at most so often; a step of a small model takes milliseconds."""


class ProgressCallback(TrainerCallback):  # type: ignore[misc]
    """Writes the progress file of the first process."""

    def __init__(self, progress: Progress, output_dir: Path) -> None:
        self._progress = progress
        self._output_dir = output_dir
        self._started = time.monotonic()
        self._written = 0.0

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self._started = time.monotonic()
        self._progress.phase = "training"
        self._progress.resumedFromStep = state.global_step
        self._update(state, force=True)

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self._update(state, force=False)

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, Any] | None = None,
        **_: Any,
    ) -> None:
        numbers = {
            key: float(value)
            for key, value in (logs or {}).items()
            if isinstance(value, int | float) and math.isfinite(value)
        }
        self._progress.metrics.update(numbers)
        if state.is_world_process_zero:
            shown = ", ".join(f"{key} {value:.6g}" for key, value in numbers.items())
            log.info("step %d of %d: %s", state.global_step, state.max_steps, shown)
        self._update(state, force=True)

    def _update(self, state: TrainerState, *, force: bool) -> None:
        now = time.monotonic()
        if not state.is_world_process_zero or (not force and now - self._written < WRITE_SECONDS):
            return
        self._written = now
        progress = self._progress
        progress.step, progress.totalSteps = state.global_step, state.max_steps
        progress.epoch = float(state.epoch or 0.0)
        progress.elapsedSeconds = round(now - self._started, 3)
        done = state.global_step - progress.resumedFromStep
        if done > 0:
            left = (state.max_steps - state.global_step) * (now - self._started) / done
            progress.remainingSeconds = round(left, 3)
        progress.write(self._output_dir)


class StopCallback(TrainerCallback):  # type: ignore[misc]
    """Ends the training after the step in which a stop was asked for, with a checkpoint."""

    def __init__(self, request: StopRequest) -> None:
        self._request = request

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        if self._asked(args):
            self._request.obeyed = True
            control.should_save = True
            control.should_training_stop = True

    def _asked(self, args: TrainingArguments) -> bool:
        """Whether any process was asked; all have to agree, or one would wait for the others for ever."""
        asked = self._request.is_set()
        if not torch.distributed.is_initialized():
            return asked
        votes = torch.tensor([int(asked)], device=args.device)
        torch.distributed.all_reduce(votes, op=torch.distributed.ReduceOp.MAX)
        return bool(votes.item())
