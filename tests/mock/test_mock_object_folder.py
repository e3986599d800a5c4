"""The folder of objects: what is found in it, and what a folder that cannot be read says."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.errors import InputError
from conformance.mock.object_folder import ObjectFolder, UnreadObject
from conformance.mock.stored_object import StoredObject


def made(folder: Path, *names: str) -> ObjectFolder:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    return ObjectFolder(folder)


def content(objects: ObjectFolder, bucket: str, key: str) -> bytes | None:
    found = objects.find(bucket, key)
    if isinstance(found, UnreadObject):
        read = objects.read(found)
        objects.keep(found, read)
        return read.content
    return None if found is None else found.content


def test_a_file_is_the_object_of_its_bucket_and_key(tmp_path: Path) -> None:
    objects = made(tmp_path, "one/a/b.jpg", "two/c")
    assert content(objects, "one", "a/b.jpg") == b"one/a/b.jpg"
    assert content(objects, "two", "c") == b"two/c"
    assert content(objects, "two", "a/b.jpg") is None


def test_an_object_is_read_once_and_again_when_its_file_has_changed(tmp_path: Path) -> None:
    objects = made(tmp_path, "one/a")
    assert content(objects, "one", "a") == b"one/a"
    assert isinstance(objects.find("one", "a"), StoredObject)
    (tmp_path / "one" / "a").write_bytes(b"changed")
    assert content(objects, "one", "a") == b"changed"
    (tmp_path / "one" / "a").unlink()
    assert objects.find("one", "a") is None


@pytest.mark.parametrize("key", ["../two/c", "a/../b", "./b", "a//b", "/b", "a/", "", "a", "b\0"])
def test_a_key_that_no_file_can_have_is_not_found(tmp_path: Path, key: str) -> None:
    assert content(made(tmp_path, "one/a/b", "one/b", "two/c"), "one", key) is None


def test_a_link_out_of_the_bucket_is_not_followed(tmp_path: Path) -> None:
    objects = made(tmp_path, "one/a", "two/c")
    (tmp_path / "one" / "out").symlink_to(tmp_path / "two" / "c")
    assert content(objects, "one", "out") is None


@pytest.mark.parametrize("bucket", ["", ".", "..", "three", "one/a", "a\0"])
def test_a_name_without_a_folder_is_no_bucket(tmp_path: Path, bucket: str) -> None:
    objects = made(tmp_path, "one/a/b")
    assert not objects.has_bucket(bucket)
    assert objects.find(bucket, "b") is None


def test_the_example_is_built_in_unless_the_folder_has_its_bucket(tmp_path: Path) -> None:
    assert content(ObjectFolder(None), "examplebucket", "example.jpg")
    assert content(made(tmp_path, "one/a"), "examplebucket", "example.jpg")
    assert content(made(tmp_path, "examplebucket/a"), "examplebucket", "example.jpg") is None


def test_the_memory_for_contents_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conformance.mock.object_folder._KEPT", 12)
    objects = made(tmp_path, "one/a", "one/b", "one/c")
    for key in ("a", "b", "a", "c"):
        content(objects, "one", key)
    kept = [key for key in "abc" if isinstance(objects.find("one", key), StoredObject)]
    assert kept == ["a", "c"]


@pytest.mark.parametrize(
    ("name", "message"),
    [("none", "cannot be read: No such file"), ("file", "cannot be read: Not a directory"),
     ("empty", "has no bucket .*empty/BUCKET/KEY")],
)  # fmt: skip
def test_a_wrong_folder_is_named_with_the_remedy(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=rf"--objects: .*{name}: {message}"):
        ObjectFolder(tmp_path / name)


@pytest.mark.parametrize("hidden", ["objects", "one", "one/a"])
def test_what_may_not_be_read_is_named_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hidden: str
) -> None:
    folder = tmp_path / "objects"  # the modes of files would not hold for root
    made(folder, "one/a")
    refused, listed = (
        (tmp_path / "objects" / hidden if hidden != "objects" else folder),
        Path.iterdir,
    )

    def iterdir(path: Path) -> Iterator[Path]:
        if path == refused:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return listed(path)

    monkeypatch.setattr(Path, "iterdir", iterdir)
    monkeypatch.setattr(os, "access", lambda path, _: path != refused)
    with pytest.raises(InputError, match=f"--objects: {refused}: cannot be read"):
        ObjectFolder(folder)
