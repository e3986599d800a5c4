"""The mock with verification against nginx that serves the same bytes, in one run.

    python benchmarks/mock_throughput.py [--seconds 3] [--rounds 3] [--connections 32]

Both servers answer the documented exchange over keep-alive plain HTTP; every request to the mock
carries a Signature V4 that it verifies and every exchange is journalled. nginx serves the bytes
from a file and, for those who want the highest bar, as a constant of its configuration. The server
has one core, the load has the others. Rounds take turns, so that a busy machine hurts all alike.
The load generator is `wrk` if it is installed, else a loop over epoll in processes of its own. As
a load generator can be the slower side, the requests per second of the server's own CPU time are
told too: that ratio is the stricter one, and no load generator can flatter it. Linux only.
"""

import argparse
import itertools
import multiprocessing
import os
import select
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

from benchmarks.mock_process import mock
from conformance.model.case import Credentials, KnownKey, Reply, Script
from conformance.oss.v4 import Unsigned, sign

GOAL = 0.15  # of nginx, by wall time
REGION = "cn-hangzhou"
HOST = "examplebucket.oss-cn-hangzhou.aliyuncs.com"
TARGET = "/example.jpg?x-oss-process=image%2Fbodies%2Csen_"
PAIR = Credentials(access_key_id="ExampleKeyId", access_key_secret="ExampleSecret")
BOX = '{"Confidence":0.733,"Boundary":{"Left":115,"Top":97,"Height":103,"Width":63}}'
BODY = f'{{"RequestId":"E9BDE106-1436-5077-9F6E-65D81DC6FEC8","Bodies":[{BOX},{BOX},{BOX}]}}'
NGINX = """
{user} daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
  access_log off; keepalive_requests 100000000; default_type application/json;
  client_body_temp_path {folder}/1; proxy_temp_path {folder}/2; fastcgi_temp_path {folder}/3;
  uwsgi_temp_path {folder}/4; scgi_temp_path {folder}/5;
  sendfile on; tcp_nopush on; open_file_cache max=10 inactive=600s; open_file_cache_valid 600s;
  add_header x-oss-request-id 64BA4685A645AE37313CBD14;
  add_header x-oss-object-type Normal;
  add_header x-oss-hash-crc64ecma 13420962247653419692;
  add_header x-oss-storage-class Standard;
  add_header x-oss-server-time 329;
  server {{
    listen 127.0.0.1:{file};
    location / {{ root {folder}; }}
  }}
  server {{
    listen 127.0.0.1:{constant};
    location / {{
      add_header ETag '"2CE2EA370531B7CC1D23BE6015CF5DA5"';
      add_header Last-Modified "Mon, 10 Jul 2023 13:07:30 GMT";
      return 200 '{body}';
    }}
  }}
}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One round: requests a second by the wall and by the server's CPU time, and its CPU share."""

    wall: float
    cpu: float
    share: float


def request(sen: int = 50) -> bytes:
    """The documented request with this `sen`, signed now."""
    asked = Unsigned(
        method="GET",
        bucket="examplebucket",
        key="example.jpg",
        query=(("x-oss-process", f"image/bodies,sen_{sen}"),),
    )
    fields = sign(asked, credentials=PAIR, region=REGION, clock=int(time.time()))
    lines = [f"GET {TARGET}{sen} HTTP/1.1", f"Host: {HOST}", "User-Agent: load/1", "Accept: */*"]
    lines += [f"{name}: {value}" for name, value in fields]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def load(port: int, connections: int, seconds: float, pipe: Connection) -> None:
    """One process of the load generator; sends how many answers it got, and in which time."""
    # Every value of sen in its turn: what is verified is not the same again and again.
    signed = itertools.cycle([request(sen) for sen in range(101)])
    asked = next(signed)
    sockets = [socket.create_connection(("127.0.0.1", port)) for _ in range(connections)]
    first = sockets[0]
    first.sendall(asked)
    answer = first.recv(65536)
    if not answer.startswith(b"HTTP/1.1 200"):
        raise SystemExit(f"not a 200: {answer[:2000]!r}")
    poll = select.epoll()
    lines = {}
    for line in sockets:
        line.setblocking(False)
        poll.register(line, select.EPOLLIN)
        lines[line.fileno()] = (line.recv, line.send)
        line.send(asked)
    got, began = 0, time.perf_counter()
    deadline = began + seconds
    while time.perf_counter() < deadline:
        for number, _ in poll.poll():
            take, send = lines[number]
            answer = take(65536)
            if not (answer.startswith(b"HTTP/1.1 200") and answer.endswith(b"]}")):
                raise SystemExit(f"an answer came in pieces or is an error: {answer[:2000]!r}")
            got += 1
            send(next(signed))
    pipe.send((got, time.perf_counter() - began))


