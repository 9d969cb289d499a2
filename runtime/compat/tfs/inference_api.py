"""The path under which KAITO's manifests start the transformers server."""

import sys

from slipway_runtime.compat.serve import serve_transformers

if __name__ == "__main__":
    sys.exit(serve_transformers())
