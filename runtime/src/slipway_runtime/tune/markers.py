"""Files in the output folder by which the tuning program and a pusher understand each other."""

COMPLETED = "fine_tuning_completed.txt"
"""Sentinel, written last: the adapter beside it is complete. KAITO's pusher waits for this name."""

FAILED = "fine_tuning_failed.json"
"""Failure marker ``{"exitCode", "reason", "message"}``: no adapter will come from this run."""

PROGRESS = "fine_tuning_progress.json"
"""Last progress; its modification time is the heartbeat of a running tuning program."""

HEARTBEAT_SECONDS = 20.0
"""At least this often the progress file is written while the program runs."""

ADAPTER_CONFIG = "adapter_config.json"
ADAPTER_WEIGHTS = "adapter_model.safetensors"
ADAPTER_FILES = (ADAPTER_CONFIG, ADAPTER_WEIGHTS)
"""What an adapter consists of; the order in which they are put in place is weights, config, sentinel."""
