"""Behaviours side by side, and versions: what is shown, how wide, and what is left out."""

import re
from dataclasses import replace

from report.run_shown import GO, NAMES, PHP, PROFILES, behaves

from conformance.judge.profile_diff import ProfileDiff
from conformance.model.verdict import ProfileItem
from conformance.report.profiles import profile_text, profiles_page, versions_text
from conformance.report.text_layout import Layout

TEXT = profile_text(PROFILES, Layout())
SAME = ProfileDiff(before="go@3.0.1", after="go@3.0.2")
OTHER = ProfileDiff(
    before="java@3.17.4",
    after="java@3.18.4",
    items=(("decodes-gzip", "returned encoded", "yes"),),
    outcomes=(("errors/xml/ec", "fail (errors.ec)", "pass"),),
    fixed=frozenset({"errors/xml/ec"}),
    entries=((("headers",), tuple(f"process/sen/{number}" for number in range(9))),),
)
PAGE = profiles_page(PROFILES, (SAME, OTHER))


def row(label: str) -> list[str]:
    line = next(line for line in TEXT.splitlines() if line.startswith(label + " "))
    return line.removeprefix(label).split()


def test_lanes_stand_side_by_side_where_they_differ() -> None:
    assert row("Retries on status 503") == ["yes", "no", "no", "no", "-"]


def test_what_lanes_do_alike_is_left_to_the_page() -> None:
    assert "Reuses a connection" not in TEXT
    assert "- Reuses a connection of a kept client: yes (`transport/reuse/one`)" in PAGE
    assert "| Reuses a connection" not in PAGE


def test_a_long_value_has_a_line_of_its_own_with_its_lanes() -> None:
    assert (
        TEXT.partition("Accept-Encoding of a request\n")[2].splitlines()[1]
        == f"  gzip, deflate: {GO}"
    )


def test_texts_that_always_differ_stand_on_the_page_only() -> None:
    assert "User-Agent" not in TEXT
    assert "User-Agent" in PAGE


def test_a_value_that_would_make_the_table_wide_stands_below_it() -> None:
    long = behaves("user-agent", "aliyun-sdk-java/*(Linux/*/amd64;*)")
    page = profiles_page([replace(PROFILES[0], items=(long,)), *PROFILES[1:]], ())
    below = f"- {NAMES[0]}: `aliyun-sdk-java/*(Linux/*/amd64;*)`"
    assert f"User-Agent (seen in `transport/reuse/one`):\n\n{below}\n" in page
    assert "| User-Agent" not in page


def test_statuses_with_the_same_cells_share_a_row() -> None:
    assert "- Retries on status 400, 404: no (`transport/reuse/one`)" in PAGE


def test_nothing_is_wider_than_eighty_columns() -> None:
    lines = [*TEXT.splitlines(), *versions_text((SAME, OTHER), 80).splitlines()]
    assert max(map(len, lines)) <= 80


def test_one_lane_alone_is_compared_with_nothing() -> None:
    assert profile_text(PROFILES[:1], Layout()) == ""


def test_a_run_without_behaviours_has_no_section() -> None:
    assert profiles_page((), ()) == ""


def test_versions_that_do_not_differ_take_one_line() -> None:
    assert versions_text((SAME,), 80) == "go@3.0.1 and go@3.0.2 do not differ\n"


def test_versions_that_differ_say_where_and_how() -> None:
    text = versions_text((OTHER,), 80)
    for part in (
        "java@3.17.4 -> java@3.18.4: different verdicts: 1, different behaviours: 1, "
        "same verdict but different profile: 9",
        "  fixed   errors/xml/ec\n    fail (errors.ec) -> pass\n",
        "  Content coded with gzip: not decoded -> decoded\n",
        "headers: other in process/sen/0, process/sen/1, process/sen/2 and 6 more",
    ):
        assert re.sub(r"\s+", " ", part).strip() in re.sub(r"\s+", " ", text)


def test_the_page_names_both_kinds_of_versions() -> None:
    assert "go@3.0.1 and go@3.0.2 do not differ" in PAGE
    assert "- Content coded with gzip: `not decoded` -> `decoded`" in PAGE


def test_every_row_of_the_page_has_a_cell_for_each_lane_and_its_evidence() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in rows} == {len(NAMES) + 2}
    assert PHP.replace("@", "<br>") in rows[0]
    assert all("<br>`" in row for row in rows[2:])


def test_errors_outside_the_types_of_the_sdk_are_listed_with_their_cases() -> None:
    name, cases = "errors-outside-the-sdk-types", ("errors/xml/a", "errors/xml/b")
    item = ProfileItem(name=name, value="ValueError", count=2, cases=cases)
    profiles = (replace(PROFILES[0], items=(item,)), *PROFILES[1:])
    page = profiles_page(profiles, ())
    assert f"- {NAMES[0]}: `ValueError` in 2 cases: `errors/xml/a`, `errors/xml/b`" in page
    lines = profile_text(profiles, Layout()).splitlines()
    assert (
        lines[lines.index("Errors outside the SDK's documented types") + 1]
        == f"  ValueError: {NAMES[0]}"
    )
