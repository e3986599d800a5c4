"""What `oss-bodies run --live` does before a run: credentials, endpoint, costs and consent.

Everything that is wrong here ends with exit code 2 or 3 before a request has been sent.
"""

import configparser
import contextlib
import ipaddress
import os
import resource
import socket
import ssl
import stat
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO, cast
from urllib.parse import urlsplit

from requests.utils import DEFAULT_CA_BUNDLE_PATH

from conformance.command.out import note
from conformance.errors import CannotRunError, InputError
from conformance.live.live_case import chosen, endpoint_of
from conformance.live.live_service import LiveService, costs
from conformance.model.case import Case, Credentials
from conformance.oss.naming import DEFAULT_PORTS
from conformance.oss.redaction import Redaction
from conformance.oss.secret import SHORTEST

_VARIABLES = ("OSS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_SECRET", "OSS_SESSION_TOKEN")
# Names in a profile file, without underscores and in lower case, as ossutil writes them.
_NAMES = (("accesskeyid",), ("accesskeysecret",), ("ststoken", "securitytoken", "sessiontoken"))
# Requests that the tap forwards at most, for each planned one: an SDK may have to repeat one.
_ALLOWANCE = 2


def refuse_without_live(options: Namespace) -> None:
    """Raise InputError for an option of live runs in another run."""
    names = ("bucket", "key", "region", "endpoint", "ca", "credentials", "max_requests", "redact")
    for name in (*names, "yes", "explore"):
        if getattr(options, name):
            option = f"--{name.replace('_', '-')}"
            raise _wrong(option, "is an option of live runs", "add --live, or remove it")


def live_service(options: Namespace) -> LiveService:
    """The service that the options name, not yet resolved; raises InputError."""
    for name in ("bucket", "key", "region"):
        if not getattr(options, name):
            rule = "is missing: a live run needs the bucket, the key of an image and the region"
            raise _wrong(f"--{name}", rule, "add it")
    return LiveService(
        endpoint=options.endpoint or endpoint_of(options.region),
        bucket=options.bucket,
        key=options.key,
        region=options.region,
        credentials=_credentials(options.credentials),
        redact_bucket="bucket" in options.redact,
        day=datetime.now(UTC).strftime("%Y%m%d"),
    )


def live_cases(cases: Sequence[Case], *, explore: bool) -> tuple[Case, ...]:
    """The selected cases that may run live; raises InputError if there are none."""
    live = chosen(cases, explore=explore)
    if not live:
        raise _wrong(
            "--case", "no selected case may run live", "'oss-bodies show CASE' says which may"
        )
    return live


def resolved(service: LiveService, options: Namespace) -> LiveService:
    """The service with its addresses and what to trust; raises InputError or CannotRunError."""
    named = options.endpoint is not None
    try:
        parts = urlsplit(service.endpoint)
        port = parts.port or DEFAULT_PORTS.get(parts.scheme, 0)
    except ValueError:
        parts, port = urlsplit(""), 0
    if parts.hostname is None or not port:
        raise _wrong("--endpoint", f"{service.endpoint!r} is not http(s)://HOST[:PORT]", "correct")
    host = parts.hostname if named else service.hosts[0]
    addresses = tuple(dict.fromkeys(_looked_up(host, port)))
    private = [address for address, _ in addresses if not ipaddress.ip_address(address).is_global]
    if private and not named:
        raise CannotRunError(
            step="live",
            reason=f"{host} has the address {private[0]}, which is not public",
            remedy="check the name resolution, or name the endpoint with --endpoint",
        )
    trust = _trusted(options.ca) if parts.scheme == "https" else None
    return replace(service, addresses=addresses, trust=trust)


def agreed(
    service: LiveService, cases: Sequence[Case], lanes: int, options: Namespace
) -> LiveService:
    """The service with its budget, after the user has agreed to the costs; else InputError."""
    planned = costs(cases, lanes)
    total = planned.billed + planned.refused
    budget = options.max_requests or max(1, total * _ALLOWANCE)
    note(f"live: {planned.text}; at most {budget} requests are sent, whatever an SDK repeats")
    if not options.yes:
        if not sys.stdin.isatty():
            rule = "the costs of a live run need consent, and there is no terminal to ask at"
            raise _wrong("--live", rule, "add --yes")
        note("live: send them? [y/N] ")
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            raise _wrong("--live", "not agreed, so nothing was sent", "answer y, or add --yes")
    return replace(service, requests=budget)


