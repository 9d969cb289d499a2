"""Against a real registry, cross-checked with skopeo, a client of other people's making."""

import hashlib
import json
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from slipway_runtime.oci.client import RegistryClient
from slipway_runtime.oci.errors import RegistryError
from slipway_runtime.oci.manifest import IMAGE_MANIFEST, Descriptor
from slipway_runtime.oci.reference import parse_reference
from slipway_runtime.transfer.errors import TransferError
from slipway_runtime.transfer.fetch_artifact import fetch_artifact
from slipway_runtime.transfer.fetch_image import fetch_image
from slipway_runtime.transfer.push_adapter import push_adapter
from slipway_runtime.transfer.registry import RegistryOptions
from transfer.loopback import PASSWORD, USERNAME, LocalRegistry, write_adapter

OPEN = RegistryOptions(plain_http=True)


def skopeo(*arguments: str) -> str:
    done = subprocess.run(["skopeo", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def push_blob(client: RegistryClient, data: bytes, media_type: str, annotations: dict[str, str]) -> Descriptor:
    blob = Descriptor(media_type, f"sha256:{hashlib.sha256(data).hexdigest()}", len(data), annotations)
    client.upload(blob, data)
    return blob


def push_artifact(host: str, layers: list[tuple[bytes, str, dict[str, str]]], name: str = "weights") -> str:
    reference = f"{host}/{name}:v1"
    client = RegistryClient(parse_reference(reference), plain_http=True)
    config = push_blob(client, b"{}", "application/vnd.oci.empty.v1+json", {})
    blobs = [push_blob(client, *layer) for layer in layers]
    manifest = {
        "schemaVersion": 2,
        "mediaType": IMAGE_MANIFEST,
        "artifactType": "application/vnd.cncf.model.manifest.v1+json",
        "config": config.to_json(),
        "layers": [blob.to_json() for blob in blobs],
    }
    client.put_manifest(json.dumps(manifest).encode())
    return reference


def test_an_adapter_comes_back_as_it_was_pushed(registry: LocalRegistry, adapter: Path, tmp_path: Path) -> None:
    reference = f"{registry.host}/team/adapter:v1"
    result = push_adapter(adapter, reference, {"sh.kaito.model.name": "phi-4"}, OPEN)
    assert fetch_image(reference, "data", tmp_path / "mnt", OPEN) == result["digest"]
    for name in ("adapter_config.json", "adapter_model.safetensors"):
        assert (tmp_path / "mnt" / name).read_bytes() == (adapter / name).read_bytes()
    visible = [path.name for path in (tmp_path / "mnt").iterdir() if not path.name.startswith(".")]
    assert sorted(visible) == ["adapter_config.json", "adapter_model.safetensors"]


def test_another_client_reads_the_image_as_kaito_does(registry: LocalRegistry, adapter: Path, tmp_path: Path) -> None:
    reference = f"{registry.host}/team/adapter:kaito"
    result = push_adapter(adapter, reference, {"sh.kaito.model.name": "phi-4"}, OPEN)
    raw = json.loads(skopeo("inspect", "--raw", "--tls-verify=false", f"docker://{reference}"))
    assert raw["annotations"] == {"sh.kaito.model.name": "phi-4"}
    inspected = json.loads(skopeo("inspect", "--tls-verify=false", f"docker://{reference}"))
    assert (inspected["Digest"], inspected["Os"], inspected["Architecture"]) == (
        result["digest"],
        "linux",
        "amd64",
    )
    # KAITO's puller: copy decompressed into a folder, untar each layer, take data/.
    out = tmp_path / "dir"
    skopeo("copy", "--src-tls-verify=false", "--dest-decompress", f"docker://{reference}", f"dir:{out}")
    (layer,) = json.loads((out / "manifest.json").read_text())["layers"]
    with tarfile.open(out / layer["digest"].removeprefix("sha256:")) as archive:
        assert archive.getnames() == ["data", "data/adapter_config.json", "data/adapter_model.safetensors"]


def test_an_image_of_another_tool_is_understood(registry: LocalRegistry, tmp_path: Path) -> None:
    # The docker media types and an uncompressed layer, as skopeo writes them.
    layout = tmp_path / "image"
    layout.mkdir()
    data = tmp_path / "data"
    data.mkdir()
    (data / "train.jsonl").write_text('{"text": "a"}\n')
    with tarfile.open(tmp_path / "layer.tar", "w") as archive:
        archive.add(data, "data")
    layer = (tmp_path / "layer.tar").read_bytes()
    layer_hex = hashlib.sha256(layer).hexdigest()
    config = json.dumps(
        {
            "os": "linux",
            "architecture": "amd64",
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{layer_hex}"]},
        }
    ).encode()
    config_hex = hashlib.sha256(config).hexdigest()
    (layout / layer_hex).write_bytes(layer)
    (layout / config_hex).write_bytes(config)
    (layout / "version").write_text("Directory Transport Version: 1.1\n")
    docker = "application/vnd.docker"
    (layout / "manifest.json").write_text(
        json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": f"{docker}.distribution.manifest.v2+json",
                "config": {
                    "mediaType": f"{docker}.container.image.v1+json",
                    "digest": f"sha256:{config_hex}",
                    "size": len(config),
                },
                "layers": [
                    {
                        "mediaType": f"{docker}.image.rootfs.diff.tar.gzip",
                        "digest": f"sha256:{layer_hex}",
                        "size": len(layer),
                    }
                ],
            }
        )
    )
    reference = f"{registry.host}/team/dataset:v1"
    skopeo("copy", "--dest-tls-verify=false", f"dir:{layout}", f"docker://{reference}")
    fetch_image(reference, "/data", tmp_path / "mnt", OPEN)
    assert (tmp_path / "mnt" / "train.jsonl").read_text() == '{"text": "a"}\n'


