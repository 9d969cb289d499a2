"""Where text is turned into tokens: at once if it is short, in another thread if others would have to wait for it."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from starlette.concurrency import run_in_threadpool

from slipway_runtime.engine.prompting import Prompter

#: So many characters take less time than it takes to wake another thread (some 0.3 ms on a server's core).
SHORT_CHARACTERS = 2000

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


async def tokenized(
    prompter: Prompter,
    characters: int,
    work: Callable[Parameters, Result],
    *args: Parameters.args,
    **kwargs: Parameters.kwargs,
) -> Result:
    """What ``work`` makes of ``characters`` characters of text."""
    if characters <= SHORT_CHARACTERS and not prompter.is_busy:
        return work(*args, **kwargs)
    return await run_in_threadpool(work, *args, **kwargs)