def reachable(service: LiveService, mode: str) -> None:
    """Raise CannotRunError for an endpoint that the tap cannot reach from a container."""
    local = any(ipaddress.ip_address(address).is_loopback for address, _ in service.addresses)
    if local and mode == "container":
        raise CannotRunError(
            step="live",
            reason=f"{service.endpoint} is this machine, which is another one in a container",
            remedy="use --in host",
        )


@contextlib.contextmanager
def without_secrets(redaction: Redaction) -> Iterator[None]:
    """Let nothing that this program prints show a secret, tracebacks included, nor dump its memory.

    Children inherit the limit on core dumps.
    """
    limits = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, limits[1]))
    output, errors = (RedactingStream(stream, redaction) for stream in (sys.stdout, sys.stderr))
    try:
        with (
            contextlib.redirect_stdout(cast(TextIO, output)),
            contextlib.redirect_stderr(cast(TextIO, errors)),
        ):
            yield
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, limits)


class RedactingStream:
    """A text stream that replaces secrets in what is written, line by line."""

    def __init__(self, stream: TextIO, redaction: Redaction) -> None:
        self._stream, self._redaction = stream, redaction

    def write(self, text: str) -> int:
        """Write the text without secrets."""
        self._stream.write(self._redaction.text(text))
        return len(text)

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)


def _credentials(profile: str | None) -> Credentials:
    values = _of_profile(Path(profile)) if profile else tuple(map(os.environ.get, _VARIABLES))
    identity, secret, token = (value or None for value in values)
    source = profile or "environment"
    if identity is None or secret is None:
        rule = f"has no {_VARIABLES[0] if identity is None else _VARIABLES[1]}"
        remedy = "set both variables, or name a profile file with --credentials"
        raise _wrong(source, rule, remedy)
    if min(len(identity), len(secret), len(token or identity)) < SHORTEST:
        rule = f"an access key id, secret or token has fewer than {SHORTEST} characters"
        raise _wrong(source, rule, "set the ones of your account")
    return Credentials(access_key_id=identity, access_key_secret=secret, security_token=token)


def _of_profile(path: Path) -> tuple[str | None, ...]:
    """Id, secret and token in the first section of a file as ossutil writes it."""
    parser = configparser.ConfigParser(interpolation=None)
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise _wrong(str(path), "other users may read it", f"chmod 600 {path}")
        parser.read_string(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _wrong(str(path), str(error.strerror), "name a file that you can read") from error
    except (configparser.Error, UnicodeDecodeError) as error:
        remedy = "write [default], then a line accessKeyId=... and a line accessKeySecret=..."
        raise _wrong(str(path), "is no profile file (INI)", remedy) from error
    values: dict[str, str] = {}
    for section in [parser.default_section, *parser.sections()][:2]:
        values |= {name.replace("_", ""): text for name, text in parser[section].items()}
    return tuple(next((values[n] for n in names if n in values), None) for names in _NAMES)


def _looked_up(host: str, port: int) -> Iterator[tuple[str, int]]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise CannotRunError(
            step="live",
            reason=f"the name {host} cannot be resolved: {error.strerror}",
            remedy="check the network, the bucket and the region",
        ) from error
    for *_, address in found:
        yield str(address[0]).partition("%")[0], port


def _trusted(ca: str | None) -> str:
    """PEM of the authorities of this machine and of the user's file."""
    system = ssl.get_default_verify_paths().cafile or DEFAULT_CA_BUNDLE_PATH
    pem = Path(system).read_text(encoding="utf-8")
    if ca is None:
        return pem
    try:
        added = Path(ca).read_text(encoding="ascii")
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=added)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise _wrong(ca, "is no file of certificates (PEM)", "name that of the endpoint") from error
    return f"{pem}\n{added}"


def _wrong(source: str, rule: str, remedy: str) -> InputError:
    return InputError(source=source, place="", rule=rule, remedy=remedy)
