"""What in stored results does not follow from their transcripts.

Pure. The results were read and their transcripts re-judged by others.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from conformance.model.verdict import Outcome, Verdict
from conformance.results.rejudging import profile_changes, verdict_changes
from conformance.results.values import Counts, Results


@dataclass(frozen=True, slots=True, kw_only=True)
class Discrepancy:
    """A line of the results that says something else than the transcripts."""

    members: dict[str, str]  # by which the line is found: its type, case, lane
    text: str


def discrepancies(stored: Results, judged: Results, *, lists: bool) -> Iterator[Discrepancy]:
    """The differences between stored and re-judged results.

    lists: whether all known-failing lists of the run were there to be applied.
    """
    yield from _verdicts(stored, judged, lists=lists)
    if stored.fuzz is not None:
        return  # the rest counts the search, of which the transcripts are a part
    for text in profile_changes(stored, judged):
        lane = text.partition("profile of ")[2].partition(": ")[0]
        yield Discrepancy(members={"type": "profile", "lane": lane}, text=text)
    before = {record.agreement.case: record for record in stored.agreements}
    after = {record.agreement.case: record for record in judged.agreements}
    for case in sorted(before.keys() | after.keys()):
        if before.get(case) != after.get(case):
            text = f"changed: the agreement on {case}"
            yield Discrepancy(members={"type": "agreement", "case": case}, text=text)
    assert stored.end is not None, "a folder without an end is refused before"
    assert judged.end is not None
    counts = _counted(stored.end.counts, lists=lists), _counted(judged.end.counts, lists=lists)
    if counts[0] != counts[1]:
        yield Discrepancy(members={"type": "end"}, text="changed: the counts of the end line")


def _verdicts(stored: Results, judged: Results, *, lists: bool) -> Iterator[Discrepancy]:
    texts = {text.split(" ")[1]: text for text in verdict_changes(stored, judged)}
    again = {(verdict.case, verdict.lane): verdict for verdict in judged.verdicts}
    records = {record.case: record for record in judged.cases}
    for record in stored.cases:
        if records.get(record.case, record) != record:
            text = f"changed: title or source of {record.case}"
            yield Discrepancy(members={"type": "case", "case": record.case}, text=text)
    seen = set()
    for verdict in stored.verdicts:
        key = (verdict.case, verdict.lane)
        of_line = {"type": "verdict", "case": verdict.case, "lane": verdict.lane}
        other = again.get(key)
        if key in seen:
            text = f"a second verdict: {verdict.case} on {verdict.lane}"
        elif other is None:
            text = f"no transcript: {verdict.case} on {verdict.lane}"
        elif _compared(verdict, lists=lists) != _compared(other, lists=lists):
            text = texts.get(verdict.case) or _changed(verdict, other)
        else:
            text = ""
        seen.add(key)
        if text:
            yield Discrepancy(members=of_line, text=text)
    for case, lane in again.keys() - seen:
        yield Discrepancy(members={}, text=f"no verdict: {case} on {lane}")


def _changed(stored: Verdict, judged: Verdict) -> str:
    """What is said of a verdict that differs; of the same findings, that the lists do."""
    if _compared(stored, lists=False) != _compared(judged, lists=False):
        return f"changed: {stored.case} on {stored.lane}: {stored.outcome.value}"
    was, now = (
        f"{one.outcome.value} in a list" if one.known_failing is not None else "in no list"
        for one in (stored, judged)
    )
    now = "there with another reason" if was == now else now
    return (
        f"{stored.case} on {stored.lane} is stored as {was}; by the known-failing lists that are "
        f"here it is {now}: a list has changed since the run, or this line was changed"
    )


def _compared(verdict: Verdict, *, lists: bool) -> Verdict:
    """What is compared: without the lists nothing that they say about a failure."""
    if lists:
        return verdict
    reason = "" if verdict.outcome is Outcome.FAIL else verdict.reason
    return replace(verdict, known_failing=None, reason=reason)


def _counted(counts: Counts, *, lists: bool) -> Counts:
    return counts if lists else replace(counts, known_failing=0)
