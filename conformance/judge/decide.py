"""Outcome and findings of one trial, from its case and its transcript alone.

A runner that died, was silent or answered a crash in a call is a finding, besides those of the
turns before; the case ends there. A trial with another problem or a missing turn cannot be judged,
nor can one in which the mock's refusal contradicts the judge's verification, or on which a rule
itself fails: its outcome is `error`, which never blames the SDK. Otherwise every expectation of
every turn and all invariants are checked. Requests of a turn that violate a rule in the same way
share one finding, which lists them; so do calls that were made at once. No finding quotes a secret
(masking.py).
"""

import traceback
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import PurePath

from conformance.judge.calls import is_answered, separated
from conformance.judge.expectations import EXPECTATIONS
from conformance.judge.invariants import INVARIANTS, TRIAL_INVARIANTS
from conformance.judge.live_trouble import live_trouble
from conformance.judge.masking import masked_verdict
from conformance.judge.quote import quote
from conformance.judge.rules import program_end, samples
from conformance.judge.rules.auth import VERIFICATION
from conformance.judge.signing_scopes import scopes_of
from conformance.judge.turn_profile import profile
from conformance.judge.view import MALFORMED, TurnView, Violation, view_turn
from conformance.model.case import JSON, Case, Level
from conformance.model.message import ERROR_FIELDS, Failure, Several, Unsupported, is_crash
from conformance.model.verdict import Finding, Outcome, Transcript, Verdict
from conformance.oss.v4 import Scope

Expected = tuple[Level, str, JSON]
_LISTED = 8  # calls at once that a finding lists
# Rules of findings that stand before those which follow from them.
_GRAVE = frozenset(
    {"auth.secret-leak", "auth.clear-text", "transport.certificate", "transport.malformed"}
)


def judge(case: Case, transcript: Transcript) -> Verdict:
    """The verdict on one trial; equal transcripts have equal verdicts."""
    scopes = scopes_of(case.turns, transcript)
    try:
        verdict = _judged(case, transcript, scopes)
    except Exception as failed:  # a defect of a rule must not lose the verdicts on other trials
        verdict = Verdict(
            case=case.id,
            lane=transcript.lane,
            outcome=Outcome.ERROR,
            reason=f"the judge failed with {type(failed).__name__} in {_place(failed)} (this says "
            "nothing about the SDK: please report it with the transcript)",
        )
    return masked_verdict(case, verdict, scopes)


def _place(failed: Exception) -> str:
    """Module and line at which an exception was raised."""
    last = traceback.extract_tb(failed.__traceback__)[-1]
    return f"{PurePath(last.filename).stem}, line {last.lineno}"


def _judged(case: Case, transcript: Transcript, scopes: tuple[Scope, ...]) -> Verdict:
    views = tuple(_views(case, transcript, scopes))
    ended = program_end.unanswered(transcript)
    outcome, reason = _not_judged(case, transcript, views, ended)
    findings: tuple[Finding, ...] = ()
    if outcome is None:
        findings = tuple(_merged_calls(views, len(case.turns) > 1))
        findings += tuple(_findings_of_trial(case, transcript))
        findings += () if ended is None else (ended,)
        failed = any(finding.claim is Level.REQUIRED for finding in findings)
        outcome = Outcome.FAIL if failed else Outcome.PASS
    return Verdict(
        case=case.id,
        lane=transcript.lane,
        outcome=outcome,
        findings=findings,
        profile=profile(views),
        reason=reason,
    )


def _views(case: Case, transcript: Transcript, scopes: tuple[Scope, ...]) -> Iterator[TurnView]:
    records = zip(case.turns, transcript.turns, strict=False)
    for number, (turn, record) in enumerate(records, start=1):
        parts = separated(turn, record) if is_answered(turn, record) else ()
        for call, part, own in parts:
            assert own.answer is not None
            view = view_turn(number, part, own, own.answer, transcript.exposes)
            yield replace(view, call=call, parts=parts, turns=case.turns, scopes=scopes)


