"""The days and regions for which an SDK may have derived signing keys in a trial.

They are those of the mock's clock and of the script, and those that a request or a call names.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache

from conformance.model.case import Turn
from conformance.model.verdict import Transcript
from conformance.oss.derived_key import scope_in
from conformance.oss.v4 import Scope

_DAY = 86400  # seconds


def scopes_of(turns: Iterable[Turn], transcript: Transcript) -> tuple[Scope, ...]:
    """The scopes of a trial. turns: of its case."""
    journals = [record.journal for record in transcript.turns]
    exchanges = [one for journal in journals for one in (*journal.exchanges, *journal.proxy)]
    named = [scope for one in exchanges if (scope := scope_in(one.received)) is not None]
    days = [_day(one.clock // _DAY) for one in exchanges] + [scope.date for scope in named]
    regions = [
        region
        for turn in turns
        for region in (turn.script.region, *(given.region for given in turn.inputs))
        if region
    ]
    return _scopes(tuple(dict.fromkeys(named)), frozenset(days), tuple(dict.fromkeys(regions)))


@lru_cache(maxsize=64)
def _scopes(
    named: tuple[Scope, ...], days: frozenset[str], regions: tuple[str, ...]
) -> tuple[Scope, ...]:
    usual = (Scope(date=day, region=region) for day in sorted(days) for region in regions)
    return tuple(dict.fromkeys((*named, *usual)))


@lru_cache(maxsize=8)
def _day(number: int) -> str:
    return datetime.fromtimestamp(number * _DAY, UTC).strftime("%Y%m%d")
