"""The transformers backend: concurrent requests share the steps of one model."""
