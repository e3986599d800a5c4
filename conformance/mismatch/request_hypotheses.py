"""Hypotheses about the query, the method and the path that a client signs.

Sources: reported problems (aliyun-oss-go-sdk #109, ossutil #169, flutter_oss_aliyun #48,
aliyun-oss-python-sdk #405, aliyun-oss-ruby-sdk #68, opendal-reqsign #137) and the characters that
URL libraries treat differently.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache

from conformance.mismatch.hypothesis import Variation, replaced, table
from conformance.mismatch.signing_input import METHOD, QUERY, URI, Facts, SigningInput
from conformance.operation.reading import shipped
from conformance.oss import v4
from conformance.oss.encoding import decode, encode

Pairs = Iterable[tuple[str, str]]

PROCESS = "x-oss-process"
METHODS = ("GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS")
_ESCAPE = re.compile(r"%[0-9A-F]{2}")
# encodeURIComponent does not encode these (ECMA-262 19.2.6.4); form encoders encode `~`, not `*`.
_LEFT_BY_LIBRARIES = ("*", "!'()*", ":", "@", "+", "=")


# -- the query -----------------------------------------------------------------------------------


def _encoded(pairs: Pairs, keep: str = "") -> list[tuple[str, str]]:
    return [(encode(name, keep=keep), encode(value, keep=keep)) for name, value in pairs]


def _query(pairs: Pairs, keep: str = "") -> str:
    return _joined(sorted(_encoded(pairs, keep)))


def _joined(pairs: Pairs) -> str:
    return "&".join(f"{name}={value}" if value else name for name, value in pairs)


def _each_left_out(ours: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    query = facts.unsigned.query
    for at in range(len(query)):
        yield ours.put(QUERY, _query(query[:at] + query[at + 1 :]))


def _process_left_out(ours: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    yield ours.put(QUERY, _query(pair for pair in facts.unsigned.query if pair[0] != PROCESS))


def _other_process(ours: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    query = _encoded(facts.unsigned.query)
    for text in _process_strings():
        changed = [(n, text if n == PROCESS else v) for n, v in query]
        yield ours.put(QUERY, _joined(sorted(changed)))


@cache
def _process_strings() -> tuple[str, ...]:
    """The encoded processing strings of all operations, which are the same for every request."""
    return tuple(encode(text) for operation in shipped() for text in operation.strings())


def _unencoded(*keeps: str) -> Variation:
    def vary(ours: SigningInput, facts: Facts) -> Iterator[SigningInput]:
        for keep in keeps:
            yield ours.put(QUERY, _query(facts.unsigned.query, keep))

    return vary


def _raw_query(ours: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    sent = facts.resource.raw_query
    parts = [part for part in sent.split("&") if not part.startswith(v4.URL_SIGNATURE + "=")]
    yield ours.put(QUERY, "&".join(parts))
    yield ours.put(QUERY, "&".join(sorted(parts)))


def _unsorted(ours: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    yield ours.put(QUERY, _joined(_encoded(facts.unsigned.query)))


def _sorted_decoded(ours: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    yield ours.put(QUERY, _joined(_encoded(sorted(facts.unsigned.query))))


def _decoded_once(ours: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    yield ours.put(QUERY, _query((n, decode(v)) for n, v in facts.unsigned.query))


def _twice(ours: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    query = facts.unsigned.query
    yield ours.put(QUERY, _query(_encoded(query)))
    yield ours.put(QUERY, _query((n, encode(v)) for n, v in query))
    yield ours.put(QUERY, _query((n, encode(v) if n == PROCESS else v) for n, v in query))


def _lower_escapes(line: str) -> Variation:
    def vary(ours: SigningInput, _: Facts) -> Iterator[SigningInput]:
        yield ours.put(line, _ESCAPE.sub(lambda match: match[0].lower(), ours.line(line)))

    return vary


def _plus_is_space(ours: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    pairs = facts.unsigned.query
    yield ours.put(QUERY, ours.line(QUERY).replace("%20", "+"))
    yield ours.put(QUERY, _query((n.replace("+", " "), v.replace("+", " ")) for n, v in pairs))


def _equals_always(ours: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    pairs = sorted(_encoded(facts.unsigned.query))
    yield ours.put(QUERY, "&".join(f"{name}={value}" for name, value in pairs))


def _empty_left_out(ours: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    yield ours.put(QUERY, _query(pair for pair in facts.unsigned.query if pair[1]))


QUERIES = table(
    ("process-not-signed", "x-oss-process was added to the query after it was signed.",
     _process_left_out),
    ("query-not-signed", "The query is not signed at all.",
     lambda ours, _: [ours.put(QUERY, "")]),
    ("parameter-not-signed", "A query parameter is not signed.", _each_left_out),
    ("query-encoded-twice", "The query was percent-encoded twice before it was signed.",
     _twice),
    ("query-sent-encoded-twice", "The query was percent-encoded once more after it was signed.",
     _decoded_once),
    ("comma-encoded-twice", "The comma was percent-encoded twice before it was signed.",
     replaced(QUERY, ("%2C", "%252C"))),
    ("slash-encoded-twice", "The slash was percent-encoded twice before it was signed.",
     replaced(QUERY, ("%2F", "%252F"))),
    ("slash-not-encoded", "The slash in the query was signed as it is, not as %2F.",
     _unencoded("/")),
    ("comma-not-encoded", "The comma in the query was signed as it is, not as %2C.",
     _unencoded(",")),
    ("query-not-encoded", "The query was signed without percent-encoding.",
     lambda ours, facts: [*_unencoded("/,")(ours, facts),
                           ours.put(QUERY, _joined(sorted(facts.unsigned.query)))]),
    ("query-in-lower-case", "Percent-encoding in the query was signed in lower case (%2f).",
     _lower_escapes(QUERY)),
    ("plus-for-space", "A space in the query was signed as a plus sign, or the other way round.",
     _plus_is_space),
    ("query-tilde-encoded", "The tilde in the query was signed as %7E.",
     replaced(QUERY, ("~", "%7E"))),
    ("query-reserved-kept", "A reserved character in the query was signed without encoding.",
     _unencoded(*_LEFT_BY_LIBRARIES)),
    ("query-not-sorted", "The query was signed in the order of sending, not sorted.",
     _unsorted),
    ("query-sorted-decoded", "The query was sorted before it was encoded.", _sorted_decoded),
    ("query-as-sent", "The query was signed as it was sent, not in canonical encoding.",
     _raw_query),
    ("equals-sign-kept", "A parameter without a value was signed with an equals sign.",
     _equals_always),
    ("empty-parameter-left-out", "A parameter without a value is not signed.",
     _empty_left_out),
    ("process-changed", "The processing string was changed after it was signed.",
     _other_process),
)  # fmt: skip


# -- method and URI ------------------------------------------------------------------------------


def _methods(ours: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    for method in (*METHODS, facts.request.method.lower()):
        yield ours.put(METHOD, method)


def _bucket_left_out(ours: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    yield ours.put(URI, f"/{encode(facts.unsigned.key, keep='/')}")


def _uri(write: Callable[[str], str]) -> Variation:
    def vary(ours: SigningInput, facts: Facts) -> Iterator[SigningInput]:
        yield ours.put(URI, f"/{facts.unsigned.bucket or ''}/{write(facts.unsigned.key)}")

    return vary


def _uri_as_sent(ours: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    path = facts.resource.raw_path
    yield ours.put(URI, path)
    yield ours.put(URI, f"/{facts.unsigned.bucket or ''}{path}")


def _bucket_in_host(ours: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    key = encode(facts.unsigned.key, keep="/")
    host = (facts.request.header("host") or "").lower()
    yield ours.put(URI, f"/{host}/{key}")
    yield ours.put(URI, f"/{host.partition(':')[0]}/{key}")


URIS = table(
    ("method-other", "Another method was signed than was sent.", _methods),
    ("bucket-left-out", "The bucket is missing from the canonical URI.", _bucket_left_out),
    ("key-encoded-twice", "The object key was percent-encoded twice before it was signed.",
     _uri(lambda key: encode(encode(key, keep="/"), keep="/"))),
    ("key-sent-encoded-twice", "The object key was percent-encoded once more after it was signed.",
     _uri(lambda key: encode(decode(key), keep="/"))),
    ("bucket-twice", "The canonical URI has the bucket twice.",
     lambda ours, facts: [ours.put(URI, f"/{facts.unsigned.bucket}{ours.line(URI)}")]),
    ("key-not-encoded", "The object key was signed without percent-encoding.",
     _uri(lambda key: key)),
    ("key-slash-encoded", "The slash in the object key was signed as %2F.", _uri(encode)),
    ("key-in-lower-case", "Percent-encoding in the key was signed in lower case.",
     _lower_escapes(URI)),
    ("key-plus-for-space", "A space in the object key was signed as a plus sign.",
     replaced(URI, ("%20", "+"), ("%2B", "%20"))),
    ("key-tilde-encoded", "The tilde in the object key was signed as %7E.",
     replaced(URI, ("~", "%7E"))),
    ("key-reserved-kept", "A reserved character of the object key was signed unencoded.",
     lambda ours, facts: [ours.put(URI, v4.canonical_uri(facts.unsigned.bucket, "") +
                                     encode(facts.unsigned.key, keep="/" + keep))
                           for keep in _LEFT_BY_LIBRARIES]),
    ("key-with-slash", "A slash was put before the object key when it was signed.",
     _uri(lambda key: "/" + encode(key, keep="/"))),
    ("uri-as-sent", "The path was signed as it was sent, not as /bucket/key encoded.",
     _uri_as_sent),
    ("host-as-bucket", "The canonical URI has the host name in place of the bucket.",
     _bucket_in_host),
)  # fmt: skip
