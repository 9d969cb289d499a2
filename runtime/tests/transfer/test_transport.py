import base64
import hashlib
import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from slipway_runtime.oci.client import RegistryClient
from slipway_runtime.oci.credentials import Credential
from slipway_runtime.oci.errors import RegistryError, RegistryUnavailable
from slipway_runtime.oci.manifest import Descriptor
from slipway_runtime.oci.reference import parse_reference
from slipway_runtime.oci.transport import Transport, retrying_session
from transfer.loopback import PASSWORD, USERNAME, WebServer, body

DATA = b"weights" * 200_000
GOOD = Credential("good.json", USERNAME, PASSWORD)
BAD = Credential("bad.json", "someone", "wrong")


def blob(data: bytes = DATA) -> Descriptor:
    return Descriptor("application/octet-stream", f"sha256:{hashlib.sha256(data).hexdigest()}", len(data))


def client(web: WebServer, *credentials: Credential) -> RegistryClient:
    reference = parse_reference(web.url.removeprefix("http://") + "/team/a:v1")
    transport = Transport(
        reference.api_host,
        reference.repository,
        credentials,
        plain_http=True,
        session=retrying_session(retries=2, backoff_seconds=0),
    )
    return RegistryClient(reference, transport=transport, sleep=lambda _: None)


def guarded(
    web: WebServer, data: bytes, valid: Callable[[str], bool], challenge: str
) -> Callable[[BaseHTTPRequestHandler], None]:
    def reply(handler: BaseHTTPRequestHandler) -> None:
        if valid(handler.headers.get("Authorization", "")):
            return body(data)(handler)
        return body(b"{}", 401, {"WWW-Authenticate": challenge})(handler)

    return reply


def bearer_registry(web: WebServer, tokens: list[str]) -> str:
    """A blob behind a token service that hands out ``tokens`` in turn; only the last one is valid."""
    issued = iter(tokens)

    def token(handler: BaseHTTPRequestHandler) -> None:
        login = handler.headers.get("Authorization", "")
        expected = "Basic " + base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()
        if handler.command == "GET" and login != expected:
            return body(b"{}", 401)(handler)
        return body(json.dumps({"token": next(issued)}).encode())(handler)

    web.answer("/token", token)
    challenge = f'Bearer realm="{web.url}/token",service="test",scope="repository:team/a:pull"'
    path = f"/v2/team/a/blobs/{blob().digest}"
    web.answer(path, guarded(web, DATA, lambda header: header == f"Bearer {tokens[-1]}", challenge))
    return path


def test_a_token_is_asked_for_with_the_scope_of_the_challenge(web: WebServer, tmp_path: Path) -> None:
    bearer_registry(web, ["t1"])
    client(web, GOOD).download(blob(), tmp_path / "x")
    assert (tmp_path / "x").read_bytes() == DATA
    query = parse_qs(urlsplit(next(path for _, path, _ in web.requests if path.startswith("/token"))).query)
    assert query == {"service": ["test"], "scope": ["repository:team/a:pull"]}


def test_an_expired_token_is_renewed(web: WebServer, tmp_path: Path) -> None:
    path = bearer_registry(web, ["t1"])
    pulling = client(web, GOOD)
    pulling.download(blob(), tmp_path / "x")
    # From now on only a second token is taken.
    bearer_registry(web, ["t2"])
    pulling.download(blob(), tmp_path / "y")
    assert (tmp_path / "y").read_bytes() == DATA
    assert [headers.get("Authorization") for _, asked, headers in web.requests if asked == path] == [
        None,
        "Bearer t1",
        "Bearer t1",
        "Bearer t2",
    ]


def test_the_next_login_is_tried_when_one_is_refused(web: WebServer, tmp_path: Path) -> None:
    bearer_registry(web, ["t1"])
    client(web, BAD, GOOD).download(blob(), tmp_path / "x")
    assert (tmp_path / "x").read_bytes() == DATA


def test_an_identity_token_is_exchanged(web: WebServer, tmp_path: Path) -> None:
    bearer_registry(web, ["t1"])
    client(web, Credential("acr.json", "", "", identity_token="refresh")).download(blob(), tmp_path / "x")
    assert [method for method, path, _ in web.requests if path.startswith("/token")] == ["POST"]


