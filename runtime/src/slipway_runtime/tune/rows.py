"""Data files into rows that the trainer understands, every broken row named."""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datasets import Dataset, Features, Value, concatenate_datasets, load_dataset
from datasets.exceptions import DatasetGenerationError

from .config import DatasetConfig
from .csv_rows import load_csv
from .data_files import DataFile
from .outcome import EXIT_DATA, TuneError

log = logging.getLogger(__name__)

SHOWN_PROBLEMS = 20
"""Problems that are named one by one; the rest is counted."""

Row = dict[str, Any]


@dataclass(frozen=True)
class RowFormat:
    """What the columns of a file mean. ``read`` gives the trainer's row, or raises ValueError saying why not."""

    name: str
    columns: tuple[str, ...]
    read: Callable[[Mapping[str, Any]], Row]
    placeholder: Row
    """Stands for a broken row until all are checked; has the shape of a good one."""


def load_rows(
    files: Sequence[DataFile], config: DatasetConfig, cache_dir: Path, *, has_chat_template: bool
) -> tuple[Dataset, Dataset | None]:
    """Rows to train on and rows to evaluate on (None when all are for training).

    Raises TuneError (exit code 3) for files that cannot be read, columns that are missing, rows that are broken.
    """
    parts: list[Dataset] = []
    formats: dict[str, str] = {}
    problems: list[str] = []
    for file in files:
        part = _load(file, cache_dir)
        if len(part) == 0:
            problems.append(f"{file.path}: has no rows")
            continue
        row_format = choose_format(part.column_names, config, str(file.path), has_chat_template)
        formats[row_format.name] = file.path.name
        log.info("%s: %d rows, format %s", file.path, len(part), row_format.name)
        parts.append(_convert(part, row_format, file.path, problems))
    if len(formats) > 1:
        listed = ", ".join(f"{name} ({file})" for name, file in formats.items())
        problems.append(f"the files have different formats, which cannot be mixed: {listed}")
    if problems:
        more = f"\nand {len(problems) - SHOWN_PROBLEMS} more problems" if len(problems) > SHOWN_PROBLEMS else ""
        raise TuneError("\n".join(problems[:SHOWN_PROBLEMS]) + more, EXIT_DATA)
    return _split(concatenate_datasets(parts), config)


def _load(file: DataFile, cache_dir: Path) -> Dataset:
    try:
        if file.kind == "csv":
            return load_csv(file.path, cache_dir)
        return load_dataset(file.kind, data_files=str(file.path), split="train", cache_dir=str(cache_dir))
    except DatasetGenerationError as error:
        raise TuneError(f"{file.path}: cannot be read as {file.kind}: {error.__cause__ or error}", EXIT_DATA) from error
    except (OSError, ValueError, UnicodeDecodeError) as error:
        raise TuneError(f"{file.path}: cannot be read as {file.kind}: {error}", EXIT_DATA) from error


def _convert(part: Dataset, row_format: RowFormat, path: Path, problems: list[str]) -> Dataset:
    def convert(row: Row, index: int) -> Row:
        try:
            return row_format.read(row)
        except ValueError as error:
            problems.append(f"{path}: row {index + 1}: {error}")
            return row_format.placeholder

    return part.map(
        convert,
        with_indices=True,
        remove_columns=part.column_names,
        # Fixed, as files of different kinds name the same type differently.
        features=Features({name: _feature(value) for name, value in row_format.placeholder.items()}),
        load_from_cache_file=False,
        keep_in_memory=True,
    )


def _feature(example: object) -> Any:
    text = Value("string")
    return text if isinstance(example, str) else [{"role": text, "content": text}]


def _split(rows: Dataset, config: DatasetConfig) -> tuple[Dataset, Dataset | None]:
    if config.shuffle_dataset:
        rows = rows.shuffle(seed=config.shuffle_seed)
    if config.train_test_split == 1.0:
        return rows, None
    train = round(len(rows) * config.train_test_split)
    if train == 0 or train == len(rows):
        raise TuneError(
            f"DatasetConfig.train_test_split {config.train_test_split} leaves one side of {len(rows)} rows empty",
            EXIT_DATA,
        )
    return rows.select(range(train)), rows.select(range(train, len(rows)))


