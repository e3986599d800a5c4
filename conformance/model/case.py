"""A case: what a runner is asked, what the mock answers, what the judge expects.

There are three parts for three readers, and none of them gets another's part. The field names are
those of `schemas/vectors.schema.json` (there is a test). A value that exists is valid: only
`corpus/decode.py` makes cases.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

JSON = Any  # a value as json.loads gives it


class Level(StrEnum):
    """Requirement level of an expectation, as in RFC 2119: MUST, SHOULD, and no requirement."""

    REQUIRED = "required"
    RECOMMENDED = "recommended"
    OBSERVED = "observed"


class Source(StrEnum):
    """The kind of source that a case rests on."""

    DOCUMENTATION = "documentation"
    SDK_TEST = "sdk-test"
    LIVE = "live"
    ISSUE = "issue"
    STANDARD = "standard"
    DERIVED = "derived"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What a case rests on."""

    source: Source
    note: str  # what the source says, or the reasoning; a sentence
    reference: str | None = None  # page, link or clause
    date: str | None = None  # of the page or observation, ISO 8601
    region: str | None = None  # of an observation of the live service


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
    """A key pair that the mock knows."""

    id: str
    secret: str
    token: str | None = None  # the security token that goes with it
    state: str = "active"  # `active`, `disabled` or `expired`


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One scripted response."""

    status: int
    # Changes to the fields that the service always sends; a value of None removes one.
    headers: tuple[tuple[str, str | None], ...]
    body: bytes
    # Elements of an XML error in place of `body`; the mock adds the request id and the host id.
    error: tuple[tuple[str, str], ...] | None = None
    framing: str = "length"  # `length`, `chunked` or `close`
    faults: tuple[tuple[str, JSON], ...] = ()  # in their order, kind and argument: mock/faults.py


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What the mock does in one turn."""

    keys: tuple[KnownKey, ...]
    replies: tuple[Reply, ...]  # used in their order, the last one repeatedly
    region: str = "cn-hangzhou"  # that a signature must be for
    verify: bool = True  # authenticate as the service does, and answer with its refusal
    clock_offset: int = 0  # seconds that the mock's clock is ahead
    bound: tuple[tuple[str, str], ...] = ()  # a host name (CNAME) and the bucket behind it
    # What a TLS client is shown: `trusted`, `untrusted`, `wrong-name`, `expired`, `not-yet-valid`.
    certificate: str = "trusted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """The expectations of one level."""

    claim: Level
    values: tuple[tuple[str, JSON], ...]  # name (of `judge.EXPECTATIONS`) and expected value


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One call of a case. Most cases have one; those about reuse of a client have several."""

    input: Input
    script: Script
    expect: tuple[Expectation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One entry of a vector file."""

    id: str  # `family/topic/...`
    title: str
    provenance: Provenance
    turns: tuple[Turn, ...]
    notes: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    file: str = ""  # that it was read from

    @property
    def family(self) -> str:
        """The first part of the id."""
        return self.id.partition("/")[0]