def _not_judged(
    case: Case, transcript: Transcript, views: Sequence[TurnView], ended: Finding | None
) -> tuple[Outcome | None, str]:
    """`error` or `skip` with its reason, if the trial cannot be judged; else None.

    ended: the finding of a runner that died or was silent.
    """
    problem = transcript.problem
    if problem is not None and ended is None:
        return Outcome.ERROR, problem.text
    if transcript.skipped is not None:
        return Outcome.SKIP, f"missing capability: {transcript.skipped}"
    answered = len({view.number for view in views})
    crashed = any(is_crash(record.answer) for record in transcript.turns[-1:])
    whole = len(transcript.turns) == answered and (crashed or answered == len(case.turns))
    if ended is None and not whole:
        return Outcome.ERROR, (
            f"the transcript has {answered} answered calls of {len(case.turns)}"
            " (it is truncated or was recorded with other vectors: run the case again)"
        )
    for view in views:
        if isinstance(view.answer, Unsupported) and "unsupported" not in _expected_kinds(view):
            return Outcome.ERROR, (
                f"the runner answered unsupported: {view.answer.reason} (its manifest and start"
                " message declare what the case needs: remove the capability, or implement it)"
            )
        trouble = live_trouble(view.turn, view.record)
        reason = trouble.text if trouble else _runner_fault(view) or _contradiction(view)
        if reason:
            return Outcome.ERROR, reason
    return None, ""


def _runner_fault(view: TurnView) -> str:
    """What the answer says and cannot be, which is a fault of the runner and not of its SDK."""
    answer = view.answer
    if not isinstance(answer, Failure):
        return ""
    received = view.request_count + len(view.record.journal.proxy)
    if answer.origin == "client" and received:
        return (
            f"the runner's error has the origin 'client', although requests were received in call "
            f"{view.number}: {received} ({quote(answer.error_class)}; see rule 11 in "
            "runners/README.md: 'client' says that nothing was sent)"
        )
    hidden = [n for n in ERROR_FIELDS if n not in view.exposes and getattr(answer, n) is not None]
    if hidden:
        return (
            f"the runner's error has {', '.join(hidden)}, which its manifest does not list in "
            "`exposes` (list there what the SDK exposes; the rest must be null)"
        )
    return ""


def _contradiction(view: TurnView) -> str:
    """The reason if mock and judge disagree about a request, which is a defect of the suite."""
    for request in view.requests:
        mock = request.exchange.refusal
        error = request.verification.error
        code = error.code if error is not None else None
        if mock == code or (mock is None and not view.turn.script.verify):
            continue
        return (
            f"the suite contradicts itself about request {request.number} of call {view.number}: "
            f"the mock {f'answered {mock}' if mock else 'accepted it'}, the judge's verification "
            f"says {code or 'accepted'} (this says nothing about the SDK: please report it with "
            "the transcript)"
        )
    return ""


def _merged_calls(views: Iterable[TurnView], several: bool) -> Iterator[Finding]:
    """The findings of all views; calls at once that violate a rule alike share one."""
    shared: dict[tuple[int, str, str], tuple[Finding, list[int]]] = {}
    for view in views:
        for number, finding in enumerate(_findings(view)):
            key = (view.number, finding.rule, finding.where)
            if not view.call:
                key = (*key[:2], f"{key[2]} {number}")  # a finding of its own
            shared.setdefault(key, (finding, []))[1].append(view.call)
    for (turn, _, _), (finding, calls) in shared.items():
        prefix = f"call {turn}, " if several else ""
        yield replace(finding, where=prefix + _named_calls(calls) + finding.where)


def _named_calls(calls: Sequence[int]) -> str:
    if calls == [0]:
        return ""
    listed = ", ".join(map(str, calls[:_LISTED]))
    more = f" and {len(calls) - _LISTED} more" if len(calls) > _LISTED else ""
    first = f" (shown: {calls[0]})" if len(calls) > 1 else ""
    return f"parallel call{'s' if len(calls) > 1 else ''} {listed}{more}{first}, "


def _findings(view: TurnView) -> Iterator[Finding]:
    expected = _expected(view)
    replaced = _script_replaced(view, expected)
    endless = view.record.journal.exceeded is not None
    if endless:
        expected = [item for item in expected if item[1] != "requests"]
    if replaced or endless or is_crash(view.answer):
        # The refusal also causes another answer than the scripted one, and faults that no request
        # meets: neither is a second defect. Nor is the answer after endless requests or a crash.
        expected = [item for item in expected if not _of_answer(item[1])]
    violations: list[Violation] = []
    for claim, name, value in expected:
        for violation in EXPECTATIONS[name].check(view, value):
            violations.append(replace(violation, claim=claim))
    for invariant in INVARIANTS:
        if not (replaced and invariant.of_script):
            for violation in invariant.check(view):
                violations.append(replace(violation, source=invariant.source))
    violations += _no_request(view, violations)
    # What the case before left behind may be the cause of anything else in this turn.
    violations = [one for one in violations if one.rule == program_end.STATE] or violations
    # Those first that a reader must not miss behind their consequences.
    yield from _merged(sorted(_with_one_cause(violations), key=lambda one: one.rule not in _GRAVE))


