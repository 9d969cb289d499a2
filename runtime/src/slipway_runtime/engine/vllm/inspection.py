"""A look at requests before vLLM gets them."""

import json
from collections.abc import Mapping
from typing import Any

from slipway_runtime.http.body import parse_object
from slipway_runtime.http.limits import check_stop
from slipway_runtime.http.openai.requests import MAX_SEQUENCES, drop_unused

from ..base import Catalogue, RequestError

#: Routes of vLLM that are for clients, and what lies below them. Others change the server, stop other clients'
#: requests, or show its insides.
OPEN = (
    "/v1",
    "/v2",
    "/tokenize",
    "/detokenize",
    "/pooling",
    "/classify",
    "/score",
    "/rerank",
    "/inference/v1/generate",
    "/invocations",
    "/ping",
)
#: Below those, and not for clients: they load code and weights from any path.
CLOSED = ("/v1/load_lora_adapter", "/v1/unload_lora_adapter")


class Inspection:
    """Lets only our model ids through, fills in the served one where a request names none, and refuses what vLLM would
    silently cut or ignore: more tokens than the context has, and fields that it does not know.

    ``fields`` are the fields of the bodies that vLLM itself describes, by path; ``sequences`` is how many one request
    may ask for.
    """

    def __init__(
        self, catalogue: Catalogue, fields: Mapping[str, frozenset[str]], sequences: int = MAX_SEQUENCES
    ) -> None:
        self._catalogue = catalogue
        self._fields = fields
        self._sequences = max(sequences, MAX_SEQUENCES)

    def __call__(self, method: str, path: str, body: bytes) -> bytes:
        """The body with a model id, and without what means nothing.

        Raises RequestError 404 for an unknown model and for routes that are not for clients, 400 for what cannot be
        honoured.
        """
        if path == "/chat":
            return body
        if not _is_open(path):
            raise RequestError(404, "Not Found", code="not_found")
        if method != "POST":
            return body
        value = parse_object(body)
        before = len(value)
        if path in self._fields:
            drop_unused(value, self._fields[path], "vLLM in this version")
        self._check(value)
        if path == "/v1/chat/completions" and not (isinstance(value.get("messages"), list) and value["messages"]):
            raise RequestError(400, "messages must be a list with at least one message", param="messages")
        name = value.get("model")
        if name is None:
            return json.dumps({**value, "model": self._catalogue.cards[0].id}).encode()
        if not isinstance(name, str):
            raise RequestError(400, f"model must be a text, not {name!r}", param="model")
        model = self._catalogue.require(name)
        if model == name and len(value) == before:
            return body
        return json.dumps({**value, "model": model}).encode()

    def _check(self, value: Mapping[str, object]) -> None:
        for field in ("max_tokens", "max_completion_tokens"):
            asked = value.get(field)
            most = self._catalogue.max_context
            # The prompt has at least one token; how many there are vLLM finds out, and refuses what is too much.
            if isinstance(asked, int) and asked >= most:
                raise RequestError(
                    400,
                    f"{field} is {asked}; prompt and answer together have at most {most} tokens",
                    code="context_length_exceeded",
                    param=field,
                )
        stop = value.get("stop")
        if isinstance(stop, list) and all(isinstance(text, str) for text in stop):
            check_stop(stop, "stop")
        elif isinstance(stop, str):
            check_stop([stop], "stop")
        n = value.get("n")
        sequences = (n if isinstance(n, int) else 1) * max(1, _prompts(value))
        if sequences > self._sequences:
            message = f"{sequences} sequences are asked for, at most {self._sequences} are answered in one request"
            raise RequestError(400, message, param="n")


def _is_open(path: str) -> bool:
    return any(path == one or path.startswith(one + "/") for one in OPEN) and not path.startswith(CLOSED)


def _prompts(value: Mapping[str, object]) -> int:
    """How many prompts a request has: a list of texts, of token lists, or of conversations."""
    for field in ("prompt", "messages"):
        given = value.get(field)
        if isinstance(given, list) and given and isinstance(given[0], str | list):
            return len(given)
    return 1


def described_fields(document: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """The fields of OpenAI's two bodies, from vLLM's own OpenAPI document; nothing of what is not described there."""
    found: dict[str, frozenset[str]] = {}
    for path in ("/v1/completions", "/v1/chat/completions"):
        try:
            schema = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
            name = str(schema["$ref"]).rsplit("/", 1)[-1]
            found[path] = frozenset(document["components"]["schemas"][name]["properties"])
        except (KeyError, TypeError):
            continue
    return found