def test_refused_logins_are_named_without_their_secrets(web: WebServer, tmp_path: Path) -> None:
    bearer_registry(web, ["t1"])
    with pytest.raises(RegistryError) as caught:
        client(web, BAD).download(blob(), tmp_path / "x")
    message = str(caught.value)
    assert "someone of bad.json, anonymous" in message
    assert "--auth-file" in message
    assert "wrong" not in message


def test_credentials_are_not_sent_to_another_host(web: WebServer, tmp_path: Path) -> None:
    elsewhere = web.answer("/store", body(DATA)).replace("127.0.0.1", "localhost")
    challenge = 'Basic realm="test"'

    def redirect(handler: BaseHTTPRequestHandler) -> None:
        if not handler.headers.get("Authorization"):
            return body(b"{}", 401, {"WWW-Authenticate": challenge})(handler)
        return body(b"", 307, {"Location": elsewhere})(handler)

    web.answer(f"/v2/team/a/blobs/{blob().digest}", redirect)
    client(web, GOOD).download(blob(), tmp_path / "x")
    assert (tmp_path / "x").read_bytes() == DATA
    (store,) = [headers for _, path, headers in web.requests if path == "/store"]
    assert "Authorization" not in store


def test_a_blob_that_breaks_off_is_continued(web: WebServer, tmp_path: Path) -> None:
    path = f"/v2/team/a/blobs/{blob().digest}"
    web.answer(path, body(DATA, cut=700_000), body(DATA))
    client(web).download(blob(), tmp_path / "x")
    assert (tmp_path / "x").read_bytes() == DATA
    assert web.requests[1][2]["Range"].startswith("bytes=")


def test_a_blob_with_another_digest_is_thrown_away(web: WebServer, tmp_path: Path) -> None:
    web.answer(f"/v2/team/a/blobs/{blob().digest}", body(b"x" * len(DATA)))
    with pytest.raises(RegistryError, match="arrived with digest sha256:"):
        client(web).download(blob(), tmp_path / "x")
    assert list(tmp_path.iterdir()) == []


def test_a_blob_that_is_too_long_is_refused(web: WebServer, tmp_path: Path) -> None:
    web.answer(f"/v2/team/a/blobs/{blob().digest}", body(DATA + b"more"))
    with pytest.raises(RegistryError, match="longer than its"):
        client(web).download(blob(), tmp_path / "x")


def test_a_manifest_that_is_not_the_one_asked_for_is_refused(web: WebServer) -> None:
    web.answer("/v2/team/a/manifests/v1", body(b"{}", headers={"Docker-Content-Digest": "sha256:" + "0" * 64}))
    with pytest.raises(RegistryError, match="as promised"):
        client(web).manifest()


def test_a_registry_that_stays_down_is_unavailable(web: WebServer) -> None:
    web.answer("/v2/team/a/manifests/v1", body(b"", 503))
    with pytest.raises(RegistryUnavailable, match="HTTP 503"):
        client(web).manifest()
    assert len(web.requests) == 3


def test_nobody_listening_is_unavailable(web: WebServer) -> None:
    reference = parse_reference("127.0.0.1:9/team/a:v1")
    transport = Transport(
        reference.api_host,
        "team/a",
        [],
        plain_http=True,
        session=retrying_session(retries=1, backoff_seconds=0),
    )
    with pytest.raises(RegistryUnavailable, match="refused"):
        RegistryClient(reference, transport=transport).manifest()


def index(*platforms: tuple[str, str]) -> bytes:
    return json.dumps(
        {
            "schemaVersion": 2,
            "manifests": [
                {"digest": f"sha256:{number:064d}", "platform": {"os": os, "architecture": architecture}}
                for number, (os, architecture) in enumerate(platforms)
            ],
        }
    ).encode()


def test_an_index_without_the_architecture_says_what_it_has(web: WebServer) -> None:
    raw = index(("linux", "arm64"), ("windows", "amd64"), ("unknown", "unknown"))
    web.answer("/v2/team/a/manifests/v1", body(raw))
    with pytest.raises(RegistryError, match=r"no image for linux/amd64; offered: linux/arm64, windows/amd64"):
        client(web).manifest()
