"""The body of /chat, as KAITO's server had it (kaito v0.3 to v0.8, presets/workspace/inference/text-generation)."""

import difflib
import json
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from slipway_runtime.engine.base import RequestError, Sampling

from .body import load_json
from .limits import MAX_REPETITION_PENALTY, MIN_REPETITION_PENALTY, check_stop, check_tokens


class Message(BaseModel):
    """One turn of a conversation."""

    role: str
    content: str


class GenerateOptions(BaseModel):
    """``generate_kwargs``; the defaults are KAITO's and beat the model's own."""

    model_config = ConfigDict(extra="forbid")

    max_length: int = Field(200, ge=1, description="Tokens of prompt and answer together.")
    max_new_tokens: int | None = Field(None, ge=1, description="Tokens of the answer; beats max_length.")
    min_length: int = Field(0, ge=0, description="Tokens of prompt and answer together.")
    min_new_tokens: int | None = Field(None, ge=0, description="Tokens of the answer; beats min_length.")
    do_sample: bool = True
    early_stopping: bool = Field(False, description="Of beam search; without effect.")
    num_beams: int = Field(1, ge=1, description="Only 1: beam search is not served.")
    num_return_sequences: int = Field(1, ge=1, le=16)
    temperature: float = Field(1.0, ge=0, allow_inf_nan=False, description="0 takes the likeliest token.")
    top_k: int = Field(10, ge=0)
    top_p: float = Field(1.0, gt=0, le=1)
    min_p: float = Field(0.0, ge=0, le=1)
    typical_p: float = Field(1.0, gt=0, le=1, description="Below 1 on the transformers backend only.")
    repetition_penalty: float = Field(1.0, ge=MIN_REPETITION_PENALTY, le=MAX_REPETITION_PENALTY)
    pad_token_id: int | None = Field(None, description="Without effect: nothing is padded that a client sees.")
    eos_token_id: int | list[int] | None = Field(None, description="Tokens that end the answer too.")
    stop_strings: str | list[str] | None = None
    seed: Annotated[int, Field(ge=0, lt=2**63)] | None = Field(None, description="Same seed, same answer.")


class ChatRequest(BaseModel):
    """A prompt to continue, or a conversation to answer. Unknown fields are ignored, as in KAITO's server."""

    prompt: str | None = None
    messages: list[Message] | None = None
    return_full_text: bool | None = Field(True, description="Put the prompt in front of the answer.")
    clean_up_tokenization_spaces: bool | None = Field(False, description="Take out spaces before punctuation.")
    prefix: str | None = Field(None, description="Put in front of the prompt, and not returned.")
    handle_long_generation: str | None = Field(None, description='"hole": drop the start of a prompt that is too long.')
    generate_kwargs: dict[str, Any] | None = None
    stream: bool = Field(False, description="Answer with server-sent events.")
    model: str | None = Field(None, description="Model id, for adapters; by default the served model.")


Model = TypeVar("Model", bound=BaseModel)


class UnprocessableError(Exception):
    """A body of the wrong shape; ``detail`` is the list that FastAPI's 422 has."""

    def __init__(self, detail: list[dict[str, Any]]) -> None:
        super().__init__("unprocessable")
        self.detail = detail


def parse_chat(body: bytes) -> tuple[ChatRequest, GenerateOptions]:
    """The request.

    Raises UnprocessableError for a body of the wrong shape, RequestError 400 for an unknown generation parameter.
    """
    if not body:
        raise UnprocessableError([{"type": "missing", "loc": ["body"], "msg": "Field required", "input": None}])
    try:
        value = load_json(body)
    except ValueError as error:
        place = error.pos if isinstance(error, json.JSONDecodeError) else 0
        reason = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
        detail = {"type": "json_invalid", "loc": ["body", place], "msg": "JSON decode error", "input": {}}
        raise UnprocessableError([{**detail, "ctx": {"error": reason}}]) from error
    request = _validated(ChatRequest, value, ["body"])
    options = request.generate_kwargs or {}
    known = sorted(GenerateOptions.model_fields)
    unknown = [name for name in options if name not in known]
    if unknown:
        near = difflib.get_close_matches(unknown[0], known, n=1)
        hint = f' did you mean "{near[0]}"?' if near else ""
        names = ", ".join(f'"{name}"' for name in unknown)
        raise RequestError(400, f"generate_kwargs: unknown {names};{hint} known: {', '.join(known)}")
    return request, _validated(GenerateOptions, options, ["body", "generate_kwargs"])


def _validated(model: type[Model], value: object, place: list[str]) -> Model:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        detail = [
            {"type": entry["type"], "loc": [*place, *entry["loc"]], "msg": entry["msg"], "input": entry["input"]}
            for entry in error.errors()
        ]
        raise UnprocessableError(detail) from error


def to_sampling(
    options: GenerateOptions, prompt_tokens: int, max_context: int, vocabulary: int, backend: str
) -> Sampling:
    """The options as the engines know them.

    Raises RequestError 400 for what does not fit or is not served.
    """
    if prompt_tokens == 0:
        raise RequestError(400, "the prompt has no tokens")
    if options.num_beams != 1:
        raise RequestError(400, f"generate_kwargs.num_beams is {options.num_beams}; beam search is not served, use 1")
    if options.typical_p != 1 and backend == "vllm":
        raise RequestError(400, "generate_kwargs.typical_p: vLLM has no typical sampling; leave it at 1, or use top_p")
    if options.max_new_tokens is not None:
        new = options.max_new_tokens
    else:
        new = options.max_length - prompt_tokens
        if new < 1:
            raise RequestError(
                400,
                f"the prompt has {prompt_tokens} tokens, and generate_kwargs.max_length is {options.max_length} for "
                "prompt and answer together; raise it or give max_new_tokens",
            )
    left = max_context - prompt_tokens
    if left < 1 or (options.max_new_tokens is not None and new > left):
        raise RequestError(
            400,
            f"the prompt has {prompt_tokens} tokens and {new} are asked for; the model's context is {max_context} "
            "tokens for both",
            code="context_length_exceeded",
        )
    new = min(new, left)
    least = options.min_length - prompt_tokens if options.min_new_tokens is None else options.min_new_tokens
    given_ends = options.eos_token_id if options.eos_token_id is not None else []
    ends = [given_ends] if isinstance(given_ends, int) else given_ends
    check_tokens(ends, vocabulary, "generate_kwargs.eos_token_id")
    given_stop = options.stop_strings if options.stop_strings is not None else []
    stop = [given_stop] if isinstance(given_stop, str) else given_stop
    check_stop(stop, "generate_kwargs.stop_strings")
    return Sampling(
        max_tokens=new,
        min_tokens=max(0, min(least, new)),
        temperature=options.temperature if options.do_sample else 0.0,
        top_k=options.top_k,
        top_p=options.top_p,
        min_p=options.min_p,
        typical_p=options.typical_p,
        repetition_penalty=options.repetition_penalty,
        seed=options.seed,
        stop=tuple(stop),
        stop_token_ids=tuple(dict.fromkeys(ends)),
    )
