"""Two runs compared: what the later one fixed, broke and does differently, lane by lane.

Pure. Lanes are paired by runner, so that versions may differ; the comparison of a pair is that of
two versions in one run (judge/profile_diff.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from conformance.errors import ExitCode
from conformance.judge.profile_diff import ProfileDiff, differences, version_profile
from conformance.model.manifest import runner_of
from conformance.report.assemble import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class LanePair:
    """A lane of the earlier run and one of the later run, of the same runner."""

    diff: ProfileDiff
    only_before: tuple[str, ...]  # cases that the later run does not have
    only_after: tuple[str, ...]
    compared: int  # cases that both have


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The comparison of two runs."""

    old: Report
    new: Report
    pairs: tuple[LanePair, ...]
    only_old: tuple[str, ...]  # lanes without a partner
    only_new: tuple[str, ...]

    @property
    def broken(self) -> int:
        """The number of regressions."""
        return sum(len(pair.diff.broken) for pair in self.pairs)

    @property
    def exit(self) -> ExitCode:
        """1 for a regression; 3 if a lane that ran, or every lane, could not be compared."""
        if self.broken:
            return ExitCode.FINDINGS
        lost = any(
            not pair.compared and (pair.only_before or pair.only_after) for pair in self.pairs
        )
        missing = lost or not any(pair.compared for pair in self.pairs)
        cut = self.old.cut or self.new.cut
        return ExitCode.COULD_NOT_RUN if missing or cut else ExitCode.PASSED


def compare_runs(old: Report, new: Report) -> Comparison:
    """Compare an earlier run with a later one."""
    pairs = tuple(_pairs([one.lane for one in old.lanes], [one.lane for one in new.lanes]))
    before, after = ({pair[side] for pair in pairs} for side in (0, 1))
    return Comparison(
        old=old,
        new=new,
        pairs=tuple(_pair(old, one, new, other) for one, other in pairs),
        only_old=tuple(one.lane for one in old.lanes if one.lane not in before),
        only_new=tuple(one.lane for one in new.lanes if one.lane not in after),
    )


def _pairs(old: list[str], new: list[str]) -> Iterator[tuple[str, str]]:
    """Lanes of the same name, then those of the same runner in their order."""
    both = [lane for lane in old if lane in new]
    yield from ((lane, lane) for lane in both)
    rest = [lane for lane in new if lane not in both]
    for lane in old:
        partner = next((one for one in rest if runner_of(one) == runner_of(lane)), None)
        if lane not in both and partner is not None:
            rest.remove(partner)
            yield lane, partner


def _pair(old: Report, before: str, new: Report, after: str) -> LanePair:
    one, other = (
        version_profile(
            lane,
            report.verdicts,
            next((profile.items for profile in report.profiles if profile.lane == lane), ()),
        )
        for report, lane in ((old, before), (new, after))
    )
    return LanePair(
        diff=differences(one, other),
        only_before=tuple(case for case in one.outcomes if case not in other.outcomes),
        only_after=tuple(case for case in other.outcomes if case not in one.outcomes),
        compared=len(one.outcomes.keys() & other.outcomes.keys()),
    )
