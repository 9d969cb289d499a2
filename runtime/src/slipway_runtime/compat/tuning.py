"""KAITO's tuning command: ``metrics_server.py & accelerate launch ... fine_tuning.py``."""

import os
from pathlib import Path

import uvicorn

from slipway_runtime.config.problems import ConfigError
from slipway_runtime.tune.load import load_training_config
from slipway_runtime.tune.outcome import TuneError
from slipway_runtime.tune.run import RunPaths
from slipway_runtime.tune.status_server import status_app


def fine_tuning() -> int:
    """``fine_tuning.py``: one training process; accelerate has started as many as there are GPUs."""
    from slipway_runtime.tune.worker import main

    return main([])


def metrics_server() -> int:
    """``metrics_server.py``: progress and metrics of the run next door, from its output folder."""
    paths = RunPaths.from_environment()
    port = 5000 + int(os.environ.get("LOCAL_RANK", "0"))
    uvicorn.run(status_app(lambda: _output_dir(paths)), host="0.0.0.0", port=port, log_level="warning")
    return 0


def _output_dir(paths: RunPaths) -> Path:
    try:
        return paths.output_dir(load_training_config(paths.config))
    except (ConfigError, TuneError):
        # The program itself reports what is wrong; here the run just has not started.
        return paths.likely_output_dir()
