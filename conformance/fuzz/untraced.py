"""The causes of failures that a search has found and not traced yet.

Pure. A search that is killed or interrupted has these in addition to the causes of its score.
"""

from collections.abc import Iterable

from conformance.fuzz.cause import Cause
from conformance.fuzz.entry import case_of
from conformance.fuzz.exhaustive import ExampleFailure
from conformance.fuzz.features import features
from conformance.fuzz.score import Score, Symptom


def untraced_causes(
    score: Score, failures: Iterable[ExampleFailure], smallest: Cause | None
) -> tuple[Cause, ...]:
    """The smallest cause of the reduction in progress, then those of other failures.

    Each of these is the first example that failed by a rule on a lane and that no cause explains.
    """
    added = any(cause is smallest for cause in score.causes)
    causes = [] if smallest is None or added else [smallest]
    rules = {(cause.lane, rule) for cause in causes for rule in cause.rules}
    for failure in failures:
        trial = failure.trial
        new = {(trial.lane, rule) for rule in trial.rules} - rules
        if new and not _traced(score, failure):
            rules |= new
            causes.append(
                Cause(
                    lane=trial.lane,
                    rules=trial.rules,
                    features=features(trial.case, score.operation),
                    trial=trial,
                    example=failure.example,
                    explains=1,
                    alone=False,
                )
            )
    return tuple(causes)


def _traced(score: Score, failure: ExampleFailure) -> bool:
    """Whether it is known to be flaky, or causes of the score explain it."""
    lane, rules = failure.trial.lane, failure.trial.rules
    if Symptom(lane=lane, rules=rules) in score.flaky:
        return True
    of_case = features(case_of(failure.example), score.operation)
    return all(score.explain(lane, rule, of_case) is not None for rule in rules)
