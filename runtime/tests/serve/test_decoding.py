"""Tokens to text while they come."""

from pathlib import Path

import pytest

from slipway_runtime.engine.transformers.decoding import TextStream
from tinymodel import save_tokenizer


def stream(folder: Path, text: str, stop: tuple[str, ...] = (), include_stop: bool = False) -> tuple[list[str], bool]:
    """The parts that come out, and whether a stop string ended it."""
    tokenizer = save_tokenizer(folder)
    texts = TextStream(tokenizer, (5, 6), stop, skip_special_tokens=True, include_stop=include_stop)
    parts, stopped = [], False
    for token in tokenizer(text, add_special_tokens=False)["input_ids"]:
        stopped = texts.push(token)
        parts.append(texts.take(finished=stopped))
        if stopped:
            break
    return [*parts, texts.take(finished=True)], stopped


@pytest.mark.parametrize("text", ["hello world", "grüße an 世界 🌍 fin", " leading and  double", "a\nb\tc"])
def test_the_parts_are_the_text_and_no_part_is_half_a_character(text: str, tmp_path: Path) -> None:
    parts, stopped = stream(tmp_path, text)
    assert "".join(parts) == text
    assert not stopped
    assert not any("\ufffd" in part for part in parts)


def test_a_stop_string_over_several_tokens_is_cut_off(tmp_path: Path) -> None:
    parts, stopped = stream(tmp_path, "one two XYZZY three", stop=("XYZZY",))
    assert stopped
    assert "".join(parts) == "one two "


def test_nothing_of_a_stop_string_is_given_out_before_it_is_complete(tmp_path: Path) -> None:
    parts, _ = stream(tmp_path, "one XYZ four", stop=("XYZZY",))
    assert "".join(parts) == "one XYZ four"
    seen = ""
    for part in parts[:-1]:
        seen += part
        assert len("one XYZ four") - len(seen) >= 0
    assert parts[-1].endswith("our")


def test_the_first_of_several_stop_strings_wins_and_may_be_kept(tmp_path: Path) -> None:
    parts, _ = stream(tmp_path, "a bb ccc", stop=("ccc", "bb"), include_stop=True)
    assert "".join(parts) == "a bb"
