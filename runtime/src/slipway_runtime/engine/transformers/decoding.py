"""Tokens to text while they come, with stop strings cut off."""

from tokenizers.decoders import DecodeStream
from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast

#: Prompt tokens the decoder starts with, so that the first new token gets its leading space as it should.
_CONTEXT_TOKENS = 6


class TextStream:
    """Text of one sequence. Half a character is held back, and what may become a stop string too."""

    def __init__(
        self,
        tokenizer: PreTrainedTokenizerBase,
        prompt_ids: tuple[int, ...],
        stop: tuple[str, ...],
        *,
        skip_special_tokens: bool,
        include_stop: bool,
    ) -> None:
        self._tokenizer = tokenizer
        self._stop = stop
        self._include_stop = include_stop
        self._skip_special = skip_special_tokens
        self._held_back = 0 if include_stop else max((len(word) for word in stop), default=1) - 1
        self._stream: DecodeStream | None = None
        self._ids: list[int] = []
        self._known = ""
        if isinstance(tokenizer, PreTrainedTokenizerFast):
            context = list(prompt_ids[-_CONTEXT_TOKENS:])
            self._stream = DecodeStream(ids=context, skip_special_tokens=skip_special_tokens)
        self.text = ""
        self._given = 0

    def push(self, token_id: int, *, check_stop: bool = True) -> bool:
        """Take one token; True if a stop string is complete, which ends the text."""
        before = len(self.text)
        self.text += self._decode(token_id)
        if not check_stop or len(self.text) == before:
            return False
        return self._cut_at_stop(before)

    def take(self, *, finished: bool) -> str:
        """The text that can be given out now and was not before."""
        end = len(self.text) if finished else max(self._given, len(self.text) - self._held_back)
        part = self.text[self._given : end]
        self._given = end
        return part

    def _decode(self, token_id: int) -> str:
        if self._stream is not None:
            return self._step(token_id)
        self._ids.append(token_id)
        whole: str = self._tokenizer.decode(self._ids, skip_special_tokens=self._skip_special)
        if whole.endswith("\ufffd") or not whole.startswith(self._known):
            return ""
        part = whole[len(self._known) :]
        self._known = whole
        return part

    def _step(self, token_id: int) -> str:
        backend = self._tokenizer.backend_tokenizer
        assert self._stream is not None
        try:
            return self._stream.step(backend, token_id) or ""
        except Exception:
            # Bytes that are no text can decode to less than the bytes before them did, which a stream does not
            # follow ("Invalid prefix encountered", huggingface/tokenizers#1666): go on with a new one.
            self._stream = DecodeStream(skip_special_tokens=self._skip_special)
            return self._stream.step(backend, token_id) or ""

    def _cut_at_stop(self, before: int) -> bool:
        found: tuple[int, int] | None = None
        for word in self._stop:
            index = self.text.find(word, max(0, before - len(word) + 1))
            if index >= 0 and (found is None or index < found[0]):
                found = (index, len(word))
        if found is None:
            return False
        self.text = self.text[: found[0] + (found[1] if self._include_stop else 0)]
        return True
