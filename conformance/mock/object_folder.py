"""The buckets and objects of the stand-alone service: files DIR/bucket/key, and the built-in ones.

A file is read again when it has changed. Buckets that the documentation uses are built in, each
with the object `example.jpg`; a folder of the same name replaces one.
"""

import os
import stat
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from conformance.errors import InputError
from conformance.mock.service import BUCKETS, KEY
from conformance.mock.stored_object import StoredObject, example, stored

# Bytes of content that are kept in memory; the least recently used object goes first.
_KEPT = 64 * 2**20
_SOURCE = "--objects"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadObject:
    """An object that is in the folder and not in memory."""

    bucket: str
    key: str
    path: Path
    state: os.stat_result


class ObjectFolder:
    """Finds objects; `folder` is None for the built-in ones alone.

    Raises InputError if the folder cannot be read.
    """

    def __init__(self, folder: Path | None) -> None:
        self._root = None if folder is None else _readable(folder)
        # Of objects that were read: their files, whose place in the folder was checked.
        self._paths: dict[tuple[str, str], Path] = {}
        self._kept: OrderedDict[Path, tuple[os.stat_result, StoredObject]] = OrderedDict()

    def has_bucket(self, bucket: str) -> bool:
        """Whether the bucket exists."""
        return self._in_folder(bucket) or bucket in BUCKETS

    def find(self, bucket: str, key: str) -> StoredObject | UnreadObject | None:
        """The object if it is in memory, else what `read` needs; None if there is none."""
        path = self._paths.get((bucket, key))
        if path is None:
            if not self._in_folder(bucket):
                return example() if bucket in BUCKETS and key == KEY else None
            path = self._path(bucket, key)
        state = None if path is None else _state(path)
        if path is None or state is None:
            return None
        kept = self._kept.get(path)
        if kept is None or not _same(kept[0], state):
            return UnreadObject(bucket=bucket, key=key, path=path, state=state)
        self._kept.move_to_end(path)
        return kept[1]

    def read(self, unread: UnreadObject) -> StoredObject:
        """Read an object; raises OSError. May be called in another thread; `keep` what it gives."""
        content = unread.path.read_bytes()
        return stored(content, key=unread.key, modified=unread.state.st_mtime)

    def keep(self, unread: UnreadObject, read: StoredObject) -> None:
        """Keep an object in memory, as far as there is room."""
        self._paths[unread.bucket, unread.key] = unread.path
        self._kept[unread.path] = (unread.state, read)
        self._kept.move_to_end(unread.path)
        while len(self._kept) > 1 and self._size() > _KEPT:
            self._kept.popitem(last=False)

    def _size(self) -> int:
        return sum(len(one.content) for _, one in self._kept.values())

    def _in_folder(self, bucket: str) -> bool:
        if self._root is None or bucket in ("", ".", "..") or set(bucket) & {"/", "\0"}:
            return False
        return (self._root / bucket).is_dir()

    def _path(self, bucket: str, key: str) -> Path | None:
        """The file of an object; None if none can have this key, or if it is outside the bucket."""
        parts = key.split("/")
        if self._root is None or "\0" in key or set(parts) & {"", ".", ".."}:
            return None
        path = self._root.joinpath(bucket, *parts)
        within = path.resolve().is_relative_to((self._root / bucket).resolve())
        return path if within else None


def _state(path: Path) -> os.stat_result | None:
    try:
        state = path.stat()
        return state if stat.S_ISREG(state.st_mode) else None
    except (OSError, ValueError):  # a name that is too long, for example
        return None


def _same(one: os.stat_result, other: os.stat_result) -> bool:
    return (one.st_mtime_ns, one.st_size, one.st_ino) == (
        other.st_mtime_ns,
        other.st_size,
        other.st_ino,
    )


def _readable(folder: Path) -> Path:
    """The folder; raises InputError if it, a bucket in it or an object cannot be read."""
    at = folder
    try:
        buckets = [one for one in sorted(folder.iterdir()) if one.is_dir()]
        for at in buckets:
            next(at.iterdir(), None)
        at = folder
    except OSError as error:
        raise InputError(
            source=_SOURCE,
            place=str(at),
            rule=f"cannot be read: {error.strerror or error}",
            remedy="name a folder that you may read, with a folder for each bucket: DIR/BUCKET/KEY",
        ) from error
    if not buckets:
        raise InputError(
            source=_SOURCE,
            place=str(folder),
            rule="has no bucket",
            remedy=f"put the object KEY of the bucket BUCKET into {folder / 'BUCKET' / 'KEY'}",
        )
    for bucket in buckets:
        for path in bucket.rglob("*"):
            if path.is_file() and not os.access(path, os.R_OK):
                raise InputError(
                    source=_SOURCE,
                    place=str(path),
                    rule="cannot be read",
                    remedy="make it readable, or take it out of the folder",
                )
    return folder.resolve()
