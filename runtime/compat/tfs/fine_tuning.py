"""The path under which KAITO's manifests start tuning."""

import sys

from slipway_runtime.compat.tuning import fine_tuning

if __name__ == "__main__":
    sys.exit(fine_tuning())
