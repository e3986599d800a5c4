"""Known answers: signatures that others published, with all that went into them.

Floor 2. The form is that of vectors/signature-v4-known-answers.json. Reading is strict: a key
nobody knows or a value of another type is refused with its JSON pointer, because a calibration
that skips half of an entry proves nothing.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from conformance.errors import InputError
from conformance.model.case import KnownKey
from conformance.model.http import Header, Request, first
from conformance.oss import v4
from conformance.oss.claim import LONGEST
from conformance.oss.encode import encode

Pairs = tuple[tuple[str, str], ...]
_LAST_SECOND = 253402300799  # 9999-12-31T23:59:59Z: four digits of year


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAnswer:
    """One published signature. mode: `header` or `query`. signtime: Unix seconds. expires: seconds,
    mode query only. query: decoded. additional: as the signer was told, in any case and order.
    """

    id: str
    published_in: str
    ak: str
    sk: str
    region: str
    product: str
    method: str
    bucket: str
    key: str
    query: Pairs
    mode: str
    headers: tuple[Header, ...]
    signtime: int
    expect: str
    token: str | None = None
    additional: tuple[str, ...] = ()
    expires: int | None = None

    @property
    def scope(self) -> v4.Scope:
        """What the signing key is good for."""
        date = v4.timestamp(self.signtime)[:8]
        return v4.Scope(date=date, region=self.region, product=self.product)

    @property
    def known_key(self) -> KnownKey:
        """The key pair as the service knows it."""
        return KnownKey(id=self.ak, secret=self.sk, token=self.token)

    @property
    def host(self) -> str:
        """The virtual-hosted name that the request goes to."""
        return f"{self.bucket}.oss-{self.region}.aliyuncs.com".lower()

    @property
    def asked(self) -> v4.Unsigned:
        """The request as it is signed, with the fields that the mode adds."""
        now, names = v4.timestamp(self.signtime), v4.listed(self.additional)
        headers, query = self.headers, self.query
        if self.mode == "header":
            added = [("x-oss-date", now)]
            if self.token is not None:
                added.append(("x-oss-security-token", self.token))
            headers += tuple(field for field in added if first(headers, field[0]) is None)
        else:
            extra = [
                ("x-oss-signature-version", v4.ALGORITHM),
                ("x-oss-date", now),
                ("x-oss-expires", str(self.expires)),
                ("x-oss-credential", f"{self.ak}/{self.scope.text}"),
            ]
            if self.token is not None:
                extra.append(("x-oss-security-token", self.token))
            if names:
                extra.append(("x-oss-additional-headers", ";".join(names)))
            query += tuple(extra)
        return v4.Unsigned(
            method=self.method,
            bucket=self.bucket,
            key=self.key,
            query=query,
            headers=headers,
            additional=names,
        )

    @property
    def computed(self) -> str:
        """The signature that we compute for it."""
        stamp = first(self.asked.headers, "x-oss-date") if self.mode == "header" else None
        text = v4.string_to_sign(
            v4.canonical(self.asked).text,
            timestamp=stamp or v4.timestamp(self.signtime),
            scope=self.scope,
        )
        return v4.signature(text, secret=self.sk, scope=self.scope)

    def request(self, signature: str) -> Request:
        """The whole request as it goes over the wire with this signature."""
        asked = self.asked
        if self.mode == "query":
            asked = replace(asked, query=(*asked.query, (v4.URL_SIGNATURE, signature)))
        else:
            fields = [f"Credential={self.ak}/{self.scope.text}"]
            if asked.additional:
                fields.append(f"AdditionalHeaders={';'.join(asked.additional)}")
            fields.append(f"Signature={signature}")
            proof = ("Authorization", f"{v4.ALGORITHM} {','.join(fields)}")
            asked = replace(asked, headers=(*asked.headers, proof))
        return wired(asked, self.host)


def wired(asked: v4.Unsigned, host: str) -> Request:
    """A virtual-hosted request on the wire: the query keeps its order."""
    query = "&".join(f"{encode(n)}={encode(v)}" if v else encode(n) for n, v in asked.query)
    target = f"/{encode(asked.key, keep='/')}" + (f"?{query}" if query else "")
    headers = (("Host", host), *asked.headers)
    return Request(method=asked.method, target=target, version="HTTP/1.1", headers=headers)


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _some_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _time(value: Any) -> bool:
    return type(value) is int and 0 <= value <= _LAST_SECOND


def _pairs(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(pair, list) and len(pair) == 2 and all(map(_text, pair)) and pair[0]
        for pair in value
    )


def _fields(value: Any) -> bool:
    return isinstance(value, dict) and all(name and _text(text) for name, text in value.items())


def _names(value: Any) -> bool:
    return isinstance(value, list) and all(map(_some_text, value))


def _expires(value: Any) -> bool:
    return type(value) is int and 1 <= value <= LONGEST


def _mode(value: Any) -> bool:
    return value in ("header", "query")


def _signature(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value) is not None


Check = Callable[[Any], bool]
# Name, whether it must be there, the check, the rule in words.
_MEMBERS: tuple[tuple[str, bool, Check, str], ...] = (
    ("id", True, _some_text, "must be a text that is not empty"),
    ("published_in", True, _some_text, "must be a text that says where it was published"),
    ("ak", True, _some_text, "must be a text that is not empty"),
    ("sk", True, _some_text, "must be a text that is not empty"),
    ("region", True, _some_text, "must be a text that is not empty"),
    ("product", True, _some_text, "must be a text that is not empty"),
    ("method", True, _some_text, "must be a text that is not empty"),
    ("bucket", True, _some_text, "must be a text that is not empty"),
    ("key", True, _text, "must be a text"),
    ("query", True, _pairs, "must be a list of pairs of name and value, both texts"),
    ("mode", True, _mode, "must be `header` or `query`"),
    ("headers", True, _fields, "must be an object whose values are texts"),
    ("signtime", True, _time, f"must be a whole number of Unix seconds, 0 to {_LAST_SECOND}"),
    ("expect", True, _signature, "must be 64 lower-case hexadecimal digits"),
    ("token", False, _some_text, "must be a text that is not empty"),
    ("additional", False, _names, "must be a list of header names"),
    ("expires", False, _expires, f"must be a whole number of seconds, 1 to {LONGEST}"),
)  # fmt: skip
_NAMES = tuple(name for name, *_ in _MEMBERS)


def decode(document: Any, source: str) -> tuple[KnownAnswer, ...]:
    """The known answers of a parsed file; raises InputError with the JSON pointer. source: name."""
    if not isinstance(document, dict):
        raise _wrong(source, "", "must be an object with `vectors`", "see vectors/")
    for name in document:
        if name not in ("about", "vectors"):
            raise _wrong(source, f"/{name}", "is not a known member", "take it out")
    if not _text(document.get("about", "")):
        raise _wrong(source, "/about", "must be a text", "say what the file holds")
    vectors = document.get("vectors")
    if not isinstance(vectors, list) or not vectors:
        rule = "must be a list with at least one known answer"
        raise _wrong(source, "/vectors", rule, "nothing can be calibrated with none")
    answers = tuple(_answer(item, source, f"/vectors/{at}") for at, item in enumerate(vectors))
    seen: dict[str, int] = {}
    for at, answer in enumerate(answers):
        if answer.id in seen:
            rule = f"{answer.id!r} is also the id of /vectors/{seen[answer.id]}"
            raise _wrong(source, f"/vectors/{at}/id", rule, "give each entry an id of its own")
        seen[answer.id] = at
    return answers


def _answer(item: Any, source: str, place: str) -> KnownAnswer:
    if not isinstance(item, dict):
        raise _wrong(source, place, "must be an object", "see the other entries")
    for name in item:
        if name not in _NAMES:
            known = ", ".join(_NAMES)
            raise _wrong(source, f"{place}/{name}", "is not a known member", f"known are: {known}")
    for name, needed, check, rule in _MEMBERS:
        if name not in item:
            if needed:
                raise _wrong(source, f"{place}/{name}", "is missing", f"it {rule}")
        elif not check(item[name]):
            raise _wrong(source, f"{place}/{name}", f"{rule}, not {item[name]!r:.60}", "mend it")
    if (item["mode"] == "query") != ("expires" in item):
        rule = "stands in mode `query` and in no other"
        raise _wrong(source, f"{place}/expires", rule, "add it, take it out, or change the mode")
    return KnownAnswer(
        **item
        | {
            "query": tuple((name, value) for name, value in item["query"]),
            "headers": tuple(item["headers"].items()),
            "additional": tuple(item.get("additional", ())),
        }
    )


def _wrong(source: str, place: str, rule: str, remedy: str) -> InputError:
    return InputError(source=source, place=place, rule=rule, remedy=remedy)
