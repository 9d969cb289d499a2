"""vLLM as an :class:`Engine`: one streamed completion for every sequence."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from ..base import Chunk, GenerationRequest
from .inner import InnerApp


class VllmEngine:
    """Continues token ids through vLLM's completions route."""

    def __init__(self, inner: InnerApp) -> None:
        self._inner = inner

    async def generate(self, request: GenerationRequest) -> AsyncIterator[Chunk]:
        """Chunks of one sequence. Closing the iterator stops the generation."""
        sampling = request.sampling
        body: dict[str, Any] = {
            "model": request.model,
            "prompt": list(request.prompt_ids),
            "stream": True,
            "max_tokens": sampling.max_tokens,
            "min_tokens": sampling.min_tokens,
            "temperature": sampling.temperature,
            "top_k": sampling.top_k,
            "top_p": sampling.top_p,
            "min_p": sampling.min_p,
            "repetition_penalty": sampling.repetition_penalty,
            "presence_penalty": sampling.presence_penalty,
            "frequency_penalty": sampling.frequency_penalty,
            "seed": sampling.seed,
            "stop": list(sampling.stop),
            "stop_token_ids": list(sampling.stop_token_ids),
            "ignore_eos": sampling.ignore_eos,
            "include_stop_str_in_output": sampling.include_stop,
            "skip_special_tokens": sampling.skip_special_tokens,
            "request_id": request.id,
        }
        if sampling.logit_bias:
            body["logit_bias"] = {str(token): value for token, value in sampling.logit_bias}
        async with contextlib.aclosing(self._inner.events("/v1/completions", body)) as events:
            async for value in events:
                choices: Any = value.get("choices") or []
                for choice in choices:
                    yield Chunk(choice["text"], finish_reason=choice.get("finish_reason"))

    def load(self) -> tuple[int, int]:
        """Not asked for: vLLM's own metrics say it."""
        return 0, 0
