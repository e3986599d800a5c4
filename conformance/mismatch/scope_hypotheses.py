"""Hypotheses about the region, the product and the day that a V4 signing key and scope have.

They are made for each request, because their sentences say which value the client used. Sources:
aliyun-oss-wordpress #50 and dingtalk-workspace-cli #692 (spellings of the region).
"""

from collections.abc import Iterator
from dataclasses import replace

from conformance.mismatch.hypothesis import Hypothesis, Variation
from conformance.mismatch.signing_input import Facts, SigningInput
from conformance.oss import v4
from conformance.oss.v4 import Scope

DAY = 86400  # seconds
_PRODUCTS = ("oss-cloudbox", "s3", "OSS", "")
# Days from that of Credential, the nearest first: a key may be kept for as long as a month, or be
# found again by the day of the month; a week-based year differs from the year around New Year.
_DAYS = (*(sign * days for days in range(1, 32) for sign in (-1, 1)), -366, -365, 365, 366)


def other_scopes(ours: SigningInput, facts: Facts) -> Iterator[Hypothesis]:
    """The signing key, the scope or both have another region, product or day than Credential.

    None for V1. ours: what the service signs.
    """
    own = ours.scope
    if own is None:
        return
    for name, other, what in (*_regions(own, facts.region), *_products(own), *_days(own, facts)):
        for where, vary in _places(other):
            yield Hypothesis(name=name, sentence=f"{where} {what}.", vary=vary)


def day_beside(days: int, whose: str) -> str:
    """A day by its distance to another one. days: not 0, negative if it is before that day."""
    way = "after" if days > 0 else "before"
    return f"the day {way} {whose}" if abs(days) == 1 else f"a day {abs(days)} days {way} {whose}"


def _places(other: Scope) -> tuple[tuple[str, Variation], ...]:
    """What may have another scope, as the beginning of a sentence, and the input signed then."""
    return (
        ("The signing key and the signed scope are for",
         lambda ours, facts: [replace(ours, scope=other, key=_key(other, facts))]),
        ("The signing key is for", lambda ours, facts: [replace(ours, key=_key(other, facts))]),
        ("The signed scope is for", lambda ours, _: [replace(ours, scope=other)]),
    )  # fmt: skip


def _key(scope: Scope, facts: Facts) -> bytes:
    return v4.signing_key(facts.key.secret, scope)


def _regions(own: Scope, bucket_region: str) -> Iterator[tuple[str, Scope, str]]:
    bare = own.region.removeprefix("oss-").removesuffix("-internal")
    spelt = (f"oss-{bare}", bare, f"{bare}-internal", f"oss-{bare}-internal", bare.upper())
    for text in (*spelt, bucket_region, "", bare.partition("-")[2]):
        if text != own.region:
            what = f"the region {text!r} in place of Credential's {own.region!r}"
            yield "scope-region-other", replace(own, region=text), what


def _products(own: Scope) -> Iterator[tuple[str, Scope, str]]:
    for text in _PRODUCTS:
        what = f"the product {text!r} in place of Credential's {own.product!r}"
        yield "scope-product-other", replace(own, product=text), what


def _days(own: Scope, facts: Facts) -> Iterator[tuple[str, Scope, str]]:
    """Credential has the day of the signed time, or it would be malformed."""
    moment = facts.authorization.moment or 0
    for days in _DAYS:
        date = v4.timestamp(moment + days * DAY)[:8]
        yield "scope-day-other", replace(own, date=date), day_beside(days, "Credential's")
