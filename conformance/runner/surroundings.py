"""What the process of a runner finds: variables, files in its home, and a clock that is ahead.

Pure. A case's `environment` becomes this at the start of the process, because the clock is moved by
a number of seconds (libfaketime, which keeps the monotonic clock as it is).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from conformance.model.case import ProgramEnvironment

_NOON = 12
# The dynamic linker puts the folder of the machine's libraries in place of $LIB.
LIBFAKETIME = "/usr/$LIB/faketime/libfaketime.so.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The environment of a process; by default the usual one."""

    variables: tuple[tuple[str, str], ...] = ()  # besides the usual ones, or in their place
    home: tuple[tuple[str, str], ...] = ()  # files in the home folder: name and content
    offset: int = 0  # seconds that the clock is ahead


USUAL = Surroundings()


def surroundings(environment: ProgramEnvironment | None, now: datetime) -> Surroundings:
    """The surroundings of a process that starts now (UTC)."""
    if environment is None:
        return USUAL
    offset = 0
    variables: dict[str, str] = {}
    if environment.zone is not None:
        variables["TZ"] = environment.zone
    if environment.locale is not None:
        variables |= {"LANG": environment.locale, "LC_ALL": environment.locale}
    if environment.moves_clock:
        offset = round((_set_to(environment, now) - now).total_seconds())
        variables |= {
            "LD_PRELOAD": LIBFAKETIME,
            "FAKETIME": f"+{offset}s",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
    pairs = (*variables.items(), *environment.variables)
    return Surroundings(variables=pairs, home=environment.home, offset=offset)


def _set_to(environment: ProgramEnvironment, now: datetime) -> datetime:
    """The next such moment, or noon of the next such day of a month; today counts until then."""
    if environment.moment is not None:
        wanted = datetime.fromisoformat(f"{now.year}-{environment.moment}+00:00")
        return wanted if wanted >= now else wanted.replace(year=now.year + 1)
    noon = now.replace(hour=_NOON, minute=0, second=0, microsecond=0)
    while noon < now or noon.day != environment.day_of_month:
        noon += timedelta(days=1)
    return noon
