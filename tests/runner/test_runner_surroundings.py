"""What the environment of a case means for a process that starts at a certain time."""

from datetime import UTC, datetime, timedelta

import pytest

from conformance.model.case import ProgramEnvironment
from conformance.runner.surroundings import USUAL, surroundings

NOW = datetime(2026, 11, 28, 20, 0, tzinfo=UTC)
HOUR = 3600


def test_without_an_environment_they_are_the_usual_ones() -> None:
    assert surroundings(None, NOW) == USUAL


@pytest.mark.parametrize(("day", "hours"), [(28, 30 * 24 - 8), (3, 4 * 24 + 16)])
def test_the_clock_is_set_to_noon_of_the_next_such_day(day: int, hours: int) -> None:
    around = surroundings(ProgramEnvironment(day_of_month=day), NOW)
    assert around.offset == hours * HOUR
    assert dict(around.variables)["FAKETIME"] == f"+{hours * HOUR}s"


def test_a_day_that_has_begun_counts_until_noon() -> None:
    around = surroundings(ProgramEnvironment(day_of_month=28), NOW.replace(hour=11))
    assert around.offset == HOUR


def test_variables_of_the_case_come_last() -> None:
    environment = ProgramEnvironment(
        zone="Etc/GMT+12", locale="th_TH.UTF-8", variables=(("LANG", "C"),), home=((".netrc", "x"),)
    )
    around = surroundings(environment, NOW)
    assert dict(around.variables) == {"TZ": "Etc/GMT+12", "LC_ALL": "th_TH.UTF-8", "LANG": "C"}
    assert around.home == ((".netrc", "x"),)


@pytest.mark.parametrize(
    ("moment", "there"),
    [
        ("12-31T13:30", datetime(2026, 12, 31, 13, 30, tzinfo=UTC)),
        ("01-01T00:30", datetime(2027, 1, 1, 0, 30, tzinfo=UTC)),
        ("11-28T19:59", datetime(2027, 11, 28, 19, 59, tzinfo=UTC)),
        ("11-28T20:00", NOW),
        ("12-31T23:59:52", datetime(2026, 12, 31, 23, 59, 52, tzinfo=UTC)),
    ],
)
def test_the_clock_is_set_to_the_next_such_moment(moment: str, there: datetime) -> None:
    around = surroundings(ProgramEnvironment(moment=moment), NOW)
    assert NOW + timedelta(seconds=around.offset) == there
    assert dict(around.variables)["FAKETIME"] == f"+{around.offset}s"
