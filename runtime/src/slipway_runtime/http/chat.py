"""``POST /chat``: the route of KAITO's early server, on every backend."""

import dataclasses
import uuid
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from slipway_runtime.engine.base import GenerationRequest, RequestError, Sampling

from .chat_request import ChatRequest, GenerateOptions, UnprocessableError, parse_chat, to_sampling
from .context import ServingContext
from .parallel import all_or_none
from .sse import DONE, EventStream, event
from .tokenizing import tokenized


class ChatRoute:
    """Answers ``{"Result": text}``; with ``stream`` events of ``{"delta": text}``, then the whole, then ``[DONE]``."""

    def __init__(self, context: ServingContext) -> None:
        self._context = context

    async def __call__(self, request: Request) -> Response:
        """Answer one request."""
        try:
            chat, options = parse_chat(await request.body())
        except UnprocessableError as error:
            return JSONResponse({"detail": error.detail}, 422)
        characters = len(chat.prefix or "") + len(chat.prompt or "")
        characters += sum(len(message.content) for message in chat.messages or [])
        prompt_ids, front = await tokenized(self._context.prompter, characters, self._read, chat, options)
        names = self._context.catalogue
        model = names.require(chat.model) if chat.model is not None else names.cards[0].id
        vocabulary = self._context.prompter.vocabulary
        sampling = to_sampling(options, len(prompt_ids), names.max_context, vocabulary, self._context.backend)
        requests = [
            GenerationRequest(f"chat-{uuid.uuid4().hex}", model, prompt_ids, _reseeded(sampling, index), chat.stream)
            for index in range(options.num_return_sequences)
        ]
        tidy = self._tidy if chat.clean_up_tokenization_spaces else str
        if chat.stream:
            if len(requests) > 1:
                raise RequestError(400, "stream answers one sequence; leave num_return_sequences at 1")
            return EventStream(self._events(requests[0], front))
        texts = await all_or_none([self._whole(one) for one in requests])
        return JSONResponse({"Result": "".join(front + tidy(text) for text in texts)})

    def _read(self, chat: ChatRequest, options: GenerateOptions) -> tuple[tuple[int, ...], str]:
        """Token ids, and the text that the result starts with."""
        prompter = self._context.prompter
        if chat.prompt:
            ids = prompter.encode((chat.prefix or "") + chat.prompt, keep_end=chat.handle_long_generation == "hole")
            front = chat.prompt if chat.return_full_text in (True, None) else ""
        elif chat.messages:
            ids = prompter.conversation([message.model_dump() for message in chat.messages])
            front = ""
        elif chat.messages is not None and chat.prompt is None:
            raise RequestError(400, "Conversational parameter messages required")
        else:
            raise RequestError(400, "Text generation parameter prompt required")
        if chat.handle_long_generation not in (None, "hole"):
            raise RequestError(400, f'handle_long_generation must be "hole", not "{chat.handle_long_generation}"')
        if chat.handle_long_generation == "hole":
            new = options.max_new_tokens or max(1, options.max_length - len(ids))
            kept = self._context.catalogue.max_context - new
            if kept < 1:
                raise RequestError(400, f"{new} new tokens leave no room for a prompt")
            ids = ids[-kept:]
        return tuple(ids), front

    async def _whole(self, request: GenerationRequest) -> str:
        return "".join([chunk.text async for chunk in self._context.engine.generate(request)])

    async def _events(self, request: GenerationRequest, front: str) -> AsyncIterator[bytes]:
        parts = [front]
        reason: str | None = None
        async for chunk in self._context.engine.generate(request):
            reason = chunk.finish_reason
            if chunk.text:
                parts.append(chunk.text)
                yield event({"delta": chunk.text})
        yield event({"Result": "".join(parts), "finish_reason": reason})
        yield DONE

    def _tidy(self, text: str) -> str:
        tidied: str = self._context.prompter.tokenizer.clean_up_tokenization(text)
        return tidied


def _reseeded(sampling: Sampling, index: int) -> Sampling:
    """Another seed for every sequence of a request, as they would all be the same otherwise."""
    return sampling if sampling.seed is None else dataclasses.replace(sampling, seed=(sampling.seed + index) % 2**63)
