"""Rules of the family `samples`: how a program from the documentation ended and what it printed.

The output may contain the content as bytes (the program printed the text) or as an equal JSON
document (it printed the parsed document); the layout of the output is not judged.
"""

from collections.abc import Iterator

from conformance.judge.document import NotJsonError, difference, find, read
from conformance.judge.quote import WHOLE, at_offset, first_difference, quote
from conformance.judge.rules.bodies import acceptable
from conformance.judge.view import TurnView, Violation
from conformance.model.case import JSON
from conformance.model.message import Ended

CONTENT = "{content}"
_RECOGNISED = 16  # bytes: a JSON document and the name of its first member


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
