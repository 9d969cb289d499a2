"""From a prompt or a conversation to token ids, the same on both backends."""

import threading
from pathlib import Path
from typing import Any

from .base import RequestError


class Prompter:
    """The tokenizer of the model, with the chat template of the settings in place of its own if one is given."""

    def __init__(self, folder: Path, chat_template: Path | None, trust_remote_code: bool) -> None:
        # Takes seconds, in which the port shall be open already.
        from transformers import AutoTokenizer

        self.tokenizer: Any = AutoTokenizer.from_pretrained(folder, trust_remote_code=trust_remote_code)
        if chat_template is not None:
            self.tokenizer.chat_template = chat_template.read_text(encoding="utf-8")
        vocabulary: dict[str, int] = self.tokenizer.get_vocab()
        #: Token ids go from 0 to one below.
        self.vocabulary = max(vocabulary.values(), default=-1) + 1
        #: Tokens that a prompt can have at most; set when the model is loaded.
        self.max_context: int | None = None
        self._longest_token = max((len(token) for token in vocabulary), default=1)
        # Tokenizers are not safe to encode from several threads at once; decoding changes nothing in them.
        self._lock = threading.Lock()

    @property
    def is_busy(self) -> bool:
        """Whether somebody encodes now, for whom the next one waits."""
        return self._lock.locked()

    def encode(self, text: str, *, special: bool = True, keep_end: bool = False) -> list[int]:
        """Token ids of a text; ``special`` adds what the tokenizer puts around it.

        A text that cannot fit is not read to its end, which would keep the tokenizer busy for seconds: it is refused,
        or cut at its start with ``keep_end``. Raises RequestError 400.
        """
        if self.max_context is not None and len(text) > self.max_context * self._longest_token:
            characters = self.max_context * self._longest_token
            if not keep_end:
                raise RequestError(
                    400,
                    f"the prompt has {len(text)} characters; more than {characters} cannot fit into the model's "
                    f"context of {self.max_context} tokens",
                    code="context_length_exceeded",
                    param="prompt",
                )
            text = text[-characters:]
        with self._lock:
            ids: list[int] = self.tokenizer(text, add_special_tokens=special)["input_ids"]
        return ids

    def decode(self, ids: list[int], *, skip_special_tokens: bool = True) -> str:
        """Text of token ids."""
        text: str = self.tokenizer.decode(
            ids, skip_special_tokens=skip_special_tokens, clean_up_tokenization_spaces=False
        )
        return text

    def token(self, token_id: int) -> str:
        """Text of one token on its own."""
        return self.decode([token_id], skip_special_tokens=False)

    def conversation(self, messages: list[dict[str, Any]], *, generation_prompt: bool = True) -> list[int]:
        """Token ids of a conversation in the model's chat format.

        Raises RequestError 400 if the model has no chat template or the template refuses the messages.
        """
        return self.encode(self.conversation_text(messages, generation_prompt=generation_prompt), special=False)

    def conversation_text(self, messages: list[dict[str, Any]], *, generation_prompt: bool = True) -> str:
        """The conversation in the model's chat format.

        Raises RequestError 400 if the model has no chat template or the template refuses the messages.
        """
        if not self.tokenizer.chat_template:
            raise RequestError(
                400,
                "the model has no chat template; send a prompt, or set runtime.chat_template to a template file",
                param="messages",
            )
        try:
            with self._lock:
                text: str = self.tokenizer.apply_chat_template(
                    messages, tokenize=False, add_generation_prompt=generation_prompt
                )
        except Exception as error:
            # A template is a program of the model's makers: it fails in any way for messages it was not written for.
            raise RequestError(400, f"the chat template refuses the messages: {error}", param="messages") from error
        return text
