"""What a finding adds about the time or the day for which a request is refused."""

import pytest
from judge.notation import CLOCK, case, transcript
from judge.rule_examples import by_url, lane, refused, request

from conformance.judge import judge


def got(lines: list[str], code: str, *, clock: int = CLOCK, offset: int = 0) -> str:
    """What the finding says of a refused request; clock: the server's, of which the case sets
    `offset`."""
    expect = {"required": {"verified": "accepted"}}
    given = {"about": "a case", "script": {"clock_offset": offset}, "expect": expect}
    trial = lane(refused(code, lines) | {"clock": clock})
    (finding,) = judge(case(given), transcript(trial)).findings
    return finding.got


@pytest.mark.parametrize(
    ("ahead", "said"),
    [
        (-12 * 3600, "(signed 12 h ahead of the server's clock)"),
        (5760, "(signed 1 h 36 min behind the server's clock)"),
        (961, "(signed 16 min behind the server's clock)"),
        (365 * 86400 - 1, "(signed 365 days behind the server's clock)"),
        (1227 * 86400, "(signed 3 years behind the server's clock)"),
    ],
)
def test_a_time_that_is_refused_is_compared_with_the_servers(ahead: int, said: str) -> None:
    assert got(request(), "RequestTimeTooSkewed", clock=CLOCK + ahead).endswith(said)


@pytest.mark.parametrize(
    ("offset", "late", "said"),
    [
        (3300, 41 * 60, "signed 41 min behind the program's clock; "
         "the case sets the server's clock 55 min ahead of it"),
        (3300, 20 * 60 + 5, "signed 20 min behind the program's clock; "
         "the case sets the server's clock 55 min ahead of it"),
        (960, 3, "signed by the program's clock; the case sets the server's clock 16 min ahead of "
         "it"),
        (-915, -300, "signed 5 min ahead of the program's clock; the case sets the server's clock "
         "15 min 15 s behind it"),
        (86400, -86400 * 3, "signed 3 days ahead of the program's clock; the case sets the "
         "server's clock 24 h ahead of it"),
    ],
)  # fmt: skip
def test_a_time_that_is_refused_is_compared_with_the_programs_if_the_case_sets_them_apart(
    offset: int, late: int, said: str
) -> None:
    clock = CLOCK + late + offset
    found = got(request(), "RequestTimeTooSkewed", clock=clock, offset=offset)
    assert found.endswith(f" ({said})")


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("20230722", "names the day after that of"),
        ("20230720", "names the day before that of"),
        ("20230719", "names a day 2 days before that of"),
    ],
)
def test_a_credential_of_another_day_than_the_signed_time_is_said_to_be_so(
    day: str, said: str
) -> None:
    in_url = [line.replace("%2F20230721%2F", f"%2F{day}%2F") for line in by_url(3600)]
    in_header = [line.replace("/20230721/", f"/{day}/") for line in request()]
    date_only = [line.replace("x-oss-date: ", "Date: ") for line in in_header]
    for lines, code, name, date in (
        (in_url, "AccessDenied", "x-oss-credential", "x-oss-date"),
        (in_header, "InvalidArgument", "Credential", "x-oss-date"),
        (date_only, "InvalidArgument", "Credential", "Date"),
    ):
        assert got(lines, code).endswith(f". ({name} {said} {date})")


@pytest.mark.parametrize(
    ("old", "new"), [("%2F20230721%2F", "%2F2023-07-21%2F"), ("%2Foss%2F", "%2F")]
)
def test_of_a_credential_that_is_malformed_otherwise_no_day_is_named(old: str, new: str) -> None:
    lines = [line.replace(old, new) for line in by_url(3600)]
    assert got(lines, "AccessDenied").endswith("x-oss-credential is malformed.")
