"""What clients do differently with the query, the method and the path when they sign.

Rows of `hypotheses.Hypothesis`. They come from documented user problems (aliyun-oss-go-sdk
#109, ossutil #169, flutter_oss_aliyun #48, aliyun-oss-python-sdk #405, aliyun-oss-ruby-sdk #68,
opendal-reqsign #137) and from what libraries for URLs are known to leave or to change.
"""

import re
from collections.abc import Callable, Iterable, Iterator

from conformance.corpus.operations import shipped
from conformance.mismatch.hypotheses import Drafting, replaced, table
from conformance.mismatch.signing_input import METHOD, QUERY, URI, Facts, SigningInput
from conformance.oss import v4
from conformance.oss.encode import decode, encode

Pairs = Iterable[tuple[str, str]]

PROCESS = "x-oss-process"
METHODS = ("GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS")
_ESCAPE = re.compile(r"%[0-9A-F]{2}")
# encodeURIComponent leaves these (ECMA-262 19.2.6.4), form encoders leave `*` and escape `~`.
_LEFT_BY_LIBRARIES = ("*", "!'()*", ":", "@", "+", "=")


# -- the query -----------------------------------------------------------------------------------


def _query(pairs: Pairs, keep: str = "") -> str:
    found = sorted((encode(name, keep=keep), encode(value, keep=keep)) for name, value in pairs)
    return _joined(found)


def _joined(pairs: Pairs) -> str:
    return "&".join(f"{name}={value}" if value else name for name, value in pairs)


