import pytest

from slipway_runtime.oci.errors import RegistryError
from slipway_runtime.oci.reference import parse_reference

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("alpine", "docker.io/library/alpine:latest"),
        ("team/adapter:v1", "docker.io/team/adapter:v1"),
        ("index.docker.io/team/adapter", "docker.io/team/adapter:latest"),
        ("localhost/a", "localhost/a:latest"),
        ("127.0.0.1:5000/a/b/c:1.0", "127.0.0.1:5000/a/b/c:1.0"),
        ("[::1]:5000/a", "[::1]:5000/a:latest"),
        ("registry.example.com/a:v1@" + DIGEST, "registry.example.com/a:v1@" + DIGEST),
        ("registry.example.com/a@" + DIGEST, "registry.example.com/a@" + DIGEST),
    ],
)
def test_a_reference_is_completed_as_docker_does_it(text: str, whole: str) -> None:
    assert str(parse_reference(text)) == whole


def test_docker_hub_is_asked_at_its_api_host() -> None:
    assert parse_reference("alpine").api_host == "registry-1.docker.io"


def test_a_digest_wins_over_the_tag() -> None:
    assert parse_reference("registry.example.com/a:v1@" + DIGEST).target == DIGEST


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "repository ''"),
        ("registry.example.com/Team/a", "repository 'Team/a'"),
        ("a:", "tag ''"),
        ("a:-x", "tag '-x'"),
        ("a@sha256:12", "digest 'sha256:12'"),
        ("a@md5:" + "a" * 32, "digest"),
        ("https://registry.example.com/a", "not a host name"),
        ("a b", "repository 'a b'"),
        ("registry.example.com/../a", "repository '../a'"),
    ],
)
def test_a_wrong_reference_is_refused_with_the_wrong_part(text: str, part: str) -> None:
    with pytest.raises(RegistryError, match=part.replace("[", r"\[")):
        parse_reference(text)
