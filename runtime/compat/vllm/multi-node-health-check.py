"""The path under which KAITO's manifests probe a group of nodes."""

import sys

from slipway_runtime.compat.probe import multi_node

if __name__ == "__main__":
    sys.exit(multi_node())
