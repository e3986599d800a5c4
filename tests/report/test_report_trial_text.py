"""What `oss-bodies show RUN/CASE` prints of a trial."""

from dataclasses import replace

from report.page_shown import SIDE, content, exchange, transcript
from report.run_shown import GO

from conformance.model.http import Journal
from conformance.model.message import Failure, Several
from conformance.report.trial_text import CUT, SHORT, WHOLE, trial_text

LONG = b"[" + b"1," * 5000 + b"1]"
ERROR = Failure(origin="service", error_class="OssError", text="403\nForbidden", status=403)


def test_a_trial_is_shown_with_its_request_its_response_and_its_answer() -> None:
    asked = exchange("/example.jpg?x", "Host: b.example", status="403 Forbidden", body=b"<Error/>")
    text = "\n".join(trial_text(transcript(SIDE, GO, ERROR, replace(asked, faults=("reset",)))))
    assert text.startswith(f"--- {GO}\ncall, request 1 (https, connection 1, fault: reset; ")
    assert "  > GET /example.jpg?x HTTP/1.1\n  > Host: b.example\n" in text
    assert "  < HTTP/1.1 403 Forbidden\n  < Content-Length: 8\n  <\n  < <Error/>\n" in text
    assert "call, the program got after 250 ms\n  result         error\n" in text
    assert "  text           403\n                 Forbidden" in text


def test_long_content_is_cut_unless_the_whole_is_asked_for() -> None:
    long = transcript(SIDE, GO, content(LONG), exchange("/", body=LONG))
    short = "\n".join(trial_text(long, SHORT))
    assert short.count(CUT) == 2
    assert len(short) < 3 * SHORT.text
    whole = "\n".join(trial_text(long, WHOLE))
    assert CUT not in whole
    assert whole.count(LONG.decode()) == 2


def test_each_of_several_calls_and_what_no_server_answered_are_shown() -> None:
    silent = transcript(
        SIDE, GO, Several(answers=(ERROR, content())), replace(exchange("/"), sent=b"")
    )
    (turn,) = silent.turns
    journal = replace(turn.journal, handshakes=("unknown CA",), proxy=(exchange("h:443"),))
    two = replace(silent, turns=(replace(turn, journal=journal), replace(turn, journal=Journal())))
    lines = trial_text(replace(two, stderr="a warning\n"))
    assert "  < (nothing)" in lines
    assert "call 1, note: TLS handshake failed: unknown CA" in lines
    assert any(line.startswith("call 1, request to the proxy 1 (") for line in lines)
    assert any(line.startswith("call 2, the program got") for line in lines)
    assert "  parallel call 2: content {}" in lines
    assert lines[-1] == "  standard error a warning"
