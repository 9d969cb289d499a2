import json
import os
from base64 import b64encode
from pathlib import Path

import pytest

from slipway_runtime.oci.credentials import default_auth_paths, load_credentials
from slipway_runtime.oci.errors import RegistryError
from slipway_runtime.oci.reference import parse_reference

REFERENCE = parse_reference("registry.example.com/team/adapter:v1")


def write(path: Path, auths: dict[str, object]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"auths": auths}))
    return path


def basic(username: str, password: str) -> dict[str, object]:
    return {"auth": b64encode(f"{username}:{password}".encode()).decode()}


def test_the_password_may_hold_a_colon(tmp_path: Path) -> None:
    file = write(tmp_path / "config.json", {"registry.example.com": basic("user", "a:b")})
    (credential,) = load_credentials([file], REFERENCE)
    assert (credential.username, credential.password) == ("user", "a:b")


def test_a_key_with_a_path_goes_before_the_bare_host(tmp_path: Path) -> None:
    file = write(
        tmp_path / "config.json",
        {
            "https://registry.example.com/v2/": basic("host", "x"),
            "registry.example.com/team": basic("team", "x"),
            "registry.example.com/tea": basic("other", "x"),
            "other.example.com": basic("elsewhere", "x"),
        },
    )
    assert [entry.username for entry in load_credentials([file], REFERENCE)] == ["team", "host"]


def test_projected_secrets_under_a_folder_are_read_once_each(tmp_path: Path) -> None:
    # The kubelet projects files as links into a ..data folder.
    real = tmp_path / "config.d" / "..2026" / "a.json"
    write(real, {"registry.example.com": basic("a", "x")})
    (tmp_path / "config.d" / "..data").symlink_to(real.parent)
    (tmp_path / "config.d" / "a.json").symlink_to(Path("..data") / "a.json")
    write(tmp_path / "config.d" / "sub" / "b.json", {"registry.example.com": basic("b", "x")})
    (tmp_path / "config.d" / "notes.txt").write_text("no config")
    found = load_credentials([tmp_path / "config.d"], REFERENCE)
    assert [entry.username for entry in found] == ["a", "b"]


def test_docker_hub_is_known_under_the_key_that_docker_login_writes(tmp_path: Path) -> None:
    file = write(tmp_path / "config.json", {"https://index.docker.io/v1/": basic("hub", "x")})
    assert [entry.username for entry in load_credentials([file], parse_reference("team/a"))] == ["hub"]


def test_username_and_password_without_auth_count(tmp_path: Path) -> None:
    file = write(tmp_path / "config.json", {"registry.example.com": {"username": "u", "password": "p"}})
    (credential,) = load_credentials([file], REFERENCE)
    assert (credential.username, credential.password) == ("u", "p")


def test_secrets_do_not_show_in_a_printed_credential(tmp_path: Path) -> None:
    entry = {**basic("user", "s3cret"), "identitytoken": "t0ken"}
    file = write(tmp_path / "config.json", {"registry.example.com": entry})
    text = repr(load_credentials([file], REFERENCE))
    assert "s3cret" not in text
    assert "t0ken" not in text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "not JSON"),
        ("[]", "not a docker config"),
        ('{"auths": []}', "not a docker config"),
        ('{"auths": {"registry.example.com": 1}}', "is not an object"),
        ('{"auths": {"registry.example.com": {"auth": "%%"}}}', "is not base64"),
    ],
)
def test_a_file_that_is_no_docker_config_is_named(tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "config.json"
    file.write_text(content)
    with pytest.raises(RegistryError, match=message) as caught:
        load_credentials([file], REFERENCE)
    assert str(file) in str(caught.value)


def test_a_named_file_has_to_exist(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="No such file"):
        load_credentials([tmp_path / "absent.json"], REFERENCE)


def test_the_usual_places_are_looked_at_when_they_exist(tmp_path: Path) -> None:
    write(tmp_path / ".docker" / "config.json", {})
    (tmp_path / ".docker" / "config.d").mkdir()
    named = write(tmp_path / "auth.json", {})
    environ = {"HOME": str(tmp_path), "REGISTRY_AUTH_FILE": str(named)}
    assert default_auth_paths(environ) == [
        named,
        tmp_path / ".docker" / "config.json",
        tmp_path / ".docker" / "config.d",
    ]
    assert default_auth_paths({"HOME": str(tmp_path), "DOCKER_CONFIG": str(tmp_path / "none")}) == []


def helper(folder: Path, name: str, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A credential helper on PATH."""
    program = folder / f"docker-credential-{name}"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


def config(folder: Path, **document: object) -> Path:
    file = folder / "config.json"
    file.write_text(json.dumps(document))
    return file


def test_a_helper_for_the_registry_is_asked_for_its_login(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = """read server; echo "{\\"Username\\": \\"$1-$server\\", \\"Secret\\": \\"s\\"}\""""
    helper(tmp_path, "cloud", answer, monkeypatch)
    file = config(tmp_path, auths={"registry.example.com": {}}, credHelpers={"registry.example.com": "cloud"})
    (credential,) = load_credentials([file], REFERENCE)
    assert (credential.username, credential.password) == ("get-registry.example.com", "s")


def test_a_helpers_refresh_token_is_an_identity_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    helper(tmp_path, "store", """echo '{"Username": "<token>", "Secret": "refresh"}'""", monkeypatch)
    (credential,) = load_credentials([config(tmp_path, credsStore="store")], REFERENCE)
    assert (credential.username, credential.identity_token) == ("", "refresh")


def test_a_helper_without_a_login_leaves_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    helper(tmp_path, "store", "echo credentials not found in native keychain; exit 1", monkeypatch)
    file = config(tmp_path, auths={"registry.example.com": basic("user", "x")}, credsStore="store")
    assert [entry.username for entry in load_credentials([file], REFERENCE)] == ["user"]


def test_a_helper_that_fails_is_an_error_with_its_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    helper(tmp_path, "cloud", "echo the role cannot be assumed >&2; exit 3", monkeypatch)
    file = config(tmp_path, credHelpers={"registry.example.com": "cloud"})
    with pytest.raises(RegistryError, match="exit code 3: the role cannot be assumed"):
        load_credentials([file], REFERENCE)


def test_a_helper_that_is_not_there_is_an_error_only_where_it_is_the_registrys_own(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = config(tmp_path, credHelpers={"registry.example.com": "absent"})
    with pytest.raises(RegistryError, match="docker-credential-absent, which is not installed here; give it as auths"):
        load_credentials([file], REFERENCE)
    assert load_credentials([file], parse_reference("other.example.com/a:b")) == []
    assert load_credentials([config(tmp_path, credsStore="desktop")], REFERENCE) == []
    assert "docker-credential-desktop, which is not installed here" in caplog.text


def test_a_helpers_name_cannot_be_a_path(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="no name of a credential helper"):
        load_credentials([config(tmp_path, credsStore="x/../../bin/sh")], REFERENCE)
