"""Bodies of OpenAI's API. A field that this backend cannot honour is refused, never ignored."""

import difflib
import json
from collections.abc import Collection
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from slipway_runtime.engine.base import RequestError, Sampling

from ..body import parse_object
from ..limits import MAX_REPETITION_PENALTY, MIN_REPETITION_PENALTY, check_stop, check_tokens, room_for_answer

#: Fields that change nothing in the answer: who asks, and where OpenAI would keep or bill it.
NEUTRAL = frozenset(
    {
        "user",
        "metadata",
        "store",
        "safety_identifier",
        "prompt_cache_key",
        "service_tier",
        "parallel_tool_calls",
    }
)
#: Field -> values that mean "not used"; anything else is refused by name.
UNSUPPORTED: dict[str, tuple[object, ...]] = {
    "tools": (None, []),
    "tool_choice": (None, "none", "auto"),
    "functions": (None, []),
    "function_call": (None, "none"),
    "response_format": (None, {"type": "text"}),
    "audio": (None,),
    "modalities": (None, ["text"]),
    "prediction": (None,),
    "reasoning_effort": (None,),
    "web_search_options": (None,),
    "suffix": (None, ""),
    "best_of": (None, 1),
    "use_beam_search": (None, False),
    "guided_json": (None,),
    "structured_outputs": (None,),
    "verbosity": (None,),
}
#: Sequences that one request may ask for.
MAX_SEQUENCES = 64

Probability = Annotated[float, Field(gt=0, le=1)]


class StreamOptions(BaseModel):
    """What a stream brings beside the text."""

    model_config = ConfigDict(extra="forbid")

    include_usage: bool = False


class SamplingFields(BaseModel):
    """What the chat and the completion request have in common; None takes the model's generation_config.json."""

    model_config = ConfigDict(extra="forbid")

    model: str | None = None
    n: int = Field(1, ge=1, le=MAX_SEQUENCES)
    stream: bool = False
    stream_options: StreamOptions | None = None
    stop: str | list[str] | None = None
    seed: Annotated[int, Field(ge=-(2**63), lt=2**63)] | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Probability | None = None
    presence_penalty: float = Field(0.0, ge=-2, le=2)
    frequency_penalty: float = Field(0.0, ge=-2, le=2)
    logit_bias: dict[str, Annotated[float, Field(ge=-100, le=100)]] | None = None
    # vLLM's additions, by their names there.
    top_k: Annotated[int, Field(ge=-1)] | None = None
    min_p: Annotated[float, Field(ge=0, le=1)] | None = None
    repetition_penalty: Annotated[float, Field(ge=MIN_REPETITION_PENALTY, le=MAX_REPETITION_PENALTY)] | None = None
    min_tokens: int = Field(0, ge=0)
    stop_token_ids: list[int] | None = None
    ignore_eos: bool = False
    include_stop_str_in_output: bool = False
    skip_special_tokens: bool = True

    @field_validator("stream_options")
    @classmethod
    def options_of_streams_need_one(cls, options: StreamOptions | None, info: ValidationInfo) -> StreamOptions | None:
        """Raises ValueError for options of a stream where the answer is none."""
        if options is not None and not info.data.get("stream"):
            raise ValueError("only with stream: true")
        return options

    def asked_tokens(self) -> tuple[int | None, str]:
        """Tokens the answer may have at most, and the field that says so."""
        raise NotImplementedError

    def reported(self) -> int | None:
        """How many likeliest tokens are reported; None reports no log probabilities."""
        raise NotImplementedError

    def sampling(self, prompt_tokens: int, max_context: int, vocabulary: int, defaults: dict[str, float]) -> Sampling:
        """The fields as the engine knows them.

        Raises RequestError 400 if prompt and answer do not fit, or a token does not exist.
        """
        asked, field = self.asked_tokens()
        most = room_for_answer(prompt_tokens, asked, max_context, field)
        stop = [self.stop] if isinstance(self.stop, str) else self.stop or []
        check_stop(stop, "stop")
        ends = self.stop_token_ids or []
        check_tokens(ends, vocabulary, "stop_token_ids")
        top_k = defaults.get("top_k", 0) if self.top_k is None else self.top_k
        return Sampling(
            max_tokens=most,
            min_tokens=min(self.min_tokens, most),
            temperature=_value(self.temperature, defaults, "temperature", 1.0),
            top_k=max(0, int(top_k)),
            top_p=_value(self.top_p, defaults, "top_p", 1.0),
            min_p=_value(self.min_p, defaults, "min_p", 0.0),
            repetition_penalty=_value(self.repetition_penalty, defaults, "repetition_penalty", 1.0),
            presence_penalty=self.presence_penalty,
            frequency_penalty=self.frequency_penalty,
            logit_bias=_bias(self.logit_bias, vocabulary),
            seed=self.seed,
            stop=tuple(stop),
            stop_token_ids=tuple(dict.fromkeys(ends)),
            ignore_eos=self.ignore_eos,
            include_stop=self.include_stop_str_in_output,
            skip_special_tokens=self.skip_special_tokens,
            logprobs=self.reported(),
        )


