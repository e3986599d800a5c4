"""The mock alone, for any client: what `oss-bodies mock` does.

One loopback port that takes TLS, CONNECT and, if asked to, plain HTTP. Requests
are verified; the answers are the documented ones or those of a case's script (see `front`).
"""

import asyncio
import errno
import json
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from conformance.errors import CannotRunError
from conformance.mock.control import new_loop
from conformance.mock.server import LOOPBACK, listen
from conformance.mock.standalone_responder import Answering, StandaloneResponder
from conformance.mock.stream import Accepts
from conformance.mock.tls import TRUSTED, Contexts
from conformance.model.case import KnownKey, Script

# The key pair that is known when the environment names none; invented, and says so.
DEFAULT_KEY = KnownKey(id="LTAI5tExampleKeyForTests", secret="ExampleSecretForTestsOnly00001")


@dataclass(frozen=True, slots=True, kw_only=True)
class StandaloneConfig:
    """What to serve. port: 0 takes any free one. plain: HTTP, and no TLS.

    certificates: by name, pairs of a PEM chain and its key; `trusted` is needed unless plain. ca:
    path of the CA's certificate, told to whoever reads the first line. script: a case's, instead of
    the documented answers; its keys are known beside `keys`.
    """

    keys: tuple[KnownKey, ...]
    port: int = 0
    plain: bool = False
    certificates: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    ca: str | None = None
    script: Script | None = None


def keys_from(environment: Mapping[str, str]) -> tuple[KnownKey, ...]:
    """The key pair of OSS_ACCESS_KEY_ID and OSS_ACCESS_KEY_SECRET, else the documented default."""
    name, secret = environment.get("OSS_ACCESS_KEY_ID"), environment.get("OSS_ACCESS_KEY_SECRET")
    if not name or not secret:
        return (DEFAULT_KEY,)
    return (KnownKey(id=name, secret=secret, token=environment.get("OSS_SESSION_TOKEN") or None),)


def serve(
    stand: StandaloneConfig, *, announce: Callable[[str], None], log: Callable[[str], None]
) -> None:
    """Serve until SIGINT or SIGTERM. `announce` gets one line of JSON: endpoint and ca.

    Raises CannotRunError if the port cannot be had.
    """
    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(_serve(stand, announce, log))


async def _serve(
    stand: StandaloneConfig, announce: Callable[[str], None], log: Callable[[str], None]
) -> None:
    contexts = None
    if not stand.plain:
        shown = TRUSTED if stand.script is None else stand.script.certificate
        if not {TRUSTED, shown} <= stand.certificates.keys():
            raise CannotRunError(step="mock", reason=f"TLS needs the certificate {shown!r}")
        contexts = Contexts(stand.certificates)
    desk = StandaloneResponder(
        Answering(keys=stand.keys, plain=stand.plain, script=stand.script), log
    )
    door = Accepts(takes="any", contexts=contexts)
    try:
        server = await listen(LOOPBACK, stand.port, door, lambda _: desk)
    except OSError as error:
        raise _no_port(stand.port, error) from error
    over = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, over.set)
    port = server.sockets[0].getsockname()[1]
    scheme = "http" if stand.plain else "https"
    announce(json.dumps({"endpoint": f"{scheme}://{LOOPBACK}:{port}", "ca": stand.ca}))
    await over.wait()
    server.close()


def _no_port(port: int, error: OSError) -> CannotRunError:
    reasons = {
        errno.EADDRINUSE: f"port {port} of {LOOPBACK} is in use",
        errno.EACCES: f"port {port} of {LOOPBACK} is for privileged programs only",
    }
    reason = reasons.get(error.errno or 0, f"cannot listen on port {port}: {error.strerror}")
    return CannotRunError(step="mock", reason=reason, remedy="oss-bodies mock --port 0")
