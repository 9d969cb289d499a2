"""From a prompt or a conversation to token ids, the same on both backends."""

import threading
from pathlib import Path
from typing import Any

from jinja2 import TemplateError
from transformers import AutoTokenizer

from .base import RequestError


class Prompter:
    """The tokenizer of the model, with the chat template of the settings in place of its own if one is given."""

    def __init__(self, folder: Path, chat_template: Path | None, trust_remote_code: bool) -> None:
        self.tokenizer: Any = AutoTokenizer.from_pretrained(folder, trust_remote_code=trust_remote_code)
        if chat_template is not None:
            self.tokenizer.chat_template = chat_template.read_text(encoding="utf-8")
        # Tokenizers are not safe to use from several threads at once.
        self._lock = threading.Lock()

    def encode(self, text: str, *, special: bool = True) -> list[int]:
        """Token ids of a text; ``special`` adds what the tokenizer puts around it."""
        with self._lock:
            ids: list[int] = self.tokenizer(text, add_special_tokens=special)["input_ids"]
        return ids

    def decode(self, ids: list[int], *, skip_special_tokens: bool = True) -> str:
        """Text of token ids."""
        with self._lock:
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
        except (TemplateError, ValueError, TypeError, KeyError) as error:
            raise RequestError(400, f"the chat template refuses the messages: {error}", param="messages") from error
        return text
