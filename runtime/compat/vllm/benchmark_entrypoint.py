"""The path under which KAITO's manifests probe the start."""

import sys

from slipway_runtime.compat.probe import startup

if __name__ == "__main__":
    sys.exit(startup())
