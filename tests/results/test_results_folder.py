"""The results folder: written as the run goes on, checked when it is read."""

import errno
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from judge.notation import transcript
from judge.rule_examples import RIGHT
from report.run_shown import AGREEMENTS, CASES, END, HEADER, LANES, PROFILES, RESULTS, VERDICTS

from conformance.assets import SCHEMAS
from conformance.errors import CannotRunError, ResultsError
from conformance.model.verdict import ProfileItem, Transcript
from conformance.results import (
    LaneProfile,
    ResultsWriter,
    RunHeader,
    read_results,
    read_transcripts,
    verdict_from,
    verdict_to,
    write_output,
)

ONE = transcript(RIGHT)


def header(**more: Any) -> RunHeader:
    return replace(HEADER, **more)


def write(folder: Path, *, end: bool = True, backwards: bool = False, **more: Any) -> str:
    with ResultsWriter(folder, header(**more)) as writer:
        for case in CASES:
            writer.case(case)
        for lane in LANES:
            writer.lane(lane)
        for verdict in reversed(VERDICTS) if backwards else VERDICTS:
            writer.verdict(verdict)
        writer.transcript(ONE)
        for record in AGREEMENTS:
            writer.agreement(record)
        for profile in PROFILES:
            writer.profile(profile)
        return writer.end(END) if end else ""


def refused(folder: Path) -> ResultsError:
    with pytest.raises(ResultsError) as caught:
        read_results(folder)
    return caught.value


def test_what_is_written_is_read(tmp_path: Path) -> None:
    identity = write(tmp_path)
    stored = read_results(tmp_path)
    assert stored.end is not None
    assert stored.end.transcripts is not None
    end = replace(END, transcripts=stored.end.transcripts)
    assert stored == replace(RESULTS, run=header(id=identity), end=end)


def test_transcripts_are_read_one_at_a_time_as_they_were_written(tmp_path: Path) -> None:
    write(tmp_path)
    assert list(read_transcripts(tmp_path)) == [ONE]


def test_every_line_keeps_to_the_schema(tmp_path: Path) -> None:
    write(tmp_path)
    schema = json.loads((SCHEMAS / "results.schema.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    lines = (tmp_path / "results.jsonl").read_text(encoding="utf-8").splitlines()
    assert [
        error.message for line in lines for error in validator.iter_errors(json.loads(line))
    ] == []


@pytest.mark.parametrize("verdict", VERDICTS[:1] + VERDICTS[-4:], ids=lambda v: v.lane)
def test_a_verdict_survives_the_way_through_json(verdict: Any) -> None:
    assert verdict_from(json.loads(json.dumps(verdict_to(verdict)))) == verdict


def test_equal_runs_have_equal_ids_whatever_lane_was_first(tmp_path: Path) -> None:
    first = write(tmp_path / "a")
    assert write(tmp_path / "b", backwards=True, started="2027-01-01T00:00:00Z") == first


def test_what_a_lane_is_free_to_do_does_not_change_the_id(tmp_path: Path) -> None:
    identities = set()
    for wait in ("0.01, 1.02", "0.01, 1.03"):
        with ResultsWriter(tmp_path, header()) as writer:
            writer.verdict(replace(VERDICTS[0], profile=(("request-intervals", wait),)))
            identities.add(writer.end(END))
    assert len(identities) == 1


def test_what_a_lane_did_over_all_cases_does_not_change_the_id(tmp_path: Path) -> None:
    identities = set()
    for value in ("0.6 s", "0.7 s"):
        items = (ProfileItem(name="retry-delays", value=value, count=1, cases=("a/b/c",)),)
        with ResultsWriter(tmp_path, header()) as writer:
            writer.profile(LaneProfile(lane="go", items=items))
            identities.add(writer.end(END))
    assert len(identities) == 1


def test_another_seed_is_another_id(tmp_path: Path) -> None:
    assert write(tmp_path / "a") != write(tmp_path / "b", seed=7)


def test_a_changed_verdict_no_longer_fits_the_id(tmp_path: Path) -> None:
    write(tmp_path)
    path = tmp_path / "results.jsonl"
    path.write_text(path.read_text().replace('"outcome":"fail"', '"outcome":"pass"', 1))
    assert not read_results(tmp_path).genuine


def test_a_line_is_on_disk_as_soon_as_it_is_written(tmp_path: Path) -> None:
    with ResultsWriter(tmp_path, header()) as writer:
        writer.verdict(VERDICTS[0])
        lines = (tmp_path / "results.jsonl").read_text().splitlines()
    assert json.loads(lines[-1])["case"] == VERDICTS[0].case


def test_a_truncated_file_is_read_without_its_end(tmp_path: Path) -> None:
    write(tmp_path, end=False)
    results = read_results(tmp_path)
    assert (results.end, results.verdicts, results.genuine) == (None, VERDICTS, False)


def test_a_last_line_that_was_being_written_is_ignored(tmp_path: Path) -> None:
    write(tmp_path, end=False)
    for name in ("results.jsonl", "transcripts.jsonl"):
        with (tmp_path / name).open("a") as file:
            file.write('{"type":"verd')
    assert read_results(tmp_path).verdicts == VERDICTS
    assert list(read_transcripts(tmp_path)) == [ONE]


def test_broken_json_is_named_by_its_line(tmp_path: Path) -> None:
    write(tmp_path)
    path = tmp_path / "results.jsonl"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:2], lines[2][:-1], *lines[3:], ""]))
    error = refused(tmp_path)
    assert (error.place, error.source) == (f"line 3 column {len(lines[2])}", str(path))
    assert "is not JSON" in error.rule


