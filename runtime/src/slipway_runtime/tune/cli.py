"""Arguments of ``tune``."""

import argparse
import contextlib
import logging
import sys
from typing import TYPE_CHECKING

from slipway_runtime.config.problems import ConfigError

from .data_files import find_data_files
from .gpus import gpu_count
from .load import load_training_config
from .outcome import EXIT_CONFIG, EXIT_INTERRUPTED, Outcome, TuneError, outcome_of, write_failure
from .progress import Progress
from .run import RunPaths
from .status_server import serving, status_app
from .stop import StopRequest
from .supervisor import Launch, supervise
from .worker import add_run_arguments

if TYPE_CHECKING:
    from slipway_runtime.__main__ import CommandParsers


def add_parser(subparsers: "CommandParsers") -> None:
    """Add the ``tune`` command."""
    parser = subparsers.add_parser("tune", help="fine-tune a model (LoRA or QLoRA)")
    add_run_arguments(parser)
    parser.add_argument("--processes", type=int, help="training processes (default: one per GPU, at least one)")
    parser.add_argument("--host", default="0.0.0.0", help="address of the status server (default: 0.0.0.0)")
    parser.add_argument("--port", type=int, default=5000, help="port of the status server (default: 5000)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Check configuration and data, then train. The exit codes are those of outcome.py."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # From the first moment: process 1 of a container ignores signals that it does not ask for.
    stop = StopRequest(None)
    stop.listen()
    paths = RunPaths.from_environment(config=arguments.config, data_dir=arguments.data_dir, root=arguments.root)
    try:
        if arguments.processes is not None and arguments.processes < 1:
            raise TuneError(f"--processes must be at least 1, not {arguments.processes}", EXIT_CONFIG)
        training = load_training_config(paths.config)
        output_dir = paths.output_dir(training)
        find_data_files(training.dataset, paths.data_dir, paths.root)
    except (ConfigError, TuneError) as error:
        outcome = Outcome.of(EXIT_CONFIG, str(error)) if isinstance(error, ConfigError) else outcome_of(error)
        with contextlib.suppress(OSError):
            write_failure(paths.likely_output_dir(), outcome)
        return _end(outcome)
    gpus = 0 if training.arguments.use_cpu else gpu_count()
    handed_on = ["--config", str(paths.config), "--data-dir", str(paths.data_dir), "--root", str(paths.root)]
    if arguments.restart:
        handed_on.append("--restart")
    launch = Launch(handed_on, output_dir, arguments.processes or max(1, gpus), gpus > 0)
    try:
        output_dir.mkdir(parents=True, exist_ok=True)
        Progress(processes=launch.processes).write(output_dir)
        with serving(status_app(lambda: output_dir), arguments.host, arguments.port):
            return _end(supervise(launch, stop))
    except OSError as error:
        return _end(Outcome.of(EXIT_CONFIG, f"{error.filename or f'port {arguments.port}'}: {error.strerror}"))


def _end(outcome: Outcome) -> int:
    if outcome.exitCode == 0:
        print(outcome.message, flush=True)
    elif outcome.exitCode == EXIT_INTERRUPTED:
        print(outcome.message, file=sys.stderr, flush=True)
    else:
        print(f"error ({outcome.reason}): {outcome.message}", file=sys.stderr, flush=True)
    return outcome.exitCode
