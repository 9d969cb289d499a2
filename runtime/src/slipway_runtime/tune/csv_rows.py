"""Rows of a csv file, read strictly: pandas would shift the columns of a row that has one field too many."""

import csv
from collections.abc import Iterator
from pathlib import Path

from datasets import Dataset, Features, Value

#: Of one field; the csv module's own limit of 128 KiB is less than a long document.
_FIELD_LIMIT_BYTES = 1 << 30


def load_csv(path: Path, cache_dir: Path) -> Dataset:
    """All rows as text: an answer "7" is no number, and "NA" or "null" are words.

    Raises ValueError, or DatasetGenerationError caused by one, that names the line and what is wrong with it.
    """
    csv.field_size_limit(_FIELD_LIMIT_BYTES)
    header = next(_lines(path), (0, []))[1]
    if not header:
        raise ValueError("the first line names no columns")
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise ValueError(f"the first line names {', '.join(twice)} more than once")
    return Dataset.from_generator(
        _rows,
        features=Features({name: Value("string") for name in header}),
        cache_dir=str(cache_dir),
        # A list would be taken for shards to be read one by one.
        gen_kwargs={"path": str(path), "header": tuple(header)},
    )


def _rows(path: str, header: tuple[str, ...]) -> Iterator[dict[str, str]]:
    lines = _lines(Path(path))
    next(lines)
    for number, fields in lines:
        if len(fields) != len(header):
            raise ValueError(
                f"the row that ends in line {number} has {len(fields)} fields, and the first line names"
                f" {len(header)} columns; a text with a comma or a line break in it needs double quotes around it"
            )
        yield dict(zip(header, fields, strict=True))


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Fields of every row that is not blank, and the number of its last line."""
    # Spreadsheets put a byte order mark in front.
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, strict=True)
        try:
            for fields in reader:
                if fields:
                    yield reader.line_num, fields
        except csv.Error as error:
            raise ValueError(f"line {reader.line_num}: {error}") from error