def test_a_line_that_breaks_the_schema_is_named_by_line_and_pointer(tmp_path: Path) -> None:
    write(tmp_path)
    path = tmp_path / "results.jsonl"
    path.write_text(path.read_text().replace('"outcome":"fail"', '"outcome":"green"', 1))
    error = refused(tmp_path)
    assert error.place.startswith("line ")
    assert error.place.endswith(" /outcome")
    assert '"green"' in error.rule


@pytest.mark.parametrize(
    ("line", "place", "words"),
    [
        ('{"type":"lane","a":1,"a":2}', "line 2", "has the name 'a' twice"),
        ("[" * 100_000, "line 2 column 100000", "nested 100000 levels deep"),
    ],
    ids=["twice", "deep"],
)
@pytest.mark.parametrize("name", ["results.jsonl", "transcripts.jsonl"])
def test_a_line_is_read_strictly(
    tmp_path: Path, name: str, line: str, place: str, words: str
) -> None:
    write(tmp_path)
    path = tmp_path / name
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], line, *lines[1:], ""]))
    with pytest.raises(ResultsError) as caught:
        read_results(tmp_path) if name == "results.jsonl" else list(read_transcripts(tmp_path))
    error = caught.value
    assert (error.source, error.place, words in error.rule) == (str(path), place, True)
    assert error.remedy


def test_a_transcript_of_another_shape_is_named_by_its_line(tmp_path: Path) -> None:
    write(tmp_path)
    path = tmp_path / "transcripts.jsonl"
    path.write_text(path.read_text().replace('"turns"', '"rounds"'))
    with pytest.raises(ResultsError, match="line 2"):
        list(read_transcripts(tmp_path))


def test_a_later_format_is_refused_by_its_number(tmp_path: Path) -> None:
    write(tmp_path)
    path = tmp_path / "results.jsonl"
    path.write_text(path.read_text().replace('"format":3', '"format":4', 1))
    error = refused(tmp_path)
    assert "format 3" in error.rule
    assert error.remedy == "update the suite"


def test_an_older_format_is_refused_with_what_to_do(tmp_path: Path) -> None:
    write(tmp_path)
    path = tmp_path / "results.jsonl"
    path.write_text(path.read_text().replace('"format":3', '"format":1', 1))
    error = refused(tmp_path)
    assert "format 1" in error.rule
    assert "run again" in error.remedy


