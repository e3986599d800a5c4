"""What clients do differently with headers, payload, time, scope and key when they sign.

Rows of `hypotheses.Hypothesis`, as in request_hypotheses.py. From oss2 (untrimmed values, the
misspelt payload literal), aliyun-oss-wordpress #50 and dingtalk-workspace-cli #692 (spellings of
the region), and from what goes wrong with secrets that were pasted.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from email.utils import formatdate
from hashlib import sha256

from conformance.mismatch.hypotheses import table
from conformance.mismatch.signing_input import (
    ADDITIONAL,
    HEADER,
    HEADERS_END,
    PAYLOAD,
    QUERY,
    Facts,
    SigningInput,
)
from conformance.oss import v4
from conformance.oss.authorization import moment_of
from conformance.oss.encode import encode, raw, unwire

_DAY = 86400
_BLANKS = (" ", "\n", "\r\n", "\t")
_MISSPELT = "UNSIGNED-PARYLOAD"  # oss2/auth.py, its fallback


def _header_left_out(draft: SigningInput, _: Facts) -> Iterator[SigningInput]:
    for name, _text in draft.headers():
        yield draft.drop(name)
    for name, text in draft.headers():
        # A field that was signed as if it had no value, or only its name.
        yield draft.put(name, text.partition(":")[0] + ":")


def _all_left_out(draft: SigningInput, _: Facts) -> Iterator[SigningInput]:
    yield replace(draft, lines=tuple(li for li in draft.lines if not li[0].startswith(HEADER)))


def _more_signed(draft: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    signed = {name for name, _ in draft.headers()}
    for field, value in facts.request.headers:
        name = field.lower()
        if HEADER + name in signed or name == "authorization":
            continue
        more = draft.add_header(name, unwire(value))
        yield more
        listed = v4.additional_list((*facts.asked.additional, name))
        yield more.put(ADDITIONAL, ";".join(listed))


def _untrimmed(draft: SigningInput, _: Facts) -> Iterator[SigningInput]:
    for name, text in draft.headers():
        field, _colon, value = text.partition(":")
        for blank in _BLANKS:
            yield draft.put(name, f"{field}:{blank}{value}")
            yield draft.put(name, f"{field}:{value}{blank}")
    yield _each_header(draft, lambda field, value: f"{field}: {value}")


def _each_header(draft: SigningInput, write: Callable[[str, str], str]) -> SigningInput:
    for name, text in draft.headers():
        field, _, value = text.partition(":")
        draft = draft.put(name, write(field, value))
    return draft


def _names_as_sent(draft: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    sent = {name.lower(): name for name, _ in facts.request.headers}
    named = _each_header(draft, lambda field, value: f"{sent.get(field, field)}:{value}")
    yield named
    ordered = sorted(named.headers(), key=lambda line: line[1])
    rest = [line for line in named.lines if not line[0].startswith(HEADER)]
    end = [name for name, _ in rest].index(HEADERS_END)
    yield replace(named, lines=(*rest[:end], *ordered, *rest[end:]))


def _header_order(draft: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    sent = [HEADER + name.lower() for name, _ in facts.request.headers]
    ordered = sorted(draft.headers(), key=lambda line: sent.index(line[0]))
    rest = [line for line in draft.lines if not line[0].startswith(HEADER)]
    end = [name for name, _ in rest].index(HEADERS_END)
    yield replace(draft, lines=(*rest[:end], *ordered, *rest[end:]))


def _additional_dropped(draft: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    bare = draft
    for name in facts.asked.additional:
        if not v4.signed_by_default(name):
            bare = bare.drop(HEADER + name)
    yield bare
    yield bare.put(ADDITIONAL, "")
    yield draft.put(ADDITIONAL, "")


HEADERS = table(
    ("token-not-signed", "The security token is sent but not signed.",
     lambda draft, _: [draft.drop(HEADER + "x-oss-security-token"),
                       draft.put(QUERY, "&".join(
                           part for part in draft.line(QUERY).split("&")
                           if not part.startswith(("x-oss-security-token=", "security-token="))))]),
    ("payload-header-not-signed", "x-oss-content-sha256 is sent but not signed.",
     lambda draft, _: [draft.drop(HEADER + "x-oss-content-sha256")]),
    ("header-not-signed", "A header that is always signed was left out.", _header_left_out),
    ("headers-not-signed", "None of the headers is signed.", _all_left_out),
    ("additional-headers-dropped", "Additional headers are listed but not signed.",
     _additional_dropped),
    ("header-signed-besides", "A header was signed that is not listed in AdditionalHeaders.",
     _more_signed),
    ("header-not-trimmed", "A header value was signed with a blank around it.", _untrimmed),
    ("header-names-as-sent", "Header names were signed as they were sent, not in lower case.",
     _names_as_sent),
    ("headers-not-sorted", "Headers were signed in the order of sending, not sorted.",
     _header_order),
    ("headers-not-ended", "The line feed that ends the block of headers is missing.",
     lambda draft, _: [draft.drop(HEADERS_END)]),
    ("additional-line-missing", "The empty line of the additional headers is missing.",
     lambda draft, _: [draft.drop(ADDITIONAL), draft.drop(ADDITIONAL).drop(HEADERS_END)]),
    ("payload-other", "Another payload hash was signed than UNSIGNED-PAYLOAD.",
     lambda draft, facts: [draft.put(PAYLOAD, text) for text in (
         _MISSPELT, "", sha256(b"").hexdigest(), sha256(facts.request.body).hexdigest(),
         "unsigned-payload")]),
)  # fmt: skip


def _other_time(draft: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    texts = [facts.request.header("date") or "", facts.request.header("x-oss-date") or ""]
    moments = [moment for moment in map(moment_of, texts) if moment is not None]
    spelt = [write(moment) for moment in moments for write in (v4.timestamp, _http_time)]
    for text in (*texts, *spelt):
        yield replace(draft, timestamp=text)


def _http_time(moment: int) -> str:
    return formatdate(moment, usegmt=True)  # RFC 1123, whatever the locale


def _nearby_time(draft: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    moment = facts.claim.moment or 0
    for seconds in (*range(-5, 0), *range(1, 6)):
        yield replace(draft, timestamp=v4.timestamp(moment + seconds))


def _other_scope(draft: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    scope = draft.scope
    if scope is None:
        return
    bare = scope.region.removeprefix("oss-").removesuffix("-internal")
    days = [v4.timestamp((facts.claim.moment or 0) + shift)[:8] for shift in (-_DAY, _DAY)]
    others = [
        *(replace(scope, region=text) for text in (
            f"oss-{bare}", bare, f"{bare}-internal", f"oss-{bare}-internal", bare.upper(),
            facts.region, "", bare.partition("-")[2])),
        *(replace(scope, product=text) for text in ("oss-cloudbox", "s3", "OSS", "")),
        *(replace(scope, date=day) for day in days),
    ]  # fmt: skip
    for other in others:
        key = v4.signing_key(facts.key.secret, other)
        yield replace(draft, scope=other, key=key)
        yield replace(draft, key=key)
        yield replace(draft, scope=other)


SCOPES = table(
    ("time-other", "The time was signed from the other date header, or in its other spelling.",
     _other_time),
    ("time-not-the-same", "The time that was signed is some seconds from the one that was sent.",
     _nearby_time),
    ("scope-other", "The signing key or scope has another region, product or day than Credential.",
     _other_scope),
)  # fmt: skip


def _keyed(draft: SigningInput, *secrets: str) -> Iterator[SigningInput]:
    for secret in secrets:
        if draft.scope is None:
            yield replace(draft, key=raw(secret))
        else:
            yield replace(draft, key=v4.signing_key(secret, draft.scope))


def _padded(draft: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    secret = facts.key.secret
    padded = [text for blank in _BLANKS for text in (secret + blank, blank + secret)]
    yield from _keyed(draft, *padded)


def _underived(draft: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    yield replace(draft, key=raw(facts.key.secret))
    yield replace(draft, key=raw("aliyun_v4" + facts.key.secret))


SECRETS = table(
    ("secret-trimmed", "Blanks around the access key secret were taken off.",
     lambda draft, facts: _keyed(draft, facts.key.secret.strip())),
    ("secret-padded", "A blank or line end stands around the access key secret.", _padded),
    ("secret-of-another-key", "The secret of another known access key was used.",
     lambda draft, facts: _keyed(draft, *(key.secret for key in facts.keys))),
    ("secret-empty", "The access key secret was empty.", lambda draft, _: _keyed(draft, "")),
    ("secret-is-the-id", "The access key id was used for the secret.",
     lambda draft, facts: _keyed(draft, facts.key.id)),
    ("secret-is-the-token", "The security token was used for the secret.",
     lambda draft, facts: _keyed(draft, facts.claim.token or "")),
    ("secret-encoded", "The access key secret was percent-encoded or put in another case.",
     lambda draft, facts: _keyed(draft, encode(facts.key.secret), facts.key.secret.lower(),
                                 facts.key.secret.upper())),
    ("form-other", "The signature is written in upper case, in Base64 or in hexadecimal digits.",
     lambda draft, _: [replace(draft, form=form) for form in ("HEX", "base64", "hex")]),
)  # fmt: skip

KEYS = table(
    ("key-not-derived", "The secret itself was used as the signing key.", _underived),
    ("request-not-hashed", "The canonical request was signed itself, not its SHA-256.",
     lambda draft, _: [replace(draft, hashed=False)]),
)  # fmt: skip
