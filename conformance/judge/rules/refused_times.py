"""What a finding adds about the time or the day for which a request is refused.

The texts are equal in equal runs: they name no date, and the times of a request, which come from a
running clock, are compared in whole minutes.
"""

from conformance.judge.view import RequestView
from conformance.mismatch.scope_hypotheses import DAY, day_beside
from conformance.oss import service_error as errors
from conformance.oss.authorization import moment_of

_OF_TIME = {one.ec for one in (errors.SKEWED, errors.URL_TOO_EARLY, errors.URL_EXPIRED)}
_OF_DAY = {one.ec for one in (errors.V4_SIGN_DATE, errors.URL_CREDENTIAL)}
_MINUTE, _HOUR, _YEAR = 60, 3600, 365 * DAY  # seconds


def time_apart(request: RequestView, offset: int) -> str:
    """By how much the signed time differs from the server's, "" if that is not why it is refused.

    offset: seconds by which the case sets the server's clock ahead of the program's; if it does,
    the signed time is compared with the program's.
    """
    error, moment = request.verification.error, request.verification.authorization.moment
    if error is None or error.ec not in _OF_TIME or moment is None:
        return ""
    seconds = round((moment - request.exchange.clock + offset) / _MINUTE) * _MINUTE
    if not offset:
        return f" (signed {_beside(seconds)} the server's clock)"
    signed = f"{_beside(seconds)} the program's clock" if seconds else "by the program's clock"
    return f" (signed {signed}; the case sets the server's clock {_beside(offset)} it)"


def other_day(request: RequestView) -> str:
    """How the day in a V4 credential differs from that of the signed time, "" if it does not, or if
    that is not why it is refused."""
    error, given = request.verification.error, request.verification.authorization
    day = moment_of(f"{given.scope.date}T000000Z") if given.scope else None
    if error is None or error.ec not in _OF_DAY or day is None or given.moment is None:
        return ""
    days = day // DAY - given.moment // DAY
    by_url = given.auth == "v4-query"
    dated = by_url or request.message.header("x-oss-date")
    date, name = "x-oss-date" if dated else "Date", "x-oss-credential" if by_url else "Credential"
    return f" ({name} names {day_beside(days, f'that of {date}')})" if days else ""


def _beside(seconds: int) -> str:
    """A time by its distance to a clock, as the words before that clock's name."""
    return f"{_span(abs(seconds))} {'ahead of' if seconds > 0 else 'behind'}"


def _span(seconds: int) -> str:
    """A time span: exact below two days, then in days, from two years on in years."""
    days = round(seconds / DAY)
    if days >= 2:
        return f"{days} days" if days * DAY < 2 * _YEAR else f"{days * DAY // _YEAR} years"
    parts = (seconds // _HOUR, "h"), (seconds % _HOUR // _MINUTE, "min"), (seconds % _MINUTE, "s")
    return " ".join(f"{number} {unit}" for number, unit in parts if number)
