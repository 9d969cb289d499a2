"""The exported documents are the committed ones."""

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from slipway_runtime.config.cli import FILES, render

SCHEMAS = Path(__file__).parents[2] / "schema"


@pytest.mark.parametrize("document", ["serve", "openapi", "vllm-options"])
def test_the_committed_document_is_what_the_code_exports(document: str) -> None:
    committed = (SCHEMAS / FILES[document]).read_text(encoding="utf-8")
    message = f"changed: python -m slipway_runtime schema {document} --output schema"
    assert render(document) == committed, message


def test_the_command_prints_the_same() -> None:
    source = str(SCHEMAS.parent / "src")
    command = [sys.executable, "-m", "slipway_runtime", "schema", "serve"]
    printed = subprocess.run(command, env={"PYTHONPATH": source}, capture_output=True, text=True, check=True).stdout
    assert printed == render("serve")


def test_the_schema_accepts_a_whole_file_and_refuses_an_unknown_key() -> None:
    schema = json.loads(render("serve"))
    good = {
        "runtime": {"backend": "vllm", "model": "org/name", "revision": None, "max_context": "auto"},
        "adapters": {"mode": "merged", "combination": "cat", "items": [{"name": "one", "strength": 0.5}]},
        "ray": {"cluster_size": 2, "leader_address": "leader", "port": 6379},
        "vllm": {"tensor-parallel-size": 2, "enable-prefix-caching": True, "kv-events-config": {"a": 1}},
    }
    jsonschema.validate(good, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**good, "serve": {}}, schema)


def test_every_route_of_the_document_has_its_parts() -> None:
    document = json.loads(render("openapi"))
    text = json.dumps(document)
    names = document["components"]["schemas"]
    references = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert references <= names.keys()
    assert {"/chat", "/v1/chat/completions", "/v1/completions", "/metrics"} <= document["paths"].keys()
