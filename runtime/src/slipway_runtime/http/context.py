"""What the routes need of the server."""

from dataclasses import dataclass
from typing import Literal

from slipway_runtime.engine.base import Catalogue, Engine
from slipway_runtime.engine.prompting import Prompter


@dataclass(frozen=True)
class ServingContext:
    """A loaded model."""

    backend: Literal["transformers", "vllm"]
    catalogue: Catalogue
    engine: Engine
    prompter: Prompter
    #: temperature, top_k, top_p, min_p, repetition_penalty of the model's generation_config.json.
    defaults: dict[str, float]
    created: int
