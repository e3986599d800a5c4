"""The secrets of a case, and how they are found and masked in whatever an SDK writes or sends.

A secret is searched for as it is, escaped as in the literals of programs and JSON, percent-encoded,
in base64 at each of its three alignments, and in hexadecimal; the signing keys that are derived
from it, as derived_key.py says. A mask names the secret by its number
in the case and the spelling that it replaces, but nothing of its value. So results and transcripts
hold no secret, and whoever has the case restores the original bytes to verify signatures again.
"""

import base64
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote_plus, unquote_to_bytes

from conformance.model.case import Turn
from conformance.oss import derived_key
from conformance.oss.v4 import Scope

KEY_SECRET = "access-key-secret"  # kind of a secret
# Characters; shorter secrets would occur in requests by chance, and vectors use longer ones.
SHORTEST = 8
# Characters of a secret that a truncated quote may show: fewer are found in any text by chance.
_FRAGMENT, _STEP, _WINDOW = 12, 4, 8
# Of a key that is derived from it, 23 characters leave nobody a key that could be guessed.
_STEP_OF_KEY = 16
_CUT = "..."
_PERCENT = "percent-"
# Only unreserved characters, so that a mask stays as it is when a URL is read or written.
_GRAMMAR = r"~masked-(?P<kind>[a-z-]+)-(?P<number>[0-9]+)-(?P<form>[a-z]+[a-z0-9-]*)~"
_MASK, _MASK_IN_TEXT = re.compile(_GRAMMAR.encode()), re.compile(_GRAMMAR)
_MASK_BEGIN = "~masked-"
_NONE = 0  # in place of the number in a mask that nobody restores
Mask = tuple[str, str]  # kind of the secret, and name of its spelling


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A value that only the program and the service may know."""

    kind: str  # `access-key-secret`, `security-token` or `proxy-password`
    value: str
    keys: derived_key.Keys = ()  # the signing keys that derive from it


def secrets(turns: Iterable[Turn], scopes: tuple[Scope, ...] = ()) -> tuple[Secret, ...]:
    """The secrets of these turns that are long enough to be recognized, the longest first.

    scopes: for which signing keys may have been derived.
    """
    return _secrets(tuple(_given(turns)), scopes)


# Every trial of a case asks several times for the same ones.
@lru_cache(maxsize=256)
def _secrets(
    given: tuple[tuple[str, str | None], ...], scopes: tuple[Scope, ...]
) -> tuple[Secret, ...]:
    found: dict[str, Secret] = {}
    for kind, value in given:
        stripped = value.strip() if value else ""
        if len(stripped) >= SHORTEST:
            found.setdefault(stripped, with_keys(Secret(kind=kind, value=stripped), scopes))
    return tuple(sorted(found.values(), key=lambda secret: -len(secret.value)))


def with_keys(secret: Secret, scopes: tuple[Scope, ...]) -> Secret:
    """The secret with the signing keys that derive from it, if it is one that requests are signed
    with."""
    keys = derived_key.spellings(secret.value, scopes) if secret.kind == KEY_SECRET else ()
    return Secret(kind=secret.kind, value=secret.value, keys=keys)


def spelling_of(secret: Secret, data: bytes) -> str | None:
    """The name of a spelling in which these bytes contain the secret; None if they do not."""
    for form, needle in _spellings(secret.value):
        if needle in data:
            return form
    for form, _ in derived_key.found(secret.keys, data):
        return form
    escaped = b"%" in data and _bytes(secret.value) in unquote_to_bytes(data)
    return "percent" if escaped else None


def masked(data: bytes, known: Sequence[Secret]) -> bytes:
    """The bytes with a mask in place of each secret; the same object if they hold none."""
    plain = unquote_to_bytes(data) if b"%" in data else b""
    for number, secret in enumerate(known, start=1):
        label = f"~masked-{secret.kind}-{number}-"
        for form, needle in _spellings(secret.value):
            if needle in data:
                data = data.replace(needle, f"{label}{form}~".encode())
        for form, needle in derived_key.found(secret.keys, data):
            data = data.replace(needle, f"{label}{form}~".encode())
        if plain and _bytes(secret.value) in plain:
            data = _mask_percent(secret.value, label, data)
    return data


def restored(data: bytes, known: Sequence[Secret]) -> bytes:
    """The bytes before they were masked, given the secrets of the same case."""

    def original(mask: re.Match[bytes]) -> bytes:
        number, form = int(mask["number"]), mask["form"].decode()
        if not 0 < number <= len(known):
            return mask[0]
        value = known[number - 1].value
        if form.startswith(_PERCENT):
            codes = form.removeprefix(_PERCENT)
            pairs = zip(_bytes(value), codes, strict=False)
            return b"".join(_escapes(byte)[int(code)] for byte, code in pairs)
        return derived_key.spelled(value, form) or dict(_spellings(value)).get(form, mask[0])

    return _MASK.sub(original, data) if has_mask(data) else data


def has_mask(data: bytes | str) -> bool:
    """Whether the bytes or the text may contain a mask, so that `restored` may change them."""
    return _MASK_BEGIN in data if isinstance(data, str) else _MASK_BEGIN.encode() in data


def relabelled(data: bytes, known: Sequence[Secret], labels: Sequence[Secret]) -> bytes:
    """The bytes with the label of the same number in place of each secret, in the same spelling.

    labels: values of unreserved characters, which are the same in a URL and in a literal.
    """

    def label(mask: re.Match[bytes]) -> bytes:
        value, form = labels[int(mask["number"]) - 1].value, mask["form"].decode()
        if (key := derived_key.spelled(value, form)) is not None:
            return key
        forms = dict(_spellings(value))
        # A label has one spelling in base64, and letters in hexadecimal.
        return forms.get(form) or forms.get(form.replace("url64", "base64"), value.encode())

    found = masked(data, known)
    return data if found is data else _MASK.sub(label, found)


def lines_with_secrets(text: str, known: Sequence[Secret]) -> str:
    """The lines of a text that hold secrets, masked for good: `restored` leaves these masks."""
    pairs = ((line, in_text(line, lambda data: masked(data, known))) for line in text.splitlines())
    lines = "\n".join(hidden for line, hidden in pairs if hidden != line)
    return _MASK_IN_TEXT.sub(rf"~masked-\g<kind>-{_NONE}-\g<form>~", lines)


def masks_in(text: str) -> list[Mask]:
    """The masks in a text, each once."""
    return list(
        dict.fromkeys((found["kind"], found["form"]) for found in _MASK_IN_TEXT.finditer(text))
    )


def masked_text(text: str, known: Sequence[Secret]) -> str:
    """A text for people: masked, without even the part of a secret that a short quote shows."""
    text = in_text(text, lambda data: masked(data, known))
    if _truncated(text) and _has_window(text, known):
        for number, secret in enumerate(known, start=1):
            part = f"~part-of-{secret.kind}-{number}~"
            for form, needle in _spellings(secret.value) + secret.keys:
                text = _without_fragments(text, needle.decode("utf-8", "replace"), form, part)
    return text


def is_clean(texts: Iterable[str], known: Sequence[Secret]) -> bool:
    """Whether there is nothing to mask in any of the texts; quicker than masking each of them."""
    joined = "\n".join(texts)
    data = joined.encode("utf-8", "surrogatepass")
    if _truncated(joined) and _has_window(joined, known):
        return False
    return masked(data, known) is data


def in_text(text: str, change: Callable[[bytes], bytes]) -> str:
    """The text with a change made to its bytes in UTF-8."""
    if len(text) < SHORTEST:
        return text
    data = text.encode("utf-8", "surrogatepass")
    changed = change(data)
    return text if changed is data else changed.decode("utf-8", "surrogatepass")


def _given(turns: Iterable[Turn]) -> Iterator[tuple[str, str | None]]:
    for turn in turns:
        for given in turn.inputs:
            if given.credentials is not None:
                yield KEY_SECRET, given.credentials.access_key_secret
                yield "security-token", given.credentials.security_token
            if given.proxy is not None:
                yield "proxy-password", given.proxy.password
        for key in turn.script.keys:
            yield KEY_SECRET, key.secret
            yield "security-token", key.token


def _bytes(value: str) -> bytes:
    return value.encode("utf-8", "surrogatepass")


@lru_cache(maxsize=64)
def _spellings(value: str) -> tuple[tuple[str, bytes], ...]:
    """Names of spellings and the bytes that they have in common whatever surrounds the secret."""
    data = _bytes(value)
    latin = data.decode("latin-1")  # as header fields are read
    forms = {"plain": data, "latin": latin.encode()}
    for name, text in (("text", value), ("latin", latin)):
        literals = (repr(text), ascii(text), json.dumps(text), json.dumps(text, ensure_ascii=False))
        for number, literal in enumerate(literals):
            forms[f"{name}-literal-{number}"] = _bytes(literal[1:-1])
    forms["bytes-literal"] = repr(data)[2:-1].encode()
    forms["form"] = quote_plus(data).encode()
    for name, digits in (("hex", data.hex()), ("spaced-hex", data.hex(" "))):
        forms[name], forms[f"upper-{name}"] = digits.encode(), digits.upper().encode()
    for shift in range(3):
        # The base64 characters that depend on the secret alone.
        begin, end = (shift * 8 + 5) // 6, (shift + len(data)) * 8 // 6
        for name, encode in (("base", base64.b64encode), ("url", base64.urlsafe_b64encode)):
            forms[f"{name}64-{shift}"] = encode(b"\0" * shift + data)[begin:end]
    needles: dict[bytes, str] = {}
    for form, needle in forms.items():
        needles.setdefault(needle, form)
    return tuple((form, needle) for needle, form in needles.items())


def _mask_percent(value: str, label: str, data: bytes) -> bytes:
    """Masks the secret however many of its characters are escaped; the mask tells which."""

    def mask(found: re.Match[bytes]) -> bytes:
        written = [part for part in re.split(rb"(%[0-9A-Fa-f]{2}|.)", found[0], flags=re.S) if part]
        codes = "".join(
            str(_escapes(byte).index(part))
            for byte, part in zip(_bytes(value), written, strict=True)
        )
        return f"{label}{_PERCENT}{codes}~".encode()

    each = (b"(?:" + b"|".join(map(re.escape, _escapes(byte))) + b")" for byte in _bytes(value))
    return re.sub(b"".join(each), mask, data)


def _escapes(byte: int) -> tuple[bytes, ...]:
    """A byte as it is and percent-encoded, with digits in upper or lower case, or in both."""
    high, low = f"{byte >> 4:X}", f"{byte & 15:X}"
    digits = ((one, two) for one in (high, high.lower()) for two in (low, low.lower()))
    return (bytes([byte]), *dict.fromkeys(f"%{one}{two}".encode() for one, two in digits))


def _truncated(text: str) -> bool:
    """Whether a text may end within a quoted value, as quote.py shows long ones."""
    return _CUT in text or "sha256" in text


def _has_window(text: str, known: Sequence[Secret]) -> bool:
    """Whether `_without_fragments` finds the beginning of a fragment of any secret in a text."""
    if any(window in text for secret in known for window in _windows(secret.value)):
        return True
    return _CUT in text and any(
        window in text for secret in known for window in _windows_of_keys(secret.keys)
    )


@lru_cache(maxsize=64)
def _windows(value: str) -> tuple[str, ...]:
    return _windows_of_keys(_spellings(value))


@lru_cache(maxsize=64)
def _windows_of_keys(keys: derived_key.Keys) -> tuple[str, ...]:
    needles = ((form, needle.decode("utf-8", "replace")) for form, needle in keys)
    return tuple(
        dict.fromkeys(
            needle[start : start + _WINDOW]
            for form, needle in needles
            for start in _starts(needle, form)
        )
    )


def _starts(needle: str, form: str) -> range:
    step = _STEP_OF_KEY if derived_key.is_of_key(form) else _STEP
    return range(0, len(needle) - _WINDOW + 1, step)


def _without_fragments(text: str, needle: str, form: str, part: str) -> str:
    for start in _starts(needle, form):
        at = text.find(needle[start : start + _WINDOW])
        while at >= 0:
            left = _equal_beginning(text[:at][::-1], needle[:start][::-1])
            right = _equal_beginning(text[at:], needle[start:])
            begin, end = at - left, at + right
            if end - begin >= _FRAGMENT:
                text = text[:begin] + part + text[end:]
                end = begin + len(part)
            at = text.find(needle[start : start + _WINDOW], end)
    return text


def _equal_beginning(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))
