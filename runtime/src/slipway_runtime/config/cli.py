"""``schema``: the documents that other programs are built on."""

import argparse
import importlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from slipway_runtime.__main__ import CommandParsers

#: Document -> module and function that make it. The function is called without arguments.
DOCUMENTS = {
    "serve": ("slipway_runtime.config.schema", "serve_schema"),
    "tune": ("slipway_runtime.tune.schema", "tune_schema"),
    "openapi": ("slipway_runtime.http.openapi", "openapi_document"),
    "vllm-options": ("slipway_runtime.engine.vllm.options", "options_document"),
}
#: File of each document in runtime/schema/.
FILES = {
    "serve": "serve.schema.json",
    "tune": "tune.schema.json",
    "openapi": "openapi.json",
    "vllm-options": "vllm-options.json",
}


def add_parser(subparsers: "CommandParsers") -> None:
    """Add the ``schema`` command."""
    parser = subparsers.add_parser("schema", help="print the JSON Schemas, the OpenAPI document, vLLM's options")
    parser.add_argument("document", choices=sorted(DOCUMENTS), help="which document")
    parser.add_argument("--output", type=Path, metavar="FOLDER", help="write it there instead of printing it")
    parser.set_defaults(run=run)


def render(document: str) -> str:
    """The document as it is committed: keys sorted, two spaces, a line end at the end."""
    module, function = DOCUMENTS[document]
    make = cast(Callable[[], dict[str, object]], getattr(importlib.import_module(module), function))
    return json.dumps(make(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def run(arguments: argparse.Namespace) -> int:
    """Print the document, or write it to the folder."""
    text = render(arguments.document)
    if arguments.output is None:
        print(text, end="")
    else:
        (arguments.output / FILES[arguments.document]).write_text(text, encoding="utf-8")
    return 0
