"""One training process: one per GPU, started by the supervisor or by ``accelerate launch``."""

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from slipway_runtime.config.problems import ConfigError

from .checkpoints import claim, fingerprint, is_completed
from .config import TrainingConfig
from .data_files import find_data_files
from .load import load_training_config
from .markers import FAILED
from .outcome import EXIT_CONFIG, EXIT_INTERRUPTED, Outcome, TuneError, outcome_of, write_failure, write_json
from .output import clear_markers
from .progress import Progress
from .run import DEFAULT_ROOT, RunPaths
from .stop import StopRequest

log = logging.getLogger(__name__)

ENV_RUN_DIR = "SLIPWAY_TUNE_RUN_DIR"
"""Scratch folder that the supervisor shares with its processes."""

STOP_FILE = "stop"


def add_run_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments that the supervisor hands on as they are."""
    parser.add_argument("--config", type=Path, help="training_config.yaml (default: /mnt/config/training_config.yaml)")
    parser.add_argument("--data-dir", type=Path, help="folder with the dataset (default: /mnt/data)")
    parser.add_argument(
        "--root", type=Path, default=DEFAULT_ROOT, help="folder that relative paths are below (default: /mnt)"
    )
    parser.add_argument("--restart", action="store_true", help="remove checkpoints and begin anew")


def main(argv: Sequence[str] | None = None) -> int:
    """Train; the exit code. The outcome is also written for the supervisor and, on failure, as the marker."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    parser = argparse.ArgumentParser(prog="slipway_runtime.tune.worker")
    add_run_arguments(parser)
    arguments = parser.parse_args(argv)
    paths = RunPaths.from_environment(config=arguments.config, data_dir=arguments.data_dir, root=arguments.root)
    run_dir = Path(os.environ[ENV_RUN_DIR]) if os.environ.get(ENV_RUN_DIR) else None
    request = StopRequest(run_dir / STOP_FILE if run_dir else None)
    request.listen()
    output_dir: Path | None = None
    try:
        training = load_training_config(paths.config)
        output_dir = paths.output_dir(training)
        outcome = train(training, paths, output_dir, request, restart=arguments.restart)
    except ConfigError as error:
        outcome = Outcome.of(EXIT_CONFIG, str(error))
    except Exception as error:
        if not isinstance(error, TuneError):
            log.exception("training ended")
        outcome = outcome_of(error)
    if run_dir is not None:
        write_json(run_dir / f"outcome-{_rank()}.json", asdict(outcome))
    elif outcome.exitCode not in (0, EXIT_INTERRUPTED):
        # Without a supervisor this process has the last word.
        print(f"error: {outcome.message}", file=sys.stderr, flush=True)
        if output_dir is not None and _rank() == 0:
            write_failure(output_dir, outcome)
    return outcome.exitCode


def _rank() -> int:
    return int(os.environ.get("RANK", "0"))


def train(
    training: TrainingConfig, paths: RunPaths, output_dir: Path, request: StopRequest, *, restart: bool
) -> Outcome:
    """Load, train, save. Raises what goes wrong, for ``outcome_of`` to classify."""
    files = find_data_files(training.dataset, paths.data_dir, paths.root)
    mark = fingerprint(training, files)
    if is_completed(output_dir, mark) and not restart:
        # A run in between may have failed before it began.
        (output_dir / FAILED).unlink(missing_ok=True)
        return Outcome.of(0, f"{output_dir} already has the adapter of this configuration and data")
    # Imported late: a wrong configuration or missing data is told before torch is loaded.
    from .training import Training

    session = Training(training, output_dir, request)
    checkpoint = session.first(lambda: claim(output_dir, mark, restart=restart))
    session.first(lambda: clear_markers(output_dir))
    progress = Progress(phase="loading", method="qlora" if training.quantized else "lora")
    session.run(files, checkpoint, progress)
    if request.obeyed and not session.finished:
        return Outcome.of(EXIT_INTERRUPTED, f"stopped on request after step {session.step}; the next run goes on")
    return Outcome.of(0, session.summary)


if __name__ == "__main__":
    sys.exit(main())
