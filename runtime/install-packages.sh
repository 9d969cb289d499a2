#!/bin/sh
# Installs the locked packages into the image: install-packages.sh cpu|cuda. Runs inside the build only.
set -eu
lock="$(dirname "$0")"
if [ -s /run/build/ca.crt ]; then
  # Python's ssl and uv's TLS read the first, requests and pip the others.
  export SSL_CERT_FILE=/run/build/ca.crt PIP_CERT=/run/build/ca.crt REQUESTS_CA_BUNDLE=/run/build/ca.crt
fi
if [ -s /run/build/index-url ]; then
  PIP_INDEX_URL="$(cat /run/build/index-url)"
  export PIP_INDEX_URL UV_DEFAULT_INDEX="$PIP_INDEX_URL"
fi
export UV_HTTP_TIMEOUT=180 UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_PYTHON_DOWNLOADS=never
# A cache that the build mounts is used; one inside the image would only make it larger.
if [ -d /run/build/uv-cache ]; then
  export UV_CACHE_DIR=/run/build/uv-cache
else
  export UV_NO_CACHE=1
fi
python3 -m venv "$VIRTUAL_ENV"
"$VIRTUAL_ENV/bin/pip" install --quiet --no-cache-dir --disable-pip-version-check \
  --require-hashes --no-deps -r "$lock/uv.txt"
"$VIRTUAL_ENV/bin/uv" pip install --quiet --require-hashes --no-deps -r "$lock/$1.txt"
