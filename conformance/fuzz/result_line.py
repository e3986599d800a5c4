"""The `fuzz` line of a results file: what a search covered and what it found.

Pure. Reports about a fuzz are generated from this line and the verdicts of its finds.
"""

from collections.abc import Mapping, Sequence

from conformance.fuzz.cause import Cause
from conformance.fuzz.finds import Find
from conformance.fuzz.properties import property_of
from conformance.fuzz.score import Deviation, Disagreement, FlakyExample, Score
from conformance.results.values import Json


def result_line(
    score: Score, finds: Sequence[Find], *, lost: Mapping[str, str], hypothesis: str
) -> Json:
    """The line. lost: the reasons of lanes that did not run or were given up."""
    return {
        "type": "fuzz",
        "hypothesis": hypothesis,  # version
        "examples": score.examples,
        "drawn": score.drawn,
        "repeated": score.repeated,
        "exhausted": score.exhausted,
        "trials": dict(sorted(score.trials.items())),
        "failed": dict(sorted(score.failed.items())),
        "skipped": dict(sorted(score.skipped.items())),
        "known_failing": score.known,
        "lost": dict(lost),
        "parameters": {
            parameter.name: {
                "valid": len(parameter.range),
                "covered": sorted(score.covered[parameter.name]),
            }
            for parameter in score.operation.parameters
        },
        "classes": dict(sorted(score.features.items())),
        "causes": [_cause(find, find.result) for find in finds if isinstance(find.result, Cause)],
        "flaky": [
            _symptom(find, find.result) | {"again": find.trials[1].case.id}
            for find in finds
            if isinstance(find.result, FlakyExample)
        ],
        "disagreements": [
            _disagreement(find, find.result)
            for find in finds
            if isinstance(find.result, Disagreement)
        ],
        "noted": [
            _symptom(find, find.result)
            | {
                "with": "; ".join(sorted(find.result.features.names)),
                "alone": find.result.alone,
            }
            for find in finds
            if isinstance(find.result, Deviation)
        ],
    }


def _cause(find: Find, cause: Cause) -> Json:
    return {
        "lane": cause.lane,
        "rules": sorted(cause.rules),
        "property": property_of(cause.rule),
        "with": cause.input,
        "known": cause.known or None,
        "explains": cause.explains,
        "alone": cause.alone or None,
        **_place(find),
    }


def _symptom(find: Find, found: FlakyExample | Deviation) -> Json:
    symptom = found.symptom
    counted = {"lane": symptom.lane, "rules": sorted(symptom.rules), "count": found.count}
    return counted | _place(find)


def _disagreement(find: Find, found: Disagreement) -> Json:
    counted = {"lanes": found.name, "count": found.count, "documented": found.documented}
    return counted | {"alone": found.alone} | _place(find)


def _place(find: Find) -> Json:
    return {"case": find.case, "file": find.file or None}
