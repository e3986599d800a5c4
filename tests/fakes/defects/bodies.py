"""Defects of the content: other bytes, other numbers, somebody else's answer."""

import json
import re
from typing import Any

from fakes import answers, changes, conditions, keeping, lines
from fakes.twist import Twist

KEPT = {"client": "kept"}
TWO = ("bodies",) * 2
COUNTS = ("bodies/count/one", "bodies/count/three")


def _without(name: str, value: Any) -> Any:
    """The document without a member of that value."""
    return {key: item for key, item in value.items() if (key, item) != (name, [])}


def _wrapped(text: str) -> Any:
    """An integer as 32 bits hold it."""
    return {"$int": str((int(text) + 2**31) % 2**32 - 2**31)}


_BYTES: dict[str, Twist] = {
    "body-cut": Twist(
        does="loses the last byte of the content", rule="bodies.bytes", cases=COUNTS,
        answer=answers.cut,
    ),
    "body-cut-at-64-kib": Twist(
        does="has room for 64 KiB", rule="bodies.bytes",
        cases=("bodies/bytes/long", "transport/framing/large-*"),
        replies=(b" " * 70_000,), answer=answers.handed(lambda raw: raw[: 2**16]),
    ),
    "body-cut-at-1-mib": Twist(
        does="has room for 1 MiB", rule="bodies.bytes", cases=("bodies/count/thirteen-thousand",),
        replies=(b" " * 1_100_000,), answer=answers.handed(lambda raw: raw[: 2**20]),
    ),
    "appended-to-a-file": Twist(
        does="adds the second answer to what a file has of the first", rule="bodies.bytes",
        cases=("transport/files/cut-then-whole", "transport/files/chunked-cut-then-whole"),
        given={"into": "file"}, replies=("cut-once",), can=("to-file",),
        send=conditions.added_if(lambda command: command["into"] == "file"),
    ),
    "first-chunk-only": Twist(
        does="reads the first chunk and no other", rule="bodies.bytes",
        cases=("transport/framing/many-chunks",), replies=("chunked",),
        send=lines.reading(lines.FirstChunk),
    ),
    "gunzipped-to-coded-length": Twist(
        does="decodes gzip and keeps as much as the coded bytes were", rule="bodies.bytes",
        cases=("transport/coding/gzip",), replies=("gzip",),
        send=lines.read(lines.gunzip_in_length),
    ),
    "gunzipped-first-member": Twist(
        does="decodes the first gzip member and no other", rule="bodies.bytes",
        cases=("transport/coding/gzip-two-members*",), replies=("gzip-members",),
        send=lines.read(lines.gunzip_first_member),
    ),
    "gzip-asked-and-raw": Twist(
        does="asks for gzip and does not decode it", rule="bodies.coding",
        cases=("transport/coding/on-demand-gzip",), replies=("gzip",),
        sent=changes.headers(Accept_Encoding="gzip"),
    ),
    "read-beyond-the-length": Twist(
        does="reads on behind the announced length", rule="bodies.bytes",
        cases=("transport/content-length/longer-body",), replies=("longer",),
        send=lines.reading(lines.Unending, patience=400),
    ),
    "interim-as-final": Twist(
        does="takes a 100 for the answer", rule="bodies.bytes",
        cases=("transport/interim/continue",), replies=("interim",),
        send=lines.reading(lines.Hasty),
    ),
    "zero-is-empty": Twist(
        does="takes the text 0 for nothing", rule="bodies.bytes", cases=("bodies/bytes/zero",),
        replies=(b"0",), answer=answers.handed(lambda raw: b"" if raw == b"0" else raw),
    ),
    "content-trimmed": Twist(
        does="takes white space off the ends", rule="bodies.bytes",
        cases=("bodies/bytes/space", "bodies/bytes/crlf"), replies=(b"{}\r\n",),
        answer=answers.handed(bytes.strip),
    ),
    "line-ends-changed": Twist(
        does="makes LF of CRLF", rule="bodies.bytes", cases=("bodies/bytes/crlf",),
        replies=(b"{\r\n}",), answer=answers.handed(lambda raw: raw.replace(b"\r\n", b"\n")),
    ),
    "content-ends-at-null-byte": Twist(
        does="takes a null byte for the end", rule="bodies.bytes",
        cases=("bodies/bytes/null-byte",), replies=(b'{"a":"\0"}',),
        answer=answers.handed(lambda raw: raw.partition(b"\0")[0]),
    ),
    "byte-order-mark-dropped": Twist(
        does="drops a byte order mark", rule="bodies.bytes",
        cases=("bodies/bytes/byte-order-mark",), replies=(b"\xef\xbb\xbf{}",),
        answer=answers.handed(lambda raw: raw.removeprefix(b"\xef\xbb\xbf")),
    ),
    "invalid-utf-8-replaced": Twist(
        does="makes text of the content, with U+FFFD for what is none", rule="bodies.bytes",
        cases=("bodies/bytes/invalid-utf-8",), replies=(b'{"a":"\xff"}',),
        answer=answers.handed(lambda raw: raw.decode("utf-8", "replace").encode()),
    ),
    "non-ascii-encoded-twice": Twist(
        does="takes UTF-8 for Latin-1 and encodes it again", rule="bodies.bytes",
        cases=("bodies/shape/non-ascii",), replies=('{"a":"é"}'.encode(),),
        answer=answers.handed(lambda raw: raw.decode("latin-1").encode()),
    ),
    "escapes-resolved": Twist(
        does="writes the escaped characters of the document out", rule="bodies.bytes",
        cases=("bodies/shape/escapes",), replies=(rb'{"a":"\u0039"}',),
        answer=answers.handed(
            lambda raw: re.sub(rb"\\u00(3\d)", lambda found: bytes.fromhex(found[1].decode()), raw)
        ),
    ),
    "document-written-anew": Twist(
        does="hands out the document written anew", rule="bodies.bytes",
        cases=("bodies/shape/pretty-printed",), replies=(b'{ "a": 1 }',),
        answer=answers.handed(
            lambda raw: json.dumps(json.loads(raw), separators=(",", ":")).encode()
        ),
    ),
}  # fmt: skip