def own_load(port: int, connections: int, seconds: float, workers: int) -> float:
    """Requests a second of several load processes together."""
    pipes, processes = [], []
    for _ in range(workers):
        ours, theirs = multiprocessing.Pipe(duplex=False)
        arguments = (port, connections // workers, seconds, theirs)
        process = multiprocessing.Process(target=load, args=arguments)
        process.start()
        theirs.close()
        pipes.append(ours)
        processes.append(process)
    rate = 0.0
    for pipe in pipes:
        try:
            got, took = pipe.recv()
        except EOFError:
            raise SystemExit("a load process failed, see above") from None
        rate += got / took
    for process in processes:
        process.join()
    return rate


def wrk_load(port: int, connections: int, seconds: float) -> float:
    """Requests a second as wrk tells them."""
    fields = [line for line in request().decode().split("\r\n")[2:] if line]
    command = [
        "wrk",
        "-t1",
        f"-c{connections}",
        f"-d{max(1, round(seconds))}s",
        "-H",
        f"Host: {HOST}",
    ]
    for line in fields:
        command += ["-H", line]
    done = subprocess.run(
        [*command, f"http://127.0.0.1:{port}{TARGET}50"], capture_output=True, text=True, check=True
    )
    if "Non-2xx" in done.stdout:
        raise SystemExit(done.stdout)
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("Requests/sec")]
    return float(line.split()[1])


def cpu_seconds(pid: int) -> float:
    """CPU time of a process so far: fields 14 and 15 of /proc/PID/stat (proc(5)), in ticks."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """A port that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


@contextmanager
def nginx() -> Iterator[tuple[int, int, int]]:
    """nginx with one worker; the worker's process id, the port of the file, of the constant."""
    file, constant = free_port(), free_port()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "example.jpg").write_text(BODY)
        user = "user root;" if os.geteuid() == 0 else ""  # who may read the folder
        conf = Path(folder, "nginx.conf")
        ports = {"file": file, "constant": constant}
        conf.write_text(NGINX.format(folder=folder, body=BODY, user=user, **ports))
        process = subprocess.Popen(["nginx", "-c", str(conf), "-e", f"{folder}/error.log"])
        try:
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
            deadline = time.monotonic() + 5
            while not children.read_text().split():
                if process.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit(f"nginx: {Path(folder, 'error.log').read_text()}")
                time.sleep(0.05)
            yield int(children.read_text().split()[0]), file, constant
        finally:
            process.terminate()
            process.wait()


@contextmanager
def armed() -> Iterator[tuple[int, int]]:
    """The mock with one lane armed; gives the process id of the lane and its port."""
    script = Script(
        keys=(KnownKey(id=PAIR.access_key_id or "", secret=PAIR.access_key_secret or ""),),
        replies=(Reply(status=200, headers=(), body=BODY.encode()),),
    )
    with mock() as process:
        print(f"mock: {process.loop}")
        before = process.processes()
        port = process.lane("load")
        process.arm("load", script)
        (lane,) = set(process.processes()) - set(before)
        yield lane, port


def measure(pid: int, port: int, options: argparse.Namespace) -> Measured:
    """One round against one server."""
    if shutil.which("wrk"):
        load = partial(wrk_load, port, options.connections, options.seconds)
    else:
        load = partial(own_load, port, options.connections, options.seconds, options.workers)
    return measured(pid, options.seconds, load)


def measured(pid: int, seconds: float, load: Callable[[], float]) -> Measured:
    """One round of a load of so many seconds, which returns its requests a second."""
    before, began = cpu_seconds(pid), time.perf_counter()
    wall = load()
    used, took = cpu_seconds(pid) - before, time.perf_counter() - began
    # What a worker does before and after its measured time is a few ms; `took` holds them too.
    return Measured(wall=wall, cpu=wall * seconds / used, share=used / took)


def rate_parser(doc: str | None) -> argparse.ArgumentParser:
    """The options of the benchmarks that measure a rate."""
    parser = argparse.ArgumentParser(description=doc.splitlines()[0] if doc else None)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--workers", type=int, default=max(1, len(os.sched_getaffinity(0)) - 1))
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 if the goal was missed."""
    options = rate_parser(__doc__).parse_args(arguments)
    if shutil.which("nginx") is None:
        raise SystemExit("nginx is not installed (Debian: apt-get install nginx-light)")
    cores = sorted(os.sched_getaffinity(0))
    rounds: dict[str, list[Measured]] = {"file": [], "constant": [], "mock": []}
    with nginx() as (worker, file, constant), armed() as (server, lane):
        if len(cores) > 1:
            os.sched_setaffinity(0, cores[1:])  # the load's; children inherit it
            for pid in (worker, server):
                os.sched_setaffinity(pid, cores[:1])
        measured = (("file", worker, file), ("constant", worker, constant), ("mock", server, lane))
        for _ in range(options.rounds):
            for name, pid, port in measured:
                done = measure(pid, port, options)
                rounds[name].append(done)
                print(
                    f"{name:8} {done.wall:8.0f} requests/s, {done.cpu:8.0f} per CPU second, "
                    f"CPU {done.share:4.0%}",
                    flush=True,
                )
    wall, cpu = (
        {name: statistics.median(getattr(one, of) for one in done) for name, done in rounds.items()}
        for of in ("wall", "cpu")
    )
    for name, what in (("file", "nginx with the file"), ("constant", "nginx with a constant")):
        print(
            f"the mock serves {wall['mock'] / wall[name]:.3f} by wall time and "
            f"{cpu['mock'] / cpu[name]:.3f} by CPU time of {what} (goal: {GOAL})"
        )
    return int(wall["mock"] / wall["file"] < GOAL)


if __name__ == "__main__":
    sys.exit(main())
