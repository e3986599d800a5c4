"""Rules of the family `samples`: how a program from the documentation ended and what it printed.

What the program printed of the content is found as bytes (it printed the text) or as an
equal JSON document (it printed what it had parsed); how it lays its output out is its own affair.
"""

from collections.abc import Iterator

from conformance.judge.document import NotJsonError, difference, find, read
from conformance.judge.quote import quote
from conformance.judge.rules.bodies import readings
from conformance.judge.view import Miss, View
from conformance.model.case import JSON
from conformance.model.message import Ended

CONTENT = "{content}"


def exit_code(view: View, expected: JSON) -> Iterator[Miss]:
    """`exit`: `zero` or `nonzero`."""
    answer = view.answer
    code = answer.exit if isinstance(answer, Ended) else None
    if code is None or (code == 0) != (expected == "zero"):
        yield Miss(
            rule="samples.exit",
            part="end of the program",
            expected=f"exit code {expected}",
            got=exit_shown(view),
            why="A script that calls the program learns from its exit code whether it worked.",
        )


def exit_shown(view: View) -> str:
    """How the program ended, with the last line it wrote when it failed, for the profile."""
    answer = view.answer
    if not isinstance(answer, Ended):
        return f"no program ran: {answer.kind}"
    lines = (answer.stderr or answer.stdout).decode("utf-8", "replace").strip().splitlines()
    last = f", last line {quote(lines[-1])}" if answer.exit and lines else ""
    return f"exit code {answer.exit}{last}"


def prints(view: View, expected: JSON) -> Iterator[Miss]:
    """`prints`: texts that the output holds; `{content}` stands for what the server sent."""
    answer = view.answer
    stdout, stderr = (answer.stdout, answer.stderr) if isinstance(answer, Ended) else (b"", b"")
    for text in expected:
        if text == CONTENT:
            found = any(_holds(stdout, body) for body in readings(view))
        else:
            wanted = text.encode("utf-8")
            if CONTENT in text:
                bodies = readings(view)
                wanted = wanted.replace(CONTENT.encode(), bodies[0] if bodies else b"")
            found = wanted in stdout or wanted in stderr
        if not found:
            yield Miss(
                rule="samples.output",
                part="output of the program",
                expected=_meaning(view, text),
                got=printed(view),
                why="The documentation promises that the program shows its reader this.",
            )


def printed(view: View) -> str:
    """What the program printed, for the profile."""
    answer = view.answer
    if not isinstance(answer, Ended):
        return f"no program ran: {answer.kind}"
    stdout = answer.stdout.decode("utf-8", "replace")
    stderr = answer.stderr.decode("utf-8", "replace")
    return f"stdout {quote(stdout)}" + (f", stderr {quote(stderr)}" if stderr else "")


def _holds(output: bytes, body: bytes) -> bool:
    if body in output:
        return bool(body)
    try:
        wanted = read(body)
    except NotJsonError:
        return False
    documents = find(output.decode("utf-8", "replace"))
    return any(difference(wanted, document) is None for document in documents)


def _meaning(view: View, text: str) -> str:
    if text != CONTENT:
        return quote(text)
    bodies = readings(view)
    return f"the content that was sent, {quote(bodies[0])}" if bodies else "content that was sent"
