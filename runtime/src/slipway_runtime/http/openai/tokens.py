"""``POST /tokenize`` and ``/detokenize``, as vLLM has them."""

from pydantic import BaseModel, ConfigDict
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from slipway_runtime.engine.base import RequestError

from ..context import ServingContext
from ..limits import check_tokens
from .requests import ChatMessage, parse


class TokenizeRequest(BaseModel):
    """A text, or a conversation."""

    model_config = ConfigDict(extra="forbid")

    model: str | None = None
    prompt: str | None = None
    messages: list[ChatMessage] | None = None
    add_special_tokens: bool | None = None
    add_generation_prompt: bool = True
    return_token_strs: bool = False


class DetokenizeRequest(BaseModel):
    """Token ids."""

    model_config = ConfigDict(extra="forbid")

    model: str | None = None
    tokens: list[int]


class TokenRoutes:
    """Text to tokens and back."""

    def __init__(self, context: ServingContext) -> None:
        self._context = context

    async def tokenize(self, request: Request) -> Response:
        """Token ids of a text or a conversation, and how many the model takes."""
        fields = parse(await request.body(), TokenizeRequest)
        self._check(fields.model)
        tokens = await run_in_threadpool(self._encode, fields)
        texts = [self._context.prompter.token(token) for token in tokens] if fields.return_token_strs else None
        limit = self._context.catalogue.max_context
        return JSONResponse({"count": len(tokens), "max_model_len": limit, "tokens": tokens, "token_strs": texts})

    async def detokenize(self, request: Request) -> Response:
        """The text of token ids."""
        fields = parse(await request.body(), DetokenizeRequest)
        self._check(fields.model)
        check_tokens(fields.tokens, self._context.prompter.vocabulary, "tokens")
        return JSONResponse({"prompt": self._context.prompter.decode(fields.tokens, skip_special_tokens=False)})

    def _encode(self, fields: TokenizeRequest) -> list[int]:
        prompter = self._context.prompter
        if fields.prompt is not None:
            return prompter.encode(fields.prompt, special=fields.add_special_tokens is not False)
        if fields.messages:
            text = prompter.conversation_text(
                [message.plain() for message in fields.messages], generation_prompt=fields.add_generation_prompt
            )
            return prompter.encode(text, special=bool(fields.add_special_tokens))
        raise RequestError(400, "prompt or messages is needed", param="prompt")

    def _check(self, model: str | None) -> None:
        if model is not None:
            self._context.catalogue.require(model)
