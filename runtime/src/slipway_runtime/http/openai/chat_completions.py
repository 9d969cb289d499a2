"""``POST /v1/chat/completions``."""

import time
import uuid
from collections.abc import AsyncIterator, Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from slipway_runtime.engine.base import TokenLogprob

from ..context import ServingContext
from ..sse import DONE, ChoiceEvents, EventStream, event
from ..tokenizing import tokenized
from .generation import Answer, Generation
from .requests import ChatCompletionRequest, parse
from .usage import usage


class ChatCompletionsRoute:
    """Answers conversations."""

    def __init__(self, context: ServingContext) -> None:
        self._context = context

    async def __call__(self, request: Request) -> Response:
        """Answer one request."""
        fields = parse(await request.body(), ChatCompletionRequest)
        messages = [message.plain() for message in fields.messages]
        prompter = self._context.prompter
        characters = sum(len(message["content"]) for message in messages)
        prompt = await tokenized(prompter, characters, prompter.conversation, messages)
        generation = Generation(self._context, fields, [prompt])
        head = {"id": f"chatcmpl-{uuid.uuid4().hex}", "created": int(time.time()), "model": generation.model}
        if fields.stream:
            return EventStream(self._events({**head, "object": "chat.completion.chunk"}, fields, generation))
        answers = await generation.answers()
        total = usage(generation.prompt_tokens, sum(answer.tokens for answer in answers))
        choices = [self._choice(index, answer) for index, answer in enumerate(answers)]
        return JSONResponse({**head, "object": "chat.completion", "choices": choices, "usage": total})

    def _choice(self, index: int, answer: Answer) -> dict[str, object]:
        return {
            "index": index,
            "message": {"role": "assistant", "content": answer.text, "refusal": None},
            "logprobs": self._logprobs(answer.logprobs) if answer.logprobs else None,
            "finish_reason": answer.finish_reason,
        }

    async def _events(
        self, head: dict[str, object], fields: ChatCompletionRequest, generation: Generation
    ) -> AsyncIterator[bytes]:
        choice_event = ChoiceEvents(head)
        for index in range(fields.n):
            delta: dict[str, object] = {"role": "assistant", "content": ""}
            yield choice_event({"index": index, "delta": delta, "finish_reason": None})
        tokens = 0
        async for index, chunk in generation.chunks():
            tokens += chunk.token_count
            if not (chunk.text or chunk.logprobs or chunk.finish_reason):
                continue
            choice = {
                "index": index,
                "delta": {"content": chunk.text} if chunk.text else {},
                "logprobs": self._logprobs(chunk.logprobs) if chunk.logprobs else None,
                "finish_reason": chunk.finish_reason,
            }
            yield choice_event(choice)
        if fields.stream_options is not None and fields.stream_options.include_usage:
            yield event({**head, "choices": [], "usage": usage(generation.prompt_tokens, tokens)})
        yield DONE

    def _logprobs(self, logprobs: Sequence[TokenLogprob]) -> dict[str, object]:
        return {
            "content": [
                {
                    **self._token(one.token_id, one.logprob),
                    "top_logprobs": [self._token(token, value) for token, value in one.top],
                }
                for one in logprobs
            ],
            "refusal": None,
        }

    def _token(self, token_id: int, logprob: float) -> dict[str, object]:
        text = self._context.prompter.token(token_id)
        return {"token": text, "logprob": logprob, "bytes": list(text.encode())}
