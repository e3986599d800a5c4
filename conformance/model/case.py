"""A case: what a runner is asked, what the mock answers, what the judge expects.

Three parts for three readers, and no reader gets another's part. The field names are
those of `schemas/vectors.schema.json`; a test holds the two together. Values that exist are
valid: only `corpus/decode.py` makes them.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

JSON = Any  # a value as json.loads gives it


class Level(StrEnum):
    """On what footing an expectation stands."""

    REQUIRED = "required"
    RECOMMENDED = "recommended"
    OBSERVED = "observed"


class Source(StrEnum):
    """On whose word a case stands."""

    DOCUMENTATION = "documentation"
    SDK_TEST = "sdk-test"
    LIVE = "live"
    ISSUE = "issue"
    STANDARD = "standard"
    DERIVED = "derived"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Whose word: `note` is one sentence; `reference` a page, link or clause; `date` ISO 8601."""

    source: Source
    note: str
    reference: str | None = None
    date: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What the environment variables of the call hold; None means that the variable is unset."""

    access_key_id: str | None
    access_key_secret: str | None
    security_token: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """What a runner is asked to do, and all it ever sees of a case.

    A setting that is None is not set, so that the SDK's default holds.
    """

    action: str  # what the service does with the object: `image/bodies`
    parameters: tuple[tuple[str, int | str], ...]  # of the action, in the order they are written
    process: str | None  # passed through as it is in place of action and parameters
    sign: str  # `header` (GetObject) or `url` (a URL that the SDK signs beforehand)
    program: str | None  # a program that is run in place of a call: `sample`
    endpoint: str  # as a user writes it, with scheme
    region: str | None
    bucket: str
    key: str  # not encoded
    version_id: str | None  # of the object; None: the current one
    signature: str | None  # `v4` or `v1`
    credentials: Credentials | None  # None: anonymous access
    addressing: str | None  # `virtual`, `path` or `cname` (the endpoint is bound to the bucket)
    client: str  # `fresh` or `kept`
    connect_timeout: int | None  # milliseconds
    read_timeout: int | None  # milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownKey:
    """A key pair that the mock's service knows. token: the STS token it goes with, or None."""

    id: str
    secret: str
    token: str | None = None
    state: str = "active"  # active | disabled | expired: what the service says to its owner


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One scripted response.

    headers: laid over the ones the service always sends; value None takes one away. body: bytes
    as the vector gives them. error: fields of an XML error body that is written instead, with the
    exchange's own request and host id. framing: `length`, `chunked` or `close`. faults: wire
    steps in order, kind and argument; mock/script.py lists the kinds.
    """

    status: int
    headers: tuple[tuple[str, str | None], ...]
    body: bytes
    error: tuple[tuple[str, str], ...] | None = None
    framing: str = "length"
    faults: tuple[tuple[str, JSON], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What the mock is told for one turn.

    verify: authenticate as the service does and answer a refusal itself. Replies are consumed
    in order and the last one is repeated. clock_offset: seconds added to the mock's clock. bound:
    pairs of a host name (CNAME) and the bucket behind it. certificate: which one is shown to a
    client that begins with TLS: `trusted`, `untrusted`, `wrong-name`, `expired` or `not-yet-valid`.
    """

    keys: tuple[KnownKey, ...]
    replies: tuple[Reply, ...]
    region: str = "cn-hangzhou"
    verify: bool = True
    clock_offset: int = 0
    bound: tuple[tuple[str, str], ...] = ()
    certificate: str = "trusted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """Named expectations of one claim: pairs of a name from `judge.EXPECTATIONS` and its value."""

    claim: Level
    values: tuple[tuple[str, JSON], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One call of a case: most cases have one, those about reuse of a client have several."""

    input: Input
    script: Script
    expect: tuple[Expectation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One entry of a vector file; `id` is `family/topic/...`; `file` where it was read from."""

    id: str
    title: str
    provenance: Provenance
    turns: tuple[Turn, ...]
    notes: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    file: str = ""

    @property
    def family(self) -> str:
        """The first part of the id."""
        return self.id.partition("/")[0]
