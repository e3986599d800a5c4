"""A check in every line of a file of JSON Lines, by which a changed line is found.

Pure. The check is the beginning of the SHA-256 of the check before and of the line's own bytes, so
the last one stands for the whole file: a line that is changed, moved, added or missing shows at its
number. Whoever edits a line can compute the checks again; then the verdicts no longer follow from
the transcripts, or the citation names another file.
"""

import hashlib
import re

START = "0" * 32  # the check before the first line
_MEMBER = re.compile(rb',"check":"([0-9a-f]{32})"\}\n')
_LENGTH = len(',"check":""}\n') + len(START)


def sealed(data: bytes, previous: str) -> tuple[bytes, str]:
    """A JSON object in one line without its end of line, with its check; and the check."""
    check = _check(data, previous)
    return data[:-1] + b',"check":"' + check.encode() + b'"}\n', check


def stated(line: bytes) -> str | None:
    """The check that a line states."""
    found = _MEMBER.fullmatch(line[-_LENGTH:])
    return None if found is None else found[1].decode()


def intact(line: bytes, previous: str) -> bool:
    """Whether a line states the right check."""
    check = stated(line)
    return check is not None and check == _check(line[:-_LENGTH], previous, b"}")


def _check(data: bytes, previous: str, end: bytes = b"") -> str:
    digest = hashlib.sha256(previous.encode())
    digest.update(data)
    digest.update(end)
    return digest.hexdigest()[: len(START)]
