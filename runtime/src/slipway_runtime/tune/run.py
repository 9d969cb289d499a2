"""Where one run reads and writes."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from .config import DEFAULT_OUTPUT_DIR, TrainingConfig
from .outcome import EXIT_CONFIG, TuneError

DEFAULT_ROOT = Path("/mnt")
"""Relative paths of the configuration are below it, as in KAITO."""

ENV_CONFIG = "YAML_FILE_PATH"
ENV_DATA = "DATASET_FOLDER_PATH"


@dataclass(frozen=True)
class RunPaths:
    """Files and folders given on the command line, else by KAITO's variables, else KAITO's usual places."""

    config: Path
    data_dir: Path
    root: Path

    @staticmethod
    def from_environment(
        environ: Mapping[str, str] = os.environ,
        config: Path | None = None,
        data_dir: Path | None = None,
        root: Path = DEFAULT_ROOT,
    ) -> "RunPaths":
        """The given paths, completed."""
        return RunPaths(
            config=config or Path(environ.get(ENV_CONFIG) or root / "config" / "training_config.yaml"),
            data_dir=data_dir or Path(environ.get(ENV_DATA) or root / "data"),
            root=root,
        )

    def output_dir(self, training: TrainingConfig) -> Path:
        """Absolute output folder; raises TuneError (exit code 2) when it is not below the root."""
        return self._output_dir(training.arguments.output_dir or DEFAULT_OUTPUT_DIR)

    def likely_output_dir(self) -> Path:
        """Output folder of a configuration that is wrong elsewhere, so that its failure marker is found."""
        try:
            values: Any = yaml.safe_load(self.config.read_text(encoding="utf-8"))
            return self._output_dir(str(values["training_config"]["TrainingArguments"]["output_dir"]))
        except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError, TuneError):
            return self._output_dir(DEFAULT_OUTPUT_DIR)

    def _output_dir(self, text: str) -> Path:
        path = Path(os.path.normpath(self.root / text))
        if path == self.root or not path.is_relative_to(self.root):
            raise TuneError(
                f"{self.config}: training_config.TrainingArguments.output_dir: must be a folder below {self.root},"
                f" not {text!r}",
                EXIT_CONFIG,
            )
        return path
