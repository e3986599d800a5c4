"""Hypotheses about the headers, the payload, the time and the secret that a client uses.

Sources: oss2 (values that are not trimmed, the misspelt payload literal), and mistakes in pasting
secrets.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from email.utils import formatdate
from hashlib import sha256

from conformance.mismatch.hypothesis import Variation, table
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
from conformance.oss.encoding import encode, raw, unwire

_BLANKS = (" ", "\n", "\r\n", "\t")
# Values of Content-Type that clients sign although they do not send the header.
TYPES = ("", "application/octet-stream", "application/json", "application/x-www-form-urlencoded")
# The default ports, and those that gateways and emulators are often given.
_PORTS = (80, 443, 8080, 8443)
_PORT = re.compile(r":[0-9]*\Z")
_MISSPELT = "UNSIGNED-PARYLOAD"  # the fallback in oss2/auth.py


def _header_left_out(ours: SigningInput, _: Facts) -> Iterator[SigningInput]:
    for name, _text in ours.headers():
        yield ours.drop(name)
    for name, text in ours.headers():
        # Only the name of the field was signed.
        yield ours.put(name, text.partition(":")[0] + ":")


def _all_left_out(ours: SigningInput, _: Facts) -> Iterator[SigningInput]:
    yield ours.with_headers(())


def _more_signed(ours: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    signed = {name for name, _ in ours.headers()}
    for field, value in facts.request.headers:
        name = field.lower()
        if HEADER + name in signed or name == "authorization":
            continue
        more = ours.add_header(name, unwire(value))
        yield more
        listed = v4.additional_list((*facts.unsigned.additional, name))
        yield more.put(ADDITIONAL, ";".join(listed))


def _not_sent(ours: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    """A header that is no part of the request, with the values that a client would give it."""
    moment = facts.authorization.moment or 0
    times = [write(moment + late) for write in (http_time, v4.timestamp) for late in (0, -1, 1)]
    usual: dict[str, list[str]] = {
        "date": times,
        "x-oss-date": times,
        "x-oss-content-sha256": [v4.PAYLOAD],
        "content-type": list(TYPES),
        "content-md5": [""],
        "user-agent": [""],
    }
    for name, values in usual.items():
        for value in values if facts.request.header(name) is None else ():
            more = ours.add_header(name, value)
            yield more
            listed = v4.additional_list((*facts.unsigned.additional, name))
            yield more.put(ADDITIONAL, ";".join(listed))


def _untrimmed(ours: SigningInput, _: Facts) -> Iterator[SigningInput]:
    for name, text in ours.headers():
        field, _colon, value = text.partition(":")
        for blank in _BLANKS:
            yield ours.put(name, f"{field}:{blank}{value}")
            yield ours.put(name, f"{field}:{value}{blank}")
    yield _each_header(ours, lambda field, value: f"{field}: {value}")


def _each_header(ours: SigningInput, write: Callable[[str, str], str]) -> SigningInput:
    for name, text in ours.headers():
        field, _, value = text.partition(":")
        ours = ours.put(name, write(field, value))
    return ours


def _names_as_sent(ours: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    sent = {name.lower(): name for name, _ in facts.request.headers}
    named = _each_header(ours, lambda field, value: f"{sent.get(field, field)}:{value}")
    yield named
    yield named.with_headers(sorted(named.headers(), key=lambda line: line[1]))


def _header_order(ours: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    sent = [HEADER + name.lower() for name, _ in facts.request.headers]
    yield ours.with_headers(sorted(ours.headers(), key=lambda line: sent.index(line[0])))


def _additional_dropped(ours: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    bare = ours
    for name in facts.unsigned.additional:
        if not v4.signed_by_default(name):
            bare = bare.drop(HEADER + name)
    yield bare
    yield bare.put(ADDITIONAL, "")
    yield ours.put(ADDITIONAL, "")


def _host_and_port(write: Callable[[str], Iterable[str]]) -> Variation:
    """The host, if it is signed, as each of the texts that are written for its name."""

    def vary(ours: SigningInput, _: Facts) -> Iterator[SigningInput]:
        name = _PORT.sub("", ours.line(HEADER + "host"))
        for text in write(name):
            yield ours.put(HEADER + "host", text)

    return vary


HEADERS = table(
    ("token-not-signed", "The security token is sent but not signed.",
     lambda ours, _: [ours.drop(HEADER + "x-oss-security-token"),
                       ours.put(QUERY, "&".join(
                           part for part in ours.line(QUERY).split("&")
                           if not part.startswith(("x-oss-security-token=", "security-token="))))]),
    ("payload-header-not-signed", "x-oss-content-sha256 is sent but not signed.",
     lambda ours, _: [ours.drop(HEADER + "x-oss-content-sha256")]),
    ("header-not-signed", "A header that is always signed was left out.", _header_left_out),
    ("headers-not-signed", "None of the headers is signed.", _all_left_out),
    ("additional-headers-dropped", "Additional headers are listed but not signed.",
     _additional_dropped),
    ("header-signed-besides", "A header that is not listed in AdditionalHeaders was signed.",
     _more_signed),
    ("header-not-sent", "A header was signed that is not in the request.", _not_sent),
    ("host-without-port", "The host was signed without its port.",
     _host_and_port(lambda name: [name])),
    ("host-with-port", "The host was signed with a port that the Host field does not have.",
     _host_and_port(lambda name: [f"{name}:{port}" for port in _PORTS])),
    ("header-not-trimmed", "A header value was signed with a blank around it.", _untrimmed),
    ("header-names-as-sent", "Header names were signed as they were sent, not in lower case.",
     _names_as_sent),
    ("headers-not-sorted", "Headers were signed in the order of sending, not sorted.",
     _header_order),
    ("headers-not-ended", "The line feed that ends the block of headers is missing.",
     lambda ours, _: [ours.drop(HEADERS_END)]),
    ("additional-line-missing", "The empty line of the additional headers is missing.",
     lambda ours, _: [ours.drop(ADDITIONAL), ours.drop(ADDITIONAL).drop(HEADERS_END)]),
    ("payload-other", "Another payload hash was signed than UNSIGNED-PAYLOAD.",
     lambda ours, facts: [ours.put(PAYLOAD, text) for text in (
         _MISSPELT, "", sha256(b"").hexdigest(), sha256(facts.request.body).hexdigest(),
         "unsigned-payload")]),
)  # fmt: skip


def _other_time(ours: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    texts = [facts.request.header("date") or "", facts.request.header("x-oss-date") or ""]
    moments = [moment for moment in map(moment_of, texts) if moment is not None]
    spelt = [write(moment) for moment in moments for write in (v4.timestamp, http_time)]
    for text in (*texts, *spelt):
        yield replace(ours, timestamp=text)


def http_time(moment: int) -> str:
    """Unix seconds as RFC 1123 writes them, in any locale."""
    return formatdate(moment, usegmt=True)


def _nearby_time(ours: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    moment = facts.authorization.moment or 0
    for seconds in (*range(-5, 0), *range(1, 6)):
        yield replace(ours, timestamp=v4.timestamp(moment + seconds))


TIMES = table(
    ("time-other", "The time was signed from the other date header, or in its other spelling.",
     _other_time),
    ("time-not-the-same", "The time that was signed is some seconds from the one that was sent.",
     _nearby_time),
)  # fmt: skip


def keyed(ours: SigningInput, *secrets: str) -> Iterator[SigningInput]:
    """The input signed with each of these secrets instead."""
    for secret in secrets:
        if ours.scope is None:
            yield replace(ours, key=raw(secret))
        else:
            yield replace(ours, key=v4.signing_key(secret, ours.scope))


def _padded(ours: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    secret = facts.key.secret
    padded = [text for blank in _BLANKS for text in (secret + blank, blank + secret)]
    yield from keyed(ours, *padded)


def _underived(ours: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    yield replace(ours, key=raw(facts.key.secret))
    yield replace(ours, key=raw("aliyun_v4" + facts.key.secret))


SECRETS = table(
    ("secret-trimmed", "Blanks around the access key secret were removed.",
     lambda ours, facts: keyed(ours, facts.key.secret.strip())),
    ("secret-padded", "A blank or a line end was before or after the access key secret.", _padded),
    ("secret-of-before", "The secret that this access key id had in an earlier call was used.",
     lambda ours, facts: keyed(ours, *(key.secret for key in facts.keys
                                        if key.id == facts.key.id))),
    ("secret-of-another-key", "The secret of another access key was used.",
     lambda ours, facts: keyed(ours, *(key.secret for key in facts.keys))),
    ("secret-empty", "The access key secret was empty.", lambda ours, _: keyed(ours, "")),
    ("secret-is-the-id", "The access key id was used as the secret.",
     lambda ours, facts: keyed(ours, facts.key.id)),
    ("secret-is-the-token", "The security token was used as the secret.",
     lambda ours, facts: keyed(ours, facts.authorization.token or "")),
    ("secret-encoded", "The access key secret was percent-encoded or put in another case.",
     lambda ours, facts: keyed(ours, encode(facts.key.secret), facts.key.secret.lower(),
                                 facts.key.secret.upper())),
    ("form-other", "The signature is written in upper case, in Base64 or in hexadecimal digits.",
     lambda ours, _: [replace(ours, form=form) for form in ("HEX", "base64", "hex")]),
)  # fmt: skip

KEYS = table(
    ("key-not-derived", "The secret itself was used as the signing key.", _underived),
    ("request-not-hashed", "The canonical request was signed itself, not its SHA-256.",
     lambda ours, _: [replace(ours, hashed=False)]),
)  # fmt: skip
