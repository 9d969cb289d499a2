"""The path under which KAITO's manifests start the vLLM server."""

import sys

from slipway_runtime.compat.serve import serve_vllm

if __name__ == "__main__":
    sys.exit(serve_vllm())
