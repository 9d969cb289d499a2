import hashlib
import socket
from pathlib import Path

import pytest

from slipway_runtime.transfer import download as download_module
from slipway_runtime.transfer.errors import EXIT_SOURCE, EXIT_UNAVAILABLE, TransferError
from slipway_runtime.transfer.fetch_urls import fetch_urls
from transfer.loopback import WebServer, body

DATA = bytes(range(256)) * 4000


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Pauses between tries are recorded instead of waited."""
    pauses: list[float] = []
    monkeypatch.setattr(download_module.download, "__defaults__", (pauses.append,))
    return pauses


def fetch(folder: Path, *urls: str) -> list[Path]:
    return fetch_urls(urls, folder, allow_private=True)


def test_files_arrive_under_different_names(web: WebServer, tmp_path: Path) -> None:
    first, second = web.answer("/a/x.csv", body(b"one")), web.answer("/b/x.csv", body(b"two"))
    files = fetch(tmp_path / "data", first, second)
    assert [file.name for file in files] == ["x.csv", "x-2.csv"]
    assert [file.read_bytes() for file in files] == [b"one", b"two"]
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == ["x-2.csv", "x.csv"]


def test_loopback_is_refused_without_the_allowance(web: WebServer, tmp_path: Path) -> None:
    url = web.answer("/x.csv", body(b"secret"))
    with pytest.raises(TransferError, match=r"127\.0\.0\.1 is a loopback address") as caught:
        fetch_urls([url], tmp_path)
    assert caught.value.exit_code == EXIT_SOURCE
    assert web.requests == []


def test_a_redirect_to_a_refused_address_is_not_followed(
    web: WebServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The first hop resolves to a public address that is routed to the test server, the second does not.
    inside = web.answer("/secret", body(b"secret"))
    web.answer("/x.csv", body(b"", 302, {"Location": inside}))
    port = int(web.url.rsplit(":", 1)[1])
    real_connect = socket.create_connection

    def resolve(host: str, *_: object, **__: object) -> list[tuple[object, ...]]:
        ip = "8.8.8.8" if host == "public.example" else host
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port))]

    def connect(address: tuple[str, int], *rest: object) -> socket.socket:
        assert address[0] == "8.8.8.8"
        return real_connect(("127.0.0.1", port))

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(TransferError, match="loopback address"):
        fetch_urls([f"http://public.example:{port}/x.csv"], tmp_path)
    assert [path for _, path, _ in web.requests] == ["/x.csv"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://h.example/x", "gopher://h.example/"])
def test_a_redirect_to_another_scheme_is_refused(web: WebServer, tmp_path: Path, target: str) -> None:
    url = web.answer("/x.csv", body(b"", 302, {"Location": target}))
    with pytest.raises(TransferError, match="only http and https are allowed"):
        fetch(tmp_path, url)


def test_endless_redirects_end(web: WebServer, tmp_path: Path) -> None:
    url = web.answer("/x.csv", body(b"", 302, {"Location": "/x.csv"}))
    with pytest.raises(TransferError, match="redirects"):
        fetch(tmp_path, url)


def test_a_body_that_breaks_off_is_continued(web: WebServer, tmp_path: Path) -> None:
    version = {"ETag": '"v1"'}
    url = web.answer("/x.bin", body(DATA, headers=version, cut=700_000), body(DATA, headers=version))
    (file,) = fetch(tmp_path, url)
    assert file.read_bytes() == DATA
    second = web.requests[1][2]
    assert second["Range"].startswith("bytes=")
    assert second["If-Range"] == '"v1"'


def test_a_partial_file_of_an_earlier_run_is_continued(web: WebServer, tmp_path: Path) -> None:
    (tmp_path / "x.bin.part").write_bytes(DATA[:1000])
    (tmp_path / "x.bin.part.version").write_text('"\\"v1\\""')
    url = web.answer("/x.bin", body(DATA, headers={"ETag": '"v1"'}))
    (file,) = fetch(tmp_path, url)
    assert file.read_bytes() == DATA
    assert web.requests[0][2]["Range"] == "bytes=1000-"


def test_without_a_version_a_partial_file_is_fetched_anew(web: WebServer, tmp_path: Path) -> None:
    (tmp_path / "x.bin.part").write_bytes(b"of another file")
    (file,) = fetch(tmp_path, web.answer("/x.bin", body(DATA)))
    assert file.read_bytes() == DATA
    assert "Range" not in web.requests[0][2]


def test_temporary_failures_are_tried_again_when_the_server_says(
    web: WebServer, tmp_path: Path, no_pauses: list[float]
) -> None:
    busy = body(b"", 503, {"Retry-After": "7"})
    (file,) = fetch(tmp_path, web.answer("/x.csv", busy, body(b"", 500), body(b"ok")))
    assert file.read_bytes() == b"ok"
    assert no_pauses == [7.0, 1.0]


def test_a_server_that_stays_down_is_unavailable(web: WebServer, tmp_path: Path) -> None:
    with pytest.raises(TransferError, match=r"HTTP 503 \(6 tries\)") as caught:
        fetch(tmp_path, web.answer("/x.csv", body(b"", 503)))
    assert caught.value.exit_code == EXIT_UNAVAILABLE
    assert len(web.requests) == 6


def test_every_broken_url_is_reported(web: WebServer, tmp_path: Path) -> None:
    good = web.answer("/good.csv", body(b"ok"))
    with pytest.raises(TransferError) as caught:
        fetch(tmp_path, web.url + "/a.csv?sig=secret", good, web.url + "/b.csv")
    message = str(caught.value)
    assert "/a.csv: HTTP 404" in message
    assert "/b.csv: HTTP 404" in message
    assert "secret" not in message
    assert len(web.requests) == 3


def test_size_and_digest_are_verified(web: WebServer, tmp_path: Path) -> None:
    url = web.answer("/x.bin", body(DATA))
    digest = hashlib.sha256(DATA).hexdigest()
    (file,) = fetch(tmp_path, f"{url}#sha256={digest}&size={len(DATA)}")
    assert file.read_bytes() == DATA


@pytest.mark.parametrize(
    ("promise", "message"),
    [
        ("sha256=" + "0" * 64, "sha256 is"),
        ("size=5", "longer than the 5 bytes"),
        ("size=9999999", "not the 9999999 given"),
    ],
)
def test_a_file_that_is_not_as_promised_is_thrown_away(
    web: WebServer, tmp_path: Path, promise: str, message: str
) -> None:
    url = web.answer("/x.bin", body(DATA))
    with pytest.raises(TransferError, match=message):
        fetch(tmp_path, f"{url}#{promise}")
    assert not (tmp_path / "x.bin").exists()


def test_an_empty_file_is_no_dataset(web: WebServer, tmp_path: Path) -> None:
    with pytest.raises(TransferError, match="the file is empty"):
        fetch(tmp_path, web.answer("/x.csv", body(b"")))


def test_a_name_that_does_not_resolve_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(TransferError, match=r"no-such-host\.invalid") as caught:
        fetch(tmp_path, "http://no-such-host.invalid/x.csv")
    assert caught.value.exit_code == EXIT_UNAVAILABLE
