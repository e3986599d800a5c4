"""What the text of a program says: what it asks for, what it catches, what is wrong in its code.

A text is split into comments, literals and code, whatever its language. What a program asks for is
in its literals; the code before a literal (a variable, a setting, a call) tells what it is. A text
is read and never changed.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from conformance.pages.languages import Language

_LITERAL = r'"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|`[^`\n]*`'
_TRIPLE = r'"""(?:.|\n)*?"""|\'\'\'(?:.|\n)*?\'\'\''
_ENDPOINT = re.compile(r"(?i)(https?://)?(?:[a-z0-9-]+\.)+[a-z]{2,}(:\d+)?/?")
_PLACEHOLDER = re.compile(r"<[A-Za-z][^<>]*>|(?i:your)[-_]?[A-Z]\w*")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
_REGION = re.compile(r"[a-z]{2}-[a-z]+(?:-[a-z0-9]+)*")
_PROCESS = re.compile(r"(?:image|video|audio|doc|hls|imm|style|text)/[\w,./=+%-]+")
_MIME = frozenset(
    [
        "image/jpeg",
        "image/jpg",
        "image/png",
        "image/gif",
        "image/webp",
        "image/bmp",
        "image/tiff",
        "image/heic",
        "image/avif",
        "text/plain",
        "text/html",
        "text/xml",
        "text/css",
        "video/mp4",
        "audio/mpeg",
        "audio/mp3",
    ]
)
_IMAGE = re.compile(r"(?i).+\.(?:jpe?g|png|webp|bmp|gif|heic|tiff?|avif|mp4|pdf|docx?|pptx?)")
_GET = re.compile(r"(?i)get_?object(?:request)?(?:async)?\s*\($|\bget\s*\($")
_TWO = re.compile(r"(?i)get_?object(?:request)?(?:async)?\s*\([^()]*,\s*$")
_KEY_NAME = re.compile(
    r"(?i)(?<![a-z])(?:object|key|image|file)(?:_?(?:name|key|path))?[\"']?\s*(?:=>|[:=])+\s*"
    r"(?:[\w.]+\()?$"
)
_SECRET = re.compile(r"(?i)secret|access_?key|password|token")
_GENERAL = frozenset(["exception", "baseexception", "throwable", "error", "system.exception"])
_QUOTES = "\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u00ab\u00bb\u2032\u2033"
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
_PLACES = 5  # of characters that look like others


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a program or request asks for; None: its text does not say."""

    endpoint: str | None = None
    region: str | None = None
    bucket: str | None = None
    key: str | None = None
    process: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Literal:
    value: str
    before: str  # the code before it, as far as the literal before or two lines back


def asked(text: str, language: Language, processes: Iterable[str]) -> Asked:
    """What a program asks for. processes: the strings in the requests that the page prints."""
    literals = list(_literals(text, language))
    bucket = _first(literals, lambda one: _fits(one, _BUCKET, r"(?i)bucket"))
    return Asked(
        endpoint=_first(
            literals,
            lambda one: (
                _ENDPOINT.fullmatch(one.value) is not None
                and ("aliyuncs" in one.value or _names(one, r"(?i)endpoint"))
            ),
        ),
        region=_first(literals, lambda one: _fits(one, _REGION, r"(?i)region")),
        bucket=bucket or _argument(literals, 1),
        key=_first(literals, _is_key) or _argument(literals, 2) or _image(literals),
        process=_process(literals, frozenset(processes)),
    )


def placeholders(text: str, language: Language) -> tuple[str, ...]:
    """Literals that a reader has to replace, such as `<yourBucketName>`, each once."""
    values = (one.value for one in _literals(text, language))
    return tuple(dict.fromkeys(value for value in values if _PLACEHOLDER.fullmatch(value)))


def uses_v4(text: str) -> bool:
    """Whether a program asks for Signature V4."""
    return re.search(r"(?i)(?<!ip)v4", text) is not None


def catches(text: str, language: Language, error_types: Iterable[str]) -> bool:
    """Whether a program has a clause for the errors of its SDK. error_types: of the SDK.

    Types are compared by their last part: a name that the program does not import is one that its
    author meant, and that it then catches nothing is what a trial shows.
    """
    code = "".join(part for kind, part in _parts(text, language) if kind != "comment")
    wanted = {name.rpartition(".")[2].rpartition("\\")[2].lower() for name in error_types}
    if "error" in wanted and re.search(r"\berr\s*!=\s*nil", code):
        return True
    for clause in re.findall(r"\bcatch\s*\(([^)]*)\)|\bexcept\b([^:\n]*):", code):
        words = re.findall(r"[\w.\\]+", "".join(clause))
        types = {word.rpartition(".")[2].rpartition("\\")[2].lower() for word in words}
        untyped = not words or (len(words) == 1 and words[0][0].islower())
        if untyped or types & (wanted | _GENERAL):
            return True
    return re.search(r"\bcatch\s*\{", code) is not None


