"""Which bucket and object a request names: virtual-hosted style, path style, or neither.

Endpoint names are those of the page "Regions and
endpoints" (https://help.aliyun.com/en/oss/user-guide/regions-and-endpoints). With
any other host (an IP address, a machine, a CNAME) the bucket is in the path, unless the caller says
which bucket the name is bound to.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from conformance.oss.encoding import decode, query_pairs

Pair = tuple[str, str]

# public, internal, accelerate (all `oss-…`), dual-stack (`<region>.oss.…`)
_ENDPOINT = re.compile(r"(?:(.+)\.)?(oss-[a-z0-9-]+|[a-z0-9-]+\.oss)\.aliyuncs\.com\.?")
_ABSOLUTE = re.compile(r"https?://([^/?#]*)([^#]*)", re.IGNORECASE)
# On which the mock listens in containers; endpoints with others need host mode.
PORTS = (443, 80, 8080, 8443)
DEFAULT_PORTS = {"https": 443, "http": 80}  # RFC 9110 4.2
# Nobody listens on the port of the discard service; no name below .invalid exists (RFC 6761 6.4).
UNREACHABLE_PORT, UNREACHABLE_DOMAIN = 9, "invalid"
_CACHED = 256  # host names; a run has a few for each lane
# Targets: the values of `sen` for a few objects. Longer ones, such as presigned ones, are all
# different, and would fill the memory.
_CACHED_TARGETS, _LONG = 512, 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """What a request names."""

    bucket: str | None  # None if it names none
    key: str  # decoded; "" for the bucket itself
    addressing: str  # `virtual` (the bucket is in the host), `path`, or `none`
    public: bool  # whether the host is one of the service
    query: tuple[Pair, ...]  # decoded, in order
    raw_path: str  # as it is in the target
    raw_query: str  # as it is in the target, without the question mark

    @property
    def process(self) -> str | None:
        """The decoded processing string; None if there is none."""
        return next((value for name, value in self.query if name == "x-oss-process"), None)


def resolve(*, host: str, target: str, bound: tuple[Pair, ...] = ()) -> Resource:
    """The resource that a request names; never raises.

    host: value of the Host field, with or without a port. target: the raw request target; the
    authority of one in absolute form overrides the host (RFC 9112 3.2.2). bound: pairs of a host
    name (CNAME) and the bucket that it is bound to.
    """
    if len(target) + len(host) > _LONG:
        return _resolve(host, target, bound)
    return _resolve_cached(host, target, bound)


def _resolve(host: str, target: str, bound: tuple[Pair, ...]) -> Resource:
    absolute = _ABSOLUTE.match(target) if not target.startswith("/") else None
    if absolute:
        host, target = absolute.groups()
        if not target.startswith("/"):
            target = "/" + target
    raw_path, _, raw_query = target.partition("?")
    query = query_pairs(raw_query)
    name = bare_host(host)
    bucket = next((to for known, to in bound if bare_host(known) == name), None)
    if bucket is None:
        bucket = _virtual_bucket(name)
    path = raw_path[1:] if raw_path.startswith("/") else ""
    if bucket is not None:
        addressing, key = "virtual", decode(path)
    else:
        first, _, rest = path.partition("/")
        bucket, key = decode(first) or None, decode(rest)
        addressing = "path" if bucket else "none"
    return Resource(
        bucket=bucket,
        key=key,
        addressing=addressing,
        public=is_public(name),
        query=query,
        raw_path=raw_path,
        raw_query=raw_query,
    )


_resolve_cached = lru_cache(maxsize=_CACHED_TARGETS)(_resolve)


@lru_cache(maxsize=_CACHED)
def bare_host(host: str) -> str:
    """A host in lower case, without user information, port, brackets and final dot."""
    name = host.strip().lower().rpartition("@")[2]
    if name.startswith("["):
        return name.partition("]")[0][1:]
    return name.partition(":")[0].rstrip(".")


def unbracketed(authority: str) -> tuple[str, str] | None:
    """The IPv6 address that lacks its brackets, and the port after it; None if it is no such."""
    if authority.count(":") < 2 or authority.startswith("["):
        return None
    host, _, port = authority.rpartition(":")
    return host, port


@lru_cache(maxsize=_CACHED)
def port_of(authority: str, scheme: str) -> int | None:
    """The port that an authority (`host` or `host:port`) names or implies; None: no number."""
    try:
        port = urlsplit(f"//{authority}").port
    except ValueError:
        return None
    return DEFAULT_PORTS.get(scheme) if port is None else port


@lru_cache(maxsize=_CACHED)
def is_public(name: str) -> bool:
    """Whether a host, in the form of `bare_host`, is one of the service: an endpoint or below it.

    Path style is for all other hosts; the service refuses it.
    """
    return _ENDPOINT.fullmatch(name) is not None


@lru_cache(maxsize=_CACHED)
def region_of(host: str) -> str | None:
    """The region of an endpoint of the service; None for another host and for acceleration.

    host: value of the Host field.
    """
    match = _ENDPOINT.fullmatch(bare_host(host))
    region = match.group(2) if match else "oss-accelerate"
    region = region.removeprefix("oss-").removesuffix(".oss").removesuffix("-internal")
    return None if region.startswith("accelerate") else region


@lru_cache(maxsize=_CACHED)
def _virtual_bucket(name: str) -> str | None:
    match = _ENDPOINT.fullmatch(name)
    return match.group(1) if match else None


@lru_cache(maxsize=_CACHED)
def hosts(endpoint: str, bucket: str) -> tuple[str, ...]:
    """Host names that a client of this endpoint may contact: virtual-hosted first, then path style.

    endpoint: as a user writes it, with or without scheme and port. An IP address gets no bucket
    prefix. Empty if the endpoint has no host.
    """
    try:
        name = urlsplit(endpoint if "://" in endpoint else f"//{endpoint}").hostname or ""
    except ValueError:
        return ()
    name = name.rstrip(".")
    if not name:
        return ()
    if _is_address(name) or not bucket:
        return (name,)
    return f"{bucket.lower()}.{name}", name


def is_misdirected(endpoint: str) -> bool:
    """Whether a client reaches the mock at this endpoint through a proxy only.

    The table of host names has no address and no name with a final dot, and some clients read a
    scheme that is not in lower case as part of the name. Without a name a client may make one up.
    The mock listens on PORTS.
    """
    scheme, separator, rest = endpoint.strip().partition("://")
    try:
        parts = urlsplit(f"//{rest if separator else scheme}")
        name, port = parts.hostname or "", parts.port
    except ValueError:
        return False  # what is no URL is not resolved
    is_usual = not separator or scheme in DEFAULT_PORTS
    is_reached = is_usual and port in (None, *PORTS) and name != "" and is_looked_up(name)
    return not is_reached and not is_unreachable(endpoint)


def is_unreachable(endpoint: str) -> bool:
    """Whether a client that uses no proxy cannot connect: no such host, or nobody listens."""
    try:
        parts = urlsplit(endpoint if "://" in endpoint else f"//{endpoint}")
        name, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    return port == UNREACHABLE_PORT or name.rpartition(".")[2] == UNREACHABLE_DOMAIN


def is_looked_up(name: str) -> bool:
    """Whether clients look this host up in a table of names: not an IP address or localhost."""
    return not (_is_address(name) or name == "localhost" or name.endswith("."))


def _is_address(name: str) -> bool:
    # `127.1` and `2130706433` are IPv4 addresses for inet_aton, which many resolvers ask first.
    return ":" in name or re.fullmatch(r"[0-9]+(\.[0-9]+){0,3}", name) is not None
