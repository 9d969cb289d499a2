"""The model ids of a server, and the first answers of a model."""

from slipway_runtime.adapters.plan import AdapterPlan
from slipway_runtime.http.context import ServingContext

from .base import GenerationRequest, ModelCard, Sampling

#: Tokens of a warm-up answer: one step for the prompt, some for the answer.
_TOKENS = 4


def cards(served_name: str, plan: AdapterPlan) -> list[ModelCard]:
    """The model ids: the served model first, then the adapters that are chosen by name."""
    adapters = [ModelCard(adapter.name, served_name, adapter.name) for adapter in plan.selectable]
    return [ModelCard(served_name), *adapters]


async def warm_up(context: ServingContext, prompt: str) -> None:
    """One short answer of every model id, so that the first client does not wait for what only happens once."""
    ids = context.prompter.encode(prompt)[: max(1, context.catalogue.max_context - _TOKENS)]
    for name in context.catalogue.names():
        sampling = Sampling(max_tokens=_TOKENS, temperature=0)
        request = GenerationRequest(f"warmup-{name}", name, tuple(ids), sampling)
        async for _ in context.engine.generate(request):
            pass