def choose_format(columns: Sequence[str], config: DatasetConfig, where: str, has_chat_template: bool) -> RowFormat:
    """The format that the configuration names, else the first one whose usual columns are there.

    Raises TuneError (exit code 3) naming the missing column, the columns that are there, and the formats.
    """
    row_format = _named(config, has_chat_template) or _usual(columns, has_chat_template)
    if row_format is None:
        raise TuneError(
            f"{where}: columns {', '.join(columns)} are none of the known formats: messages; prompt and completion;"
            " instruction, input (optional) and output; text. Name the columns in DatasetConfig"
            " (messages_column; context_column and response_column; instruction_column, input_column and"
            " output_column; text_column)",
            EXIT_DATA,
        )
    missing = [column for column in row_format.columns if column not in columns]
    if missing:
        raise TuneError(f"{where}: has no column {', '.join(missing)}; its columns are {', '.join(columns)}", EXIT_DATA)
    if row_format.name == "messages" and not has_chat_template:
        raise TuneError(
            f"{where}: has messages, but the model's tokenizer has no chat template; give one in"
            " ModelConfig.chat_template, or use prompt and completion",
            EXIT_DATA,
        )
    return row_format


def _named(config: DatasetConfig, chat: bool) -> RowFormat | None:
    if config.messages_column is not None:
        return _messages(config.messages_column)
    if config.context_column is not None and config.response_column is not None:
        return _prompt_completion(config.context_column, config.response_column)
    if config.instruction_column is not None and config.output_column is not None:
        return _instruction(config.instruction_column, config.input_column, config.output_column, chat)
    text = config.text_column or config.response_column
    return _text(text) if text is not None else None


def _usual(columns: Sequence[str], chat: bool) -> RowFormat | None:
    if "messages" in columns:
        return _messages("messages")
    if "prompt" in columns and "completion" in columns:
        return _prompt_completion("prompt", "completion")
    if "instruction" in columns and "output" in columns:
        return _instruction("instruction", "input" if "input" in columns else None, "output", chat)
    return _text("text") if "text" in columns else None


def _messages(column: str) -> RowFormat:
    def read(row: Mapping[str, Any]) -> Row:
        return {"messages": _conversation(row[column], column)}

    return RowFormat("messages", (column,), read, {"messages": [{"role": "user", "content": ""}]})


def _conversation(messages: object, column: str) -> list[dict[str, str]]:
    if isinstance(messages, str):
        # A csv file cannot hold a list, so it holds the list's JSON.
        try:
            messages = json.loads(messages)
        except ValueError as error:
            raise ValueError(f"{column} must be a list of messages, or its JSON, not {_shown(messages)}") from error
    if not isinstance(messages, list) or not messages:
        raise ValueError(f"{column} must be a list of messages, not {_shown(messages)}")
    checked = []
    for index, message in enumerate(messages):
        if not isinstance(message, dict):
            raise ValueError(f"{column}[{index}] must be {{role, content}}, not {_shown(message)}")
        role, content = message.get("role"), message.get("content")
        if role not in ("system", "user", "assistant", "tool"):
            raise ValueError(f"{column}[{index}].role must be system, user, assistant or tool, not {_shown(role)}")
        if not isinstance(content, str):
            raise ValueError(f"{column}[{index}].content must be text, not {_shown(content)}")
        checked.append({"role": role, "content": content})
    if not any(message["role"] == "assistant" for message in checked):
        raise ValueError(f"{column} has no message of the assistant, so there is nothing to learn")
    return checked


def _prompt_completion(prompt: str, completion: str) -> RowFormat:
    def read(row: Mapping[str, Any]) -> Row:
        return {"prompt": _filled(row, prompt), "completion": _filled(row, completion)}

    return RowFormat("prompt and completion", (prompt, completion), read, {"prompt": "", "completion": ""})


def _instruction(instruction: str, context: str | None, output: str, chat: bool) -> RowFormat:
    def read(row: Mapping[str, Any]) -> Row:
        question, answer = _filled(row, instruction), _filled(row, output)
        extra = row[context] if context is not None else None
        if extra is not None and not isinstance(extra, str):
            raise ValueError(f"{context} must be text or empty, not {_shown(extra)}")
        if extra:
            question = f"{question}\n\n{extra}"
        if chat:
            # As the model will be asked later: through its own chat template.
            return {
                "prompt": [{"role": "user", "content": question}],
                "completion": [{"role": "assistant", "content": answer}],
            }
        return {"prompt": f"{question}\n\n", "completion": answer}

    columns = (instruction, output) if context is None else (instruction, context, output)
    empty: object = [{"role": "user", "content": ""}] if chat else ""
    return RowFormat("instruction", columns, read, {"prompt": empty, "completion": empty})


def _text(column: str) -> RowFormat:
    def read(row: Mapping[str, Any]) -> Row:
        return {"text": _filled(row, column)}

    return RowFormat("text", (column,), read, {"text": ""})


def _filled(row: Mapping[str, Any], column: str) -> str:
    value = row[column]
    if not isinstance(value, str):
        raise ValueError(f"{column} must be text, not {_shown(value)}")
    if not value.strip():
        raise ValueError(f"{column} is empty")
    return value


def _shown(value: object) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
