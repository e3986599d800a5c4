"""Lines out of whatever a program writes, whenever it writes it."""

import time
from collections.abc import Iterator

import pytest

from conformance.errors import RunnerError
from conformance.model.verdict import STDERR_CUT
from conformance.runner import channel
from conformance.runner.channel import TAIL, LineChannel

Piece = tuple[bool, bytes]


def out(data: bytes) -> Piece:
    return False, data


def err(data: bytes) -> Piece:
    return True, data


END = out(b"")


class Pieces(LineChannel):
    """A program that writes these pieces, one each time it is waited for."""

    def __init__(self, *pieces: Piece) -> None:
        super().__init__()
        self.pieces = list(pieces)

    def _poll(self, seconds: float) -> Iterator[Piece]:
        if self.pieces:
            yield self.pieces.pop(0)

    def _write(self, data: memoryview) -> int:
        return len(data)

    def _wait_to_write(self, seconds: float) -> None:
        """Writing never blocks."""

    def _ending(self) -> str:
        return "exited with 7"


def later() -> float:
    """A deadline that even a slow machine keeps."""
    return time.monotonic() + 20


def refused(subject: LineChannel, seconds: float = 20) -> RunnerError:
    with pytest.raises(RunnerError) as caught:
        subject.receive(time.monotonic() + seconds)
    return caught.value


def test_a_line_that_comes_in_pieces_is_one_line() -> None:
    assert Pieces(out(b'{"a'), out(b'":1'), out(b"}\n")).receive(later()) == b'{"a":1}'


def test_two_lines_that_come_at_once_are_two_lines_in_order() -> None:
    subject = Pieces(out(b"one\ntwo\n"))
    assert [subject.receive(later()), subject.receive(later())] == [b"one", b"two"]


def test_a_line_is_handed_over_before_the_end_that_came_with_it() -> None:
    assert Pieces(out(b"last\n"), END).receive(later()) == b"last"


def test_what_waits_is_shown_and_still_received_afterwards() -> None:
    subject = Pieces(out(b"one\ntwo\n"))
    subject.receive(later())
    assert subject.waiting() == b"two\n"
    assert subject.receive(later()) == b"two"


def test_silence_until_the_deadline_is_a_timeout() -> None:
    error = refused(Pieces(), 0.05)
    assert error.step == "timeout"
    assert "nothing received" in error.reason


def test_a_timeout_says_how_many_bytes_of_a_line_had_come() -> None:
    error = refused(Pieces(out(b"x" * 123)), 0.5)
    assert error.step == "timeout"
    assert "123 bytes" in error.reason


def test_the_end_of_output_is_a_death_with_its_manner() -> None:
    error = refused(Pieces(END))
    assert error.step == "death"
    assert "exited with 7" in error.reason


def test_a_death_in_the_middle_of_a_line_says_so() -> None:
    assert "middle of a line of 5 bytes" in refused(Pieces(out(b"short"), END)).reason


def test_a_line_without_an_end_is_refused_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "LINE_BYTES", 1000)
    error = refused(Pieces(out(b"x" * 1001)))
    assert error.step == "protocol"
    assert "1000 bytes" in error.reason


def test_only_the_tail_of_standard_error_is_kept() -> None:
    line = b"in /some/folder " * 8 + b"\n"
    subject = Pieces(*[err(line) for _ in range(50)], err(b"the last words\n"), out(b"1\n"))
    subject.receive(later())
    first, *lines = subject.take_stderr().splitlines()
    assert (first, lines[-1]) == (STDERR_CUT, "the last words")
    assert {*lines[:-1]} == {line.decode().strip("\n")}
    assert len("\n".join(lines)) <= TAIL
    assert subject.take_stderr() == ""


def test_of_one_line_that_is_too_long_the_last_words_are_kept() -> None:
    subject = Pieces(err(b"/some/folder" * 1000 + b" the last words\n"), out(b"1\n"))
    subject.receive(later())
    assert subject.stderr_tail() == f"{STDERR_CUT}\nthe last words\n"


def test_standard_error_that_is_no_utf_8_is_shown_all_the_same() -> None:
    subject = Pieces(err(b"caf\xe9"), out(b"1\n"))
    subject.receive(later())
    assert subject.stderr_tail() == "caf�"


def test_what_was_written_before_a_mark_is_waited_for_and_the_mark_taken_out() -> None:
    """The line can be there first, since a container has the outputs in two streams."""
    subject = Pieces(out(b"answer\n"), err(b"of the call"), err(b"\x1e"), err(b"of the next"))
    assert subject.receive(later()) == b"answer"
    assert subject.await_marks(1, later())
    assert subject.stderr_tail() == "of the call"
    assert subject.await_marks(1, later())
    assert subject.take_stderr() == "of the callof the next"


def test_a_mark_that_never_comes_is_not_waited_for_after_the_deadline_or_the_end() -> None:
    assert not Pieces(err(b"text")).await_marks(1, time.monotonic() + 0.05)
    assert Pieces(err(b"text"), END).await_marks(1, later())
