"""The model ids of a server, and the first answers of a model."""

from collections.abc import Iterable, Sequence

from slipway_runtime.http.context import ServingContext

from .base import Catalogue, EngineError, GenerationRequest, ModelCard, Sampling

#: Tokens of a warm-up answer: one step for the prompt, some for the answer.
_TOKENS = 4


def catalogue(served_names: Sequence[str], adapters: Iterable[str], max_context: int) -> Catalogue:
    """The model ids: the served model under each of its names, then the adapters that are chosen by name.

    Raises EngineError if an adapter is called like the model.
    """
    first, *others = served_names
    names = list(adapters)
    for name in names:
        if name in served_names:
            raise EngineError(f'an adapter is called "{name}", as the served model; rename its folder, or the model')
    cards = [ModelCard(first), *(ModelCard(name, root=first) for name in others)]
    cards += [ModelCard(name, first, name) for name in names]
    return Catalogue(cards, max_context, dict.fromkeys(others, first))


async def warm_up(context: ServingContext, prompt: str) -> None:
    """One short answer of every model id, so that the first client does not wait for what only happens once."""
    ids = context.prompter.encode(prompt)[: max(1, context.catalogue.max_context - _TOKENS)]
    for name in dict.fromkeys(map(context.catalogue.require, context.catalogue.names())):
        sampling = Sampling(max_tokens=_TOKENS, temperature=0)
        request = GenerationRequest(f"warmup-{name}", name, tuple(ids), sampling)
        async for _ in context.engine.generate(request):
            pass
