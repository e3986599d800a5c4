"""Files below a results folder: created, replaced and read without following a symbolic link.

A link that somebody else left in the folder would otherwise make the suite truncate, fill or show a
file elsewhere. A new file appears under its name only when it is moved there (`replace`).
"""

import os
import shutil
from pathlib import Path
from typing import BinaryIO

_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def create(path: Path) -> BinaryIO:
    """A new, unbuffered file; whatever had this name is removed first. Raises OSError."""
    remove(path)
    return os.fdopen(os.open(path, _NEW_FILE, 0o644), "wb", buffering=0)


def write(path: Path, data: bytes) -> None:
    """Write a whole file under its final name, or nothing. Raises OSError."""
    folder = path.parent
    if folder.is_symlink():
        folder.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    new = new_name(path)
    try:
        with create(new) as file:
            view = memoryview(data)
            while view:
                view = view[file.write(view) :]
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)


def new_name(path: Path) -> Path:
    """The name of a file while `write` writes it; left behind by a process that was killed."""
    return path.with_name(f".{path.name}.new")


def remove(path: Path) -> None:
    """Remove a file, a link or a whole folder, if it exists; links are not followed."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def open_to_read(path: Path) -> BinaryIO:
    """A file for reading; raises OSError (ELOOP) if it is a link."""
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb")
