"""Several sequences of one request."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from typing import Any, TypeVar

Result = TypeVar("Result")


async def all_or_none(work: Sequence[Coroutine[Any, Any, Result]]) -> list[Result]:
    """The results in order; if one fails, or the caller is cancelled, the others are stopped."""
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()


async def interleave(sources: Sequence[AsyncIterator[Result]]) -> AsyncIterator[tuple[int, Result]]:
    """Items of several iterators as they come, each with the number of its iterator."""
    if len(sources) == 1:
        async for only in sources[0]:
            yield 0, only
        return
    queue: asyncio.Queue[tuple[int, Result] | BaseException | None] = asyncio.Queue()

    async def pump(index: int, source: AsyncIterator[Result]) -> None:
        try:
            async for item in source:
                queue.put_nowait((index, item))
            queue.put_nowait(None)
        except Exception as error:
            queue.put_nowait(error)

    tasks = [asyncio.ensure_future(pump(index, source)) for index, source in enumerate(sources)]
    try:
        left = len(tasks)
        while left:
            item = await queue.get()
            if item is None:
                left -= 1
            elif isinstance(item, BaseException):
                raise item
            else:
                yield item
    finally:
        for task in tasks:
            task.cancel()
