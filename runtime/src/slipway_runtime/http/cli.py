"""``serve``: answer requests for a model."""

import argparse
import importlib.util
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import uvloop

from slipway_runtime.config.load import load_settings
from slipway_runtime.config.overrides import add_flags, from_environment, from_flags
from slipway_runtime.config.problems import ConfigError, Problem
from slipway_runtime.config.serve import ServeSettings
from slipway_runtime.observe.logs import set_up_logging

if TYPE_CHECKING:
    from slipway_runtime.__main__ import CommandParsers

EXIT_CONFIG = 2


def add_parser(subparsers: "CommandParsers") -> None:
    """Add the ``serve`` command."""
    parser = subparsers.add_parser(
        "serve",
        help="answer requests for a model",
        description="Answer requests for a model. A flag beats an environment variable, which beats the file.",
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="YAML file; see schema/serve.schema.json")
    add_flags(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Serve until a signal comes; 0 then, 1 if the server fails, 2 if the settings cannot be used."""
    try:
        settings = load_settings(arguments.config, from_environment(os.environ), from_flags(arguments))
        backend = choose_backend(settings)
        set_up_logging(settings.server.log_format)
        return uvloop.run(_serve(settings, backend))
    except ConfigError as error:
        print(error, file=sys.stderr)
        count = len(error.problems)
        print(f"{count} problem{'s' if count > 1 else ''}; nothing was started", file=sys.stderr)
        return EXIT_CONFIG


def choose_backend(settings: ServeSettings) -> Literal["vllm", "transformers"]:
    """The backend of the settings; ``auto`` is vLLM where it is installed.

    Raises ConfigError if vLLM is asked for and not there.
    """
    wanted = settings.runtime.backend
    installed = importlib.util.find_spec("vllm") is not None
    if wanted == "auto":
        return "vllm" if installed else "transformers"
    if wanted == "vllm" and not installed:
        message = "vLLM is not in this image; use an image that has it, or backend transformers"
        raise ConfigError([Problem("configuration", "runtime.backend", message)])
    return wanted


async def _serve(settings: ServeSettings, backend: str) -> int:
    if settings.ray is not None and settings.ray.role(os.environ) == "worker":
        from slipway_runtime.engine.vllm.worker import serve_worker

        return await serve_worker(settings, settings.ray)
    if backend == "vllm":
        from slipway_runtime.engine.vllm.supervisor import serve_vllm

        return await serve_vllm(settings)
    from slipway_runtime.engine.transformers.serve import serve_transformers

    return await serve_transformers(settings)