def test_a_verdict_without_its_case_line_is_refused(tmp_path: Path) -> None:
    with ResultsWriter(tmp_path, header()) as writer:
        writer.verdict(VERDICTS[0])
        writer.end(END)
    error = refused(tmp_path)
    assert error.place == "line 2"
    assert f"no case line of {VERDICTS[0].case}" in error.rule


def test_where_files_and_runners_lie_does_not_change_the_id(tmp_path: Path) -> None:
    identities = set()
    for place in ("here", "../there"):
        with ResultsWriter(tmp_path, header(vector_files=(f"{place}/a.json",))) as writer:
            writer.lane(replace(LANES[-1], folder=place))
            identities.add(writer.end(END))
    assert len(identities) == 1


def test_another_timeout_is_another_id(tmp_path: Path) -> None:
    assert write(tmp_path / "a") != write(tmp_path / "b", timeout=1.5)


def test_a_line_after_the_end_is_refused(tmp_path: Path) -> None:
    write(tmp_path)
    path = tmp_path / "results.jsonl"
    path.write_text(path.read_text() + json.dumps(verdict_to(VERDICTS[0])) + "\n")
    assert "one end line" in refused(tmp_path).rule


def test_a_folder_without_results_says_which_folder_to_name(tmp_path: Path) -> None:
    assert "--out" in refused(tmp_path / "nowhere").remedy


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "results.jsonl").touch()
    assert "empty" in refused(tmp_path).rule


def test_a_folder_that_holds_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(ResultsError, match="not empty"):
        write(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_somebody_elses_results_file_does_not_make_the_folder_ours(tmp_path: Path) -> None:
    (tmp_path / "results.jsonl").write_text('{"score": 1}\n')
    with pytest.raises(ResultsError, match="not empty"):
        write(tmp_path)


def test_a_folder_of_ours_is_taken_over_with_nothing_left_of_the_old_run(tmp_path: Path) -> None:
    write(tmp_path, end=False)
    (tmp_path / "report.html").touch()
    (tmp_path / "badges").mkdir()
    (tmp_path / "notes.txt").touch()
    write(tmp_path)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["notes.txt", "results.jsonl", "transcripts.jsonl"]
    assert len(read_results(tmp_path).verdicts) == len(VERDICTS)


def test_a_run_without_a_verdict_leaves_the_results_before_it(tmp_path: Path) -> None:
    before = write(tmp_path)
    (tmp_path / "report.html").touch()
    with ResultsWriter(tmp_path, header(seed=7)) as writer:
        writer.lane(LANES[0])
    assert read_results(tmp_path).run.id == before
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["report.html", "results.jsonl", "transcripts.jsonl"]


def test_an_interruption_between_the_two_files_loses_neither(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace_file, moved = os.replace, []

    def interrupt_once(old: Path, new: Path) -> None:
        moved.append(new)
        if len(moved) == 2:
            raise KeyboardInterrupt
        replace_file(old, new)

    monkeypatch.setattr(os, "replace", interrupt_once)
    with ResultsWriter(tmp_path, header()) as writer:
        writer.case(CASES[0])
        with pytest.raises(KeyboardInterrupt):
            writer.transcript(ONE)
        writer.transcript(ONE)
        writer.verdict(VERDICTS[0])
        writer.end(END)
    assert read_results(tmp_path).genuine
    assert list(read_transcripts(tmp_path)) == [ONE]


def test_results_that_are_written_again_replace_those_before_as_a_whole(tmp_path: Path) -> None:
    with ResultsWriter(tmp_path, header()) as writer:
        for verdicts in (VERDICTS[:1], VERDICTS[1:2]):
            with writer.rewriting():
                for case in CASES:
                    writer.case(case)
                for verdict in verdicts:
                    writer.verdict(verdict)
            (line,) = (
                line
                for line in (tmp_path / "results.jsonl").read_text().splitlines()
                if '"type":"verdict"' in line
            )
            assert verdict_from(json.loads(line)) == verdicts[0]
        with pytest.raises(KeyboardInterrupt), writer.rewriting():
            raise KeyboardInterrupt
    assert read_results(tmp_path).verdicts == VERDICTS[1:2]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "results.jsonl",
        "transcripts.jsonl",
    ]


@pytest.mark.parametrize("name", [".results.new", ".transcripts.new", "transcripts.jsonl"])
def test_nothing_is_written_through_a_link_in_the_folder(tmp_path: Path, name: str) -> None:
    folder, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    elsewhere.write_text("years of work")
    write(folder)
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to(elsewhere)
    write(folder)
    assert elsewhere.read_text() == "years of work"
    assert len(list(read_transcripts(folder))) == 1


def test_outputs_are_not_written_through_a_link(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "case.json").write_text("years of work")
    (tmp_path / "counter-examples").symlink_to(elsewhere)
    (tmp_path / "summary.md").symlink_to(elsewhere / "case.json")
    for name in ("summary.md", "counter-examples/case.json"):
        write_output(tmp_path / name, "a page")
        assert (tmp_path / name).read_text() == "a page"
    assert (elsewhere / "case.json").read_text() == "years of work"


def test_results_are_not_read_through_a_link(tmp_path: Path) -> None:
    write(tmp_path / "out")
    (tmp_path / "out" / "results.jsonl").rename(tmp_path / "elsewhere")
    (tmp_path / "out" / "results.jsonl").symlink_to(tmp_path / "elsewhere")
    assert refused(tmp_path / "out").rule == "is a symbolic link"


def test_two_runs_do_not_write_into_one_folder(tmp_path: Path) -> None:
    with ResultsWriter(tmp_path, header()), pytest.raises(ResultsError, match="another run"):
        write(tmp_path)


class FullDisk:
    """A file that takes so many more bytes and is then full."""

    def __init__(self, file: Any, room: int) -> None:
        self.file, self.room = file, room

    def write(self, data: bytes) -> int:
        if self.room <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        taken = min(len(data), self.room)
        self.room -= taken
        written: int = self.file.write(data[:taken])
        return written

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)


