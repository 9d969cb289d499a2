"""A look at requests before vLLM gets them."""

import json

from slipway_runtime.http.body import parse_object
from slipway_runtime.http.limits import room_for_answer

from ..base import Catalogue, RequestError

#: Routes of vLLM that change the server and are not for clients.
CLOSED = ("/sleep", "/wake_up", "/collective_rpc", "/reset_prefix_cache", "/scale_elastic_ep", "/pause", "/resume")


class Inspection:
    """Lets only our model ids through, fills in the served one where a request names none, and checks what vLLM
    would silently cut: more tokens than the context has."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def __call__(self, method: str, path: str, body: bytes) -> bytes:
        """The body with a model id.

        Raises RequestError 404 for an unknown one and for routes that are not for clients, 400 for too many tokens.
        """
        if path.startswith(CLOSED):
            raise RequestError(404, "Not Found", code="not_found")
        if method != "POST" or path == "/chat":
            return body
        value = parse_object(body)
        for field in ("max_tokens", "max_completion_tokens"):
            asked = value.get(field)
            if isinstance(asked, int):
                # vLLM knows the prompt's length; whatever it is, there is at least one token.
                room_for_answer(1, asked, self._catalogue.max_context, field)
        name = value.get("model")
        if isinstance(name, str):
            self._catalogue.require(name)
            return body
        if name is None:
            return json.dumps({**value, "model": self._catalogue.cards[0].id}).encode()
        raise RequestError(400, f"model must be a text, not {name!r}", param="model")
