"""The live service as a run reaches it: where it is, whose credentials, how many requests.

It holds the user's secrets, so it is never written or shown; `target` is what results tell. Pure.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from conformance.live.live_case import endpoint_of
from conformance.model.case import Case, Credentials, Turn
from conformance.model.live_target import LiveTarget
from conformance.oss.naming import hosts
from conformance.oss.redaction import Redaction, redaction
from conformance.oss.secret_labels import BUCKET, with_real_values
from conformance.oss.v4 import Scope

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveService:
    """Everything that a live run needs to know of the service."""

    endpoint: str  # with scheme: the public one of the region, or the one that the user named
    bucket: str
    key: str
    region: str
    credentials: Credentials = field(repr=False)
    redact_bucket: bool = False
    day: str = ""  # YYYYMMDD, UTC, on which the run began: its signing keys are in no output
    addresses: tuple[tuple[str, int], ...] = ()  # of the endpoint: IP address and port
    trust: str | None = field(default=None, repr=False)  # PEM; None: plain HTTP
    requests: int = 0  # the most that the tap forwards

    @property
    def target(self) -> LiveTarget:
        """What results tell."""
        return LiveTarget(
            bucket=BUCKET if self.redact_bucket else self.bucket,
            key=self.key,
            region=self.region,
            token=bool(self.credentials.security_token),
        )

    @property
    def hosts(self) -> tuple[str, ...]:
        """The public names under which clients reach the bucket."""
        return hosts(endpoint_of(self.region), self.bucket)

    def redaction(self) -> Redaction:
        """What must be in no output."""
        scopes = (Scope(date=self.day, region=self.region),) if self.day else ()
        bucket = self.bucket if self.redact_bucket else None
        return redaction(self.credentials, bucket).with_keys(scopes)

    def real(self, turn: Turn) -> Turn:
        """The turn as a runner gets it."""
        return with_real_values(turn, self.credentials, self.bucket)

    def tap(self, dialer: str | None) -> Json:
        """The `tap` of the mock's `start` message. dialer: see `LiveEndpoint`."""
        return {
            "endpoint": {
                "addresses": [list(pair) for pair in self.addresses],
                "trust": self.trust,
                "dialer": dialer,
            },
            "hosts": list(self.hosts),
            "credentials": asdict(self.credentials),
            "bucket": self.bucket if self.redact_bucket else None,
            "requests": self.requests,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """The requests of a live run if no client repeats any."""

    billed: int  # successful: each is a GetObject of OSS and an ImageDetect of IMM
    refused: int  # answered with an error, which is not billed

    @property
    def text(self) -> str:
        """What the user is asked to agree to."""
        refused = f"; {self.refused} more are refused and not billed" if self.refused else ""
        return (
            f"{self.billed} billable requests (each a GetObject of OSS and an ImageDetect of "
            f"IMM){refused}"
        )


def costs(cases: Iterable[Case], lanes: int) -> Costs:
    """What the live cases cost on this number of lanes. An answer nobody knows counts as billed."""
    turns = [(case, turn) for case in cases for turn in case.turns]
    refused = sum(not case.explore and _is_refused(turn) for case, turn in turns)
    return Costs(billed=(len(turns) - refused) * lanes, refused=refused * lanes)


def _is_refused(turn: Turn) -> bool:
    expected = dict(pair for one in turn.expect for pair in one.values)
    return expected.get("answer") == "error"
