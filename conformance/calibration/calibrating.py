"""Calibrates the verifier: it must reproduce what others published and refuse its mutations.

Reads the known answers from disk; all else is pure. A run is judged only when
this holds; if it does not, the run is invalid and no SDK is to blame.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from conformance.assets import VECTORS
from conformance.calibration.known_form import Answer, decode
from conformance.calibration.mutation import mutations
from conformance.errors import CalibrationError, InputError
from conformance.model.http import Request
from conformance.oss.verify import verify

KNOWN_ANSWERS = tuple(
    VECTORS / f"signature-{version}-known-answers.json" for version in ("v4", "v1")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What came of it. missed: one line for each answer that is not reproduced.

    mutations: how many were tried, of the answers that are reproduced. survivors: one line for
    each mutation that was accepted.
    """

    reproduced: int
    missed: tuple[str, ...]
    mutations: int
    survivors: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Whether verdicts may be given."""
        return self.reproduced > 0 and not self.missed and not self.survivors


def own_answers() -> tuple[Answer, ...]:
    """The known answers that the suite brings, of V4 and of V1."""
    return tuple(answer for path in KNOWN_ANSWERS for answer in read(path))


def read(path: Path) -> tuple[Answer, ...]:
    """The known answers of a file; raises InputError that names file, place, rule and remedy."""
    source = str(path)
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        reason = error.strerror or "cannot be read"
        raise InputError(source=source, place="", rule=reason, remedy="check the path") from error
    except UnicodeDecodeError as error:
        place = f"byte {error.start}"
        raise InputError(
            source=source, place=place, rule="is not UTF-8", remedy="save it as UTF-8"
        ) from error
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise InputError(
            source=source, place=place, rule=f"is not JSON: {error.msg}", remedy="mend the syntax"
        ) from error
    except (ValueError, RecursionError) as error:
        raise InputError(
            source=source, place="", rule=f"cannot be read as JSON: {error}", remedy="mend it"
        ) from error
    return decode(document, source)


def calibrate(answers: tuple[Answer, ...]) -> Calibration:
    """Compute each answer, verify the whole request it stands for, and all of its mutations."""
    missed: list[str] = []
    survivors: list[str] = []
    tried = reproduced = 0
    for answer in answers:
        miss = _miss(answer)
        if miss is not None:
            missed.append(f"{answer.id}: {miss}")
            continue
        reproduced += 1
        for mutation in mutations(answer):
            tried += 1
            found = verify(
                mutation.request,
                keys=(mutation.key,),
                region=mutation.region,
                clock=mutation.clock,
                bound=((answer.host, answer.bucket),),
            )
            if found.error is None:
                survivors.append(f"{answer.id}: accepted though this was changed: {mutation.part}")
    return Calibration(
        reproduced=reproduced, missed=tuple(missed), mutations=tried, survivors=tuple(survivors)
    )


def calibrated() -> None:
    """Hold the verifier to the published signatures; CalibrationError: no verdict may be given."""
    outcome = calibrate(own_answers())
    if outcome.missed or outcome.survivors:
        raise CalibrationError(
            step="calibration",
            reason="the verifier does not reproduce the published signatures",
            output="\n".join([*outcome.missed, *outcome.survivors]),
            remedy="oss-bodies calibrate shows each; no SDK can be judged by this installation",
        )


def _miss(answer: Answer) -> str | None:
    if answer.computed != answer.expect:
        return f"expected {answer.expect}, got {answer.computed}"
    if not answer.served:
        return None
    verified = _verified(answer, answer.request(answer.expect))
    return None if verified == "accepted" else f"expected accepted, got {verified}"


def _verified(answer: Answer, request: Request) -> str:
    found = verify(
        request,
        keys=(answer.known_key,),
        region=answer.region,
        clock=answer.clock,
        bound=((answer.host, answer.bucket),),
    )
    error = found.error
    return "accepted" if error is None else f"{error.code} ({error.message} EC {error.ec})"
