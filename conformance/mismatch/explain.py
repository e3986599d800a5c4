"""Why a signature does not match: which canonical line differs, theirs and ours.

A signature does not tell what it was made of. So the tables of `*_hypotheses` are tried row by
row, each giving what a client with one known habit would sign; the first that reproduces the
signature that was sent names the habit, and the lines are compared. Milliseconds, for mismatches
only.
"""

from dataclasses import dataclass
from itertools import chain

from conformance.mismatch import signing_input as drafts
from conformance.mismatch.hypotheses import Hypothesis
from conformance.mismatch.request_hypotheses import QUERIES, URIS
from conformance.mismatch.signing_hypotheses import HEADERS, KEYS, SCOPES, SECRETS
from conformance.mismatch.signing_input import Facts, SigningInput
from conformance.mismatch.v1_hypotheses import V1
from conformance.model.case import KnownKey
from conformance.model.http import Request
from conformance.oss.naming import Pair
from conformance.oss.verify import owner, unsigned, verify

FOR_V4 = (*QUERIES, *HEADERS, *URIS, *SCOPES, *SECRETS, *KEYS)
FOR_V1 = (*V1, *SECRETS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What was found. hypothesis: its name, None if none reproduces the signature sent.

    sentence: what the client did, fit to be printed. line: name of the first line that differs
    (`canonical query`, `canonical header x-oss-date`, `timestamp`); "" if the lines are the same
    (then it is the key or the writing) or unknown. theirs, ours: that line; theirs is "" where
    the client has no such line. canonical, string_to_sign: ours, whole.
    """

    hypothesis: str | None
    sentence: str
    line: str
    theirs: str
    ours: str
    canonical: str
    string_to_sign: str


def explain(
    request: Request,
    *,
    keys: tuple[KnownKey, ...],
    region: str,
    clock: int,
    bound: tuple[Pair, ...] = (),
) -> Explanation | None:
    """None if the signature matches, or if there is none, or none of a known key, to match."""
    found = verify(request, keys=keys, region=region, clock=clock, bound=bound)
    key = owner(found.claim, keys)
    if found.error is None or key is None:
        return None
    facts = Facts(
        request=request,
        resource=found.resource,
        claim=found.claim,
        asked=unsigned(request, found.resource, found.claim),
        key=key,
        keys=keys,
        region=region,
    )
    ours = drafts.ours(facts)
    if ours is None or ours.signature == found.claim.signature:
        return None
    hit = _search(ours, facts)
    if hit is None:
        return _explanation(ours, None, "None of the known ways to sign otherwise fits.", None)
    return _explanation(ours, hit[0].name, hit[0].sentence, hit[1])


def _search(ours: SigningInput, facts: Facts) -> tuple[Hypothesis, SigningInput] | None:
    for hypothesis in FOR_V4 if ours.scope else FOR_V1:
        for theirs in hypothesis.drafts(ours, facts):
            if theirs.signature == facts.claim.signature:
                return hypothesis, theirs
    return None


def _explanation(
    ours: SigningInput, name: str | None, sentence: str, theirs: SigningInput | None
) -> Explanation:
    lines = drafts.differing(ours, theirs) if theirs else iter(())
    line, mine, other = next(chain(lines, [("", "", "")]))
    return Explanation(
        hypothesis=name,
        sentence=sentence,
        line=line,
        theirs=other,
        ours=mine,
        canonical=ours.canonical if ours.scope else "",
        string_to_sign=ours.string_to_sign,
    )
