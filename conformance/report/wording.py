"""The plain words for what results name in short: behaviours, their values, rules, differences.

Pure. Every output that people read takes its words from here; a name that is not in a table is
shown as it is, with spaces.
"""

import re
from collections.abc import Sequence

from conformance.model.case import Source

_STATUS = re.compile(r"retries-on-([0-9]+)")
_REUSED = "-with-reused-client"
_KINDS = {
    "without-content": "without content",
    "with-html": "with an HTML page",
    "with-json": "with JSON content",
}
_ENDS = {
    "reset": "the connection is reset",
    "cut-body": "the content is cut off",
    "timeout": "no response arrives within the read timeout",
    "timeout-in-body": "the content stops arriving",
    "closed": "the connection is closed without a response",
}
# What a reader should know about a kind of source, and how far each can be trusted.
SOURCES = {
    Source.DOCUMENTATION: "a page of the service's documentation says it; page and date are named",
    Source.STANDARD: "a standard such as RFC 9110 says it; the clause is named",
    Source.SDK_TEST: "a test in the repository of an SDK expects it",
    Source.LIVE: "the service did it in the region and on the day that are named; it may change",
    Source.ISSUE: "a public issue reports it",
    Source.DERIVED: (
        "no document says it in these words; this suite concludes it from what documents say. Read "
        "the reasoning that is given before you rely on it: the finding is as good as the reasoning"
    ),
}
DERIVED_MEANS = f"{Source.DERIVED.value}: {SOURCES[Source.DERIVED]}."
OBSERVED_MEANS = (
    "observed: what the lanes did where no document says what is right; it is recorded and "
    "compared, and never counts as a failure."
)
# Groups and their rows: the pattern of a name, and the behaviour in words.
_BEHAVIOURS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Retries",
        (
            (r"attempts-on-persistent-(\d+)", "Requests sent if every response has status {}"),
            (r"retry-delays", "Waits before the retries"),
            (r"honours-retry-after", "Waits as Retry-After asks"),
            (r"re-signs-retries", "Signs a retry again"),
            (r"retries-on-same-connection", "Retries on the same connection"),
        ),
    ),
    (
        "Redirects",
        (
            (r"follows-redirects-to-same-host", "Follows a redirect to the same host"),
            (r"follows-redirects-to-other-host", "Follows a redirect to another host"),
            (r"follows-redirects-to-http", "Follows a redirect from HTTPS to HTTP"),
            (r"sends-authorization-to-other-host", "Sends Authorization to another host"),
            (r"sends-authorization-over-http", "Sends Authorization over HTTP after a redirect"),
            (r"sends-token-to-other-host", "Sends the security token to another host"),
            (r"sends-token-over-http", "Sends the security token over HTTP after a redirect"),
            (r"re-signs-redirected-requests", "Signs a redirected request again"),
            (r"max-redirects", "Redirects followed at most"),
        ),
    ),
    ("Timeouts", ((r"read-timeout", "Read timeout in effect"),)),
    (
        "Content codings",
        (
            (r"accept-encoding", "Accept-Encoding of a request"),
            (r"decodes-(.+)-members", "Content coded with {}, in several members"),
            (r"decodes-(.+)", "Content coded with {}"),
        ),
    ),
    (
        "Request header",
        (
            (r"user-agent", "User-Agent"),
            (r"extra-headers", "Fields besides those for signing"),
            (r"timestamp-header", "Field with the time of signing"),
            (r"port-in-host-header", "Host has the port of the endpoint"),
        ),
    ),
    (
        "Connections",
        (
            (r"connection", "Connection field of a request"),
            (r"reuses-connections", "Reuses a connection of a kept client"),
            (r"alpn", "Protocols offered with ALPN"),
            (r"handshakes-with-(.+)-certificate", "Handshakes with a certificate that is {}"),
        ),
    ),
    (
        "Errors",
        (
            (r"error-fields", "Fields of a service error that a program can read"),
            (r"errors-outside-the-sdk-types", "Errors outside the SDK's documented types"),
            (r"rejected-before-sending", "Refused before sending, in cases of"),
        ),
    ),
)
_OTHER = "Other"
HEADINGS = (*(heading for heading, _ in _BEHAVIOURS), _OTHER)
_DECODED = {"yes": "decoded", "returned encoded": "not decoded"}
# Rule of a finding -> what it is about. Others are named by the part behind the family.
_SUBJECTS = {
    "auth.access-key": "access key id",
    "auth.clear-text": "credentials in clear text",
    "auth.expires": "validity of a presigned URL",
    "auth.region": "signing region",
    "auth.scheme": "form of authentication",
    "auth.secret-leak": "secret",
    "auth.time": "signing time",
    "auth.token": "security token",
    "bodies.bytes": "content",
    "bodies.parsed": "parsed document",
    "errors.caught": "type of the error",
    "errors.code": "error code",
    "errors.ec": "EC",
    "errors.kind": "result",
    "errors.message": "error message",
    "errors.origin": "origin of the error",
    "naming.target": "object key in the request",
    "process.canonical": "signed processing string",
    "process.string": "processing string",
    "program.end": "end of the program",
    "program.output": "output",
    "samples.exit": "exit code",
    "samples.output": "output of the sample",
    "transport.requests": "number of requests",
}
_NOTHING = "nothing"
# Parts of what distinguishes the lanes on a case (judge/comparable.py).
_GOT = {
    "sent no request": "no request sent",
    "answer content": "content",
    "answer error": "error",
    "document ": "empty content",
    "document refused by the parser": "content that the parser refuses",
    "origin client": "refused before sending",
    "origin service": "an error response",
    "origin transport": "a failed connection",
    "origin parse": "a response that cannot be read",
    "caught yes": "an error of the SDK's types",
    "caught no": "an error outside the SDK's types",
    "unusual fields none": "no unusual fields",
}
_WITHOUT = {"answer error", "sent no request", "requests 0"}  # said by `refused before sending`
_PART = re.compile(r"((?:call \d+ )?(?:parallel call \d+ )?)(.*)", re.DOTALL)


