"""The stand-alone mock for any client, which `oss-bodies mock` runs.

It listens on one loopback port for TLS and CONNECT or, if asked to, plain HTTP.
`standalone_responder` decides the answers.
"""

import asyncio
import errno
import json
import signal
from collections.abc import Callable, Mapping

from conformance.errors import CannotRunError
from conformance.mock.collector import collect_rarely
from conformance.mock.event_loop import new_loop
from conformance.mock.listening import LOOPBACK, listen
from conformance.mock.standalone_responder import StandaloneConfig, StandaloneResponder
from conformance.mock.stream import Accepts
from conformance.mock.tls import TRUSTED, Contexts
from conformance.model.case import KnownKey

# The key pair for an environment that names none; it is invented, as its text says.
DEFAULT_KEY = KnownKey(id="LTAI5tExampleKeyForTests", secret="ExampleSecretForTestsOnly00001")


# Regions in which the operation exists: those of IMM, from its page of endpoints
# (https://alibabacloud.com/help/en/imm/developer-reference/api-imm-2020-09-30-endpoint).
_REGIONS = (
    *("cn-qingdao", "cn-beijing", "cn-zhangjiakou", "cn-wulanchabu", "cn-hangzhou", "cn-shanghai"),
    *("cn-shenzhen", "cn-guangzhou", "cn-chengdu", "cn-hongkong", "ap-southeast-1"),
    *("ap-southeast-5", "eu-central-1", "eu-west-1", "us-east-1", "us-west-1"),
)


def keys_from(environment: Mapping[str, str], *, default: bool = True) -> tuple[KnownKey, ...]:
    """The key pair of OSS_ACCESS_KEY_ID and OSS_ACCESS_KEY_SECRET.

    Without one: `DEFAULT_KEY`, or none if not `default`.
    """
    name, secret = environment.get("OSS_ACCESS_KEY_ID"), environment.get("OSS_ACCESS_KEY_SECRET")
    if not name or not secret:
        return (DEFAULT_KEY,) if default else ()
    return (KnownKey(id=name, secret=secret, token=environment.get("OSS_SESSION_TOKEN") or None),)


def service_hosts(region: str) -> frozenset[str]:
    """The host names of the service in this region and the known ones, with any bucket (`*`)."""
    endpoints = {"oss-accelerate", "oss-accelerate-overseas"}
    for name in {region, *_REGIONS}:
        endpoints |= {f"oss-{name}", f"oss-{name}-internal", f"{name}.oss"}
    names = {f"{endpoint}.aliyuncs.com" for endpoint in endpoints}
    return frozenset(names | {f"*.{name}" for name in names})


def serve(
    config: StandaloneConfig, *, announce: Callable[[str], None], log: Callable[[str], None]
) -> None:
    """Serve until SIGINT or SIGTERM.

    `announce` is called once with a line of JSON that holds `endpoint` and `ca`. Raises
    CannotRunError if the port is not free or a certificate is missing, and InputError if the folder
    of objects cannot be read.
    """
    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(_serve(config, announce, log))


async def _serve(
    config: StandaloneConfig, announce: Callable[[str], None], log: Callable[[str], None]
) -> None:
    accepts = Accepts(takes="any", contexts=_contexts(config))
    responder = StandaloneResponder(config, log)
    try:
        server = await listen(LOOPBACK, config.port, accepts, lambda _: responder)
    except OSError as error:
        raise _no_port(config.port, error) from error
    collect_rarely()
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    port = server.sockets[0].getsockname()[1]
    scheme = "http" if config.plain else "https"
    announce(json.dumps({"endpoint": f"{scheme}://{LOOPBACK}:{port}", "ca": config.ca}))
    await stopped.wait()
    server.close()


def _contexts(config: StandaloneConfig) -> Contexts | None:
    if config.plain:
        return None
    name = TRUSTED if config.script is None else config.script.certificate
    if not {TRUSTED, name} <= config.certificates.keys():
        raise CannotRunError(step="mock", reason=f"TLS needs the certificate {name!r}")
    return Contexts(config.certificates)


def _no_port(port: int, error: OSError) -> CannotRunError:
    reasons = {
        errno.EADDRINUSE: f"port {port} of {LOOPBACK} is in use",
        errno.EACCES: f"port {port} of {LOOPBACK} is reserved for privileged programs",
    }
    reason = reasons.get(error.errno or 0, f"cannot listen on port {port}: {error.strerror}")
    return CannotRunError(step="mock", reason=reason, remedy="oss-bodies mock --port 0")
