"""The usage object."""


def usage(prompt_tokens: int, completion_tokens: int) -> dict[str, int]:
    """Tokens read, generated, and both together."""
    return {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": prompt_tokens + completion_tokens,
    }
