"""A request through the tap against the same request over a direct connection, in one run.

    python -m benchmarks.tap [--requests 300] [--rounds 5]

The service is a mock on loopback that answers the documented exchange, over TLS. The client asks
one request after the other on a connection that it keeps, in turns directly and through the tap,
which verifies each request, forwards it over TLS of its own and records it without secrets. The
goal is for the difference of the medians. On a busy machine the median is the time that a program
waits for a processor, twice as often for the tap; the fastest request shows what the tap takes.
"""

import argparse
import socket
import ssl
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict

from benchmarks.mock_process import mock
from benchmarks.mock_throughput import BODY, HOST, REGION, TARGET
from conformance.model.case import Credentials, Reply, Script
from conformance.oss.secret_labels import label_key
from conformance.oss.v4 import Unsigned, sign
from conformance.runner.trust import make_trust

GOAL = 0.5  # milliseconds that the tap adds to a request
USER = Credentials(access_key_id="ExampleIdOfTheUser", access_key_secret="ExampleSecretOfTheUser")
ANSWER = Script(keys=(), verify=False, replies=(Reply(status=200, headers=(), body=BODY.encode()),))
LIVE = Script(keys=(label_key(USER),), replies=(), live=True)
# Requests for which one script is armed; each trial has a bound of 1,000.
BATCH = 500


def request() -> bytes:
    """The documented request of the user, signed now."""
    asked = Unsigned(
        method="GET",
        bucket="examplebucket",
        key="example.jpg",
        query=(("x-oss-process", "image/bodies,sen_50"),),
        headers=(("Host", HOST),),
    )
    fields = sign(asked, credentials=USER, region=REGION, clock=int(time.time()))
    lines = [f"GET {TARGET}50 HTTP/1.1", *(f"{name}: {value}" for name, value in fields)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


@contextmanager
def connected(port: int, ca: str) -> Iterator[ssl.SSLSocket]:
    """A TLS connection to a port of loopback under the service's name."""
    context = ssl.create_default_context(cadata=ca)
    with (
        socket.create_connection(("127.0.0.1", port)) as line,
        context.wrap_socket(line, server_hostname=HOST) as secured,
    ):
        yield secured


def timed(line: ssl.SSLSocket, count: int) -> list[float]:
    """Milliseconds of each of the requests."""
    data, times, end = request(), [], BODY.encode()[-20:]
    for _ in range(count):
        began = time.perf_counter()
        line.sendall(data)
        got = b""
        while not got.endswith(end):
            got += line.recv(65536)
        times.append((time.perf_counter() - began) * 1000)
    return times


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 if the goal was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=300, help="in each round, at most 500")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args(arguments)
    count, rounds = min(options.requests, BATCH), options.rounds
    trust = make_trust([HOST])
    shown = dict(trust.certificates)
    times: dict[str, list[float]] = {"direct": [], "tap": []}
    with mock(certificates=shown) as service:
        target = service.lane("service")
        endpoint = {"addresses": [["127.0.0.1", target]], "trust": trust.ca_pem, "dialer": None}
        settings = {
            "endpoint": endpoint,
            "hosts": [HOST],
            "credentials": asdict(USER),
            "bucket": None,
            "requests": count * rounds,
        }
        with mock(certificates=shown, tap=settings) as tap:
            ports = {"direct": target, "tap": tap.lane("lane")}
            for _ in range(rounds):
                for name, port in ports.items():
                    service.arm("service", ANSWER)
                    tap.arm("lane", LIVE)
                    with connected(port, trust.ca_pem) as line:
                        times[name] += timed(line, count)
    added = GOAL
    for name, of in (("fastest", min), ("median", statistics.median)):
        direct, tapped = of(times["direct"]), of(times["tap"])
        added = tapped - direct
        sys.stdout.write(
            f"{name}: direct {direct:.3f} ms, through the tap {tapped:.3f} ms, ratio "
            f"{tapped / direct:.1f}, {added:.3f} ms added (goal: at most {GOAL})\n"
        )
    return int(added > GOAL)


if __name__ == "__main__":
    sys.exit(main())
