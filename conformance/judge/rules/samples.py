"""Rules of the family `samples`: how a program from the documentation ended and what it printed.

The output may contain the content as bytes (the program printed the text) or as an equal JSON
document (it printed the parsed document); the layout of the output is not judged.
"""

import re
from collections.abc import Iterator

from conformance.judge.document import NotJsonError, difference, find, read
from conformance.judge.quote import (
    FOLDERS,
    WHOLE,
    at_offset,
    first_difference,
    quote,
    timeless,
)
from conformance.judge.rules.bodies import acceptable
from conformance.judge.view import TurnView, Violation
from conformance.model.case import JSON
from conformance.model.message import Ended

CONTENT = "{content}"
_RECOGNISED = 16  # bytes: a JSON document and the name of its first member
_SHOWN = 3  # lines of a compiler
_ERROR = re.compile(r"error|invalid|illegal|:\d+:", re.IGNORECASE)
# How languages without a compiler report, before they run anything, that a program is malformed.
_UNREADABLE = re.compile(
    rb"^(?:SyntaxError|IndentationError|TabError): |^(?:PHP )?Parse error: ", re.MULTILINE
)
# How runtimes report an error that nothing in the program catches: the exit code and the output.
_UNCAUGHT = (
    (1, re.compile(rb"^Traceback \(most recent call last\):", re.MULTILINE)),  # Python
    (1, re.compile(rb'^Exception in thread "', re.MULTILINE)),  # Java
    (2, re.compile(rb"^panic: ", re.MULTILINE)),  # Go
    (255, re.compile(rb"^(?:PHP )?Fatal error: +Uncaught ", re.MULTILINE)),  # PHP
    (1, re.compile(rb"^Uncaught |^Node\.js v\d", re.MULTILINE)),  # Node.js
    (134, re.compile(rb"^(?:terminate called|Unhandled exception)", re.MULTILINE)),  # C++, C#
)


def exit_code(view: TurnView, expected: JSON) -> Iterator[Violation]:
    """`exit`: `zero` or `nonzero`."""
    answer = view.answer
    code = answer.exit if isinstance(answer, Ended) else None
    if code is None or (code == 0) != (expected == "zero"):
        yield Violation(
            rule="samples.exit",
            part="end of the program",
            expected=f"exit code {expected}",
            got=show_exit(view),
            why="A script that calls the program needs the exit code to detect a failure.",
        )


def show_exit(view: TurnView) -> str:
    """How the program ended, with its last line if it failed, for findings and the profile."""
    answer = view.answer
    if not isinstance(answer, Ended):
        return f"no program ran: {answer.kind}"
    lines = (answer.stderr or answer.stdout).decode("utf-8", "replace").strip().splitlines()
    last = f", last line {quote(lines[-1])}" if answer.exit and lines else ""
    return f"exit code {answer.exit}{last}"


def prints(view: TurnView, expected: JSON) -> Iterator[Violation]:
    """`prints`: texts in the output, where `{content}` is replaced by the content that was sent."""
    bodies = acceptable(view)
    for text in expected:
        if not _printed(view, text, bodies):
            yield Violation(
                rule="samples.output",
                part="output of the program",
                expected=_expected(text, bodies),
                got=_nearest(view, text, bodies) or show_output(view),
                why="According to the documentation, the program prints this.",
            )


def _printed(view: TurnView, text: str, bodies: tuple[bytes, ...]) -> bool:
    answer = view.answer
    if not isinstance(answer, Ended):
        return False
    if text == CONTENT:
        return any(_contains(answer.stdout, body) for body in bodies)
    wanted = text.encode("utf-8").replace(CONTENT.encode(), bodies[0] if bodies else b"")
    return wanted in answer.stdout or wanted in answer.stderr


def _contains(output: bytes, body: bytes) -> bool:
    if body in output:
        return bool(body)
    try:
        wanted = read(body)
    except NotJsonError:
        return False
    documents = find(output.decode("utf-8", "replace"))
    return any(difference(wanted, document) is None for document in documents)


