import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from slipway_runtime.tune.config import DatasetConfig
from slipway_runtime.tune.data_files import DataFile, find_data_files
from slipway_runtime.tune.outcome import EXIT_CONFIG, EXIT_DATA, TuneError
from slipway_runtime.tune.rows import load_rows

USER = {"role": "user", "content": "q"}
ASSISTANT = {"role": "assistant", "content": "a"}


def put(folder: Path, name: str, rows: list[dict[str, Any]]) -> Path:
    """Write rows in the format that the name's ending says."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if name.endswith(".parquet"):
        pq.write_table(pa.Table.from_pylist(rows), path)
    elif name.endswith(".csv"):
        keys = list(rows[0])
        quoted = [",".join(json.dumps(str(row[key])).replace('\\"', '""') for key in keys) for row in rows]
        path.write_text("\n".join([",".join(keys), *quoted]) + "\n")
    elif name.endswith(".json"):
        path.write_text(json.dumps(rows))
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def load(folder: Path, chat: bool = True, **config: Any) -> list[dict[str, Any]]:
    settings = DatasetConfig(**{"shuffle_dataset": False, **config})
    files = find_data_files(settings, folder, folder)
    rows, _ = load_rows(files, settings, folder.parent / "cache", has_chat_template=chat)
    return list(rows)


def data_error(folder: Path, chat: bool = True, **config: Any) -> str:
    with pytest.raises(TuneError) as caught:
        load(folder, chat, **config)
    assert caught.value.exit_code == EXIT_DATA
    return str(caught.value)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "data"
    made.mkdir()
    return made


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.parquet", "a.csv", "sub/a.JSONL", "a.ndjson"])
def test_every_kind_of_file_gives_the_same_rows(folder: Path, name: str) -> None:
    put(folder, name, [{"prompt": "one, two", "completion": "x"}, {"prompt": 'a "b"', "completion": "y"}])
    assert load(folder) == [{"prompt": "one, two", "completion": "x"}, {"prompt": 'a "b"', "completion": "y"}]


def test_messages_keep_role_and_content_only(folder: Path) -> None:
    put(folder, "a.jsonl", [{"id": 1, "messages": [{**USER, "name": "n"}, ASSISTANT]}])
    assert load(folder) == [{"messages": [USER, ASSISTANT]}]


def test_a_csv_file_holds_messages_as_json(folder: Path) -> None:
    put(folder, "a.csv", [{"messages": json.dumps([USER, ASSISTANT])}])
    assert load(folder) == [{"messages": [USER, ASSISTANT]}]


def test_an_instruction_is_asked_as_the_model_will_be(folder: Path) -> None:
    put(folder, "a.jsonl", [{"instruction": "add", "input": "1 2", "output": "3"}])
    assert load(folder) == [
        {
            "prompt": [{"role": "user", "content": "add\n\n1 2"}],
            "completion": [{"role": "assistant", "content": "3"}],
        }
    ]
    assert load(folder, chat=False) == [{"prompt": "add\n\n1 2\n\n", "completion": "3"}]


def test_columns_are_mapped_by_the_configuration(folder: Path) -> None:
    put(folder, "a.jsonl", [{"text": "not this", "q": "one", "a": "two"}])
    assert load(folder, context_column="q", response_column="a") == [{"prompt": "one", "completion": "two"}]
    assert load(folder, response_column="a") == [{"text": "two"}]
    assert load(folder, text_column="q") == [{"text": "one"}]
    assert load(folder, chat=False, instruction_column="q", output_column="a") == [
        {"prompt": "one\n\n", "completion": "two"}
    ]


def test_several_files_are_read_in_the_order_of_their_names(folder: Path) -> None:
    put(folder, "b.jsonl", [{"text": "2"}])
    put(folder, "a.parquet", [{"text": "1"}])
    put(folder, "c/c.csv", [{"text": "3"}])
    assert [row["text"] for row in load(folder)] == ["1", "2", "3"]


def test_only_the_whole_ending_counts(folder: Path) -> None:
    put(folder, "a.jsonl", [{"text": "1"}])
    (folder / "narrow.txt").write_text("x")
    (folder / "json-notes.md").write_text("x")
    (folder / ".slipway-fetch").mkdir()
    (folder / ".slipway-fetch" / "x.json").write_text("broken")
    assert load(folder) == [{"text": "1"}]


def test_an_extension_narrows_the_choice(folder: Path) -> None:
    put(folder, "a.jsonl", [{"text": "1"}])
    put(folder, "b.csv", [{"text": "two"}])
    assert load(folder, dataset_extension="csv") == [{"text": "two"}]


def test_a_dataset_path_is_below_the_root(folder: Path) -> None:
    put(folder, "sub/a.jsonl", [{"text": "1"}])
    for path in ("sub/a.jsonl", "/sub", str(folder / "sub")):
        assert load(folder, dataset_path=path) == [{"text": "1"}]
    with pytest.raises(TuneError, match="is outside") as caught:
        find_data_files(DatasetConfig(dataset_path="../x"), folder, folder)
    assert caught.value.exit_code == EXIT_CONFIG


def test_every_broken_row_is_named(folder: Path) -> None:
    bad = {"role": "assistant", "content": None}
    put(
        folder,
        "a.jsonl",
        [
            {"messages": [USER, ASSISTANT]},
            {"messages": []},
            {"messages": [USER]},
            {"messages": [{"role": "bot", "content": "x"}, ASSISTANT]},
            {"messages": [USER, bad]},
        ],
    )
    message = data_error(folder)
    assert "row 2: messages must be a list of messages, not []" in message
    assert "row 3: messages has no message of the assistant" in message
    assert "row 4: messages[0].role must be system, user, assistant or tool, not 'bot'" in message
    assert "row 5: messages[1].content must be text, not nothing" in message
    assert "row 1:" not in message


def test_many_broken_rows_are_counted(folder: Path) -> None:
    put(folder, "a.jsonl", [{"text": " "}] * 30)
    message = data_error(folder)
    assert message.count("text is empty") == 20
    assert message.endswith("and 10 more problems")


def test_unknown_columns_are_listed_with_the_formats(folder: Path) -> None:
    put(folder, "a.jsonl", [{"question": "1", "answer": "2"}])
    message = data_error(folder)
    assert "columns question, answer are none of the known formats: messages; prompt and completion;" in message


def test_a_mapped_column_that_is_missing_is_named(folder: Path) -> None:
    put(folder, "a.jsonl", [{"q": "1", "a": "2"}])
    assert "has no column answer; its columns are q, a" in data_error(
        folder, context_column="q", response_column="answer"
    )


def test_messages_need_a_chat_template(folder: Path) -> None:
    put(folder, "a.jsonl", [{"messages": [USER, ASSISTANT]}])
    assert "ModelConfig.chat_template" in data_error(folder, chat=False)


def test_formats_are_not_mixed(folder: Path) -> None:
    put(folder, "a.jsonl", [{"text": "1"}])
    put(folder, "b.jsonl", [{"prompt": "1", "completion": "2"}])
    assert "text (a.jsonl), prompt and completion (b.jsonl)" in data_error(folder)


@pytest.mark.parametrize(("name", "content"), [("a.jsonl", "{nonsense\n"), ("a.parquet", "x"), ("a.json", "[1")])
def test_a_file_that_cannot_be_read_is_named(folder: Path, name: str, content: str) -> None:
    (folder / name).write_text(content)
    assert f"{name}: cannot be read as" in data_error(folder)


def test_no_data_says_what_was_found(folder: Path) -> None:
    assert "the folder is empty" in data_error(folder)
    (folder / "a.txt").write_text("x")
    assert "no file ending in .csv, .json, .jsonl, .ndjson, .parquet; there is a.txt" in data_error(folder)
    (folder / "a.csv").write_text("")
    assert "a.csv: the file is empty" in data_error(folder)
    with pytest.raises(TuneError, match="no such file or folder"):
        find_data_files(DatasetConfig(), folder / "absent", folder)


def test_the_split_keeps_rows_for_evaluation(folder: Path) -> None:
    put(folder, "a.jsonl", [{"text": str(number)} for number in range(10)])
    settings = DatasetConfig(train_test_split=0.8, shuffle_seed=1)
    files = [DataFile(folder / "a.jsonl", "json")]
    train, held_out = load_rows(files, settings, folder.parent / "cache", has_chat_template=True)
    assert held_out is not None
    assert (len(train), len(held_out)) == (8, 2)
    assert {row["text"] for row in [*train, *held_out]} == {str(number) for number in range(10)}
    assert "leaves one side of 10 rows empty" in data_error(folder, train_test_split=0.01)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("prompt,completion\nhello, how are you,fine\n", "line 2 has 3 fields, and the first line names 2 columns"),
        ("prompt,completion\na,b\nc\n", "line 3 has 1 fields"),
        ("prompt,prompt,completion\na,b,c\n", "the first line names prompt more than once"),
        ('prompt,completion\n"a,b\n', "line 2: unexpected end of data"),
        ("\n\n", "the first line names no columns"),
        (b"prompt,completion\nh\xe9,b\n", "can't decode byte 0xe9"),
    ],
)
def test_a_csv_file_whose_fields_do_not_fit_its_columns_is_refused(
    folder: Path, text: str | bytes, message: str
) -> None:
    (folder / "a.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    assert message in data_error(folder)


def test_a_csv_file_of_a_spreadsheet_is_read(folder: Path) -> None:
    long = "x" * 200_000
    text = f'\ufeff"prompt",completion\r\n"two\nlines","say ""yes"""\r\n\r\n{long},NA\r\n'
    (folder / "a.csv").write_text(text, newline="")
    assert load(folder) == [
        {"prompt": "two\nlines", "completion": 'say "yes"'},
        {"prompt": long, "completion": "NA"},
    ]


def test_links_that_lead_back_are_walked_once(folder: Path) -> None:
    put(folder, "deep/a.jsonl", [{"text": "one"}])
    for name in ("up", "again"):
        (folder / "deep" / name).symlink_to("..")
    assert load(folder) == [{"text": "one"}]
