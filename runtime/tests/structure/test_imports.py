"""Which module imports which."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src"


def test_no_module_imports_itself_through_others() -> None:
    files = {module_name(file): file for file in sorted(SOURCE.rglob("*.py"))}
    imports = {name: {one for one in imported(file, name) if one in files} - {name} for name, file in files.items()}
    # Raises CycleError, with the circle.
    assert set(TopologicalSorter(imports).static_order()) == set(files)
    assert "slipway_runtime.engine.base" in imports["slipway_runtime.engine.warmup"]


def module_name(file: Path) -> str:
    parts = file.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(file: Path, name: str) -> Iterator[str]:
    """The modules that a file imports, at its top or within a function, but not for type checks alone."""
    package = name if file.name == "__init__.py" else name.rpartition(".")[0]
    tree = ast.parse(file.read_text(encoding="utf-8"))
    skipped = {id(inner) for node in ast.walk(tree) if is_for_types(node) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            module = ".".join([*above, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


@pytest.mark.parametrize("module", ["engine.transformers.serve", "engine.vllm.supervisor", "engine.vllm.worker"])
def test_the_port_opens_before_the_libraries_are_there(module: str) -> None:
    program = (
        f"import sys, slipway_runtime.{module};"
        " sys.exit(', '.join({'torch', 'transformers', 'peft', 'vllm'} & set(sys.modules)) or 0)"
    )
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
