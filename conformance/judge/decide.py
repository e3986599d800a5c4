"""Outcome and findings of one trial, from its case and its transcript alone.

First whether we can tell at all: a problem, a missing turn, or a mock whose refusal
contradicts the judge's own verification make an `error` that never blames the SDK. Then every
expectation of every turn and the rules that are always on. What several requests of a turn got
wrong alike is one finding that names them all.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from conformance.judge.expectations import EXPECTATIONS, INVARIANTS, Rule
from conformance.judge.rules.transport import fault_unused
from conformance.judge.turn_profile import profile
from conformance.judge.view import Miss, View, read_turn
from conformance.model.case import JSON, Case, Level
from conformance.model.message import Unsupported
from conformance.model.verdict import Finding, Outcome, Transcript, Verdict

Expected = tuple[Level, str, JSON]


def judge(case: Case, transcript: Transcript) -> Verdict:
    """The verdict on one trial. Pure: the same transcript is always judged alike."""
    views = tuple(_views(case, transcript))
    outcome, reason = _untold(case, transcript, views)
    found: tuple[Finding, ...] = ()
    if outcome is None:
        several = len(case.turns) > 1
        found = tuple(finding for view in views for finding in _findings(view, several))
        failed = any(finding.claim is Level.REQUIRED for finding in found)
        outcome = Outcome.FAIL if failed else Outcome.PASS
    return Verdict(
        case=case.id,
        lane=transcript.lane,
        outcome=outcome,
        findings=found,
        profile=profile(views),
        reason=reason,
    )


def _views(case: Case, transcript: Transcript) -> Iterator[View]:
    records = zip(case.turns, transcript.turns, strict=False)
    for number, (turn, record) in enumerate(records, start=1):
        if record.answer is not None:
            yield read_turn(number, turn, record, record.answer, transcript.exposes)


def _untold(
    case: Case, transcript: Transcript, views: Sequence[View]
) -> tuple[Outcome | None, str]:
    """`error` or `skip` with its reason, when the trial does not tell; else None."""
    problem = transcript.problem
    if problem is not None:
        return Outcome.ERROR, problem.text
    if transcript.skipped is not None:
        return Outcome.SKIP, f"the lane cannot: {transcript.skipped}"
    if len(transcript.turns) != len(case.turns) or len(views) != len(case.turns):
        return Outcome.ERROR, (
            f"the transcript holds {len(views)} answered of {len(case.turns)} turns"
            " (it was cut, or made with other vectors: run the case again)"
        )
    for view in views:
        if isinstance(view.answer, Unsupported) and "unsupported" not in _expected_kinds(view):
            return Outcome.ERROR, (
                f"the runner answered unsupported: {view.answer.reason} (its manifest and start"
                " message declare what the case needs: take the capability out, or implement it)"
            )
        doubt = _contradiction(view)
        if doubt:
            return Outcome.ERROR, doubt
    return None, ""


def _contradiction(view: View) -> str:
    """What to say when mock and judge disagree about one request: that is the suite's own fault."""
    for sight in view.sights:
        mock = sight.exchange.refusal
        own = sight.found.error.code if sight.found.error is not None else None
        if mock == own or (mock is None and not view.turn.script.verify):
            continue
        return (
            f"the suite contradicts itself about request {sight.number} of turn {view.number}: "
            f"the mock {f'answered {mock}' if mock else 'accepted it'}, the judge's verification "
            f"says {own or 'accepted'} (this says nothing about the SDK: please report it with "
            "the transcript)"
        )
    return ""


def _findings(view: View, several: bool) -> Iterator[Finding]:
    expected = _expected(view)
    rules: Sequence[Rule] = INVARIANTS
    if _stands_in(view, expected):
        # That the program got another answer than the script's is no second defect, and neither
        # is a scripted fault that nobody could meet.
        expected = [item for item in expected if not _of_answer(item[1])]
        rules = [rule for rule in INVARIANTS if rule is not fault_unused]
    misses: list[Miss] = []
    for claim, name, value in expected:
        for miss in EXPECTATIONS[name].check(view, value):
            misses.append(replace(miss, claim=claim))
    for rule in rules:
        misses += rule(view)
    misses += _unproved(view, misses)
    yield from _folded(misses, f"turn {view.number}, " if several else "")


def _stands_in(view: View, expected: Iterable[Expected]) -> bool:
    """Whether the mock's own refusal, which the case does not expect, stands for the script."""
    if not view.sights or view.sights[-1].exchange.refusal is None:
        return False
    code = view.sights[-1].found.verified
    return any(
        name == "verified" and claim is Level.REQUIRED and value != code
        for claim, name, value in expected
    )


def _of_answer(name: str) -> bool:
    return name == "answer" or EXPECTATIONS[name].about == "answer"


def _expected(view: View) -> list[Expected]:
    """What is claimed of this turn, required first.

    When the answer is of another kind than expected, that is the finding; what was expected of
    the answer's parts is then not asked. Where several kinds are allowed, what is expected of an
    answer of the kind that came is asked, and nothing else of it.
    """
    named: list[Expected] = [
        (claim, name, value)
        for claim in (Level.REQUIRED, Level.RECOMMENDED)
        for expectation in view.turn.expect
        if expectation.claim is claim
        for name, value in expectation.values
    ]
    kinds = _expected_kinds(view)
    if not kinds or kinds == (view.answer.kind,):
        return named
    got = view.answer.kind if view.answer.kind in kinds else None
    return [i for i in named if EXPECTATIONS[i[1]].about != "answer" or _kind(i[1]) == got]


def _kind(name: str) -> str:
    return EXPECTATIONS[name].kind


def _expected_kinds(view: View) -> tuple[str, ...]:
    """The kinds of answer that the turn allows; none: it says nothing of that."""
    for expectation in view.turn.expect:
        if expectation.claim is not Level.OBSERVED:
            for name, value in expectation.values:
                if name == "answer":
                    return (value,) if isinstance(value, str) else tuple(value)
    return ()


def _unproved(view: View, misses: Iterable[Miss]) -> Iterator[Miss]:
    """What is expected of each request proves nothing when no request came."""
    if view.requests or any(miss.rule == "transport.requests" for miss in misses):
        return
    claims = [c for c, name, _ in _expected(view) if EXPECTATIONS[name].about == "request"]
    counted = any(name == "requests" for _, name, _ in _expected(view))
    if claims and not counted:
        yield Miss(
            rule="transport.requests",
            part="number of requests",
            expected="at least 1",
            got="0",
            why="Nothing reached the server, so nothing of what is asked of a request holds.",
            claim=claims[0],
        )


def _folded(misses: Iterable[Miss], prefix: str) -> Iterator[Finding]:
    alike: dict[Miss, list[int]] = {}
    for miss in misses:
        alike.setdefault(replace(miss, request=0), []).append(miss.request)
    for miss, requests in alike.items():
        numbers = [str(number) for number in requests if number]
        place = f"request{'s' if len(numbers) > 1 else ''} {', '.join(numbers)}: "
        yield Finding(
            rule=miss.rule,
            where=prefix + (place if numbers else "") + miss.part,
            expected=miss.expected,
            got=miss.got,
            why=miss.why,
            claim=miss.claim,
        )
