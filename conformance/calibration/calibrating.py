"""Calibrates the verifier: it must reproduce the published signatures and refuse their mutations.

A run is judged only if it does. If it does not, the run is invalid and no SDK is to blame.
"""

from collections.abc import Iterable
from dataclasses import dataclass

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
    """What the verifier made of the known answers."""

    reproduced: int  # answers whose signature and request are as published
    missed: tuple[str, ...]  # one line for each answer that is not reproduced
    mutations: int  # how many were tried, of the answers that are reproduced
    survivors: tuple[str, ...]  # one line for each mutation that was accepted


def calibrate(answers: Iterable[KnownAnswer]) -> Calibration:
    """Compute each signature, verify the request that has it, and then all mutations of it."""
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


def calibrated() -> None:
    """Calibrate with the suite's own answers; CalibrationError: no verdict may be given."""
    outcome = calibrate(answer for path in KNOWN_ANSWERS for answer in read(path))
    if outcome.missed or outcome.survivors:
        raise CalibrationError(
            step="calibration",
            reason="the verifier does not reproduce the published signatures",
            output="\n".join([*outcome.missed, *outcome.survivors]),
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
