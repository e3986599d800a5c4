"""Child processes: the runners and the mock in host mode.

Each child leads a new session and is killed together with everything that it started there; what
made a session of its own is ended with the run (survivors.py, watchdog.py). It ends with this
process, even after kill -9: its input ends, and the kernel kills it if `setpriv` of util-linux is
installed. It does not inherit the environment, except for PATH.
"""

import contextlib
import functools
import os
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from conformance.errors import RunnerError
from conformance.model.limits import OUTPUT_BYTES
from conformance.model.message import Ended
from conformance.runner.channel import LineChannel

_CHUNK = 65536  # size of a pipe's buffer on Linux
_GRACE = 2.0  # seconds that a child has to exit after its input has ended
_KILL_LIMIT = 5.0  # seconds until the kernel has ended a killed child; a hanging disk delays it


def scrubbed(extra: Mapping[str, str], *, home: Path) -> dict[str, str]:
    """The environment of a child, without the user's proxies, netrc, CAs and credentials."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "TMPDIR": str(home),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        **extra,
    }


class ChildProcess(LineChannel):
    """A channel to a child process; raises OSError if it cannot be started.

    prefix: a command that runs the program elsewhere, such as in a namespace.
    """

    def __init__(
        self,
        argv: Sequence[str],
        environment: Mapping[str, str],
        cwd: Path,
        prefix: Sequence[str] = (),
    ) -> None:
        super().__init__()
        self._process = _start(argv, environment, cwd, prefix)
        self.pid = self._process.pid
        assert self._process.stdin
        assert self._process.stdout
        assert self._process.stderr
        self._stdin = self._process.stdin.fileno()
        self._outputs = {
            self._process.stdout.fileno(): False,
            self._process.stderr.fileno(): True,
        }
        self._polling = select.poll()
        os.set_blocking(self._stdin, False)
        for number in self._outputs:
            os.set_blocking(number, False)
            self._polling.register(number, select.POLLIN | select.POLLHUP)

    def close(self) -> None:
        """End its input, wait up to 2 s, then kill it and everything that it started."""
        process = self._process
        if process.stdin and not process.stdin.closed:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_GRACE)
        _kill(process)
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()

    def _write(self, data: memoryview) -> int:
        return os.write(self._stdin, data)

    def _wait_to_write(self, seconds: float) -> None:
        polling = select.poll()
        polling.register(self._stdin, select.POLLOUT)
        for number in self._outputs:
            polling.register(number, select.POLLIN)
        polling.poll(seconds * 1000)

    def _poll(self, seconds: float) -> Iterator[tuple[bool, bytes]]:
        for number, _ in self._polling.poll(seconds * 1000):
            try:
                data = os.read(number, _CHUNK)
            except BlockingIOError:
                continue
            is_stderr = self._outputs[number]
            if not data:
                self._polling.unregister(number)
                del self._outputs[number]
                if not is_stderr:
                    yield from self._remaining_stderr()
            if data or not is_stderr:
                yield is_stderr, data

    def _remaining_stderr(self) -> Iterator[tuple[bool, bytes]]:
        """The standard error of an ending program, for the report; waits up to 0.5 s."""
        until = time.monotonic() + 0.5
        for number in list(self._outputs):
            os.set_blocking(number, False)
            while time.monotonic() < until:
                try:
                    data = os.read(number, _CHUNK)
                except BlockingIOError:
                    select.select([number], [], [], 0.05)
                    continue
                if not data:
                    break
                yield True, data

    def _ending(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1.0)
        return ended_how(self._process.returncode)


def ended_how(code: int | None) -> str:
    """`exited with 1`, `was killed by SIGKILL`, or that it has not exited."""
    if code is None:
        return "closed its standard output and is still running"
    if code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    return f"exited with {code}"


class KeptOutput:
    """The beginning of what a program wrote to a stream; the rest is counted and forgotten."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._written = 0

    def add(self, data: bytes) -> None:
        """Add what was read."""
        self._written += len(data)
        self._data += data[: OUTPUT_BYTES - len(self._data)]

    def kept(self) -> bytes:
        """All of it, or its beginning and how much there was."""
        if self._written == len(self._data):
            return bytes(self._data)
        return bytes(self._data) + b"\n... (cut; %d bytes in all)\n" % self._written


def program_timeout(seconds: float) -> RunnerError:
    """The error for a program that did not end in time."""
    return RunnerError(
        step="timeout",
        reason=f"the program did not end within {seconds:g} s",
        remedy="find out what it waits for; --timeout allows more time",
    )


def run_program(
    argv: Sequence[str],
    environment: Mapping[str, str],
    cwd: Path,
    timeout: float,
    prefix: Sequence[str] = (),
) -> Ended:
    """Run a program until it exits; RunnerError of step `timeout` after `timeout` seconds."""
    process = _start(argv, environment, cwd, prefix)
    try:
        out, err = _read_to_end(process, time.monotonic() + timeout)
    except subprocess.TimeoutExpired as error:
        raise program_timeout(timeout) from error
    finally:
        _kill(process)
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()
    return Ended(exit=process.returncode, stdout=out, stderr=err)


def _read_to_end(process: subprocess.Popen[bytes], deadline: float) -> tuple[bytes, bytes]:
    """The output and the standard error of a program; subprocess.TimeoutExpired at the deadline."""
    assert process.stdin
    assert process.stdout
    assert process.stderr
    process.stdin.close()
    outputs = {stream.fileno(): KeptOutput() for stream in (process.stdout, process.stderr)}
    polling = select.poll()
    for number in outputs:
        polling.register(number, select.POLLIN | select.POLLHUP)
    open_ones = len(outputs)
    while open_ones:
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            raise subprocess.TimeoutExpired(process.args, remaining)
        for number, _ in polling.poll(remaining * 1000):
            data = os.read(number, _CHUNK)
            outputs[number].add(data)
            if not data:
                polling.unregister(number)
                open_ones -= 1
    process.wait(max(0.0, deadline - time.monotonic()))
    out, err = (kept.kept() for kept in outputs.values())
    return out, err


def _start(
    argv: Sequence[str], environment: Mapping[str, str], cwd: Path, prefix: Sequence[str]
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        # Entering a namespace would undo what makes the kernel kill the command.
        [*prefix, *_killed_with_parent(), *argv],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(environment),
        cwd=cwd,
        start_new_session=True,
        bufsize=0,
    )


@functools.cache
def _killed_with_parent() -> tuple[str, ...]:
    """A command prefix that makes the kernel kill the command when its parent thread ends.

    `preexec_fn` could do the same, but is not safe in a program with threads.
    """
    setpriv = shutil.which("setpriv")
    return (setpriv, "--pdeathsig", "KILL", "--") if setpriv else ()


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_KILL_LIMIT)
