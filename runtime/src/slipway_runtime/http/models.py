"""``GET /v1/models``: the same list on both backends."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from slipway_runtime.engine.base import ModelCard

from .context import ServingContext


class ModelsRoute:
    """The served model and the adapters that have an id of their own."""

    def __init__(self, context: ServingContext) -> None:
        self._context = context

    async def list(self, request: Request) -> Response:
        """All of them."""
        cards = [self._card(card) for card in self._context.catalogue.cards]
        return JSONResponse({"object": "list", "data": cards})

    async def get(self, request: Request) -> Response:
        """One of them."""
        catalogue = self._context.catalogue
        name = request.path_params["name"]
        catalogue.require(name)
        return JSONResponse(next(self._card(card) for card in catalogue.cards if card.id == name))

    def _card(self, card: ModelCard) -> dict[str, object]:
        return {
            "id": card.id,
            "object": "model",
            "created": self._context.created,
            "owned_by": "slipway",
            "root": card.root or card.id,
            "parent": card.parent,
            "max_model_len": self._context.catalogue.max_context,
        }
