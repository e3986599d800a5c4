"""The V4 signing keys of a secret, which are as secret as it is: they sign for a day and a region.

Signing takes four HMACs, each keyed with the result of the one before (v4.py): whoever knows one of
the results computes the next. A key is searched for in hexadecimal and in base64. The name of a
spelling says everything that the key is derived from but the secret, so the key can be computed
again from the name.
"""

import base64
import re
import string
from collections.abc import Callable
from functools import lru_cache

from conformance.oss.encoding import raw, unwire
from conformance.oss.v4 import SUFFIX, Scope, signing_keys

# Bytes; no spelling of a key is shorter, and longer data is content, which no client has made.
SHORTEST, LONGEST = 43, 65536
_SPELLINGS: dict[str, Callable[[bytes], bytes]] = {
    "hex": lambda key: key.hex().encode(),
    "upper-hex": lambda key: key.hex().upper().encode(),
    "base64": lambda key: base64.b64encode(key).rstrip(b"="),
    "url64": lambda key: base64.urlsafe_b64encode(key).rstrip(b"="),
}
# `v4-DAY-REGION-PRODUCT-STEP-SPELLING`, region and product in hexadecimal, step from 1.
_NAME = re.compile(r"v4-([0-9]+)-([0-9a-f]*)-([0-9a-f]*)-([1-4])-(.+)")
_SUFFIX = SUFFIX.encode()
_BEFORE = 100  # bytes that a scope has at most before its suffix
# Nearly no data has so many letters of base64 in a row, but for the signature of a request.
_ROW = b"a" * SHORTEST
_LETTERS = tuple(
    bytes(ord("a" if chr(byte) in string.ascii_letters + string.digits + more else " ")
          for byte in range(256))
    for more in ("+/", "-_")
)  # fmt: skip
_SIGNATURES = (b",Signature=", b"&x-oss-signature=")

Keys = tuple[tuple[str, bytes], ...]  # names of spellings, each with its bytes


def is_of_key(form: str) -> bool:
    """Whether the name of a spelling is that of a derived key."""
    return form.startswith("v4-")


@lru_cache(maxsize=256)
def spellings(secret: str, scopes: tuple[Scope, ...]) -> Keys:
    """The spellings of the keys that are derived from a secret."""
    needles: dict[bytes, str] = {}
    for scope in scopes:
        place = f"v4-{scope.date}-{raw(scope.region).hex()}-{raw(scope.product).hex()}"
        for step, key in enumerate(signing_keys(secret, scope), start=1):
            for name, spell in _SPELLINGS.items():
                needles.setdefault(spell(key), f"{place}-{step}-{name}")
    return tuple((form, needle) for needle, form in needles.items())


def found(keys: Keys, data: bytes) -> list[tuple[str, bytes]]:
    """Those of the spellings that are in the data."""
    if not keys or not SHORTEST <= len(data) <= LONGEST or not _may_hold(data):
        return []
    return [(form, needle) for form, needle in keys if needle in data]


def _may_hold(data: bytes) -> bool:
    """Whether the data may hold a key; takes a tenth of the time of a search for each spelling."""
    for name in _SIGNATURES:
        at = data.find(name)
        if at >= 0:
            data = data[:at] + data[at + len(name) + 64 :]
    return any(_ROW in data.translate(letters) for letters in _LETTERS)


def spelled(secret: str, form: str) -> bytes | None:
    """The key of a secret in the spelling with this name; None if that is no such name."""
    found = _NAME.fullmatch(form)
    if found is None or found[5] not in _SPELLINGS:
        return None
    region, product = (unwire(bytes.fromhex(found[n]).decode("latin-1")) for n in (2, 3))
    scope = Scope(date=found[1], region=region, product=product)
    return _SPELLINGS[found[5]](signing_keys(secret, scope)[int(found[4]) - 1])


def scope_in(data: bytes) -> Scope | None:
    """The scope that a request names in its Authorization field or its URL; None if it has none."""
    end = data.find(_SUFFIX)
    if end < 0:
        return None
    return _scope(data[max(0, end - _BEFORE) : end])


@lru_cache(maxsize=256)
def _scope(before: bytes) -> Scope | None:
    parts = before.replace(b"%2F", b"/").replace(b"%2f", b"/").split(b"/")
    *_, date, region, product, _ = (b"", b"", b"", *parts)
    if not (len(date) == 8 and date.isdigit()):
        return None
    region_text, product_text = (unwire(part.decode("latin-1")) for part in (region, product))
    return Scope(date=date.decode(), region=region_text, product=product_text)