def behaviour(names: Sequence[str]) -> tuple[str, int, str]:
    """The heading, the place below it, and a behaviour in words.

    names: that of a profile item, or those of retries on several statuses.
    """
    name = names[0]
    if is_status(name):
        return "Retries", 0, f"Retries on status {', '.join(n.rpartition('-')[2] for n in names)}"
    if name.startswith("retries-on-") and name != "retries-on-same-connection":
        return "Retries", 1, f"Retries {_when(name.removeprefix('retries-on-'))}"
    for heading, rows in _BEHAVIOURS:
        for place, (pattern, label) in enumerate(rows, start=2):
            if found := re.fullmatch(pattern, name):
                return heading, place, label.format(*found.groups())
    return _OTHER, 0, name.replace("-", " ").capitalize()


def is_status(name: str) -> bool:
    """Whether the name is that of retries on a status, without more."""
    return _STATUS.fullmatch(name) is not None


def behaviour_value(name: str, value: str) -> str:
    """The value of the behaviour with this name in words: `not decoded`, `request id`."""
    if name.startswith("decodes-"):
        return _DECODED.get(value, value)
    return value.replace("_", " ") if name == "error-fields" else value


def _when(what: str) -> str:
    """When an SDK retries: `503-without-content`, `reset-with-reused-client`."""
    kept = " on a kept client" if what.endswith(_REUSED) else ""
    what = what.removesuffix(_REUSED)
    status, _, kind = what.partition("-")
    if status.isdecimal():
        return f"on status {status} {_KINDS.get(kind, kind.replace('-', ' '))}{kept}"
    return f"if {_ENDS.get(what, what.replace('-', ' '))}{kept}"


def deviation(rule: str, expected: str, got: str) -> str:
    """What a finding says, in a few words: `no request id`, `output 'Warning: ...'`."""
    subject = _SUBJECTS.get(rule, rule.partition(".")[2].replace("-", " "))
    if got == _NOTHING:
        return f"no {subject}"
    if expected == _NOTHING or rule.startswith(("auth.secret", "auth.clear")):
        return f"{subject}: {got}"
    return f"{subject} {got} instead of {expected}"


def got_words(got: str) -> str:
    """What distinguishes a group of lanes from the others, as an agreement has it, in words."""
    parts = [match.groups() for part in got.split("; ") if (match := _PART.fullmatch(part))]
    refused = {place for place, part in parts if part == "origin client"}
    shown = (
        place + _in_words(part)
        for place, part in parts
        if not (place in refused and part in _WITHOUT)
    )
    return "; ".join(dict.fromkeys(shown))


def _in_words(part: str) -> str:
    if part in _GOT:
        return _GOT[part]
    name, space, value = part.partition(" ")
    if name == "requests" and value.isdecimal():
        return f"{value} request{'s' * (value != '1')}"
    name = name.replace("_", " ")
    if value in ("nothing", "absent"):
        return f"no {name}"
    return name if value == "present" else f"{name}{space}{value}"
