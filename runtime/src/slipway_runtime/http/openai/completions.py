"""``POST /v1/completions``."""

import time
import uuid
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from slipway_runtime.engine.base import RequestError, TokenLogprob
from slipway_runtime.engine.prompting import Prompter

from ..context import ServingContext
from ..sse import DONE, ChoiceEvents, EventStream, event
from ..tokenizing import tokenized
from .generation import Generation
from .requests import CompletionRequest, parse
from .usage import usage


class CompletionsRoute:
    """Continues prompts."""

    def __init__(self, context: ServingContext) -> None:
        self._context = context

    async def __call__(self, request: Request) -> Response:
        """Answer one request."""
        fields = parse(await request.body(), CompletionRequest)
        if fields.echo and fields.logprobs is not None:
            raise RequestError(400, "echo with logprobs is not supported; leave one of them out", param="echo")
        prompts = await tokenized(self._context.prompter, _characters(fields.prompt), self._prompts, fields)
        generation = Generation(self._context, fields, prompts)
        head = {
            "id": f"cmpl-{uuid.uuid4().hex}",
            "object": "text_completion",
            "created": int(time.time()),
            "model": generation.model,
        }
        echoes = [self._echo(prompt) if fields.echo else "" for prompt in prompts for _ in range(fields.n)]
        if fields.stream:
            return EventStream(self._events(head, fields, generation, echoes))
        answers = await generation.answers()
        choices = [
            {
                "index": index,
                "text": echo + answer.text,
                "logprobs": _Logprobs(self._context.prompter).add(answer.logprobs) if answer.logprobs else None,
                "finish_reason": answer.finish_reason,
            }
            for index, (echo, answer) in enumerate(zip(echoes, answers, strict=True))
        ]
        total = usage(generation.prompt_tokens, sum(answer.tokens for answer in answers))
        return JSONResponse({**head, "choices": choices, "usage": total})

    def _prompts(self, fields: CompletionRequest) -> list[list[int]]:
        prompt: Any = fields.prompt
        many = prompt if isinstance(prompt, list) and prompt and not isinstance(prompt[0], int) else [prompt]
        encode = self._context.prompter.encode
        return [encode(one, special=fields.add_special_tokens) if isinstance(one, str) else list(one) for one in many]

    def _echo(self, prompt: list[int]) -> str:
        return self._context.prompter.decode(prompt)

    async def _events(
        self, head: dict[str, object], fields: CompletionRequest, generation: Generation, echoes: list[str]
    ) -> AsyncIterator[bytes]:
        choice_event = ChoiceEvents(head)
        logprobs = [_Logprobs(self._context.prompter) for _ in echoes]
        tokens = 0
        async for index, chunk in generation.chunks():
            tokens += chunk.token_count
            echo, echoes[index] = echoes[index], ""
            choice = {
                "index": index,
                "text": echo + chunk.text,
                "logprobs": logprobs[index].add(chunk.logprobs) if chunk.logprobs else None,
                "finish_reason": chunk.finish_reason,
            }
            if choice["text"] or choice["logprobs"] or chunk.finish_reason:
                yield choice_event(choice)
        if fields.stream_options is not None and fields.stream_options.include_usage:
            yield event({**head, "choices": [], "usage": usage(generation.prompt_tokens, tokens)})
        yield DONE


def _characters(prompt: object) -> int:
    """How much text there is; tokens are none."""
    if isinstance(prompt, list):
        return sum(len(one) for one in prompt if isinstance(one, str))
    return len(prompt) if isinstance(prompt, str) else 0


class _Logprobs:
    """The log probabilities in the shape of the completions API; text offsets go on from part to part."""

    def __init__(self, prompter: Prompter) -> None:
        self._prompter = prompter
        self._offset = 0

    def add(self, logprobs: list[TokenLogprob] | tuple[TokenLogprob, ...]) -> dict[str, object]:
        tokens = [self._prompter.token(one.token_id) for one in logprobs]
        offsets = []
        for token in tokens:
            offsets.append(self._offset)
            self._offset += len(token)
        return {
            "tokens": tokens,
            "token_logprobs": [one.logprob for one in logprobs],
            "top_logprobs": [{self._prompter.token(token): value for token, value in one.top} for one in logprobs],
            "text_offset": offsets,
        }
