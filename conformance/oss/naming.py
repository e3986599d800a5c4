"""Which bucket and object a request names: virtual-hosted, path style, or neither.

Reads the Host and the raw target and decodes each part once. Endpoint names are those of
the page "Regions and endpoints" (https://help.aliyun.com/en/oss/user-guide/regions-and-endpoints);
any other host is an IP address, a machine's own name or a CNAME: then the bucket stands in the
path, unless the caller knows which bucket the name is bound to.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from conformance.oss.encode import decode, query_pairs

Pair = tuple[str, str]

# public, internal, accelerate (all `oss-…`), dual-stack (`<region>.oss.…`)
_ENDPOINT = re.compile(r"(?:(.+)\.)?(oss-[a-z0-9-]+|[a-z0-9-]+\.oss)\.aliyuncs\.com\.?")
_ABSOLUTE = re.compile(r"https?://([^/?#]*)([^#]*)", re.IGNORECASE)
_KEPT = 256  # host names of a run, a few for each lane


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """What a request names. bucket: None if it names none. key: decoded, "" for the bucket itself.

    addressing: `virtual` (bucket in the host), `path`, or `none`. query: decoded pairs in order.
    raw_path, raw_query: as they stand in the target, a query without its question mark.
    """

    bucket: str | None
    key: str
    addressing: str
    query: tuple[Pair, ...]
    raw_path: str
    raw_query: str


def resolve(*, host: str, target: str, bound: tuple[Pair, ...] = ()) -> Resource:
    """The resource of a request; total. bound: pairs of a host (CNAME) and the bucket behind it.

    host: value of the Host field, port allowed. target: raw request target; in absolute form its
    own authority counts (RFC 9112 3.2.2).
    """
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
        query=query,
        raw_path=raw_path,
        raw_query=raw_query,
    )


@lru_cache(maxsize=_KEPT)
def bare_host(host: str) -> str:
    """A host in lower case without user information, port, brackets and final dot."""
    name = host.strip().lower().rpartition("@")[2]
    if name.startswith("["):
        return name.partition("]")[0][1:]
    return name.partition(":")[0].rstrip(".")


@lru_cache(maxsize=_KEPT)
def _virtual_bucket(name: str) -> str | None:
    match = _ENDPOINT.fullmatch(name)
    return match.group(1) if match else None


def is_endpoint(host: str) -> bool:
    """Whether this is the name of an OSS endpoint without a bucket in front of it."""
    match = _ENDPOINT.fullmatch(bare_host(host))
    return match is not None and match.group(1) is None


@lru_cache(maxsize=_KEPT)
def hosts(endpoint: str, bucket: str) -> tuple[str, ...]:
    """Host names that a client of this endpoint may contact: virtual-hosted first, then path style.

    endpoint: as a user writes it, with or without scheme and port. An IP address takes no bucket
    in front of it. Empty if the endpoint holds no host.
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


def is_resolved(endpoint: str) -> bool:
    """Whether a client that looks names up gets to this endpoint, whatever it makes of the text.

    With a final dot a name is not the one in a table of names, and a scheme that is not in lower
    case is read as a part of the name by some.
    """
    scheme, between, rest = endpoint.strip().partition("://")
    try:
        name = urlsplit(f"//{rest if between else scheme}").hostname or ""
    except ValueError:
        return True  # names nothing at all: then it is not the network that stops a client
    usual = not between or scheme in ("https", "http")
    return usual and is_looked_up(name)


def is_looked_up(name: str) -> bool:
    """Whether a host is found in a table of names: no address, not the client's own machine."""
    return not (_is_address(name) or name == "localhost" or name.endswith("."))


def _is_address(name: str) -> bool:
    return ":" in name or re.fullmatch(r"[0-9]+(\.[0-9]+){3}", name) is not None