class CompletionRequest(SamplingFields):
    """``POST /v1/completions``."""

    prompt: str | list[str] | list[int] | list[list[int]]
    max_tokens: Annotated[int, Field(ge=1)] | None = 16
    logprobs: Annotated[int, Field(ge=0, le=20)] | None = None
    echo: bool = False
    add_special_tokens: bool = True

    def asked_tokens(self) -> tuple[int | None, str]:
        return self.max_tokens, "max_tokens"

    def reported(self) -> int | None:
        return self.logprobs


class TextPart(BaseModel):
    """A part of a message; only text is served."""

    type: Literal["text"]
    text: str


class ChatMessage(BaseModel):
    """One turn of a conversation; what a template knows beside role and content is handed on."""

    model_config = ConfigDict(extra="allow")

    role: str
    content: str | list[TextPart] | None = None

    @field_validator("content", mode="before")
    @classmethod
    def parts_are_text(cls, content: object) -> object:
        """Raises ValueError that names the first part which is a picture, a sound or a file."""
        for part in content if isinstance(content, list) else []:
            kind = part.get("type") if isinstance(part, dict) else None
            if isinstance(kind, str) and kind != "text":
                raise ValueError(f'only parts of type "text" are served by this backend, not "{kind}"')
        return content

    def plain(self) -> dict[str, Any]:
        """The message with its content as one text."""
        content = self.content
        text = "".join(part.text for part in content) if isinstance(content, list) else content or ""
        return {**(self.model_extra or {}), "role": self.role, "content": text}


class ChatCompletionRequest(SamplingFields):
    """``POST /v1/chat/completions``."""

    messages: list[ChatMessage] = Field(min_length=1)
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    max_completion_tokens: Annotated[int, Field(ge=1)] | None = None
    logprobs: bool = False
    top_logprobs: Annotated[int, Field(ge=0, le=20)] | None = None

    def asked_tokens(self) -> tuple[int | None, str]:
        if self.max_completion_tokens is not None:
            return self.max_completion_tokens, "max_completion_tokens"
        return self.max_tokens, "max_tokens"

    def reported(self) -> int | None:
        if not self.logprobs:
            if self.top_logprobs is not None:
                raise RequestError(400, "top_logprobs needs logprobs: true", param="top_logprobs")
            return None
        return self.top_logprobs or 0


Request = TypeVar("Request", bound=BaseModel)


def drop_unused(value: dict[str, object], known: Collection[str], backend: str) -> None:
    """Take out fields that change nothing: neutral ones, and others at the value that means "not used".

    Raises RequestError 400 that names a field which the backend cannot honour, or does not know.
    """
    for name in [name for name in value if name not in known]:
        given = value.pop(name)
        if name in NEUTRAL or given is None:
            continue
        if name not in UNSUPPORTED:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f'; did you mean "{near[0]}"?' if near else ""
            message = f"unrecognized request argument: {name}{hint}"
            raise RequestError(400, message, code="unknown_parameter", param=name)
        if given not in UNSUPPORTED[name]:
            message = f"{name} is not supported by {backend}; leave it out"
            raise RequestError(400, message, code="unsupported_parameter", param=name)


def parse(body: bytes, model: type[Request]) -> Request:
    """The request.

    Raises RequestError 400 that names the field, for a wrong value and for one that this backend cannot honour.
    """
    value = parse_object(body)
    drop_unused(value, model.model_fields, "the transformers backend (vLLM may have it)")
    try:
        return model.model_validate({name: given for name, given in value.items() if not _is_unset(model, name, given)})
    except ValidationError as error:
        entry = error.errors()[0]
        field = ".".join(str(part) for part in entry["loc"] if not _is_branch(part))
        given = "" if isinstance(entry["input"], dict | list) else f", given {json.dumps(entry['input'], default=str)}"
        message = str(entry["msg"]).removeprefix("Value error, ")
        raise RequestError(400, f"{field}: {message}{given}", param=field) from error


def _is_unset(model: type[BaseModel], name: str, given: object) -> bool:
    """OpenAI's clients send null for a field that shall have its default."""
    return given is None and name in model.model_fields and not model.model_fields[name].is_required()


def _is_branch(part: object) -> bool:
    return isinstance(part, str) and (part in {"str", "int"} or "[" in part)


def _value(given: float | None, defaults: dict[str, float], name: str, otherwise: float) -> float:
    return defaults.get(name, otherwise) if given is None else given


def _bias(bias: dict[str, float] | None, vocabulary: int) -> tuple[tuple[int, float], ...]:
    pairs = []
    for key, value in (bias or {}).items():
        # No number of so many digits is the id of a token; int() of a long one would take its time, or refuse.
        if not (key.isascii() and key.isdecimal()) or len(key) > 9 or int(key) >= vocabulary:
            message = f'logit_bias: "{key}" is no token id; they go from 0 to {vocabulary - 1}'
            raise RequestError(400, message, param="logit_bias")
        pairs.append((int(key), value))
    return tuple(pairs)
