"""Weights on disk: a folder, a download from the hub, or an OCI artifact."""
