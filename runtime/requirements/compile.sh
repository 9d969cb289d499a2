#!/usr/bin/env bash
# Writes the lock files (*.txt) from the *.in files: exact versions with hashes, the same version of a package in all of them.
# Run it after an *.in file has changed: `runtime/requirements/compile.sh`. It needs uv (`pip install uv`) and a package index.
set -euo pipefail
cd "$(dirname "$0")"
options=(--override overrides.txt --excludes excludes.txt --python-version 3.11
  --python-platform x86_64-manylinux_2_28 --generate-hashes --no-header --no-annotate --quiet)
# cuda first: vLLM pins the most; what it settles constrains the others.
uv pip compile cuda.in "${options[@]}" -o cuda.txt
for name in core cpu test; do
  uv pip compile "$name.in" "${options[@]}" -c cuda.txt -o "$name.txt"
done
uv pip compile uv.in --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet -o uv.txt
