"""Calibration reproduces the known answers, refuses their mutations, and reads files strictly."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance.assets import VECTORS
from conformance.calibration import calibrating as calibration
from conformance.calibration.calibrating import calibrate, read
from conformance.calibration.known_answer_v1 import KnownAnswerV1
from conformance.calibration.known_form import Answer
from conformance.calibration.mutation import mutations
from conformance.errors import InputError
from conformance.model.http import Request
from conformance.oss import v1
from conformance.oss import verify as verifying
from conformance.oss.v4 import Unsigned
from conformance.oss.verify import Verification, verify

FILE = VECTORS / "signature-v4-known-answers.json"
FILE_V1 = VECTORS / "signature-v1-known-answers.json"
KNOWN = read(FILE)
KNOWN_V1 = read(FILE_V1)
ALL = (*KNOWN, *KNOWN_V1)
each_file = pytest.mark.parametrize("known", [KNOWN, KNOWN_V1], ids=["v4", "v1"])


def named(identity: str) -> Answer:
    return next(answer for answer in ALL if answer.id == identity)


@each_file
def test_all_known_answers_are_reproduced(known: tuple[Answer, ...]) -> None:
    found = calibrate(known)
    assert (found.reproduced, found.missed) == (len(known), ())


@each_file
def test_every_mutation_is_refused(known: tuple[Answer, ...]) -> None:
    found = calibrate(known)
    assert found.mutations > 30 * len(known)
    assert found.survivors == ()
    assert found.sound


def test_a_file_of_v1_holds_answers_of_v1() -> None:
    assert {type(answer) for answer in KNOWN_V1} == {KnownAnswerV1}


def test_both_modes_of_v1_are_known_and_both_with_a_token() -> None:
    found = {(answer.mode, answer.token is not None) for answer in KNOWN_V1}
    assert found == {(mode, token) for mode in ("header", "query") for token in (False, True)}


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
    assert len(calibrate(ALL).missed) == len(ALL)


def test_a_verifier_that_accepts_everything_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def accept(request: Request, **known: Any) -> Verification:
        return replace(verify(request, **known), error=None)

    monkeypatch.setattr(calibration, "verify", accept)
    found = calibrate(ALL)
    assert len(found.survivors) == found.mutations
    assert not found.sound


@each_file
def test_a_verifier_without_a_clock_is_found_out(
    monkeypatch: pytest.MonkeyPatch, known: tuple[Answer, ...]
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


@pytest.mark.parametrize("answer", ALL, ids=[answer.id for answer in ALL])
def test_a_mutation_is_never_the_request_itself(answer: Answer) -> None:
    """It changes what stands on the wire, what the service knows, or its clock."""
    sent = answer.request(answer.expect)
    same = [
        mutation.part
        for mutation in mutations(answer)
        if mutation.request == sent
        and mutation.key == answer.known_key
        and mutation.region == answer.region
        and mutation.clock == answer.clock
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
    assert part in {mutation.part for mutation in mutations(named("H2-token"))}


@pytest.mark.parametrize(
    "part",
    ["value of query parameter x-oss-credential", "query parameter x-oss-credential left out",
     "query parameter x-oss-credential empty", "x-oss-date, a second later",
     "query parameter x-oss-date left out", "x-oss-expires, a second more",
     "x-oss-expires, too many", "x-oss-expires, none", "query parameter x-oss-expires left out",
     "query parameter x-oss-additional-headers left out", "additional header more",
     "value of query parameter x-oss-signature-version", "query parameter x-oss-signature empty",
     "query parameter x-oss-signature left out", "signing date", "signing region",
     "signing product", "suffix of the scope", "access key id", "too early", "too late"],
)  # fmt: skip
def test_each_part_of_a_presigned_url_is_among_the_mutations(part: str) -> None:
    assert part in {mutation.part for mutation in mutations(named("Q3-additional"))}


@pytest.mark.parametrize(
    ("identity", "part"),
    [("V1-H2-meta", part) for part in (
        "method GET", "bucket", "key", "secret", "known access key id", "access key id",
        "value of header Content-MD5", "header Content-MD5 left out",
        "value of header Content-Type", "header Content-Type left out",
        "value of header x-oss-meta-author", "header x-oss-meta-magic left out",
        "header x-oss-meta-author twice", "a header x-oss-* more", "x-oss-date, a second later",
        "header x-oss-date left out", "prefix of the signature", "header Authorization left out",
        "first digit of the signature", "last digit of the signature", "signature in upper case",
        "signature cut", "signature empty", "too early", "too late")]
    + [("V1-H6-bodies-derived", part) for part in (
        "value of sub-resource x-oss-process", "sub-resource x-oss-process left out",
        "Date, a second later", "a header content-md5 more")]
    + [("V1-H8-bodies-token-derived", part) for part in (
        "known token", "header x-oss-security-token left out",
        "value of header x-oss-security-token")]
    + [("V1-Q2-token", part) for part in (
        "Expires a second later", "Expires a second earlier", "Expires empty",
        "Expires not a number", "Expires left out", "OSSAccessKeyId left out",
        "Signature left out", "access key id", "signature empty", "signature cut",
        "value of sub-resource security-token", "sub-resource security-token left out",
        "value of sub-resource versionId", "too late")],
)  # fmt: skip
def test_each_part_of_v1_is_among_the_mutations(identity: str, part: str) -> None:
    assert part in {mutation.part for mutation in mutations(named(identity))}


@pytest.mark.parametrize("part", ["additional header more", "additional header left out"])
@pytest.mark.parametrize("identity", ["H3-additional", "Q3-additional"])
def test_the_list_of_additional_headers_is_among_the_mutations(identity: str, part: str) -> None:
    assert part in {mutation.part for mutation in mutations(named(identity))}


# -- files that are wrong ------------------------------------------------------------------------


def refusal(tmp_path: Path, text: str | bytes) -> InputError:
    path = tmp_path / "answers.json"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(InputError) as caught:
        read(path)
    assert str(caught.value).startswith(str(path))
    return caught.value


def changed(file: Path = FILE, **members: Any) -> str:
    document = json.loads(file.read_text())
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


@pytest.mark.parametrize(
    ("member", "value"),
    [("region", "cn-hangzhou"), ("product", "oss"), ("signtime", 1), ("additional", []),
     ("expect", "0" * 64), ("expect", "A" * 28), ("expires", 1), ("token", "")],
)  # fmt: skip
def test_a_wrong_member_of_v1_is_named_by_its_json_pointer(
    tmp_path: Path, member: str, value: Any
) -> None:
    found = refusal(tmp_path, changed(FILE_V1, **{member: value}))
    assert found.place == f"/vectors/1/{member}"


@pytest.mark.parametrize(
    "headers", [{}, {"Date": ""}, {"Date": "20230721T084907"}, {"Date": "yesterday"}]
)
def test_v1_in_the_header_needs_a_time(tmp_path: Path, headers: dict[str, str]) -> None:
    found = refusal(tmp_path, changed(FILE_V1, headers=headers))
    assert (found.place, "Date" in found.rule) == ("/vectors/1/headers", True)


@pytest.mark.parametrize("signature", ["v2", "v4", "", 1])
def test_a_file_is_of_v4_or_says_v1(tmp_path: Path, signature: Any) -> None:
    document = json.loads(FILE.read_text()) | {"signature": signature}
    assert refusal(tmp_path, json.dumps(document)).place == "/signature"


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