def _each_left_out(draft: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    query = facts.asked.query
    for at in range(len(query)):
        yield draft.put(QUERY, _query(query[:at] + query[at + 1 :]))


def _process_left_out(draft: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    yield draft.put(QUERY, _query(pair for pair in facts.asked.query if pair[0] != PROCESS))


def _other_process(draft: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    for text in (string for operation in shipped() for string in operation.strings()):
        changed = [(n, text if n == PROCESS else v) for n, v in facts.asked.query]
        yield draft.put(QUERY, _query(changed))


def _kept(*keeps: str) -> Drafting:
    def drafts(draft: SigningInput, facts: Facts) -> Iterator[SigningInput]:
        for keep in keeps:
            yield draft.put(QUERY, _query(facts.asked.query, keep))

    return drafts


def _raw_query(draft: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    sent = facts.resource.raw_query
    parts = [part for part in sent.split("&") if not part.startswith(v4.URL_SIGNATURE + "=")]
    yield draft.put(QUERY, "&".join(parts))
    yield draft.put(QUERY, "&".join(sorted(parts)))


def _unsorted(draft: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    yield draft.put(QUERY, _joined((encode(n), encode(v)) for n, v in facts.asked.query))


def _sorted_decoded(draft: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    yield draft.put(QUERY, _joined((encode(n), encode(v)) for n, v in sorted(facts.asked.query)))


def _twice(draft: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    query = facts.asked.query
    twice = [(encode(n), encode(v)) for n, v in query]
    yield draft.put(QUERY, _query(twice))
    yield draft.put(QUERY, _query((n, encode(v)) for n, v in query))
    yield draft.put(QUERY, _query((n, encode(v) if n == PROCESS else v) for n, v in query))


def _lower_escapes(line: str) -> Drafting:
    def drafts(draft: SigningInput, _: Facts) -> Iterator[SigningInput]:
        yield draft.put(line, _ESCAPE.sub(lambda found: found[0].lower(), draft.line(line)))

    return drafts


def _plus_is_space(draft: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    pairs = facts.asked.query
    yield draft.put(QUERY, draft.line(QUERY).replace("%20", "+"))
    yield draft.put(QUERY, _query((n.replace("+", " "), v.replace("+", " ")) for n, v in pairs))


def _equals_always(draft: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    found = sorted((encode(n), encode(v)) for n, v in facts.asked.query)
    yield draft.put(QUERY, "&".join(f"{name}={value}" for name, value in found))


def _empty_left_out(draft: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    yield draft.put(QUERY, _query(pair for pair in facts.asked.query if pair[1]))


QUERIES = table(
    ("process-not-signed", "x-oss-process was added to the query after it was signed.",
     _process_left_out),
    ("query-not-signed", "The query is not signed at all.",
     lambda draft, _: [draft.put(QUERY, "")]),
    ("parameter-not-signed", "A query parameter is not signed.", _each_left_out),
    ("query-encoded-twice", "The query was percent-encoded twice before it was signed.",
     _twice),
    ("query-sent-encoded-twice", "The query was percent-encoded once more after it was signed.",
     lambda draft, facts: [draft.put(QUERY, _query((n, decode(v)) for n, v in facts.asked.query))]),
    ("comma-encoded-twice", "The comma was percent-encoded twice before it was signed.",
     replaced(QUERY, ("%2C", "%252C"))),
    ("slash-encoded-twice", "The slash was percent-encoded twice before it was signed.",
     replaced(QUERY, ("%2F", "%252F"))),
    ("slash-not-encoded", "The slash in the query was signed as it is, not as %2F.",
     _kept("/")),
    ("comma-not-encoded", "The comma in the query was signed as it is, not as %2C.",
     _kept(",")),
    ("query-not-encoded", "The query was signed without percent-encoding.",
     lambda draft, facts: [*_kept("/,")(draft, facts),
                           draft.put(QUERY, _joined(sorted(facts.asked.query)))]),
    ("query-in-lower-case", "Percent-encoding in the query was signed in lower case (%2f).",
     _lower_escapes(QUERY)),
    ("plus-for-space", "A space in the query was signed as a plus sign, or the other way round.",
     _plus_is_space),
    ("query-tilde-encoded", "The tilde in the query was signed as %7E.",
     replaced(QUERY, ("~", "%7E"))),
    ("query-reserved-kept", "A reserved character of the query was signed without encoding.",
     _kept(*_LEFT_BY_LIBRARIES)),
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


def _methods(draft: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    for method in (*METHODS, facts.request.method.lower()):
        yield draft.put(METHOD, method)


def _bucket_left_out(draft: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    yield draft.put(URI, f"/{encode(facts.asked.key, keep='/')}")


def _uri(write: Callable[[str], str]) -> Drafting:
    def drafts(draft: SigningInput, facts: Facts) -> Iterator[SigningInput]:
        yield draft.put(URI, f"/{facts.asked.bucket or ''}/{write(facts.asked.key)}")

    return drafts


def _uri_as_sent(draft: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    path = facts.resource.raw_path
    yield draft.put(URI, path)
    yield draft.put(URI, f"/{facts.asked.bucket or ''}{path}")


def _bucket_in_host(draft: SigningInput, facts: Facts) -> Iterator[SigningInput]:
    key = encode(facts.asked.key, keep="/")
    host = (facts.request.header("host") or "").lower()
    yield draft.put(URI, f"/{host}/{key}")
    yield draft.put(URI, f"/{host.partition(':')[0]}/{key}")


URIS = table(
    ("method-other", "Another method was signed than was sent.", _methods),
    ("bucket-left-out", "The bucket is missing from the canonical URI.", _bucket_left_out),
    ("key-encoded-twice", "The object key was percent-encoded twice before it was signed.",
     _uri(lambda key: encode(encode(key, keep="/"), keep="/"))),
    ("key-sent-encoded-twice", "The object key was percent-encoded once more after it was signed.",
     _uri(lambda key: encode(decode(key), keep="/"))),
    ("bucket-twice", "The bucket stands twice in the canonical URI.",
     lambda draft, facts: [draft.put(URI, f"/{facts.asked.bucket}{draft.line(URI)}")]),
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
     lambda draft, facts: [draft.put(URI, v4.canonical_uri(facts.asked.bucket, "") +
                                     encode(facts.asked.key, keep="/" + keep))
                           for keep in _LEFT_BY_LIBRARIES]),
    ("key-with-slash", "A slash was put before the object key when it was signed.",
     _uri(lambda key: "/" + encode(key, keep="/"))),
    ("uri-as-sent", "The path was signed as it was sent, not as /bucket/key encoded.",
     _uri_as_sent),
    ("host-as-bucket", "The host name stands where the bucket belongs in the canonical URI.",
     _bucket_in_host),
)  # fmt: skip