def unusual(text: str, language: Language) -> tuple[str, ...]:
    """Places in the code with characters that look like others, at most five; not in literals.

    In Python also whether tabs and spaces are mixed, which look alike too.
    """
    found: list[str] = []
    line = column = 1
    for kind, part in _parts(text, language):
        for char in part:
            if kind == "code" and _looks_like_another(char):
                name = unicodedata.name(char, "without a name")
                found.append(f"line {line}, column {column}: U+{ord(char):04X} {name}")
            line, column = (line + 1, 1) if char == "\n" else (line, column + 1)
    more = len(found) - _PLACES
    found[_PLACES:] = [f"and {more} more"] if more > 0 else []
    if language.name == "Python" and re.search(r"(?m)^\t", text) and re.search(r"(?m)^ ", text):
        found.append("some lines are indented with tabs, others with spaces")
    return tuple(found)


def _looks_like_another(char: str) -> bool:
    if char.isascii():
        return False
    category = unicodedata.category(char)
    full_width = 0xFF01 <= ord(char) <= 0xFF5E or char in "\u3000\u3001\u3002"
    return category in ("Zs", "Cf", "Zl", "Zp") or full_width or char in _QUOTES + _DASHES


def _parts(text: str, language: Language) -> Iterator[tuple[str, str]]:
    """The text in pieces: `code`, `literal` or `comment`, and the characters."""
    triple = _TRIPLE + "|" if language.name == "Python" else ""
    pattern = re.compile(
        rf"(?P<literal>{triple}{_LITERAL})|(?P<comment>{language.comment})", re.DOTALL
    )
    place = 0
    for found in pattern.finditer(text):
        yield "code", text[place : found.start()]
        yield str(found.lastgroup), found[0]
        place = found.end()
    yield "code", text[place:]


def _literals(text: str, language: Language) -> Iterator[_Literal]:
    before = ""
    for kind, part in _parts(text, language):
        if kind == "code":
            before += part
        elif kind == "literal":
            context = "\n".join(before.split("\n")[-2:])
            # A key of a map is code to the literal behind it: `'bucket' => 'examplebucket'`.
            yield _Literal(value=part.strip("\"'`"), before=context)
            before = part if len(part) < 40 else ""


def _first(literals: list[_Literal], suits: Callable[[_Literal], bool]) -> str | None:
    return next((one.value for one in literals if suits(one)), None)


def _names(one: _Literal, pattern: str) -> bool:
    """Whether the code directly before a literal names it: a setting, a variable, a call."""
    statement = re.split(r"[;\n]\s*(?=\S)", one.before)[-1]
    return re.search(pattern + r"[\w\"'$]*\W*(?:[\w.]*\()?[^\w\"']*$", statement) is not None or (
        re.search(pattern + r"\w*\s*\([^()]*(?:\([^()]*\)[^()]*)*$", statement) is not None
    )


def _fits(one: _Literal, shape: re.Pattern[str], pattern: str) -> bool:
    return shape.fullmatch(one.value) is not None and _names(one, pattern)


def _is_key(one: _Literal) -> bool:
    line = one.before.split("\n")[-1]
    return bool(one.value) and _KEY_NAME.search(line) is not None and not _SECRET.search(line)


def _argument(literals: list[_Literal], position: int) -> str | None:
    """A literal argument of the call that gets the object: the bucket, or the key behind it.

    A call with one literal gets a key: its bucket is in the object that it is called on.
    """
    for index, one in enumerate(literals):
        if _GET.search(one.before):
            second = literals[index + 1 : index + 2]
            pair = (
                bool(second) and second[0].before.endswith(", ") and _IMAGE.match(second[0].value)
            )
            if pair:
                return one.value if position == 1 else second[0].value
            return one.value if position == 2 else None
        if position == 2 and _TWO.search(one.before) and _IMAGE.fullmatch(one.value):
            return one.value
    return None


def _image(literals: list[_Literal]) -> str | None:
    images = (one.value for one in literals if "://" not in one.value)
    return next((value for value in images if _IMAGE.fullmatch(value)), None)


def _process(literals: list[_Literal], printed: frozenset[str]) -> str | None:
    shaped = [one for one in literals if _PROCESS.fullmatch(one.value) and one.value not in _MIME]
    settled = [one for one in shaped if one.value in printed]
    settled += [one for one in shaped if re.search(r"(?i)process|style", one.before)]
    return next((one.value for one in [*settled, *shaped]), None)