def _with_one_cause(violations: Iterable[Violation]) -> list[Violation]:
    """Without the results of verification of which another violation names the cause."""
    violations = list(violations)
    causes = {(v.rule, v.request) for v in violations if v.part != VERIFICATION}
    return [v for v in violations if v.part != VERIFICATION or (v.rule, v.request) not in causes]


def _findings_of_trial(case: Case, transcript: Transcript) -> Iterator[Finding]:
    violations = [
        replace(violation, source=invariant.source)
        for invariant in TRIAL_INVARIANTS
        for violation in invariant.check(case, transcript)
    ]
    yield from _merged(violations)


def _script_replaced(view: TurnView, expected: Iterable[Expected]) -> bool:
    """Whether the mock refused a request that is malformed or that the case expects to be accepted.

    The refusal has then replaced the scripted reply.
    """
    exchanges = view.record.journal.exchanges
    if exchanges and exchanges[-1].refusal == MALFORMED:
        return True
    if not view.requests or view.requests[-1].exchange.refusal is None:
        return False
    code = view.requests[-1].verification.verified
    return any(
        name == "verified" and claim is Level.REQUIRED and value != code
        for claim, name, value in expected
    )


def _of_answer(name: str) -> bool:
    return name == "answer" or EXPECTATIONS[name].about == "answer"


def _expected(view: TurnView) -> list[Expected]:
    """The claims about this turn that can be checked, required ones first.

    If the answer is of an unexpected kind, that is the finding, and claims about parts of the
    answer are dropped. If several kinds are allowed, only claims about the actual kind are kept.
    Of calls at once, each has the claims about a call, and the turn as a whole has the others.
    """
    whole = isinstance(view.answer, Several)
    calls_at_once = whole or view.call > 0
    claims: list[Expected] = [
        (claim, name, value)
        for claim in (Level.REQUIRED, Level.RECOMMENDED)
        for expectation in view.turn.expect
        if expectation.claim is claim
        for name, value in expectation.values
        if not calls_at_once or (EXPECTATIONS[name].about == "turn") is whole
    ]
    compiles = [claim for claim in claims if claim[1] == "compiles"]
    if compiles and not samples.compiled(view):
        return compiles  # everything else follows from it
    kinds = _expected_kinds(view)
    if whole or not kinds or kinds == (view.answer.kind,):
        return claims
    got = view.answer.kind if view.answer.kind in kinds else None
    rules = EXPECTATIONS
    return [c for c in claims if rules[c[1]].about != "answer" or rules[c[1]].kind == got]


def _expected_kinds(view: TurnView) -> tuple[str, ...]:
    """The kinds of answer that the turn allows; empty if it allows any."""
    for expectation in view.turn.expect:
        if expectation.claim is not Level.OBSERVED:
            for name, value in expectation.values:
                if name == "answer":
                    return (value,) if isinstance(value, str) else tuple(value)
    return ()


def _no_request(view: TurnView, violations: Iterable[Violation]) -> Iterator[Violation]:
    """A violation if claims about each request hold only because there was no request."""
    if view.request_count or any(v.rule == "transport.requests" for v in violations):
        return
    expected = _expected(view)
    claims = [claim for claim, name, _ in expected if EXPECTATIONS[name].about == "request"]
    counted = any(name == "requests" for _, name, _ in expected)
    if claims and not counted:
        yield Violation(
            rule="transport.requests",
            part="number of requests",
            expected="at least 1",
            got="0",
            why="No request reached the server, so no claim about requests has been tested.",
            claim=claims[0],
        )


def _merged(violations: Iterable[Violation]) -> Iterator[Finding]:
    """One finding for equal violations of several requests."""
    requests: dict[Violation, list[int]] = {}
    for violation in violations:
        requests.setdefault(replace(violation, request=0), []).append(violation.request)
    for violation, where in requests.items():
        numbers = [str(number) for number in where if number]
        place = f"request{'s' if len(numbers) > 1 else ''} {', '.join(numbers)}: "
        yield Finding(
            rule=violation.rule,
            where=(place if numbers else "") + violation.part,
            expected=violation.expected,
            got=violation.got,
            why=violation.why,
            claim=violation.claim,
            source=violation.source,
        )
