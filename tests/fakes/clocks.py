"""Ways to sign with a clock that goes wrong: another zone, another day, a key of yesterday.

Whether the day is another one hangs on the hour, so those near midnight bring their own: a time
zone in which it is another day than in UTC, or a midnight between two calls.
"""

import calendar
import hashlib
import hmac
import time
from collections.abc import Callable
from email.utils import mktime_tz, parsedate_tz
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, quote

from fakes.changes import SIGN
from fakes.reference import runner
from fakes.twist import Message, Reply, Send, swapped

HOUR, DAY = 3600, 86400
EASTERNMOST, WESTERNMOST = 14 * HOUR, -12 * HOUR  # time zones that are in use


def ahead(seconds: int) -> Callable[[Any, Message], None]:
    """Signs by a clock that is so much ahead of UTC."""

    def sign(request: Any, command: Message) -> None:
        clock = SimpleNamespace(
            gmtime=lambda: time.gmtime(time.time() + seconds), strftime=time.strftime
        )
        with swapped(runner, "time", clock):
            SIGN(request, command)

    return sign


def local_day(request: Any, command: Message) -> None:
    """Dates the scope by the local calendar, in a zone where it is another day than in UTC."""
    now = time.time()
    zone = EASTERNMOST if time.gmtime(now).tm_hour >= 10 else WESTERNMOST
    _sign(request, command, scope_day=now + zone, key_day=now + zone)


def elsewhere() -> str:
    """A time zone in which it is another day than in UTC, as the variable TZ names it."""
    return "Pacific/Kiritimati" if time.gmtime().tm_hour >= 10 else "Etc/GMT+12"


def day_of_the_zone(request: Any, command: Message) -> None:
    """Dates the scope by the calendar of the program's time zone."""
    now = time.time()
    day = now + time.localtime(now).tm_gmtoff
    _sign(request, command, scope_day=day, key_day=day)


def time_of_the_zone(request: Any, command: Message) -> None:
    """Signs by the clock of the program's time zone."""
    ahead(time.localtime().tm_gmtoff)(request, command)


def standard_time_of_the_zone(request: Any, command: Message) -> None:
    """Turns local time into UTC by the zone's standard offset, in summer too."""
    ahead(time.localtime().tm_gmtoff + time.timezone)(request, command)


class Learning:
    """A clock that is set by the Date of answers, for the later calls of a kept client.

    when: whether an answer sets it, by its body.
    """

    def __init__(self, when: Callable[[bytes], bool]) -> None:
        self._when = when
        self._offset = 0

    def sign(self, request: Any, command: Message) -> None:
        """Sign by this clock."""
        ahead(self._offset if command["client"] == "kept" else 0)(request, command)

    def send(self, send: Send, request: Any, command: Message) -> Reply:
        """Send the request, and set the clock by the answer."""
        status, headers, body = send(request, command)
        date = parsedate_tz(headers["Date"]) if headers["Date"] else None
        if date is not None and self._when(body):
            self._offset = mktime_tz(date) - int(time.time())
        return status, headers, body


def stopped(seconds: int = 0, sign: str = "") -> Callable[[Any, Message], None]:
    """Signs the calls of kept clients with one time: of the first, or read each so many seconds.

    sign: only those that sign in this way; "": all.
    """
    read: list[float] = []

    def now() -> float:
        if not read or 0 < seconds <= time.time() - read[0]:
            read[:] = [time.time()]
        return read[0]

    def signed(request: Any, command: Message) -> None:
        clock: Any = SimpleNamespace(gmtime=lambda: time.gmtime(now()), strftime=time.strftime)
        if command["client"] != "kept" or (now() and sign not in ("", command["sign"])):
            clock = time
        with swapped(runner, "time", clock):
            SIGN(request, command)

    return signed


def hours_of_twelve(request: Any, command: Message) -> None:
    """Writes the hours of a clock that has twelve."""
    _written(lambda form, moment: time.strftime(form.replace("%H", "%I"), moment))(request, command)