def test_the_same_adapter_is_not_sent_twice(registry: LocalRegistry, adapter: Path) -> None:
    reference = f"{registry.host}/team/again"
    first = push_adapter(adapter, f"{reference}:a", {}, OPEN)
    second = push_adapter(adapter, f"{reference}:b", {}, OPEN)
    assert (first["layerSent"], second["layerSent"]) == (True, False)
    assert first["digest"] == second["digest"]


def test_an_image_is_fetched_once_and_again_when_it_changed(
    registry: LocalRegistry, adapter: Path, tmp_path: Path
) -> None:
    reference = f"{registry.host}/team/changing:v1"
    push_adapter(adapter, reference, {}, OPEN)
    mnt = tmp_path / "mnt"
    fetch_image(reference, "data", mnt, OPEN)
    weights = mnt / "adapter_model.safetensors"
    before = weights.stat().st_mtime_ns
    fetch_image(reference, "data", mnt, OPEN)
    assert weights.stat().st_mtime_ns == before
    write_adapter(adapter, value=2)
    push_adapter(adapter, reference, {}, OPEN)
    fetch_image(reference, "data", mnt, OPEN)
    assert weights.read_bytes() == (adapter / "adapter_model.safetensors").read_bytes()


def test_a_folder_that_is_not_in_the_image_is_named_with_those_that_are(
    registry: LocalRegistry, adapter: Path, tmp_path: Path
) -> None:
    reference = f"{registry.host}/team/adapter:other"
    push_adapter(adapter, reference, {}, OPEN)
    with pytest.raises(TransferError, match=r"nothing under /weights; the image has /data"):
        fetch_image(reference, "weights", tmp_path / "mnt", OPEN)


def test_a_tag_that_does_not_exist_is_named(registry: LocalRegistry, tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match=r"team/absent:v1: manifest v1: HTTP 404: MANIFEST_UNKNOWN"):
        fetch_image(f"{registry.host}/team/absent:v1", "data", tmp_path / "mnt", OPEN)


def test_a_login_is_taken_from_several_files_and_folders(
    private_registry: LocalRegistry, adapter: Path, tmp_path: Path, docker_config: Callable[..., Path]
) -> None:
    host = private_registry.host
    wrong = docker_config(host, password="wrong", name="wrong.json")
    docker_config(host, name="config.d/team/secret.json")
    options = RegistryOptions(auth_paths=(wrong, tmp_path / "config.d"), plain_http=True)
    result = push_adapter(adapter, f"{host}/team/adapter:v1", {}, options)
    assert fetch_image(f"{host}/team/adapter:v1", "data", tmp_path / "mnt", options) == result["digest"]


def test_without_a_login_the_private_registry_says_so(
    private_registry: LocalRegistry, adapter: Path, tmp_path: Path, docker_config: Callable[..., Path]
) -> None:
    options = RegistryOptions(auth_paths=(docker_config("other.example.com"),), plain_http=True)
    with pytest.raises(RegistryError, match=r"refused HEAD on team/adapter \(HTTP 401\) for: anonymous"):
        push_adapter(adapter, f"{private_registry.host}/team/adapter:v1", {}, options)


