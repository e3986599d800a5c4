"""A case: input for a runner, a script for the mock, and expectations for the judge.

Each of the three gets its own part and no other. The field names are those of
`schemas/vectors.schema.json` (a test compares them). Only `corpus/decode.py` makes cases, so every
`Case` is valid.
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
    """Values of the environment variables for the call; None: the variable is unset."""

    access_key_id: str | None
    access_key_secret: str | None
    security_token: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """What a runner has to do, and the only part of a case that it gets.

    A setting that is None is not set, so that the SDK's default holds.
    """

    action: str  # first part of the processing string: `image/bodies`
    parameters: tuple[tuple[str, int | str], ...]  # of the action, in order
    process: str | None  # processing string to send unchanged; replaces action and parameters
    sign: str  # `header` (GetObject) or `url` (a URL that the SDK signs beforehand)
    program: str | None  # program to run instead of a call: `sample`
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
    # Changes to the header fields that the service always sends; None removes one.
    headers: tuple[tuple[str, str | None], ...]
    body: bytes
    # Elements of an XML error that replaces `body`; the mock adds the request id and the host id.
    error: tuple[tuple[str, str], ...] | None = None
    framing: str = "length"  # `length`, `chunked` or `close`
    faults: tuple[tuple[str, JSON], ...] = ()  # in their order, kind and argument: mock/faults.py


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What the mock does in one turn."""

    keys: tuple[KnownKey, ...]
    replies: tuple[Reply, ...]  # used in their order, the last one repeatedly
    region: str = "cn-hangzhou"  # required in the credential scope
    verify: bool = True  # authenticate requests and refuse them as the service does
    clock_offset: int = 0  # seconds that the mock's clock is ahead
    bound: tuple[tuple[str, str], ...] = ()  # a host name (CNAME) and the bucket behind it
    # Sent to TLS clients: `trusted`, `untrusted`, `wrong-name`, `expired`, `not-yet-valid`.
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
    file: str = ""  # path of the vector file

    @property
    def family(self) -> str:
        """The first part of the id."""
        return self.id.partition("/")[0]