def _expected(text: str, bodies: tuple[bytes, ...]) -> str:
    if text != CONTENT:
        return quote(text)
    return f"the content that was sent, {quote(bodies[0])}" if bodies else "content that was sent"


def _nearest(view: TurnView, text: str, bodies: tuple[bytes, ...]) -> str:
    """The place in a long output where content begins and goes on otherwise; "" if there is none.

    The content is recognised by its first bytes.
    """
    answer = view.answer
    if text != CONTENT or not bodies or not isinstance(answer, Ended):
        return ""
    output, body = answer.stdout, bodies[0]
    at = output.find(body[:_RECOGNISED]) if len(output) > WHOLE and body else -1
    if at < 0:
        return ""
    return f"stdout {at_offset(output, at + first_difference(body, output[at:]))}"


def show_output(view: TurnView) -> str:
    """What the program printed, for findings and the profile."""
    answer = view.answer
    if not isinstance(answer, Ended):
        return f"no program ran: {answer.kind}"
    stdout = answer.stdout.decode("utf-8", "replace")
    stderr = answer.stderr.decode("utf-8", "replace")
    return f"stdout {quote(stdout)}" + (f", stderr {quote(stderr)}" if stderr else "")


def compiled(view: TurnView) -> bool:
    """Whether a program was compiled, or read if its language is not compiled."""
    answer = view.answer
    if not isinstance(answer, Ended):
        return True
    unreadable = answer.exit and not view.request_count and _UNREADABLE.search(_output(answer))
    return answer.compiled and not unreadable


def compiles(view: TurnView, expected: JSON) -> Iterator[Violation]:
    """`compiles`: the program compiles. expected: places of characters that look like others."""
    if not compiled(view):
        places = "; ".join(expected)
        more = f"; characters in its code that look like others: {places}" if expected else ""
        yield Violation(
            rule="samples.compile",
            part="the program",
            expected="a program that compiles as it is printed",
            got=show_compiled(view) + more,
            why="Whoever copies the program cannot run it.",
        )


def show_compiled(view: TurnView) -> str:
    """Whether the program compiles, or the first lines of its compiler."""
    answer = view.answer
    if compiled(view) or not isinstance(answer, Ended):
        return "it compiles"
    text = timeless(_output(answer).decode("utf-8", "replace"))
    lines = [FOLDERS.sub("<folder>/", line.strip()) for line in text.splitlines() if line.strip()]
    shown = [line for line in lines if _ERROR.search(line)][:_SHOWN] or lines[-_SHOWN:]
    return f"exit code {answer.exit}, {' ... '.join(map(quote, shown)) or 'without a word'}"


def handled(view: TurnView, expected: JSON) -> Iterator[Violation]:  # noqa: ARG001 (Check)
    """`handled`: no error leaves the program uncaught."""
    answer = view.answer
    if isinstance(answer, Ended) and (line := uncaught(answer)) is not None:
        yield Violation(
            rule="samples.handled",
            part="end of the program",
            expected="that what the program catches includes this error",
            got=f"nothing caught it: {line}",
            why="The program has a clause for errors of the SDK, which a reader will rely on.",
        )


def show_handled(view: TurnView) -> str:
    """Whether an error ended the program uncaught, without its text, which differs by language."""
    answer = view.answer
    return "no" if isinstance(answer, Ended) and uncaught(answer) is not None else "yes"


def uncaught(answer: Ended) -> str | None:
    """The line about an error that nothing in the program caught; None if there was none."""
    output = _output(answer)
    for code, mark in _UNCAUGHT:
        found = mark.search(output) if code == answer.exit else None
        if found is not None:
            lines = output[found.start() :].decode("utf-8", "replace").strip().splitlines()
            # Python names the error in the last line, the others in the first.
            line = lines[-1] if lines[0].startswith("Traceback") else lines[0]
            return f"exit code {code}, {quote(FOLDERS.sub('<folder>/', timeless(line)))}"
    return None


def _output(answer: Ended) -> bytes:
    return answer.stdout + b"\n" + answer.stderr
