"""Runs the user's detector: an image on its standard input, the bodies on its standard output.

A detector is started for each request, without a shell. `OSS_BODIES_SEN` in its environment is the
value of `sen`. It prints a document of `schemas/bodies.schema.json`; the RequestId may be missing.
Its time and output are bounded, and it ends with the connection that asked for it.
"""

import asyncio
import json
import os
import shlex
import shutil
import signal
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from typing import Any

from conformance.documents.schema import schema, schema_mistakes
from conformance.documents.strict_json import plain, read
from conformance.errors import InputError

Json = Any

SECONDS = 30.0  # for one image; clients wait for 60 s by default (oss2, Go)
_LONGEST = 1024 * 1024  # bytes of output, 8,000 bodies
_CLOSING = 1.0  # seconds until a process that was killed is forgotten
_SHOWN = 200  # characters of standard error in the log
_SOURCE = "--detector"


class DetectorError(Exception):
    """The detector failed; the text says how."""


def parse_command(text: str) -> tuple[str, ...]:
    """The words of a command line; raises InputError if its program cannot be started."""
    try:
        words = tuple(shlex.split(text))
    except ValueError as error:
        rule, remedy = f"is not a command: {error}", "quote it as for a POSIX shell"
        raise InputError(source=_SOURCE, place=text, rule=rule, remedy=remedy) from error
    if not words or shutil.which(words[0]) is None:
        raise InputError(
            source=_SOURCE,
            place=text,
            rule="there is no such program",
            remedy="name one in PATH, or by its path; a script needs its interpreter: 'python3 X'",
        )
    return words


class Detector:
    """Starts a detector for each image, as many at a time as there are processors."""

    def __init__(self, command: tuple[str, ...], *, seconds: float = SECONDS) -> None:
        self._command = command
        self._seconds = seconds
        self._places = asyncio.Semaphore(os.cpu_count() or 1)

    async def bodies(self, image: bytes, sen: int) -> bytes:
        """The list of bodies as compact JSON; raises DetectorError."""
        async with self._places:
            output = await self._run(image, sen)
        return _bodies(output)

    async def _run(self, image: bytes, sen: int) -> bytes:
        environment = {**os.environ, "OSS_BODIES_SEN": str(sen)}
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=PIPE, stdout=PIPE, stderr=PIPE,
                env=environment, start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            raise DetectorError(f"cannot be started: {error.strerror or error}") from error
        try:
            async with asyncio.timeout(self._seconds):
                return await _converse(process, image)
        except TimeoutError as error:
            raise DetectorError(f"no answer within {self._seconds:g} s") from error
        finally:
            with suppress(ProcessLookupError):  # what it has started ends with it
                os.killpg(process.pid, signal.SIGKILL)
            await _ended(process)


async def _ended(process: Process) -> None:
    """Wait for the end of a process that was killed.

    asyncio reports it only after the pipes were read to their ends, which a child in a group of its
    own can keep open.
    """
    assert process.stdout
    assert process.stderr
    with suppress(TimeoutError):
        async with asyncio.timeout(_CLOSING):
            await _tail(process.stdout)
            await _tail(process.stderr)
            await process.wait()


async def _converse(process: Process, image: bytes) -> bytes:
    assert process.stdin
    assert process.stdout
    assert process.stderr
    written = asyncio.ensure_future(_write(process.stdin, image))
    errors = asyncio.ensure_future(_tail(process.stderr))
    try:
        output = await _bounded(process.stdout)
        code = await process.wait()
        if code:
            said = (await errors).decode("utf-8", "replace").strip().splitlines()
            raise DetectorError(f"exit code {code}" + (f": {said[-1][:_SHOWN]}" if said else ""))
        return output
    finally:
        written.cancel()
        errors.cancel()
        await asyncio.gather(written, errors, return_exceptions=True)


async def _write(stdin: asyncio.StreamWriter, image: bytes) -> None:
    with suppress(OSError):  # it may answer without reading all of the image
        stdin.write(image)
        await stdin.drain()
        stdin.close()


async def _bounded(stdout: asyncio.StreamReader) -> bytes:
    output = b""
    while piece := await stdout.read(65536):
        output += piece
        if len(output) > _LONGEST:
            raise DetectorError(f"printed more than {_LONGEST} bytes")
    return output


async def _tail(stream: asyncio.StreamReader) -> bytes:
    """The last part of what is written; all is read, so that the detector does not wait."""
    tail = b""
    while piece := await stream.read(65536):
        tail = (tail + piece)[-65536:]
    return tail


def _bodies(output: bytes) -> bytes:
    document, mistakes = read(output)
    found = [f"{one.place} {one.rule}".strip() for one in mistakes]
    if not found:
        document = plain(document)
        if isinstance(document, dict):
            document.setdefault("RequestId", "")
        broken = schema_mistakes(document, schema("bodies"))
        found = [f"{one.place or 'the document'}: {one.rule}" for one in broken]
    if found:
        raise DetectorError(f"printed no valid answer: {found[0]}")
    return json.dumps(document["Bodies"], ensure_ascii=False, separators=(",", ":")).encode()
