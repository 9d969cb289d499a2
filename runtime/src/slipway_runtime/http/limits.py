"""How many tokens a request may have."""

from slipway_runtime.engine.base import RequestError


def room_for_answer(prompt_tokens: int, asked_tokens: int | None, max_context: int, param: str) -> int:
    """Tokens that the answer may have; what is left of the context if the request does not say.

    Raises RequestError 400 if prompt and answer together do not fit.
    """
    left = max_context - prompt_tokens
    if prompt_tokens == 0:
        raise RequestError(400, "the prompt has no tokens", param="prompt")
    if left < 1:
        raise RequestError(
            400,
            f"the prompt has {prompt_tokens} tokens; the model's context is {max_context} tokens for prompt and answer",
            code="context_length_exceeded",
            param="prompt",
        )
    if asked_tokens is not None and asked_tokens > left:
        raise RequestError(
            400,
            f"the prompt has {prompt_tokens} tokens and {param} is {asked_tokens}; together at most {max_context} "
            f"fit, so ask for {left} or fewer",
            code="context_length_exceeded",
            param=param,
        )
    return left if asked_tokens is None else asked_tokens
