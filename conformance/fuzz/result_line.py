"""The `fuzz` line of a results file: what a search covered and what it found.

Pure. The texts about a fuzz are made from this line and the verdicts of its finds alone.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from conformance.fuzz.cause import explained
from conformance.fuzz.finds import COUNTER_EXAMPLES, DISAGREEMENTS, FLAKY, NOTED, Find
from conformance.fuzz.properties import property_of
from conformance.fuzz.score import Score
from conformance.fuzz.traits import traits


def line(
    score: Score, finds: Sequence[Find], *, lost: Mapping[str, str], hypothesis: str
) -> dict[str, Any]:
    """The line. lost: lanes that did not run or stopped on the way, with the reason."""
    placed = {(one.kind, one.at): one for one in finds}

    def where(kind: str, at: Any) -> dict[str, Any]:
        find = placed[kind, at]
        return {"case": find.case, "file": find.file or None}

    return {
        "type": "fuzz",
        "hypothesis": hypothesis,
        "examples": score.examples,
        "drawn": score.drawn,
        "repeated": score.repeated,
        "exhausted": score.exhausted,
        "trials": dict(sorted(score.trials.items())),
        "failed": dict(sorted(score.failed.items())),
        "skipped": dict(sorted(score.skipped.items())),
        "known_failing": score.known,
        "lost": dict(lost),
        "sen": sorted(score.sens),
        "classes": dict(sorted(score.classes.items())),
        "causes": [
            {
                "lane": cause.lane,
                "rules": sorted(cause.rules),
                "property": property_of(cause.rule),
                "with": explained(cause),
                "known": cause.known or None,
                "explains": score.explains[at],
                **where(COUNTER_EXAMPLES, at),
            }
            for at, cause in enumerate(score.causes)
        ],
        "flaky": [
            {"lane": lane, "rules": sorted(rules), "count": score.shaky[lane, rules]}
            | {"again": placed[FLAKY, (lane, rules)].shots[1].case.id}
            | where(FLAKY, (lane, rules))
            for lane, rules in score.flaky
        ],
        "disagreements": [
            {"lanes": key, "count": score.differ[key], "documented": one.documented}
            | where(DISAGREEMENTS, key)
            for key, one in score.disagreements.items()
        ],
        "noted": [
            {"lane": lane, "rules": sorted(rules), "count": score.notes[lane, rules]}
            | {"with": "; ".join(sorted(traits(noted.shot.case)))}
            | where(NOTED, (lane, rules))
            for (lane, rules), noted in score.noted.items()
        ],
    }
