"""How much a request may ask for: tokens, texts that end it, token ids."""

from collections.abc import Iterable, Sequence

from slipway_runtime.engine.base import RequestError

#: Every new token is compared with every one of them, for all requests in turn; OpenAI allows 4.
MAX_STOP_TEXTS = 64
#: Of all of them together: so much text is held back from a stream.
MAX_STOP_CHARACTERS = 4096
#: Logits are divided or multiplied by it: beyond these nothing is left of them in 32 bits.
MIN_REPETITION_PENALTY = 0.01
MAX_REPETITION_PENALTY = 100.0


def check_stop(texts: Sequence[str], param: str) -> None:
    """Raises RequestError 400 for too many texts, too much text, or an empty one."""
    if len(texts) > MAX_STOP_TEXTS:
        raise RequestError(400, f"{param} has {len(texts)} texts, at most {MAX_STOP_TEXTS} are taken", param=param)
    total = sum(len(text) for text in texts)
    if total > MAX_STOP_CHARACTERS:
        message = f"{param} has {total} characters, at most {MAX_STOP_CHARACTERS} together are taken"
        raise RequestError(400, message, param=param)
    if "" in texts:
        raise RequestError(400, f"{param} has an empty text, which would end every answer at once", param=param)


def check_tokens(tokens: Iterable[int], vocabulary: int, param: str) -> None:
    """Raises RequestError 400 that names the first token id that the model does not have."""
    for token in tokens:
        if not 0 <= token < vocabulary:
            raise RequestError(400, f"{param}: token id {token} is not between 0 and {vocabulary - 1}", param=param)


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