def test_a_full_disk_says_so_and_leaves_what_was_written_readable(tmp_path: Path) -> None:
    with ResultsWriter(tmp_path, header()) as writer:
        writer.case(CASES[0])
        writer.verdict(VERDICTS[0])
        writer._results = FullDisk(writer._results, room=10)  # type: ignore[assignment]
        with pytest.raises(CannotRunError) as caught:
            writer.verdict(VERDICTS[1])
    assert "No space left" in caught.value.reason
    assert "free some space" in caught.value.remedy
    assert read_results(tmp_path).verdicts == VERDICTS[:1]
    assert (tmp_path / "results.jsonl").read_bytes().endswith(b"\n")


def test_a_folder_that_cannot_be_made_says_what_to_name_instead(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CannotRunError) as caught:
        write(tmp_path / "file" / "out")
    assert "--out" in caught.value.remedy


def test_the_writer_keeps_nothing_of_what_it_wrote(tmp_path: Path) -> None:
    with ResultsWriter(tmp_path, header()) as writer:
        before = {name for name, value in vars(writer).items() if isinstance(value, list | dict)}
        writer.transcript(ONE)
        writer.verdict(VERDICTS[0])
        after = {name for name, value in vars(writer).items() if isinstance(value, list | dict)}
    assert before == after == set()


def test_files_beside_the_results_get_their_names_with_them(tmp_path: Path) -> None:
    with ResultsWriter(tmp_path, header(), {"page.json": b"{}"}) as writer:
        assert not (tmp_path / "page.json").exists()
        writer.verdict(VERDICTS[0])
        assert (tmp_path / "page.json").read_bytes() == b"{}"
    write(tmp_path)
    assert not (tmp_path / "page.json").exists()


def test_transcripts_are_not_read_before_they_are_asked_for(tmp_path: Path) -> None:
    write(tmp_path)
    path = tmp_path / "transcripts.jsonl"
    path.write_text(path.read_text() + "broken\n")
    stream = read_transcripts(tmp_path)
    first: Transcript = next(stream)
    assert first == ONE
