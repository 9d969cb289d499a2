"""KAITO's command lines, understood by this runtime, so that its manifests also run on our image."""
