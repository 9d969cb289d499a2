"""OpenAI's API for the transformers backend. vLLM brings its own."""
