"""Start ``serve`` from one of KAITO's inference command lines."""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import yaml

from slipway_runtime.__main__ import main as slipway_main

from .argv import Arguments, parse
from .serve_config import Config, transformers_config, vllm_config, with_template_file


def serve_vllm(argv: list[str] | None = None) -> int:
    """``/workspace/vllm/inference_api.py``."""
    return _serve(argv, vllm_config)


def serve_transformers(argv: list[str] | None = None) -> int:
    """``/workspace/tfs/inference_api.py``."""
    return _serve(argv, transformers_config)


def _serve(argv: list[str] | None, convert: Callable[[Arguments], Config]) -> int:
    # Kept while the server runs; a read-only root still has a writable /tmp.
    with tempfile.TemporaryDirectory(prefix="kaito-") as scratch:

        def write_template(text: str) -> str:
            path = Path(scratch) / "chat_template.jinja"
            path.write_text(text, encoding="utf-8")
            return str(path)

        try:
            config = with_template_file(convert(parse(sys.argv[1:] if argv is None else argv)), write_template)
        except (ValueError, OSError) as error:
            print(f"error: {error}", file=sys.stderr)
            return 2
        file = Path(scratch) / "serve.yaml"
        file.write_text(yaml.safe_dump(config), encoding="utf-8")
        return slipway_main(["serve", "--config", str(file)])
