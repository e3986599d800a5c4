"""What a search has found and not traced yet is one cause for each lane and rule."""

from fuzz.drawn import trial

from conformance.fuzz import Call, Example, Score, case_of
from conformance.fuzz.cause import Cause
from conformance.fuzz.exhaustive import ExampleFailure
from conformance.fuzz.features import features
from conformance.fuzz.score import FlakyExample, Symptom
from conformance.fuzz.untraced import untraced_causes
from conformance.operation.reading import bodies

PLUS, SPACE, LONG = (Example(calls=(Call(key=key),)) for key in ("+", " ", "a+ b"))
RULE = "naming.target"


def failure(example: Example, *rules: str, lane: str = "a") -> ExampleFailure:
    one = trial(example, *rules or (RULE,), lane=lane)
    return ExampleFailure(example=example, trial=one, number=0)


def cause(example: Example) -> Cause:
    return Cause(
        lane="a", rules=frozenset({RULE}), features=features(case_of(example), bodies()),
        trial=trial(example, RULE), example=example,
    )  # fmt: skip


def shown(causes: tuple[Cause, ...]) -> list[tuple[str, Example | None]]:
    return [(cause.lane, cause.example) for cause in causes]


def test_the_first_failure_by_a_rule_on_a_lane_is_a_cause() -> None:
    failures = [failure(PLUS), failure(SPACE), failure(SPACE, lane="b"), failure(LONG, "a.b")]
    found = untraced_causes(Score(bodies()), failures, None)
    assert shown(found) == [("a", PLUS), ("b", SPACE), ("a", LONG)]
    assert not any(cause.alone for cause in found)


def test_the_smallest_example_of_a_reduction_stands_for_its_rules() -> None:
    found = untraced_causes(Score(bodies()), [failure(LONG)], cause(PLUS))
    assert shown(found) == [("a", PLUS)]
    assert found[0].alone


def test_what_a_cause_explains_is_traced_and_what_it_does_not_explain_is_not() -> None:
    score = Score(bodies())
    score.causes = [cause(PLUS)]
    found = untraced_causes(score, [failure(PLUS), failure(SPACE)], score.causes[0])
    assert shown(found) == [("a", SPACE)]


def test_a_flaky_example_is_traced() -> None:
    score = Score(bodies())
    symptom = Symptom(lane="a", rules=frozenset({RULE}))
    again = trial(PLUS)
    first = trial(PLUS, RULE)
    score.add_flaky(FlakyExample(symptom=symptom, example=PLUS, first=first, again=again))
    assert untraced_causes(score, [failure(PLUS)], None) == ()
