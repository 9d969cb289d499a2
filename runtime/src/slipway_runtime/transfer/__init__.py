"""Moving files in and out of a pod: dataset URLs, OCI images and artifacts, finished adapters."""
