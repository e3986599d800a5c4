"""Every invariant has a source of its own and violations of the rule that the table names."""

import pytest
from judge.rule_examples import examples

from conformance.judge.calls import separated
from conformance.judge.invariants import INVARIANTS, Invariant
from conformance.judge.view import TurnView, view_turn
from conformance.model.case import Source


def views() -> list[TurnView]:
    """The turn of the wrong transcript of every example."""
    return [
        view_turn(1, turn, own, own.answer, example.wrong.exposes)
        for example in examples()
        for record in example.wrong.turns
        for _, turn, own in separated(example.case.turns[0], record)
        if own.answer is not None
    ]


@pytest.mark.parametrize("invariant", INVARIANTS, ids=lambda invariant: invariant.check.__name__)
def test_an_invariant_has_a_source(invariant: Invariant) -> None:
    source = invariant.source
    assert source.note.endswith(".")
    assert source.reference or source.source is Source.DERIVED


@pytest.mark.parametrize("invariant", INVARIANTS, ids=lambda invariant: invariant.check.__name__)
def test_an_invariant_yields_the_rule_that_the_table_names(invariant: Invariant) -> None:
    rules = {violation.rule for view in views() for violation in invariant.check(view)}
    assert rules <= {invariant.rule}


def test_every_rule_of_the_table_can_be_violated() -> None:
    found = {v.rule for view in views() for one in INVARIANTS for v in one.check(view)}
    assert found == {invariant.rule for invariant in INVARIANTS}