def year_of_the_week(request: Any, command: Message) -> None:
    """Writes the year to which most days of a week belong that begins today."""

    def written(form: str, moment: time.struct_time) -> str:
        middle = time.gmtime(calendar.timegm(moment) + 3 * DAY)
        return time.strftime(form.replace("%Y", str(middle.tm_year)), moment)

    _written(written)(request, command)


def _written(strftime: Callable[[str, Any], str]) -> Callable[[Any, Message], None]:
    def sign(request: Any, command: Message) -> None:
        clock = SimpleNamespace(gmtime=time.gmtime, strftime=strftime)
        with swapped(runner, "time", clock):
            SIGN(request, command)

    return sign


def scope_of_the_last_day(request: Any, command: Message) -> None:
    """Dates the scope of a URL by the day on which it ends."""
    SIGN(request, command)
    if command["sign"] == "url":
        now = dict(parse_qsl(request.query))["x-oss-date"]
        last = time.strftime("%Y%m%d", time.gmtime(time.time() + HOUR))
        request.query = request.query.replace(f"%2F{now[:8]}%2F", f"%2F{last}%2F")
        _prove_again(request, command)


def _prove_again(request: Any, command: Message) -> None:
    """Sign a URL whose parameters have changed."""
    request.query = request.query.rpartition("&x-oss-signature=")[0]
    pairs = dict(parse_qsl(request.query))
    scope = pairs["x-oss-credential"].split("/")[-4:]
    proof = runner.prove(request, command, pairs["x-oss-date"], scope)
    request.query += f"&x-oss-signature={proof}"


def valid_for(seconds: int, *, before: int = 0) -> Callable[[Any, Message], None]:
    """Signs URLs that are valid for so many seconds, from so many before the call on."""

    def sign(request: Any, command: Message) -> None:
        ahead(-before if command["sign"] == "url" else 0)(request, command)
        if command["sign"] != "url":
            return
        request.query = request.query.replace("x-oss-expires=3600", f"x-oss-expires={seconds}")
        _prove_again(request, command)

    return sign


def key_of_yesterday() -> Callable[[Any, Message], None]:
    """Keeps the signing key of a client's first call, between which and the next midnight lies."""
    return _kept_key(lambda times: times[-1] - (DAY if len(times) > 1 else 0))


def key_of_the_first_day() -> Callable[[Any, Message], None]:
    """Derives the signing key of a client once, whatever day it is later."""
    return _kept_key(lambda times: times[0])


def _kept_key(day: Callable[[list[float]], float]) -> Callable[[Any, Message], None]:
    """Signs the calls of kept clients with the key of a day, by the times of their calls so far."""
    times: list[float] = []

    def sign(request: Any, command: Message) -> None:
        if command["client"] != "kept" or command["credentials"] is None:
            SIGN(request, command)
            return
        times.append(time.time())
        _sign(request, command, scope_day=times[-1], key_day=day(times))

    return sign


def _sign(request: Any, command: Message, *, scope_day: float, key_day: float) -> None:
    """Signature V4 with the day of the scope and of the key of one's own, seconds of Unix time."""
    SIGN(request, command)
    if command["sign"] != "header":
        return
    keys, now = command["credentials"], request.headers["x-oss-date"]
    days = [time.strftime("%Y%m%d", time.gmtime(day)) for day in (scope_day, key_day)]
    scope, of_key = ([day, command["region"], "oss", "aliyun_v4_request"] for day in days)
    resource = quote(f"/{command['bucket']}/{command['key']}")
    signed = [f"{k}:{v}" for k, v in sorted(request.headers.items()) if k.startswith("x-oss-")]
    lines = [request.method, resource, request.query, *signed, "", "", "UNSIGNED-PAYLOAD"]
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    key = f"aliyun_v4{keys['access_key_secret']}".encode()
    for part in [*of_key, f"OSS4-HMAC-SHA256\n{now}\n{'/'.join(scope)}\n{digest}"]:
        key = hmac.digest(key, part.encode(), "sha256")
    credential = "/".join([keys["access_key_id"], *scope])
    proof = f"OSS4-HMAC-SHA256 Credential={credential},Signature={key.hex()}"
    request.headers["Authorization"] = proof
