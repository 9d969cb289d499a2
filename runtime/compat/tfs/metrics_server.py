"""The path under which KAITO's manifests start the status server of tuning."""

import sys

from slipway_runtime.compat.tuning import metrics_server

if __name__ == "__main__":
    sys.exit(metrics_server())
