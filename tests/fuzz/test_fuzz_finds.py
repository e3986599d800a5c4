"""Each find has a vector file that is valid and is named after what the find is about."""

import json

import pytest
from fuzz.drawn import trial

from conformance.corpus.decode import decode
from conformance.corpus.load import terms
from conformance.fuzz import Call, Example, Score, case_of
from conformance.fuzz.cause import Cause
from conformance.fuzz.features import features
from conformance.fuzz.finds import Find, FindKind, all_finds
from conformance.fuzz.score import FlakyExample, Symptom
from conformance.operation.reading import bodies

TERMS = terms()
EXAMPLE = Example(calls=(Call(key="+"), Call(arguments=(("sen", 37),))))
RULE = "naming.target"


def finds_of(score: Score, seed: int = 1) -> tuple[Find, ...]:
    return all_finds(score, seed=seed, schema=TERMS.schemas["vectors"])


def cause(*, example: Example | None = EXAMPLE, known: str = "", file: str = "") -> Cause:
    return Cause(
        lane="a", rules=frozenset({RULE}), features=features(case_of(EXAMPLE), bodies()),
        trial=trial(EXAMPLE, RULE), example=example, known=known, file=file,
    )  # fmt: skip


@pytest.fixture
def score() -> Score:
    made = Score(bodies())
    made.causes = [cause()]
    made.add_flaky(
        FlakyExample(
            symptom=Symptom(lane="a", rules=frozenset({RULE})), example=EXAMPLE,
            first=trial(EXAMPLE, RULE), again=trial(EXAMPLE),
        )
    )  # fmt: skip
    made.add(EXAMPLE, [trial(EXAMPLE, not_required=(RULE,))])
    return made


def test_every_find_has_a_valid_vector_file_in_the_folder_of_its_kind(score: Score) -> None:
    finds = finds_of(score)
    kinds = [FindKind.COUNTER_EXAMPLE, FindKind.FLAKY, FindKind.DEVIATION]
    assert [find.kind for find in finds] == kinds
    for find in finds:
        assert find.file.startswith(f"{find.kind.value}/naming/fuzz-naming-target-")
        assert find.text is not None
        topic = decode(json.loads(find.text), file=find.file, terms=TERMS)
        assert [case.id for case in topic.cases] == [one.case.id for one in find.trials]
        assert all(one.verdict.case == one.case.id for one in find.trials)
        assert [case.turns for case in topic.cases] == [one.case.turns for one in find.trials]


def test_the_name_of_a_find_does_not_depend_on_the_seed(score: Score) -> None:
    one, two = finds_of(score, seed=1), finds_of(score, seed=2)
    assert [find.file for find in one] == [find.file for find in two]
    assert "seed 2" in str(two[0].text)


def test_a_find_of_an_earlier_search_is_not_written_again() -> None:
    score = Score(bodies())
    score.causes = [cause(example=None, file="counter-examples/naming/fuzz-x.json")]
    (find,) = finds_of(score)
    assert (find.file, find.text) == ("counter-examples/naming/fuzz-x.json", None)


def test_a_listed_cause_is_marked_as_known() -> None:
    score = Score(bodies())
    score.causes = [cause(example=None, known="It is a known defect.")]
    (find,) = finds_of(score)
    assert find.trials[0].verdict.known_failing == "It is a known defect."
