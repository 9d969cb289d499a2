"""The command line: ``python -m slipway_runtime COMMAND ...``.

A command lives in a module of its own, which is imported only when the command is called: ``serve`` must not wait
for the training libraries, nor ``fetch`` for torch. The module has one function, ``add_parser(subparsers)``. It adds
the parser of the command (a module may add those of several) and sets the default ``run``, a function that takes the
parsed arguments and returns the exit code::

    def add_parser(subparsers: CommandParsers) -> None:
        parser = subparsers.add_parser("tune", help="fine-tune a model")
        parser.add_argument("--config", type=Path, required=True)
        parser.set_defaults(run=run)
"""

import argparse
import importlib
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from slipway_runtime import __version__

if TYPE_CHECKING:
    CommandParsers = argparse._SubParsersAction[argparse.ArgumentParser]


class Command(NamedTuple):
    module: str
    help: str


COMMANDS = {
    "serve": Command("slipway_runtime.http.cli", "answer requests for a model"),
    "tune": Command("slipway_runtime.tune.cli", "fine-tune a model (LoRA or QLoRA)"),
    "fetch": Command("slipway_runtime.transfer.cli", "download data sets, weights and adapters"),
    "push": Command("slipway_runtime.transfer.cli", "upload an adapter as an OCI image"),
    "wait": Command("slipway_runtime.transfer.cli", "wait for weights that another pod downloads"),
    "probe": Command("slipway_runtime.observe.cli", "ask a running server how it is; for exec probes"),
    "schema": Command("slipway_runtime.config.cli", "print the JSON Schemas, the OpenAPI document, vLLM's options"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; 2 for arguments that cannot be understood."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser = argparse.ArgumentParser(
        prog="slipway-runtime", description="Inference server and fine-tuning program of Slipway."
    )
    parser.add_argument("--version", action="version", version=__version__)
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    chosen = arguments[0] if arguments else ""
    if chosen in COMMANDS:
        importlib.import_module(COMMANDS[chosen].module).add_parser(subparsers)
    else:
        for name, command in COMMANDS.items():
            subparsers.add_parser(name, help=command.help)
    parsed = parser.parse_args(arguments)
    code: int = parsed.run(parsed)
    return code


if __name__ == "__main__":
    sys.exit(main())
