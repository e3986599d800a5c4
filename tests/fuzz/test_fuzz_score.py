"""A score counts every trial and stores the simplest example of each kind of result."""

from dataclasses import replace

from fuzz.drawn import trial

from conformance.fuzz import Call, Example, Score, case_of
from conformance.fuzz.cause import Cause
from conformance.fuzz.features import features
from conformance.fuzz.judged import one_turn
from conformance.fuzz.score import Disagreement, FlakyExample, Symptom
from conformance.model.verdict import Agreement
from conformance.operation.reading import bodies

SHORT, LONG = (Example(calls=(Call(process=text),)) for text in ("x", "xyz"))
SYMPTOM = Symptom(lane="a", rules=frozenset({"bodies.bytes"}))


def flaky() -> FlakyExample:
    first, again = trial(SHORT, "bodies.bytes"), trial(SHORT)
    return FlakyExample(symptom=SYMPTOM, example=SHORT, first=first, again=again)


def cause(example: Example) -> Cause:
    return Cause(
        lane="a", rules=SYMPTOM.rules, features=features(case_of(example), bodies()),
        trial=trial(example, "bodies.bytes"), example=example, explains=1,
    )  # fmt: skip


def test_of_findings_that_are_not_required_the_simplest_example_stays_and_all_are_counted() -> None:
    score = Score(bodies())
    for example in (LONG, SHORT, LONG):
        assert score.add(example, [trial(example, not_required=("process.string",))]) == ()
    ((symptom, found),) = score.deviations.items()
    assert symptom == Symptom(lane="a", rules=frozenset({"process.string"}))
    assert (found.example, found.count) == (SHORT, 3)


def test_a_deviation_that_does_not_show_alone_is_marked_and_its_trial_stays() -> None:
    symptom = Symptom(lane="a", rules=frozenset({"process.string"}))
    for alone in (True, False):
        score = Score(bodies())
        score.add(SHORT, [trial(SHORT, not_required=("process.string",))])
        first = score.deviations[symptom].trial
        again = trial(SHORT, not_required=("process.string",) if alone else ())
        score.add_alone(symptom, again)
        assert score.deviations[symptom].alone is alone
        assert score.deviations[symptom].trial is (again if alone else first)


def test_lanes_that_agree_on_an_example_alone_differ_only_after_others() -> None:
    lanes = tuple(trial(SHORT, lane=lane) for lane in ("a", "b"))
    apart = Agreement(case="x", agree=False, groups=(("1", ("a",)), ("2", ("b",))))
    score = Score(bodies())
    score.disagreements["a / b"] = Disagreement(
        name="a / b", example=SHORT, agreement=apart, documented=False, trials=lanes
    )
    score.compare_alone("a / b", tuple(trial(SHORT, lane=lane) for lane in ("a", "b")))
    assert score.disagreements["a / b"].alone is False
    assert score.disagreements["a / b"].trials is lanes


def test_a_trial_that_fails_is_returned_and_is_no_deviation_as_well() -> None:
    score = Score(bodies())
    failed = trial(SHORT, "bodies.bytes", not_required=("process.string",))
    assert score.add(SHORT, [failed]) == (failed,)
    assert (dict(score.failed), score.deviations) == ({"a": 1}, {})


def test_a_valid_value_by_itself_is_covered() -> None:
    score = Score(bodies())
    for value in (37, 101):
        example = Example(calls=(Call(arguments=(("sen", value),)),))
        score.add(example, [trial(example)])
    assert score.covered == {"sen": {37}}


def test_a_flaky_example_goes_to_a_cause_that_takes_several_calls() -> None:
    score = Score(bodies())
    score.causes = [cause(SHORT), cause(Example(calls=(Call(), Call())))]
    for _ in range(3):
        score.add_flaky(flaky())
    score.attribute_flaky()
    assert score.flaky == {}
    assert [one.explains for one in score.causes] == [1, 4]


def test_a_flaky_example_stays_if_only_single_calls_fail_alike() -> None:
    score = Score(bodies())
    score.causes = [cause(SHORT)]
    score.add_flaky(flaky())
    score.add_flaky(flaky())
    score.attribute_flaky()
    assert score.flaky == {SYMPTOM: replace(flaky(), count=2)}


def test_a_call_that_a_trial_did_not_come_to_is_compared_with_nothing() -> None:
    two = trial(Example(calls=(Call(), Call())))
    alone = one_turn(two, 1, case_of(SHORT))
    assert alone.transcript.turns == ()
