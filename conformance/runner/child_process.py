"""Programs as child processes: the runners and the mock in host mode.

Each child leads a session of its own and is killed together with everything that it started. It
ends with this process even on kill -9: its input ends, and where util-linux's `setpriv` is found
the kernel kills it. Its environment holds what it is given and nothing from outside.
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
from conformance.model.message import Ended
from conformance.runner.channel import LineBuffer

_CHUNK = 65536  # a pipe's buffer on Linux
_GRACE = 2.0  # seconds from the end of its input until a child is killed


def scrubbed(extra: Mapping[str, str], *, home: Path) -> dict[str, str]:
    """The environment of a child: no proxies, netrc, CA or credential settings from outside."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "TMPDIR": str(home),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        **extra,
    }


class ChildProcess:
    """A child process that is spoken to in lines; OSError if it cannot be started."""

    def __init__(self, argv: Sequence[str], environment: Mapping[str, str], cwd: Path) -> None:
        self._process = _start(argv, environment, cwd)
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
        self._lines = LineBuffer(self._poll, self._ending)

    def send(self, line: bytes) -> None:
        """Write one line; that a child is gone is reported by `receive`."""
        self._lines.send(line, lambda data: os.write(self._stdin, data), self._room)

    def receive(self, deadline: float) -> bytes:
        """One line; see LineBuffer."""
        return self._lines.receive(deadline)

    def waiting(self) -> bytes:
        """Output that nobody asked for yet."""
        return self._lines.waiting()

    def stderr_tail(self) -> str:
        """The last 4 KiB of standard error."""
        return self._lines.stderr_tail()

    def close(self) -> None:
        """End its input, wait for _GRACE seconds, then kill it and everything that it started."""
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

    def kill(self) -> None:
        """Kill it at once."""
        _kill(self._process)

    def _room(self, seconds: float) -> None:
        waiting = select.poll()
        waiting.register(self._stdin, select.POLLOUT)
        for number in self._outputs:
            waiting.register(number, select.POLLIN)
        waiting.poll(seconds * 1000)

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
                    yield from self._last_words()
            if data or not is_stderr:
                yield is_stderr, data

    def _last_words(self) -> Iterator[tuple[bool, bytes]]:
        """What an ending program still writes to standard error, for the report."""
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
    """`exited with 1`, `was ended by SIGKILL`, or `closed its standard output`."""
    if code is None:
        return "closed its standard output and is still running"
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"exited with {code}"


def program_timeout(seconds: float) -> RunnerError:
    """The error for a program that did not end in time."""
    return RunnerError(
        step="timeout",
        reason=f"the program did not end within {seconds:g} s",
        remedy="see what it waits for; --timeout allows more time",
    )


def run_program(
    argv: Sequence[str], environment: Mapping[str, str], cwd: Path, timeout: float
) -> Ended:
    """Run a program to its end; RunnerError of step `timeout` after so many seconds."""
    process = _start(argv, environment, cwd)
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired as error:
        raise program_timeout(timeout) from error
    finally:
        _kill(process)
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()
    return Ended(exit=process.returncode, stdout=out, stderr=err)


def _start(
    argv: Sequence[str], environment: Mapping[str, str], cwd: Path
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*_killed_with_parent(), *argv],
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
    """The prefix of a command that makes the kernel kill it when its parent thread ends.

    A preexec_fn could do the same, but is not safe in a program with threads.
    """
    found = shutil.which("setpriv")
    return (found, "--pdeathsig", "KILL", "--") if found else ()


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