def test_the_private_registry_accepts_the_pushed_image_from_another_client(
    private_registry: LocalRegistry, adapter: Path, docker_config: Callable[..., Path]
) -> None:
    host = private_registry.host
    options = RegistryOptions(auth_paths=(docker_config(host),), plain_http=True)
    push_adapter(adapter, f"{host}/team/check:v1", {}, options)
    creds = f"--creds={USERNAME}:{PASSWORD}"
    assert skopeo("inspect", "--tls-verify=false", creds, f"docker://{host}/team/check:v1")


def test_weights_arrive_as_named_files(registry: LocalRegistry, tmp_path: Path) -> None:
    folder = tmp_path / "tokenizer"
    folder.mkdir()
    (folder / "vocab.json").write_text("{}")
    with tarfile.open(tmp_path / "folder.tgz", "w:gz") as archive:
        archive.add(folder, "tokenizer")
    title, raw = "org.opencontainers.image.title", "application/vnd.cncf.model.weight.v1.raw"
    reference = push_artifact(
        registry.host,
        [
            (b"w" * 3_000_000, raw, {"org.cncf.model.filepath": "model.safetensors"}),
            (b"{}", "application/octet-stream", {title: "sub/config.json"}),
            (
                (tmp_path / "folder.tgz").read_bytes(),
                "application/vnd.oci.image.layer.v1.tar+gzip",
                {title: "tokenizer", "io.deis.oras.content.unpack": "true"},
            ),
        ],
    )
    mnt = tmp_path / "weights"
    digest = fetch_artifact(reference, mnt, OPEN)
    assert digest.startswith("sha256:")
    assert (mnt / "model.safetensors").read_bytes() == b"w" * 3_000_000
    assert (mnt / "sub" / "config.json").read_text() == "{}"
    assert (mnt / "tokenizer" / "vocab.json").read_text() == "{}"


@pytest.mark.parametrize(
    ("annotations", "message"),
    [
        ({}, "names no file"),
        ({"org.opencontainers.image.title": "../x"}, "outside the folder"),
        ({"org.opencontainers.image.title": "/etc/x"}, "outside the folder"),
    ],
)
def test_files_without_a_sane_name_are_refused(
    registry: LocalRegistry, tmp_path: Path, annotations: dict[str, str], message: str
) -> None:
    reference = push_artifact(registry.host, [(b"x", "application/octet-stream", annotations)], "odd")
    with pytest.raises(TransferError, match=message):
        fetch_artifact(reference, tmp_path / "w", OPEN)
    assert not (tmp_path / "w").exists()


def test_an_artifact_is_not_taken_for_an_image_nor_the_other_way(
    registry: LocalRegistry, adapter: Path, tmp_path: Path
) -> None:
    title = {"org.opencontainers.image.title": "x"}
    artifact = push_artifact(registry.host, [(b"x", "application/octet-stream", title)], "kind")
    with pytest.raises(TransferError, match="use 'fetch artifact'"):
        fetch_image(artifact, "data", tmp_path / "a", OPEN)
    image = f"{registry.host}/team/adapter:kind"
    push_adapter(adapter, image, {}, OPEN)
    with pytest.raises(TransferError, match="use 'fetch image'"):
        fetch_artifact(image, tmp_path / "b", OPEN)


def test_a_blob_that_rotted_in_the_registry_is_noticed(registry: LocalRegistry, adapter: Path, tmp_path: Path) -> None:
    write_adapter(adapter, value=7)
    reference = f"{registry.host}/team/rotten:v1"
    push_adapter(adapter, reference, {}, OPEN)
    client = RegistryClient(parse_reference(reference), plain_http=True)
    (layer,) = client.manifest().layers
    hexadecimal = layer.digest.removeprefix("sha256:")
    (stored,) = registry.storage.rglob(f"{hexadecimal}/data")
    content = bytearray(stored.read_bytes())
    content[-1] ^= 1
    stored.write_bytes(bytes(content))
    with pytest.raises(RegistryError, match="arrived with digest"):
        fetch_image(reference, "data", tmp_path / "mnt", OPEN)
    assert not (tmp_path / "mnt" / "adapter_config.json").exists()
