"""Calibrates the verifier: it must reproduce the published signatures and reject their mutations.

No run is judged unless it does: a failure here is a defect of the suite, not of an SDK.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from conformance.assets import VECTORS
from conformance.calibration.answer_file import read
from conformance.calibration.known_answer import KnownAnswer
from conformance.calibration.mutation import Mutation, mutations, unchanged
from conformance.errors import CalibrationError
from conformance.oss.verification import Verification, verify

KNOWN_ANSWERS = tuple(
    VECTORS / f"signature-{version}-known-answers.json" for version in ("v4", "v1")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """The result of calibrating the verifier."""

    reproduced: int  # answers whose signature is computed and whose request is accepted
    missed: tuple[str, ...]  # one line for each answer that is not reproduced
    mutations: int  # number tried; only reproduced answers are mutated
    survivors: tuple[str, ...]  # one line for each mutation that was accepted


def calibrate(answers: Iterable[KnownAnswer]) -> Calibration:
    """Compute each signature, then verify its request and all mutations of it."""
    missed: list[str] = []
    survivors: list[str] = []
    tried = reproduced = 0
    for answer in answers:
        reason = _why_missed(answer)
        if reason is not None:
            missed.append(f"{answer.id}: {reason}")
            continue
        reproduced += 1
        for mutation in mutations(answer):
            tried += 1
            if _verified(answer, mutation).error is None:
                survivors.append(f"{answer.id}: accepted although changed: {mutation.part}")
    return Calibration(
        reproduced=reproduced, missed=tuple(missed), mutations=tried, survivors=tuple(survivors)
    )


@cache  # answers and verifier stay the same for as long as the process lives
def calibrated() -> None:
    """Calibrate with the suite's own answers, once; raises CalibrationError if that fails."""
    result = calibrate(answer for path in KNOWN_ANSWERS for answer in read(path))
    if result.missed or result.survivors:
        raise CalibrationError(
            step="calibration",
            reason="the verifier misses published signatures or accepts changed requests",
            output="\n".join([*result.missed, *result.survivors]),
            remedy="run oss-bodies calibrate for details; this installation cannot judge any SDK",
        )


def _why_missed(answer: KnownAnswer) -> str | None:
    if answer.computed != answer.expect:
        return f"expected {answer.expect}, got {answer.computed}"
    if not answer.is_served:
        return None
    error = _verified(answer, unchanged(answer)).error
    if error is None:
        return None
    return f"expected accepted, got {error.code} ({error.message} EC {error.ec})"


def _verified(answer: KnownAnswer, mutation: Mutation) -> Verification:
    return verify(
        mutation.request,
        keys=(mutation.key,),
        region=mutation.region,
        clock=mutation.clock,
        bound=((answer.host, answer.bucket),),
    )
