"""Fixtures of all tests: tiny models, made once a session."""

import os

# Before torch is imported: with more threads, small models are slower.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def tiny_llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random Llama with 1.3 million parameters."""
    from tinymodel import save_model

    return save_model(tmp_path_factory.mktemp("models") / "llama")


@pytest.fixture(scope="session")
def tiny_phi3(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random Phi-3 of the same size."""
    from tinymodel import save_model

    return save_model(tmp_path_factory.mktemp("models") / "phi3", "phi3")
