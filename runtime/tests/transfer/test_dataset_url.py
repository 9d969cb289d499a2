import pytest

from slipway_runtime.transfer.dataset_url import file_names, parse_dataset_urls
from slipway_runtime.transfer.errors import EXIT_CONFIG, TransferError


def names(*urls: str) -> list[str]:
    return file_names(parse_dataset_urls(urls))


def test_a_file_is_called_as_the_last_part_of_the_path() -> None:
    assert names("https://h.example/a/train.jsonl?token=x#y") == ["train.jsonl"]


def test_equal_names_are_numbered_and_keep_their_ending() -> None:
    urls = ["https://h.example/a/x.csv", "https://h.example/b/x.csv", "https://h.example/c/X.CSV"]
    assert names(*urls) == ["x.csv", "x-2.csv", "X-3.CSV"]


def test_a_number_that_is_taken_is_passed_over() -> None:
    urls = ["https://h.example/x-2.csv", "https://h.example/x.csv", "https://h.example/y/x.csv"]
    assert names(*urls) == ["x-2.csv", "x.csv", "x-3.csv"]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("", "dataset"),
        ("a/", "a"),
        ("%2e%2e", "dataset"),
        ("..%2f..%2fetc%2fpasswd", "_.._etc_passwd"),
        ("a%00b.csv", "a_b.csv"),
        (".hidden.csv", "hidden.csv"),
        ("two words.csv", "two words.csv"),
    ],
)
def test_no_name_leaves_the_folder(path: str, name: str) -> None:
    assert names(f"https://h.example/{path}") == [name]


def test_long_names_keep_their_ending() -> None:
    (name,) = names("https://h.example/" + "x" * 400 + ".parquet")
    assert len(name) == 200
    assert name.endswith(".parquet")


def test_size_and_digest_come_from_behind_the_hash_sign() -> None:
    (url,) = parse_dataset_urls(["https://h.example/x.csv#sha256=" + "AB" * 32 + "&size=12"])
    assert (url.url, url.sha256, url.size_bytes) == ("https://h.example/x.csv", "ab" * 32, 12)


def test_the_query_is_kept_for_the_request_and_out_of_messages() -> None:
    (url,) = parse_dataset_urls(["https://h.example:8443/x.csv?sig=secret"])
    assert url.url.endswith("?sig=secret")
    assert url.shown == "https://h.example:8443/x.csv"


def test_all_problems_are_named_at_once() -> None:
    with pytest.raises(TransferError) as caught:
        parse_dataset_urls(
            [
                "ftp://h.example/x",
                "file:///etc/passwd",
                "https:///x",
                "https://u:p@h.example/x",
                "https://h.example:0/x",
                "https://h.example:x/x",
                "https://h.example/x#sha256=12&size=big",
            ]
        )
    message = str(caught.value)
    assert caught.value.exit_code == EXIT_CONFIG
    assert "url 1: scheme 'ftp' is not allowed; give an http or https URL" in message
    assert "url 2: scheme 'file'" in message
    assert "url 3: has no host" in message
    assert "url 4: carries a login" in message
    assert "url 5: port 0" in message
    assert "url 6: Port could not be cast" in message
    assert "url 7: sha256 '12'" in message
    assert "url 7: size 'big'" in message