_PARSED: dict[str, Twist] = {
    "confidence-as-float32": Twist(
        does="keeps Confidence in 32 bits", rule="bodies.parsed", cases=COUNTS,
        answer=answers.each_number("$real", answers.float32),
    ),
    "confidence-in-four-digits": Twist(
        does="rounds Confidence to four digits", rule="bodies.parsed",
        cases=("bodies/numbers/confidence-17-digits",),
        replies=(b'{"Bodies":[{"Confidence":0.12345678901234567}]}',),
        answer=answers.each_number("$real", lambda text: repr(round(float(text), 4))),
    ),
    "confidence-one-as-integer": Twist(
        does="makes an integer of 1.0", rule="bodies.parsed",
        cases=("bodies/numbers/confidence-1.0",), replies=(b'{"Bodies":[{"Confidence":1.0}]}',),
        answer=answers.each_number("$real", lambda t: {"$int": "1"} if t == "1.0" else t),
    ),
    "integers-as-reals": Twist(
        does="makes reals of pixels", rule="bodies.parsed", cases=COUNTS,
        answer=answers.each_number("$int", lambda text: f"{text}.0"),
    ),
    "numbers-of-unknown-kind-cut": Twist(
        does="has one kind of numbers and leaves out the fraction", rule="bodies.parsed",
        cases=COUNTS,
        answer=answers.each_number("$real", lambda text: {"$number": str(int(float(text)))}),
    ),
    "integers-in-32-bits": Twist(
        does="keeps pixels in 32 bits", rule="bodies.parsed",
        cases=("bodies/numbers/boundary-2147483648",),
        replies=(b'{"Bodies":[{"Boundary":{"Left":2147483648}}]}',),
        answer=answers.each_number("$int", _wrapped),
    ),
    "bodies-reversed": Twist(
        does="changes the order of the bodies", rule="bodies.parsed", cases=COUNTS,
        answer=answers.parsed(lambda bodies: bodies[::-1]),
    ),
    "first-body-dropped": Twist(
        does="loses the first body", rule="bodies.parsed", cases=COUNTS,
        answer=answers.parsed(lambda bodies: bodies[1:]),
    ),
    "bodies-after-100-dropped": Twist(
        does="takes the first hundred bodies", rule="bodies.parsed",
        cases=("bodies/count/thirteen-thousand",),
        replies=(b'{"Bodies":[' + b",".join([b"{}"] * 101) + b"]}",),
        answer=answers.parsed(lambda bodies: bodies[:100]),
    ),
    "no-bodies-is-no-member": Twist(
        does="drops Bodies when there are none", rule="bodies.parsed",
        cases=("bodies/count/none",), replies=(b'{"Bodies":[]}',),
        answer=answers.whole(lambda document: _without("Bodies", document)),
    ),
    "unknown-fields-dropped": Twist(
        does="keeps the documented members of the document alone", rule="bodies.parsed",
        cases=("bodies/shape/unknown-fields",), replies=(b'{"Bodies":[],"Version":"2"}',),
        answer=answers.whole(
            lambda document: {n: document[n] for n in ("RequestId", "Bodies") if n in document}
        ),
    ),
}  # fmt: skip

_KEPT: dict[str, Twist] = {
    "answer-of-the-call-before": Twist(
        does="hands out the content of the call before", rule="bodies.bytes",
        cases=("transport/reuse/after-success",), given=KEPT, replies=TWO,
        client=keeping.call_before,
    ),
    "buffer-appended": Twist(
        does="appends an answer to the one before", rule="bodies.bytes",
        cases=("transport/reuse/after-success",), given=KEPT, replies=TWO,
        client=keeping.buffer_appended,
    ),
    "buffer-overlaid": Twist(
        does="leaves the end of a longer answer in its buffer", rule="bodies.bytes",
        cases=("transport/reuse/after-long",), given=KEPT, replies=(b'{"a":   1}', b"{}"),
        client=keeping.buffer_overlaid,
    ),
    "unread-before-the-next": Twist(
        does="gives the bytes of an answer that was closed early before those of the next",
        rule="bodies.bytes", cases=("transport/readers/first-bytes",),
        given=KEPT | {"consume": {"limit": 20, "pause": 0}}, then={"consume": None},
        replies=("bodies",) * 2, client=keeping.rest_of_early_close,
    ),
    "empty-after-error": Twist(
        does="hands out nothing in the call after an error", rule="bodies.bytes",
        cases=("transport/reuse/after-error",), given=KEPT, replies=("error", "bodies"),
        client=keeping.empty_after_error,
    ),
    "empty-after-timeout": Twist(
        does="hands out nothing in the call after a timeout", rule="bodies.bytes",
        cases=("transport/reuse/after-stall",), replies=("late", "bodies"),
        given=KEPT | {"timeouts": {"connect": 5000, "read": 100}},
        client=keeping.empty_after_timeout,
    ),
    "leftover-as-the-next": Twist(
        does="takes what came behind an answer for that of the next call", rule="bodies.bytes",
        cases=("transport/reuse/after-forged-answer",), given=KEPT, replies=("forged", "bodies"),
        send=lines.leftover(),
    ),
}  # fmt: skip

DEFECTS = _BYTES | _PARSED | _KEPT
