"""Calibration reproduces the known answers and finds a verifier that accepts too much."""

from dataclasses import replace
from typing import Any

import pytest

from conformance.assets import VECTORS
from conformance.calibration import calibrating as calibration
from conformance.calibration.answer_file import read
from conformance.calibration.calibrating import calibrate
from conformance.calibration.known_answer import KnownAnswer, KnownAnswerV1, KnownAnswerV4
from conformance.model.http import Request
from conformance.oss import v1
from conformance.oss import verification as verifying
from conformance.oss.v4 import Unsigned
from conformance.oss.verification import Verification, verify

KNOWN = read(VECTORS / "signature-v4-known-answers.json")
KNOWN_V1 = read(VECTORS / "signature-v1-known-answers.json")
ALL = (*KNOWN, *KNOWN_V1)
each_file = pytest.mark.parametrize("known", [KNOWN, KNOWN_V1], ids=["v4", "v1"])


def named(identity: str) -> KnownAnswer:
    return next(answer for answer in ALL if answer.id == identity)


@each_file
def test_all_known_answers_are_reproduced(known: tuple[KnownAnswer, ...]) -> None:
    found = calibrate(known)
    assert (found.reproduced, found.missed) == (len(known), ())


@each_file
def test_every_mutation_is_refused(known: tuple[KnownAnswer, ...]) -> None:
    found = calibrate(known)
    assert found.mutations > 30 * len(known)
    assert found.survivors == ()


def test_a_wrong_answer_is_missed_with_what_was_expected_and_got() -> None:
    wrong = replace(KNOWN[0], expect="0" * 64)
    found = calibrate((wrong, KNOWN[1]))
    assert found.reproduced == 1
    assert found.missed == (f"H1: expected {'0' * 64}, got {KNOWN[0].expect}",)


def test_a_verifier_that_refuses_everything_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(request: Request, **known: Any) -> Verification:
        return verify(request, **(known | {"keys": ()}))

    monkeypatch.setattr(calibration, "verify", refuse)
    assert len(calibrate(ALL).missed) == len(ALL)


def test_a_verifier_that_accepts_everything_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def accept(request: Request, **known: Any) -> Verification:
        return replace(verify(request, **known), error=None)

    monkeypatch.setattr(calibration, "verify", accept)
    found = calibrate(ALL)
    assert len(found.survivors) == found.mutations


@each_file
def test_a_verifier_without_a_clock_is_found_out(
    monkeypatch: pytest.MonkeyPatch, known: tuple[KnownAnswer, ...]
) -> None:
    monkeypatch.setattr(verifying, "_of_time", lambda *_: None)
    survivors = [line.rpartition(": ")[2] for line in calibrate(known).survivors]
    assert set(survivors) == {"too early", "too late"}


def test_a_verifier_that_takes_no_part_of_v1_from_the_content_type_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where the answer has no such header, only a mutation can show that it counts."""
    whole = v1.lines

    def blind(asked: Unsigned, *, date: str) -> v1.SigningLines:
        return replace(whole(asked, date=date), type="")

    monkeypatch.setattr(v1, "lines", blind)
    (survivor,) = calibrate((named("V1-H6-bodies-derived"),)).survivors
    assert survivor.endswith("a header content-type more")


def test_what_v1_does_not_sign_may_be_changed() -> None:
    answer = named("V1-Q4-parameters")
    assert isinstance(answer, KnownAnswerV1)
    query = tuple((name, "other" if name == "param1" else value) for name, value in answer.query)
    headers = tuple((name, "other" if name == "abc" else value) for name, value in answer.headers)
    assert calibrate((replace(answer, query=query, headers=headers),)).reproduced == 1


@pytest.mark.parametrize("name", ["host", "Host"])
@pytest.mark.parametrize("additional", [(), ("host",)], ids=["unsigned", "signed"])
def test_an_answer_with_a_host_among_its_headers_is_reproduced(
    name: str, additional: tuple[str, ...]
) -> None:
    plain = next(
        answer for answer in KNOWN if isinstance(answer, KnownAnswerV4) and _by_header(answer)
    )
    given = replace(plain, headers=(*plain.headers, (name, plain.host)), additional=additional)
    found = calibrate((replace(given, expect=given.computed),))
    assert (found.missed, found.survivors) == ((), ())


def _by_header(answer: KnownAnswerV4) -> bool:
    return answer.mode == "header" and answer.is_served and not answer.additional


@pytest.mark.parametrize("answer", [named("H1"), KNOWN_V1[0]], ids=lambda answer: answer.id)
def test_fields_that_signing_and_sending_add_come_once(answer: KnownAnswer) -> None:
    more = (
        ("HOST", answer.host),
        ("authorization", "another"),
        ("X-OSS-Security-Token", "token"),
        ("X-Oss-Date", "20231203T121212Z"),
    )
    given = replace(answer, headers=(*answer.headers, *more), token="token", mode="header")
    names = [name.lower() for name, _ in given.request("signature").headers]
    for name, _ in more:
        assert names.count(name.lower()) == 1
