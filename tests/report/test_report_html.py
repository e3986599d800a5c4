"""The data and the fixed parts of report.html, without a browser."""

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from markupsafe import escape
from report.page_shown import (
    GO,
    HOSTILE,
    ODD,
    PAGE,
    PHP,
    PYTHON,
    REPORT,
    SIDE,
    content,
    evidence,
    exchange,
    transcript,
    transcripts,
)
from report.run_shown import JAVA, NAMES, STRING, all_ran, finished, shown

from conformance.corpus.load import load
from conformance.judge.profile_diff import ProfileDiff
from conformance.model.message import Failure
from conformance.model.verdict import Outcome, Transcript
from conformance.report.change_table import change_table
from conformance.report.citation import bibtex, sentence
from conformance.report.html.case_facts import case_facts
from conformance.report.html.fuzz_view import fuzz_view
from conformance.report.html.page import lane_parts, page
from conformance.report.html.page_data import Installed, page_data
from conformance.report.html.shared_strings import (
    shown_bytes,
    shown_content,
    shown_text,
)
from conformance.report.html.trial_evidence import trial_evidence
from conformance.report.lane_cards import lane_cards
from conformance.results.writer import write_output


class Tags(HTMLParser):
    """The tags of a page with their attributes, and the text of each script."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def data_of(text: str) -> Any:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.S)
    assert found is not None
    return json.loads(found[1])


DATA = data_of(PAGE)
CASES = {case["id"]: case for case in DATA["cases"]}


def words(value: Any) -> Any:
    """The value with the strings in place of their numbers."""
    return [words(item) for item in value] if isinstance(value, list) else DATA["strings"][value]


def test_a_hostile_answer_makes_no_element_of_the_page() -> None:
    tags = Tags(PAGE).found
    assert [tag for tag, _ in tags].count("script") == 2
    assert "img" not in [tag for tag, _ in tags]
    assert not [name for _, attributes in tags for name in attributes if name.startswith("on")]


def test_no_character_that_acts_is_in_the_written_page(tmp_path: Any) -> None:
    write_output(tmp_path / "report.html", PAGE)
    text = (tmp_path / "report.html").read_text("utf-8")
    assert not re.search(
        "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text
    )
    assert not [
        one for one in DATA["strings"] if re.search("[\x00-\x08\x1b\u202e\ud800-\udfff]", one)
    ]


def test_megabytes_of_text_are_shortened() -> None:
    assert len(HOSTILE) * 5000 > 400_000
    assert len(PAGE) < 200_000


def test_the_page_names_no_address_that_it_would_fetch() -> None:
    fetching = {"src", "srcset", "data", "poster", "action", "formaction", "background"}
    tags = Tags(PAGE).found
    assert not [name for _, attributes in tags for name in attributes if name in fetching]
    assert {"link", "iframe", "object", "embed", "base"}.isdisjoint(tag for tag, _ in tags)
    assert "url(" not in PAGE
    assert "default-src 'none'" in PAGE


def test_the_script_of_the_page_is_the_one_that_its_policy_allows() -> None:
    script = PAGE.rpartition("<script>")[2].partition("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in PAGE


def test_each_text_is_stored_once() -> None:
    assert len(set(DATA["strings"])) == len(DATA["strings"])


def test_a_case_has_a_trial_for_each_lane_and_none_for_a_lane_that_did_not_run() -> None:
    cells = [trial and trial["cell"] for trial in CASES[SIDE]["trials"]]
    assert cells == [None, "ok", "FAIL", "FAIL", "ok"]


def test_requests_are_shown_to_the_byte() -> None:
    (turn,) = CASES[SIDE]["trials"][NAMES.index(GO)]["turns"]
    head = words(turn[1][0][0])
    assert head[0] == "GET /example.jpg?x-oss-process=image%2Fbodies%252Csen_50 HTTP/1.1"
    assert head[-1] == r"X-Odd: a\xe4\\b"


def test_a_refused_signature_is_explained_with_the_secrets_masked() -> None:
    case = next(case for case in load().cases if case.id == "auth/signature/wrong-secret")
    given = case.turns[0].input.credentials
    assert given is not None
    sent = exchange(
        "/example.jpg?x-oss-process=image%2Fbodies",
        "Host: examplebucket.oss-cn-hangzhou.aliyuncs.com",
        "x-oss-content-sha256: UNSIGNED-PAYLOAD",
        "x-oss-date: 20261128T205110Z",
        "Authorization: OSS4-HMAC-SHA256 Credential="
        f"{given.access_key_id}/20261128/cn-hangzhou/oss/aliyun_v4_request,Signature=" + "0" * 64,
        status="403 Forbidden",
    )
    refused = replace(sent, refusal="SignatureDoesNotMatch", clock=1795899070)
    answer = Failure(origin="service", error_class="E", text="t")
    report = replace(REPORT, cases={**REPORT.cases, case.id: REPORT.cases[SIDE]})
    verdicts = (*report.verdicts, replace(report.verdicts[0], case=case.id, lane=GO))
    installed = Installed(cases={case.id: case}, lists=())
    found = evidence([transcript(case.id, GO, answer, refused)], installed.cases)
    data = page_data(replace(report, verdicts=verdicts), found, installed)
    trial = next(c for c in data["cases"] if c["id"] == case.id)["trials"][NAMES.index(GO)]
    strings = data["strings"]
    explained = [strings[number] for number in trial["turns"][0][1][0][6]]
    assert explained[4].startswith(
        "GET\n/examplebucket/example.jpg\nx-oss-process=image%2Fbodies\n"
    )
    assert explained[5].startswith("OSS4-HMAC-SHA256\n20261128T205110Z\n")
    for key in case.turns[0].script.keys:
        assert not [text for text in strings if key.secret in text]


def test_a_trial_with_many_requests_shows_the_first_and_says_how_many() -> None:
    answer = Failure(origin="service", error_class="E", text="t")
    many = transcript(SIDE, GO, answer, *[exchange(f"/{number}") for number in range(500)])
    (turn,) = trial_evidence(many, {})["turns"]
    assert len(turn[1]) == 12
    assert turn[2][0] == "500 requests, of which the first 12 are shown"


def test_transcripts_are_read_one_at_a_time() -> None:
    alive = 0

    class Counted(Transcript):
        __slots__ = ()

        def __del__(self) -> None:
            nonlocal alive
            alive -= 1

    def counted() -> Any:
        nonlocal alive
        for one in transcripts():
            alive += 1
            assert alive <= 2
            fields = {name: getattr(one, name) for name in Transcript.__slots__}
            yield Counted(**fields)

    page(REPORT, evidence(counted()))


def test_a_page_without_transcripts_has_the_verdicts() -> None:
    data = data_of(page(REPORT))
    trial = next(case for case in data["cases"] if case["id"] == SIDE)["trials"][NAMES.index(GO)]
    assert trial["cell"] == "FAIL"
    assert "turns" not in trial


def test_two_pages_of_one_run_are_equal() -> None:
    assert page(REPORT, evidence(transcripts())) == PAGE


def test_a_card_counts_what_its_lane_got() -> None:
    cards = {card.lane: card for card in lane_cards(REPORT)}
    counts = {label: count for label, count, _ in cards[PHP].counts}
    assert counts["new failures"] == 1
    assert counts["known failures"] == 1
    assert counts["not judged"] == 1
    assert counts["passed"] == 12
    assert cards[JAVA].not_run == "javac is not on this machine"
    assert {label: count for label, count, _ in cards[JAVA].counts}["not run"] == len(REPORT.cases)


def test_a_lane_is_alone_if_all_others_agree() -> None:
    record = REPORT.agreements[0]
    groups = (("a", (PYTHON, GO, PHP)), ("b", (NAMES[4],)))
    lone = replace(record, agreement=replace(record.agreement, groups=groups))
    cards = lane_cards(replace(REPORT, agreements=(lone,)))
    label = "differs from all others"
    assert [card.counts[-1][0] for card in cards[:4]] == [label] * 4
    assert cards[4].counts[-1][0] == f"{label} (passes in 1 of these cases)"
    assert [card.counts[-1][1] for card in cards] == [0, 0, 0, 0, 1]
    assert [card.counts[-1][1] for card in lane_cards(REPORT)] == [0, 0, 0, 0, 0]


def test_time_is_counted_by_lane_and_family() -> None:
    first = evidence(transcripts()).durations.lanes()[0]
    assert (first.lane, first.seconds) == (GO, 0.5)
    assert first.families == (("errors", 0.25), ("process", 0.25))
    assert first.slowest == ((SIDE, 0.25), (ODD, 0.25))


def test_a_fuzz_shows_which_values_were_sent() -> None:
    fuzz = {
        "examples": 3, "drawn": 4, "repeated": 1, "known_failing": 0, "lost": {},
        "trials": {GO: 3}, "failed": {GO: 1}, "skipped": {GO: 0},
        "parameters": {"sen": {"valid": 101, "covered": [0, 50]}},
        "classes": {"sen beyond 100": 2, "no sen": 1},
        "causes": [{"lane": GO, "rules": ["process.string"], "with": "sen: 37", "known": None,
                    "explains": 2, "case": "process/fuzz/a", "file": None}],
        "flaky": [], "disagreements": [], "noted": [],
    }  # fmt: skip
    view = fuzz_view(fuzz)
    assert list(view.parameters[0].shown) == list(range(101))
    assert sorted(view.parameters[0].covered) == [0, 50]
    assert [(one.name, one.share) for one in view.classes] == [
        ("sen beyond 100", 1),
        ("no sen", 0.5),
    ]
    assert view.finds[0].example == "sen: 37"
    text = page(replace(REPORT, fuzz={**fuzz, "hypothesis": "6"}))
    assert "sen: 2 of 101 valid values sent" in text
    assert text.count('class="hit"') == 2


def test_the_page_has_the_citation_of_the_other_outputs() -> None:
    assert str(escape(sentence(REPORT))) in PAGE
    assert str(escape(bibtex(REPORT))) in PAGE


def test_versions_of_one_sdk_are_columns_with_what_changed_between_them() -> None:
    lanes = ("java@1", "java@2", "java@3")
    steps = [
        ProfileDiff(
            before="java@1",
            after="java@2",
            outcomes=(("a/b/c", "pass", "fail (errors.code)"),),
            broken=frozenset({"a/b/c"}),
            items=(("decodes-gzip", "yes", "returned encoded"),),
        ),
        ProfileDiff(
            before="java@2",
            after="java@3",
            outcomes=(("a/b/c", "fail (errors.code)", "pass"), ("a/b/d", "pass", "skip")),
            fixed=frozenset({"a/b/c"}),
        ),
    ]
    table = change_table(steps)
    assert table.columns == lanes
    assert table.steps == (
        "java@1 -> java@2: 1 broken, 1 other behaviour",
        "java@2 -> java@3: 1 fixed, 1 changed",
    )
    first, second = table.cases
    assert first.cells == ("pass", "fail (errors.code)", "pass")
    assert first.changes == ("", "broken", "fixed")
    assert (second.cells, second.changes) == (("", "pass", "skip"), ("", "", "changed"))
    (row,) = table.behaviours
    assert (row.label, row.cells) == ("Content coded with gzip", ("decoded", "not decoded", ""))
    text = page(replace(REPORT, versions=tuple(steps)))
    assert 'href="#/versions"' in text
    assert '<a href="#/case/a/b/c"><code>a/b/c</code></a>' in text
    assert 'href="#/versions"' not in PAGE


def test_the_version_of_a_checkout_is_shortened_to_its_end() -> None:
    assert lane_parts("php@path:/somewhere/deep/in/a/checkout") == ("php", "...p/in/a/checkout")


def test_bytes_and_content_are_shown_so_that_nothing_is_lost() -> None:
    assert shown_bytes(b"a\x00\xff\\") == r"a\x00\xff\\"
    assert shown_content("ä".encode()) == "ä"
    assert shown_content(b"\xff") == r"\xff"
    assert shown_content("ä".encode() * 2000, 3) == "ä... (4,000 bytes)"
    assert shown_text("a" * 3000).endswith("... (3,000 characters)")


def test_failures_that_are_alike_are_told_once_with_links_to_all() -> None:
    found = [finished(f"a/b/{n}", GO, Outcome.FAIL, findings=(STRING,)) for n in range(60)]
    report = all_ran(shown(*found, lanes=(GO,)))
    text = page(report)
    assert text.count('<article class="failure">') == 1
    (article,) = re.findall(r'<article class="failure">.*?</article>', text, re.S)
    assert "60 cases alike: process.string" in article
    assert article.count("<dt>expected</dt>") == 1
    assert len(set(re.findall(r'href="#/case/(a/b/\d+)', article))) == 60
    assert 'New failures <span class="number">60</span>' in text
    (card,) = lane_cards(report)
    assert [(one.case, one.cases) for one in card.worst] == [("a/b/0", 60)]


def test_blanks_at_the_ends_of_a_value_are_visible() -> None:
    assert shown_text(" image/bodies\n") == r"\x20image/bodies\n"
    assert shown_text("a b\nc") == "a b\nc"
    assert shown_text("\t\u3000") == r"\t\u3000"
    assert shown_bytes(b"X: a ") == r"X: a\x20"
    assert shown_content("ä\n".encode()) == "ä\\n"


def test_a_long_content_is_shortened_once_and_shown_with_its_own_length() -> None:
    long = b"a" * 5000
    trial = transcript(SIDE, GO, content(long), exchange("/", body=long))
    (turn,) = trial_evidence(trial, {})["turns"]
    assert dict(turn[0])["content"] == "a" * 2000 + "... (5,000 bytes)"
    assert turn[1][0][3] == "a" * 2000 + "... (5,000 bytes)"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("transport/redirect/https-to-http-307", "Location: http://"),
        ("process/strings/line-feed", r"image/bodies\n"),
    ],
)
def test_what_was_asked_shows_the_fields_that_the_case_names_and_blanks_at_ends(
    name: str, text: str
) -> None:
    case = next(case for case in load().cases if case.id == name)
    (turn,) = case_facts(case)
    assert [value for _, value in turn if text in shown_text(value)]
