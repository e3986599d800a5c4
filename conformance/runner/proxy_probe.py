"""The calls that show, before any case, that a runner in host mode uses the proxy of the command.

Their host can be reached through the proxy only: no resolver knows a name below `invalid` (RFC 6761
6.4). Without the proxy a request to the real service's name would leave the machine. Pure.
"""

from conformance.model.case import Credentials, Input, Reply, Script
from conformance.model.http import Journal
from conformance.model.message import Answer, Failure
from conformance.model.verdict import Problem

HOST = "oss-bodies-probe.invalid"
_QUOTED = 200  # characters of an error's text
BUCKET = "examplebucket"
SCRIPT = Script(keys=(), replies=(Reply(status=200, headers=(), body=b"{}"),), verify=False)


def probes() -> tuple[Input, ...]:
    """The calls, one for each scheme."""
    return tuple(_probe(f"{scheme}://{HOST}") for scheme in ("http", "https"))


def arrived(journal: Journal) -> bool:
    """Whether the proxy saw anything of a call; a failed handshake or a flood came through it."""
    return bool(journal.exchanges or journal.handshakes or journal.exceeded)


def not_used(given: Input, outcome: Answer | Problem) -> Problem:
    """The problem of a runner whose call did not arrive. outcome: its answer, or how it failed."""
    if isinstance(outcome, Problem):
        how = f", and the runner failed ({outcome.reason})"
    elif isinstance(outcome, Failure):
        how = f", and the runner answered {outcome.error_class}: {outcome.text[:_QUOTED]!r}"
    else:
        how = f", and the runner answered: {outcome.kind}"
    return Problem(
        step="start",
        reason=f"the proxy was not used: no request to {given.endpoint} arrived there{how}",
        remedy="give the SDK the `proxy` of the command, for http and https endpoints (both are "
        "called before any case), or use --in container",
    )


def _probe(endpoint: str) -> Input:
    return Input(
        action="image/bodies",
        parameters=(),
        process=None,
        sign="header",
        program=None,
        endpoint=endpoint,
        region="cn-hangzhou",
        bucket=BUCKET,
        key="example.jpg",
        version_id=None,
        signature=None,
        credentials=Credentials(access_key_id="probe", access_key_secret="probe"),
        addressing="virtual",
        client="fresh",
        connect_timeout=5000,
        read_timeout=5000,
    )
