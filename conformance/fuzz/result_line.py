"""The `fuzz` line of a results file: what a search covered and what it came to.

Pure.
"""

from collections.abc import Sequence
from typing import Any

from conformance.fuzz.cause import explained
from conformance.fuzz.finds import COUNTER_EXAMPLES, DISAGREEMENTS, FLAKY, NOTED, Find
from conformance.fuzz.score import Score


def line(score: Score, finds: Sequence[Find], *, hypothesis: str) -> dict[str, Any]:
    """The `fuzz` line of a results file."""
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
        "sen": sorted(score.sens),
        "classes": dict(sorted(score.classes.items())),
        "causes": [
            {
                "lane": cause.lane,
                "rules": sorted(cause.rules),
                "with": explained(cause),
                "known": cause.known or None,
                "explains": score.explains[at],
                **where(COUNTER_EXAMPLES, at),
            }
            for at, cause in enumerate(score.causes)
        ],
        "flaky": [
            {"lane": lane, "rules": sorted(rules), "count": score.shaky[lane, rules]}
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
            | where(NOTED, (lane, rules))
            for lane, rules in score.noted
        ],
    }
