"""Calibration reproduces the known answers, refuses their mutations, and reads files strictly."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance.assets import VECTORS
from conformance.errors import InputError
from conformance.model.http import Request
from conformance.oss import calibrate as calibration
from conformance.oss.calibrate import calibrate, read
from conformance.oss.known import KnownAnswer
from conformance.oss.mutation import mutations
from conformance.oss.verify import Verification, verify

FILE = VECTORS / "signature-v4-known-answers.json"
KNOWN = read(FILE)


def test_all_known_answers_are_reproduced() -> None:
    found = calibrate(KNOWN)
    assert (found.reproduced, found.missed) == (len(KNOWN), ())


def test_every_mutation_is_refused() -> None:
    found = calibrate(KNOWN)
    assert found.mutations > 40 * len(KNOWN)
    assert found.survivors == ()
    assert found.sound


def test_a_wrong_answer_is_missed_with_what_was_expected_and_got() -> None:
    wrong = replace(KNOWN[0], expect="0" * 64)
    found = calibrate((wrong, KNOWN[1]))
    assert found.reproduced == 1
    assert found.missed == (f"H1: expected {'0' * 64}, got {KNOWN[0].expect}",)
    assert not found.sound


def test_nothing_at_all_is_not_sound() -> None:
    assert not calibrate(()).sound


def test_a_verifier_that_refuses_everything_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(request: Request, **known: Any) -> Verification:
        return verify(request, **(known | {"keys": ()}))

    monkeypatch.setattr(calibration, "verify", refuse)
    assert len(calibrate(KNOWN).missed) == len(KNOWN)


def test_a_verifier_that_accepts_everything_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def accept(request: Request, **known: Any) -> Verification:
        return replace(verify(request, **known), error=None)

    monkeypatch.setattr(calibration, "verify", accept)
    found = calibrate(KNOWN)
    assert len(found.survivors) == found.mutations
    assert not found.sound


@pytest.mark.parametrize("answer", KNOWN, ids=[answer.id for answer in KNOWN])
def test_a_mutation_is_never_the_request_itself(answer: KnownAnswer) -> None:
    """Of what stands on the wire; the others change what the service knows."""
    sent = answer.request(answer.expect)
    same = [
        mutation.part
        for mutation in mutations(answer)
        if mutation.request == sent
        and mutation.key == answer.known_key
        and mutation.region == answer.region
    ]
    assert same == []


@pytest.mark.parametrize(
    "part",
    ["method GET", "bucket", "key", "secret", "known region", "signing region", "signing product",
     "signing date", "access key id", "signature in upper case", "value of header x-oss-date",
     "value of query parameter param1", "name of query parameter |param2",
     "header x-oss-security-token left out", "known token"],
)  # fmt: skip
def test_each_part_is_among_the_mutations(part: str) -> None:
    with_token = next(answer for answer in KNOWN if answer.id == "H2-token")
    assert part in {mutation.part for mutation in mutations(with_token)}


@pytest.mark.parametrize("part", ["additional header more", "additional header left out"])
@pytest.mark.parametrize("identity", ["H3-additional", "Q3-additional"])
def test_the_list_of_additional_headers_is_among_the_mutations(identity: str, part: str) -> None:
    answer = next(answer for answer in KNOWN if answer.id == identity)
    assert part in {mutation.part for mutation in mutations(answer)}


# -- files that are wrong ------------------------------------------------------------------------


def refusal(tmp_path: Path, text: str | bytes) -> InputError:
    path = tmp_path / "answers.json"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(InputError) as caught:
        read(path)
    assert str(caught.value).startswith(str(path))
    return caught.value


def changed(**members: Any) -> str:
    document = json.loads(FILE.read_text())
    document["vectors"][1] |= members
    return json.dumps(document)


@pytest.mark.parametrize(
    ("member", "value"),
    [("ak", 1), ("sk", ""), ("region", None), ("method", []), ("key", 1), ("query", {}),
     ("query", [["a"]]), ("query", [["a", 1]]), ("query", [["", "x"]]), ("mode", "url"),
     ("headers", []), ("headers", {"a": 1}), ("signtime", "1702784856"), ("signtime", 1.5),
     ("signtime", True), ("signtime", -1), ("signtime", 10**12), ("expect", "E" * 64),
     ("expect", "e" * 63), ("token", ""), ("additional", "abc"), ("additional", [""]),
     ("expires", 599), ("surprise", 1)],
)  # fmt: skip
def test_a_wrong_member_is_named_by_its_json_pointer(
    tmp_path: Path, member: str, value: Any
) -> None:
    assert refusal(tmp_path, changed(**{member: value})).place == f"/vectors/1/{member}"


@pytest.mark.parametrize("expires", [0, 604801, "599", None])
def test_expires_must_be_in_its_range(tmp_path: Path, expires: Any) -> None:
    text = changed(mode="query", expires=expires)
    assert refusal(tmp_path, text).place == "/vectors/1/expires"


def test_a_presigned_answer_needs_expires(tmp_path: Path) -> None:
    assert refusal(tmp_path, changed(mode="query")).place == "/vectors/1/expires"


def test_a_missing_member_is_named(tmp_path: Path) -> None:
    document = json.loads(FILE.read_text())
    del document["vectors"][0]["sk"]
    found = refusal(tmp_path, json.dumps(document))
    assert (found.place, found.rule) == ("/vectors/0/sk", "is missing")


def test_an_id_that_comes_twice_is_refused(tmp_path: Path) -> None:
    found = refusal(tmp_path, changed(id="H1"))
    assert (found.place, "/vectors/0" in found.rule) == ("/vectors/1/id", True)


@pytest.mark.parametrize(
    ("text", "place"),
    [("[]", ""), ("{}", "/vectors"), ('{"vectors": []}', "/vectors"),
     ('{"vectors": [1]}', "/vectors/0"), ('{"vectors": [], "more": 1}', "/more"),
     ('{"about": 1, "vectors": [1]}', "/about"), ('{"vectors": [', "line 1, column 14"),
     ("", "line 1, column 1"), (b"\xff", "byte 0")],
)  # fmt: skip
def test_a_file_of_another_form_is_refused(tmp_path: Path, text: str | bytes, place: str) -> None:
    assert refusal(tmp_path, text).place == place


def test_nesting_without_end_is_refused(tmp_path: Path) -> None:
    assert "JSON" in refusal(tmp_path, "[" * 100_000).rule


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        read(tmp_path / "nowhere.json")


def test_a_refusal_names_a_remedy(tmp_path: Path) -> None:
    assert "published_in" in refusal(tmp_path, changed(surprise=1)).remedy
