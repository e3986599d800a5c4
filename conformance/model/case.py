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
class Consume:
    """How a program reads the content if it does not read all of it at once."""

    limit: int | None  # bytes after which it closes the content; None: it reads to the end
    pause: int  # milliseconds before the first byte is read


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyLogin:
    """The credentials with which a program uses the mock as its HTTP proxy; None: without."""

    user: str | None
    password: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramEnvironment:
    """What the process of a program finds. It is the same for all turns of a case."""

    zone: str | None = None  # of the IANA database; None: UTC
    locale: str | None = None  # `fa_IR.UTF-8`; None: C.UTF-8
    # Its clock and the mock's are set forward to noon of the next such day, or to the next such
    # month, day, hour, minute and, if given, second (`12-31T13:30`); UTC. At most one of the two.
    day_of_month: int | None = None
    moment: str | None = None
    variables: tuple[tuple[str, str], ...] = ()
    home: tuple[tuple[str, str], ...] = ()  # files in its home folder: name and content

    @property
    def moves_clock(self) -> bool:
        """Whether the clock is set to another time."""
        return self.day_of_month is not None or self.moment is not None


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
    # `environment` (the SDK's provider) or `program` (a provider of the program's own, asked for
    # the credentials of the current call).
    provider: str = "environment"
    into: str = "memory"  # `memory` or `file` (the SDK writes the content to a file)
    consume: Consume | None = None  # None: at once and to the end
    proxy: ProxyLogin | None = None  # None: no proxy, but in host mode the mock
    environment: ProgramEnvironment | None = None  # None: the usual one


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
    # Only for requests of which all of these hold: `key` and an object key, `process` and a
    # processing string, `accept_encoding` and a content coding.
    when: tuple[tuple[str, str], ...] = ()
    faults: tuple[tuple[str, JSON], ...] = ()  # in their order, kind and argument: mock/faults.py


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What the mock does in one turn."""

    keys: tuple[KnownKey, ...]
    # A request gets the first that is unused and whose `when` holds, else the last that holds.
    replies: tuple[Reply, ...]
    region: str = "cn-hangzhou"  # required in the credential scope
    verify: bool = True  # authenticate requests and refuse them as the service does
    clock_offset: int = 0  # seconds that the mock's clock is ahead
    bound: tuple[tuple[str, str], ...] = ()  # a host name (CNAME) and the bucket behind it
    # Sent to TLS clients: `trusted`, `untrusted`, `wrong-name`, `expired`, `not-yet-valid`.
    certificate: str = "trusted"
    # For clients that use the mock as their proxy: `password` and USER:PASSWORD, or `refuse` and a
    # status; None: let everybody through.
    proxy: tuple[str, str | int] | None = None
    # The answers come from the live service, to which the tap forwards each request (mock/tap.py);
    # there are no replies.
    live: bool = False


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
    expect: tuple[Expectation, ...]  # for each call
    calls: tuple[Input, ...] = ()  # made at once on one client, in place of `input`; empty: one

    @property
    def inputs(self) -> tuple[Input, ...]:
        """The inputs of all calls."""
        return self.calls or (self.input,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One entry of a vector file."""

    id: str  # `family/topic/...`
    title: str
    provenance: Provenance
    turns: tuple[Turn, ...]
    notes: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    live: bool = False  # it may run against the live service
    why_safe: str | None = None  # why its live run is safe and what it costs; a sentence
    explore: bool = False  # it runs live only with --explore: no document says what is answered
    file: str = ""  # path of the vector file

    @property
    def family(self) -> str:
        """The first part of the id."""
        return self.id.partition("/")[0]
