"""Defects of names: another object, another bucket, another server."""

import posixpath
import re
import unicodedata
from urllib.parse import quote, unquote

from fakes import changes, keeping
from fakes.twist import Twist


def _clean(key: str) -> str:
    """A key as a path of a file system, with dot segments resolved."""
    return posixpath.normpath(key) + ("/" if key.endswith("/") else "")


DEFECTS: dict[str, Twist] = {
    "control-characters-lost": Twist(
        does="removes control characters from the key", rule="naming.target",
        cases=("naming/blanks/key-*",), given={"key": "a\tb.jpg"},
        command=changes.key(lambda key: re.sub("[\\x00-\\x1f\\x7f\\x80-\\x9f]", "", key)),
    ),
    "key-space-as-plus": Twist(
        does="writes + for a space in the key", rule="naming.target",
        cases=("naming/keys/space",),
        given={"key": "two words.jpg"}, sent=changes.swap("path", "%20", "+"),
    ),
    "version-dropped": Twist(
        does="forgets the version of the object", rule="naming.version",
        cases=("process/version/bodies",),
        given={"version_id": "CAEQ"}, command=lambda command: command | {"version_id": None},
    ),
    "version-encoded-twice": Twist(
        does="percent-encodes the version twice", rule="naming.version", advised=True,
        cases=("process/version/reserved",),
        given={"version_id": "a+b/c="},
        command=changes.version(lambda text: quote(text, safe="")),
    ),
    "version-null-for-none": Twist(
        does="takes the version null for none", rule="naming.version",
        cases=("process/version/null",),
        given={"version_id": "null"},
        command=changes.version(lambda text: None if text == "null" else text),
    ),
    "version-in-lower-case": Twist(
        does="writes the version's letters small", rule="naming.version",
        cases=("process/version/bodies",),
        given={"version_id": "CAEQ"}, command=changes.version(str.lower),
    ),
    "version-of-the-first-call": Twist(
        does="asks for the version of the first call for as long as it lives",
        rule="naming.version", cases=("process/version/then-current",),
        given={"client": "kept", "version_id": "CAEQ"}, then={"version_id": None},
        replies=("bodies",) * 2, command=keeping.stays("version_id"),
    ),
    "key-form-decoded": Twist(
        does="takes a + in the key for a space", rule="naming.target",
        cases=("naming/reserved/plus",),
        given={"key": "a+b.jpg"}, command=changes.key(lambda key: key.replace("+", " ")),
    ),
    "key-not-encoded": Twist(
        does="does not encode reserved characters of the key", rule="naming.target",
        cases=("naming/reserved/question-mark", "naming/keys/percent"),
        given={"key": "50%25?#.jpg"}, sent=changes.raw_key,
    ),
    "key-encoded-twice": Twist(
        does="percent-encodes the key twice", rule="naming.target", cases=("naming/keys/space",),
        given={"key": "two words.jpg"}, sent=changes.swap("path", "%", "%25"),
    ),
    "key-decoded-first": Twist(
        does="decodes a key that looks encoded", rule="naming.target",
        cases=("naming/keys/looks-encoded",),
        given={"key": "a%2Fb%20c.jpg"}, command=changes.key(unquote),
    ),
    "key-cut-at-question-mark": Twist(
        does="ends the key at a question mark", rule="naming.target",
        cases=("naming/reserved/question-mark",),
        given={"key": "a?b.jpg"}, command=changes.key(lambda key: key.partition("?")[0]),
    ),
    "key-cut-at-number-sign": Twist(
        does="ends the key at a number sign", rule="naming.target",
        cases=("naming/reserved/number-sign",),
        given={"key": "a#b.jpg"}, command=changes.key(lambda key: key.partition("#")[0]),
    ),
    "key-cut-at-255": Twist(
        does="has room for 255 bytes of the key", rule="naming.target",
        cases=("naming/keys/longest",),
        given={"key": "k" * 300}, command=changes.key(lambda key: key[:255]),
    ),
    "key-lower-cased": Twist(
        does="writes the key small", rule="naming.target", cases=("naming/keys/upper-case",),
        given={"key": "EXAMPLE.JPG"}, command=changes.key(str.lower),
    ),
    "key-without-trailing-slash": Twist(
        does="takes the slash off the end of the key", rule="naming.target",
        cases=("naming/keys/trailing-slash",),
        given={"key": "photos/"}, command=changes.key(lambda key: key.removesuffix("/")),
    ),
    "key-slashes-joined": Twist(
        does="makes one slash of two in the key", rule="naming.target",
        cases=("naming/segments/two-slashes",),
        given={"key": "a//b.jpg"}, command=changes.key(lambda key: key.replace("//", "/")),
    ),
    "key-dot-segments-resolved": Twist(
        does="resolves dot segments of the key", rule="naming.target", advised=True,
        cases=("naming/segments/one-dot", "naming/segments/two-dots",),
        given={"key": "a/../b.jpg"}, command=changes.key(_clean),
    ),
    "key-backslash-as-slash": Twist(
        does="writes a slash for a backslash in the key", rule="naming.target",
        cases=("naming/segments/backslash-inside",),
        given={"key": "a\\b.jpg"}, command=changes.key(lambda key: key.replace("\\", "/")),
    ),
    "key-composed": Twist(
        does="composes the characters of the key (NFC)", rule="naming.target",
        cases=("naming/segments/decomposed",),
        given={"key": "e\u0301.jpg"},
        command=changes.key(lambda key: unicodedata.normalize("NFC", key)),
    ),
    "key-decomposed": Twist(
        does="decomposes the characters of the key (NFD)", rule="naming.target",
        cases=("naming/keys/accented",),
        given={"key": "é.jpg"},
        command=changes.key(lambda key: unicodedata.normalize("NFD", key)),
    ),
    "key-in-latin-1": Twist(
        does="encodes the key in Latin-1", rule="naming.target", cases=("naming/keys/accented",),
        given={"key": "é.jpg"}, sent=changes.key_in("latin-1"),
    ),
    "key-in-surrogates": Twist(
        does="encodes each half of an emoji by itself", rule="naming.target",
        cases=("naming/keys/emoji",),
        given={"key": "😀.jpg"}, sent=changes.key_in("cesu-8"),
    ),
    "key-of-the-first-call": Twist(
        does="asks for the object of the first call on one client", rule="naming.target",
        cases=("transport/reuse/other-object",), given={"client": "kept"},
        then={"key": "second.jpg"}, replies=("bodies",) * 2, command=keeping.stays("key"),
    ),
    "bucket-of-the-first-call": Twist(
        does="goes to the bucket of the first call on one client", rule="transport.target-host",
        cases=("transport/reuse/other-bucket",), given={"client": "kept"},
        then={"bucket": "other-bucket"}, replies=("bodies",) * 2, command=keeping.stays("bucket"),
    ),
    "no-bucket-unless-styled": Twist(
        does="leaves the bucket out where no style of addressing is set", rule="naming.target",
        cases=("transport/defaults/addressing",), given={"addressing": None},
        unsigned=changes.no_bucket_without_style,
    ),
    "bucket-left-out": Twist(
        does="leaves the bucket out", rule="naming.target", cases=("naming/keys/one-letter",),
        sent=changes.no_bucket,
    ),
    "bucket-in-both-places": Twist(
        does="writes the bucket into the host and the path", rule="transport.target-host",
        cases=("naming/endpoints/path-style",),
        given={"addressing": "path", "endpoint": "http://img.example.com"},
        unsigned=changes.bucket_in_host,
    ),
    "path-style-always": Twist(
        does="addresses the bucket in the path at every endpoint", rule="naming.path-style",
        cases=("process/sen/50",), command=lambda command: command | {"addressing": "path"},
    ),
    "path-style-ignored": Twist(
        does="writes the bucket into the host whatever is set", rule="transport.target-host",
        cases=("naming/endpoints/path-style",),
        given={"addressing": "path", "endpoint": "http://img.example.com"},
        command=lambda command: command | {"addressing": "virtual"},
    ),
    "port-dropped": Twist(
        does="drops the port of the endpoint", rule="naming.port", cases=("naming/ports/http",),
        given={"endpoint": "http://oss-cn-hangzhou.aliyuncs.com:8080"},
        unsigned=changes.swap("host", ":8080", ""),
    ),
    "port-not-in-host": Twist(
        does="connects to the port and leaves it out of Host", rule="naming.port",
        cases=("naming/ports/http",),
        given={"endpoint": "http://oss-cn-hangzhou.aliyuncs.com:8080"},
        sent=changes.headers(Host="examplebucket.oss-cn-hangzhou.aliyuncs.com"),
    ),
    "internal-as-public": Twist(
        does="asks the public endpoint in place of the internal one",
        rule="transport.target-host", cases=("naming/endpoints/internal",),
        given={"endpoint": "https://oss-cn-hangzhou-internal.aliyuncs.com"},
        unsigned=changes.swap("host", "-internal", ""),
    ),
}  # fmt: skip
