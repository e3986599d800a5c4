"""Defects that show in some calls only: a request sent again, a later call, another setting."""

from fakes import changes, clocks, conditions, lines, meeting
from fakes.defects.auth import SIGNED
from fakes.twist import Twist

_LATER_CALL = ("transport/certificate/later-call-wrong-name",)

DEFECTS: dict[str, Twist] = {
    "token-lost-in-a-retry": Twist(
        does="forgets the token when it sends a request again", rule="auth.token",
        cases=("errors/retries/503-token", "errors/retries/503-token-presigned"),
        given=SIGNED, replies=("busy-once",), send=conditions.again_as(changes.forget_token),
    ),
    "version-lost-in-a-retry": Twist(
        does="forgets the version when it sends a request again", rule="naming.version",
        cases=("errors/retries/503-version",), given={"version_id": "CAEQ"},
        replies=("busy-once",), send=conditions.again_as(lambda c: c | {"version_id": None}),
    ),
    "time-out-lost-in-a-retry": Twist(
        does="waits without end for the answer to a request that it sent again",
        rule="errors.kind", cases=("transport/waiting/stall-of-another-attempt",), alone=False,
        send=conditions.again_as(lambda c: c | {"timeouts": {"connect": None, "read": None}}),
    ),
    "time-outs-swapped": Twist(
        does="takes the time-out for connecting for that of reading", rule="errors.kind",
        cases=("transport/waiting/longer-than-connecting-may-take",), alone=False,
        command=conditions.timeouts_swapped,
    ),
    "added-to-what-came": Twist(
        does="adds the second answer to what came of the first", rule="bodies.bytes",
        cases=("errors/retries/content-broke-off",), replies=("cut-once",),
        send=conditions.added_if(lambda _: True),
    ),
    "certificate-not-verified": Twist(
        does="sends its request to whoever answers", rule="transport.certificate",
        cases=("transport/certificate/untrusted",), certificate="untrusted",
        send=conditions.unverified_if(lambda _: True),
    ),
    "certificate-not-verified-of-a-bound-name": Twist(
        does="sends its request to whoever answers for a bound name",
        rule="transport.certificate", cases=("transport/certificate/cname-*",),
        given={"endpoint": "https://img.example.com", "addressing": "cname"},
        certificate="untrusted",
        send=conditions.unverified_if(lambda command: command["addressing"] == "cname"),
    ),
    "certificate-not-verified-again": Twist(
        does="verifies who answers for the first connection of a client only",
        rule="transport.certificate", cases=_LATER_CALL, alone=False,
        send=conditions.unverified_if(conditions.from_the_second_call_on()),
    ),
    "certificate-not-verified-at-a-port": Twist(
        does="sends its request to whoever answers at a port that is named",
        rule="transport.certificate", cases=_LATER_CALL, alone=False,
        send=conditions.unverified_if(conditions.at_another_port),
    ),
    "certificate-not-verified-in-parts": Twist(
        does="sends its request to whoever answers if content is read in parts",
        rule="transport.certificate", cases=_LATER_CALL, alone=False,
        send=conditions.unverified_if(conditions.in_parts),
    ),
    "gzip-in-lower-case-only": Twist(
        does="asks for gzip and does not decode what is called GZIP", rule="bodies.coding",
        cases=("transport/coding/on-demand-upper-case",), alone=False,
        sent=changes.headers(Accept_Encoding="gzip"), send=lines.read(conditions.gunzip_by_name),
    ),
    "charset-of-json-obeyed": Twist(
        does="decodes content by the charset beside its type", rule="bodies.bytes",
        cases=("transport/object-headers/charset",), alone=False,
        send=lines.read(conditions.by_charset),
    ),
    "fields-of-an-earlier-error": Twist(
        does="fills what an error does not say with what the one before it said",
        rule="errors.ec", cases=("transport/reuse/after-error-with-more-fields",), alone=False,
        client=conditions.fields_stay,
    ),
    "file-of-another-call": Twist(
        does="has one file for what all threads write", rule="bodies.bytes",
        cases=("transport/threads/files",), alone=False, can=("to-file",), answer=meeting.last,
    ),
    "scope-of-the-last-day": Twist(
        does="dates the scope of a URL by the day on which it ends", rule="auth.signature",
        cases=("auth/program-clock/last-evening-v4-url",), alone=False,
        sign=clocks.scope_of_the_last_day,
    ),
}  # fmt: skip
