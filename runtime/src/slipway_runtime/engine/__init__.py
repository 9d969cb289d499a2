"""The backends: transformers in this process, vLLM as a child."""
