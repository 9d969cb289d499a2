"""The parent of the training processes: starts them, hands on the wish to stop, and has the last word.

It outlives them, so that even a process that the kernel killed leaves a failure marker behind.
"""

import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .markers import HEARTBEAT_SECONDS, PROGRESS
from .outcome import EXIT_INTERRUPTED, EXIT_MEMORY, EXIT_TRAINING, MEMORY_ADVICE, Outcome, write_failure
from .progress import Progress, read_progress
from .stop import StopRequest
from .worker import ENV_RUN_DIR, STOP_FILE

log = logging.getLogger(__name__)

POLL_SECONDS = 0.2
WORKER = "slipway_runtime.tune.worker"


@dataclass(frozen=True)
class Launch:
    """What is started: ``processes`` training processes with ``arguments``, writing to ``output_dir``."""

    arguments: Sequence[str]
    output_dir: Path
    processes: int
    on_gpu: bool

    def command(self) -> list[str]:
        """One process directly, several by ``accelerate launch``."""
        if self.processes == 1:
            return [sys.executable, "-m", WORKER, *self.arguments]
        return [
            *(sys.executable, "-m", "accelerate.commands.launch", "--multi_gpu"),
            *("--num_processes", str(self.processes), "--num_machines", "1", "--machine_rank", "0"),
            # Precision comes from TrainingArguments, and a free port lets two runs share a machine.
            *("--mixed_precision", "no", "--dynamo_backend", "no", "--main_process_port", "0"),
            *("--module", WORKER, *self.arguments),
        ]

    def environment(self, run_dir: Path) -> dict[str, str]:
        """Environment of the processes. On the CPU the same launcher is used, with gloo in place of NCCL."""
        environment = {**os.environ, ENV_RUN_DIR: str(run_dir), "TOKENIZERS_PARALLELISM": "false"}
        if not self.on_gpu:
            environment["ACCELERATE_USE_CPU"] = "true"
        else:
            environment.setdefault("PYTORCH_CUDA_ALLOC_CONF", "expandable_segments:True")
        return environment


def supervise(launch: Launch, stop: StopRequest) -> Outcome:
    """Run the training to its end, or until ``stop`` is asked for; on failure leave the marker."""
    if stop.is_set():
        return Outcome.of(EXIT_INTERRUPTED, "stopped on request before training began; the next run begins it")
    with tempfile.TemporaryDirectory(prefix="tune-") as scratch:
        run_dir = Path(scratch)
        child = subprocess.Popen(
            launch.command(),
            env=launch.environment(run_dir),
            # A signal for the process group would reach the children too, and accelerate would kill them at once.
            start_new_session=True,
        )
        beat = time.monotonic()
        while child.poll() is None:
            if stop.is_set():
                (run_dir / STOP_FILE).touch()
            if time.monotonic() - beat > HEARTBEAT_SECONDS:
                beat = time.monotonic()
                _touch(launch.output_dir / PROGRESS)
            time.sleep(POLL_SECONDS)
        outcome = read_outcome(run_dir, launch.processes, child.returncode)
    _close(launch.output_dir, outcome)
    return outcome


def _touch(path: Path) -> None:
    try:
        os.utime(path)
    except OSError:
        log.debug("no progress file yet")


def read_outcome(run_dir: Path, processes: int, returncode: int) -> Outcome:
    """The outcome of the first process that failed, else the one that all agree on.

    A process that leaves none was ended from outside. ``returncode`` is that of the child: of the process
    itself when there is one, of accelerate, which does not tell how its processes ended, when there are several.
    """
    outcomes = [
        Outcome(**json.loads(path.read_text(encoding="utf-8"))) for path in sorted(run_dir.glob("outcome-*.json"))
    ]
    failed = [outcome for outcome in outcomes if outcome.exitCode not in (0, EXIT_INTERRUPTED)]
    if failed:
        return failed[0]
    if len(outcomes) == processes:
        return outcomes[0]
    if processes > 1 or returncode == -signal.SIGKILL:
        message = f"a training process was killed, most likely because memory ran out; {MEMORY_ADVICE}"
        return Outcome.of(EXIT_MEMORY, message)
    return Outcome.of(EXIT_TRAINING, f"the training process ended with {returncode} and no word of why")


def _close(output_dir: Path, outcome: Outcome) -> None:
    if outcome.exitCode not in (0, EXIT_INTERRUPTED):
        write_failure(output_dir, outcome)
    if output_dir.is_dir():
        known = {name: value for name, value in read_progress(output_dir).items() if name in vars(Progress())}
        progress = Progress(**known)
        progress.phase = {0: "completed", EXIT_INTERRUPTED: "interrupted"}.get(outcome.exitCode, "failed")
        progress.write(output_dir)
