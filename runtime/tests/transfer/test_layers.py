import gzip
import io
import tarfile
from pathlib import Path

import pyarrow
import pytest

from slipway_runtime.oci.errors import RegistryError
from slipway_runtime.oci.pack import pack_image
from slipway_runtime.oci.unpack import apply_layer, refuse_links_out


def tar(*members: tuple[str, bytes | None] | tarfile.TarInfo) -> bytes:
    """An archive; content None makes a folder."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                archive.addfile(member)
                continue
            name, content = member
            entry = tarfile.TarInfo(name)
            if content is None:
                entry.type = tarfile.DIRTYPE
            else:
                entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content or b""))
    return buffer.getvalue()


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type = kind
    entry.linkname = target
    return entry


def apply(tmp_path: Path, *layers: bytes, root: str = "data") -> Path:
    target = tmp_path / "target"
    for index, layer in enumerate(layers):
        blob = tmp_path / f"layer{index}"
        blob.write_bytes(layer)
        apply_layer(blob, root, target)
    return target


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("prefix", ["", "./", "/"])
def test_only_the_named_folder_is_unpacked(tmp_path: Path, prefix: str) -> None:
    layer = tar((f"{prefix}data/a/x", b"1"), (f"{prefix}etc/passwd", b"2"), (f"{prefix}database", b"3"))
    assert tree(apply(tmp_path, layer)) == {"a/x": b"1"}


def test_gzip_and_zstd_layers_are_told_by_their_bytes(tmp_path: Path) -> None:
    plain = tar(("data/x", b"1" * 5000))
    sink = pyarrow.BufferOutputStream()
    with pyarrow.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(tar(("data/z", b"2" * 5000)))
    zstd = sink.getvalue().to_pybytes()
    assert sorted(tree(apply(tmp_path, gzip.compress(plain), zstd))) == ["x", "z"]


def test_later_layers_replace_and_remove(tmp_path: Path) -> None:
    first = tar(("data/keep", b"1"), ("data/gone", b"2"), ("data/dir/a", b"3"), ("data/other/b", b"4"))
    second = tar(("data/.wh.gone", b""), ("data/dir/.wh..wh..opq", b""), ("data/dir/new", b"5"), ("data/keep", b"6"))
    assert tree(apply(tmp_path, first, second)) == {"keep": b"6", "dir/new": b"5", "other/b": b"4"}


def test_links_inside_are_kept(tmp_path: Path) -> None:
    layer = tar(
        ("data/blobs/x", b"1"),
        link("data/snapshots/model", "../blobs/x"),
        link("data/copy", "data/blobs/x", tarfile.LNKTYPE),
    )
    target = apply(tmp_path, layer)
    assert (target / "snapshots/model").read_bytes() == b"1"
    assert (target / "copy").read_bytes() == b"1"


@pytest.mark.parametrize(
    ("member", "message"),
    [
        (("data/../../x", b"1"), r"'\.\.'"),
        (link("data/x", "/etc/passwd"), "outside"),
        (link("data/x", "../../etc/passwd"), "outside"),
        (link("data/a/x", "../../up"), "outside"),
        (link("data/x", "etc/shadow", tarfile.LNKTYPE), "outside"),
        (link("data/x", "data/absent", tarfile.LNKTYPE), "no such file"),
        (link("data/x", "", tarfile.CHRTYPE), "neither file, folder nor link"),
    ],
)
def test_nothing_leaves_the_folder(tmp_path: Path, member: tarfile.TarInfo, message: str) -> None:
    with pytest.raises(RegistryError, match=message):
        apply(tmp_path, tar(member))


def test_a_link_is_not_written_through(tmp_path: Path) -> None:
    layer = tar(("data/real/x", b"1"), link("data/alias", "real"), ("data/alias/x", b"2"))
    with pytest.raises(RegistryError, match="goes through the link 'alias'"):
        apply(tmp_path, layer)


@pytest.mark.parametrize("content", [b"", b"no tar at all" * 100, gzip.compress(tar(("data/x", b"1")))[:40]])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(RegistryError, match="not a tar archive"):
        apply(tmp_path, content)


def test_the_same_files_give_the_same_image(tmp_path: Path) -> None:
    images = []
    for round_ in ("a", "b"):
        folder = tmp_path / round_
        folder.mkdir(mode=0o700)
        for name in ("two", "one") if round_ == "a" else ("one", "two"):
            (folder / name).write_bytes(name.encode())
            (folder / name).chmod(0o600 if round_ == "a" else 0o755)
        files = [(f"data/{path.name}", path) for path in folder.iterdir()]
        images.append(pack_image(files, tmp_path / f"{round_}.tgz", {"b": "2", "a": "1"}))
    assert images[0].manifest_bytes == images[1].manifest_bytes
    assert (tmp_path / "a.tgz").read_bytes() == (tmp_path / "b.tgz").read_bytes()
    with tarfile.open(tmp_path / "a.tgz") as archive:
        members = archive.getmembers()
    assert [member.name for member in members] == ["data", "data/one", "data/two"]
    assert {(member.uid, member.gid, member.mtime) for member in members} == {(0, 0, 0)}


@pytest.mark.parametrize("name", ["data/.wh.", "data/.wh..", "data/.wh...", "data/sub/.wh..."])
def test_a_whiteout_removes_nothing_but_a_file_beside_it(tmp_path: Path, name: str) -> None:
    (tmp_path / "beside").write_bytes(b"stays")
    with pytest.raises(RegistryError, match="a whiteout of no file"):
        apply(tmp_path, tar(("data/x", b"1"), (name, b"")))
    assert (tmp_path / "beside").read_bytes() == b"stays"


def test_links_that_only_together_lead_out_are_refused(tmp_path: Path) -> None:
    target = apply(tmp_path, tar(("data/x", b"1"), link("data/here", "."), link("data/up", "here/..")))
    with pytest.raises(RegistryError, match=r"up is a link to 'here/\.\.', outside the folder"):
        refuse_links_out(target)


def test_links_inside_are_kept_even_where_they_lead_nowhere(tmp_path: Path) -> None:
    target = apply(tmp_path, tar(("data/blobs/x", b"1"), link("data/snap/y", "../blobs/x"), link("data/no", "gone")))
    refuse_links_out(target)
    assert (target / "snap" / "y").read_bytes() == b"1"
