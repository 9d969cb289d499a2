"""Inference server and fine-tuning program of Slipway."""

__version__ = "0.1.0"
