"""What the HTTP side asks of a backend."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Protocol


class RequestError(Exception):
    """A request that cannot be answered, with the HTTP status that says so.

    ``kind`` and ``code`` are the fields of OpenAI's error object; ``param`` is the field of the request.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.kind = kind
        self.code = code
        self.param = param


class EngineError(Exception):
    """A model that cannot be served by the chosen backend; the message says why and what can."""


@dataclass(frozen=True)
class Sampling:
    """How the next token is chosen and when to stop. Zero or one switch a step off, as usual for each."""

    max_tokens: int
    min_tokens: int = 0
    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0
    typical_p: float = 1.0
    repetition_penalty: float = 1.0
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    logit_bias: tuple[tuple[int, float], ...] = ()
    seed: int | None = None
    stop: tuple[str, ...] = ()
    stop_token_ids: tuple[int, ...] = ()
    ignore_eos: bool = False
    include_stop: bool = False
    skip_special_tokens: bool = True
    #: How many likeliest tokens are reported beside the chosen one; None reports nothing.
    logprobs: int | None = None


@dataclass(frozen=True)
class GenerationRequest:
    """One sequence to generate."""

    id: str
    model: str
    prompt_ids: tuple[int, ...]
    sampling: Sampling
    #: Whether somebody reads the tokens as they come; if not, one chunk with all of them is enough, and costs less.
    is_streamed: bool = True


@dataclass(frozen=True)
class TokenLogprob:
    """Log probability of a chosen token and of the likeliest ones, before temperature and penalties."""

    token_id: int
    logprob: float
    top: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True)
class Chunk:
    """What became known with one step. ``finish_reason`` is set on the last one: stop or length."""

    text: str = ""
    token_count: int = 0
    logprobs: tuple[TokenLogprob, ...] = ()
    finish_reason: str | None = None


@dataclass(frozen=True)
class ModelCard:
    """One model id that clients may use."""

    id: str
    parent: str | None = None
    root: str = ""


@dataclass
class Catalogue:
    """The model ids, and how many tokens of prompt and answer together the model takes."""

    cards: list[ModelCard] = field(default_factory=list)
    max_context: int = 0
    #: Other ids of a model -> the id that stands in answers.
    aliases: dict[str, str] = field(default_factory=dict)

    def names(self) -> list[str]:
        return [card.id for card in self.cards]

    def require(self, name: str) -> str:
        """The id of the model that answers to the name.

        Raises RequestError 404 with the names that exist.
        """
        if name not in self.names():
            known = ", ".join(f'"{known}"' for known in self.names())
            raise RequestError(
                404, f'the model "{name}" does not exist; there is {known}', code="model_not_found", param="model"
            )
        return self.aliases.get(name, name)


class Engine(Protocol):
    """A backend that continues prompts."""

    def generate(self, request: GenerationRequest) -> AsyncIterator[Chunk]:
        """Chunks of one sequence, the last with a finish reason. Closing the iterator stops the generation."""
        ...

    def load(self) -> tuple[int, int]:
        """Sequences running now, and waiting."""
        ...
