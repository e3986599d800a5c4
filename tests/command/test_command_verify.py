"""`oss-bodies verify`: a published folder that was changed in any way is refused."""

import json
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest
from command.calling import oss_bodies
from fakes.build import write_runner

from conformance import __version__, cli
from conformance.errors import DamagedResultsError
from conformance.results import judging_processes, lines, read_results
from conformance.results.seal import START, sealed, stated

RESULTS, TRANSCRIPTS = "results.jsonl", "transcripts.jsonl"
Verify = Callable[[Path], tuple[int, str]]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of two lanes, one of which fails."""
    work = tmp_path_factory.mktemp("published")
    words = ["run", "--in", "host"]
    for case in ("process/sen/50", "process/sen/1", "errors/service/no-such-key"):
        words += ["--case", case]
    for kind in ("reference", "sen-dropped"):
        words += ["--runner", str(write_runner(work / "runners", kind=kind))]
    ran = oss_bodies(*words, cwd=work)
    assert ran.returncode == 1, ran.stderr
    return work / "oss-bodies-report"


@pytest.fixture
def folder(published: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(published, tmp_path / "out"))


@pytest.fixture
def verify(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Verify:
    def call(folder: Path) -> tuple[int, str]:
        capsys.readouterr()
        monkeypatch.chdir(folder.parent)
        code = cli.main(["verify", folder.name])
        return code, "".join(capsys.readouterr())

    return call


def edit(folder: Path, name: str, number: int, change: Callable[[bytes], bytes]) -> None:
    parts = (folder / name).read_bytes().splitlines(keepends=True)
    before = parts[number - 1]
    parts[number - 1] = change(before)
    assert parts[number - 1] != before
    (folder / name).write_bytes(b"".join(parts))


def another_byte(at: int, line: bytes) -> bytes:
    return line[:at] + b"~" + line[at + 1 :]


def resealed(folder: Path) -> None:
    """Do what somebody does who knows how the checks and the id are computed."""
    last = START
    for name in (TRANSCRIPTS, RESULTS):
        documents = [json.loads(line) for line in (folder / name).read_bytes().splitlines()]
        for one in documents:
            del one["check"]
        if name == RESULTS:
            documents[-1]["transcripts"] = last
            documents[0]["id"] = START[:16]
            total = 0
            for one in documents:
                total = lines.add(total, one)
        out, last = [], START
        for one in documents:
            line, last = sealed(json.dumps(one, separators=(",", ":")).encode(), last)
            out.append(line)
        if name == RESULTS:
            out[0] = out[0].replace(START[:16].encode(), lines.run_id(total).encode(), 1)
        (folder / name).write_bytes(b"".join(out))


def changed(folder: Path, kind: str, change: Callable[[Any], object]) -> int:
    """Change the first line of this type that `change` accepts, and the checks; its number."""
    documents = [json.loads(line) for line in (folder / RESULTS).read_bytes().splitlines()]
    number = next(n for n, one in enumerate(documents, 1) if one["type"] == kind and change(one))
    text = "".join(json.dumps(one) + "\n" for one in documents)
    (folder / RESULTS).write_text(text, encoding="utf-8")
    resealed(folder)
    assert read_results(folder).genuine
    return number


def test_an_untouched_folder_is_verified_wherever_it_lies(folder: Path, verify: Verify) -> None:
    code, text = verify(folder)
    assert code == 0, text
    assert "6 verdicts, each as stored" in text
    assert f"run {read_results(folder).run.id}" in text


def test_a_folder_with_checks_computed_again_is_the_same_folder(
    folder: Path, verify: Verify
) -> None:
    before = (folder / RESULTS).read_bytes()
    resealed(folder)
    assert (folder / RESULTS).read_bytes() == before
    assert verify(folder)[0] == 0


@pytest.mark.parametrize("name", [RESULTS, TRANSCRIPTS])
def test_one_byte_changed_in_any_line_is_refused_with_the_line(
    name: str, folder: Path, verify: Verify
) -> None:
    original = (folder / name).read_bytes()
    for number, line in enumerate(original.splitlines(), 1):
        at = [place for place, byte in enumerate(line) if chr(byte).isalpha()][len(line) // 3]
        edit(folder, name, number, partial(another_byte, at))
        code, text = verify(folder)
        assert code == 1, (number, text)
        assert f"{name}: line {number}" in text
        (folder / name).write_bytes(original)


@pytest.mark.parametrize("name", [RESULTS, TRANSCRIPTS])
@pytest.mark.parametrize("kept", [-1, 2, 1])
def test_a_cut_file_is_refused(name: str, kept: int, folder: Path, verify: Verify) -> None:
    parts = (folder / name).read_bytes().splitlines(keepends=True)
    (folder / name).write_bytes(b"".join(parts[:kept]))
    code, text = verify(folder)
    assert code == 1
    assert "cut" in text


def test_a_line_that_is_missing_or_moved_is_refused(folder: Path, verify: Verify) -> None:
    parts = (folder / RESULTS).read_bytes().splitlines(keepends=True)
    last = len(parts) - 1
    for number, moved in (
        (last, parts[:-2] + parts[-1:]),
        (2, [parts[0], parts[2], parts[1], *parts[3:]]),
    ):
        (folder / RESULTS).write_bytes(b"".join(moved))
        code, text = verify(folder)
        assert code == 1
        assert f"results.jsonl: line {number}: changed" in text


def test_another_id_is_refused(folder: Path, verify: Verify) -> None:
    identity = read_results(folder).run.id.encode()
    edit(folder, RESULTS, 1, lambda line: line.replace(identity, b"0123456789abcdef"))
    code, text = verify(folder)
    assert code == 1
    assert "line 1: the id 0123456789abcdef does not follow" in text


def test_transcripts_of_another_run_are_refused(folder: Path, verify: Verify) -> None:
    edit(folder, TRANSCRIPTS, 2, lambda line: line.replace(b"elapsed", b"elapsed", 1) + line)
    resealed_before = (folder / RESULTS).read_bytes()
    resealed(folder)
    (folder / RESULTS).write_bytes(resealed_before)
    code, text = verify(folder)
    assert code == 1
    assert "transcripts.jsonl: line" in text


def _passes(line: Any) -> bool:
    if line["outcome"] != "fail":
        return False
    line["outcome"], line["findings"] = "pass", []
    return True


def _quotes_less(line: Any) -> bool:
    if not line["findings"]:
        return False
    line["findings"][0]["got"] = "'image/bodies,sen_50'"
    return True


def _retries(line: Any) -> bool:
    line["items"][0]["count"] += 1
    return True


def _behaves(line: Any) -> bool:
    line["profile"] = {**line["profile"], "added": "yes"}
    return True


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("verdict", _passes),
        ("verdict", _quotes_less),
        ("verdict", _behaves),
        ("profile", _retries),
        ("case", lambda line: line.update(title="Another title.") is None),
        ("agreement", lambda line: line.update(suspect=not line["suspect"]) is None),
        ("end", lambda line: line["counts"].update({"pass": 99}) is None),
    ],
)
def test_what_does_not_follow_from_the_transcripts_is_refused_with_the_line(
    kind: str, change: Callable[[Any], object], folder: Path, verify: Verify
) -> None:
    number = changed(folder, kind, change)
    code, text = verify(folder)
    assert code == 1
    assert f"results.jsonl: line {number}: changed" in text


def test_other_vectors_are_refused(folder: Path, verify: Verify) -> None:
    changed(folder, "run", lambda line: line.update(vectors="0" * 64) is None)
    code, text = verify(folder)
    assert code == 1
    assert f"vectors sha256:{'0' * 64}, this installation has" in text


def test_a_run_of_other_vectors_by_another_version_needs_that_version(
    folder: Path, verify: Verify
) -> None:
    changed(folder, "run", lambda line: line.update(vectors="0" * 64, suite="9.0") is None)
    code, text = verify(folder)
    assert code == 2
    assert "version 9.0 of the suite" in text


def test_what_is_no_results_folder_is_wrong_input(tmp_path: Path, verify: Verify) -> None:
    assert verify(tmp_path / "nowhere")[0] == 2


def test_a_check_depends_on_the_line_and_on_all_lines_before() -> None:
    first, check = sealed(b'{"a":1}', START)
    assert stated(first) == check
    assert sealed(b'{"a":1}', check)[1] != check != sealed(b'{"a":2}', START)[1]


def test_the_citation_file_names_this_version() -> None:
    text = (Path(cli.__file__).parents[1] / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {__version__}\n" in text


def test_a_large_folder_is_judged_by_several_processes_with_the_same_result(
    folder: Path, verify: Verify, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = verify(folder)
    monkeypatch.setattr(judging_processes, "_SMALL", 0)
    monkeypatch.setattr(judging_processes, "_BATCH", 1)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    assert verify(folder) == alone
    assert alone[0] == 0


def test_a_process_that_finds_a_damaged_transcript_says_where(
    folder: Path, verify: Verify, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging_processes, "_SMALL", 0)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    path = folder / TRANSCRIPTS
    lines_ = path.read_bytes().splitlines(keepends=True)
    with pytest.raises(DamagedResultsError, match=r"transcripts.jsonl: line 2: .*exposes"):
        list(judging_processes.judged_transcripts(without_member(path, lines_), {}, suite="0"))


@pytest.mark.parametrize("batch", [1, 40])
def test_what_comes_before_a_damaged_transcript_is_made_by_any_number_of_processes(
    folder: Path, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    path = folder / TRANSCRIPTS
    with path.open("ab") as file:  # its `end` line has come
        file.write(b'{"type":"transcript"}\n')

    def made() -> Iterator[str]:
        try:
            yield from judging_processes.each_transcript(folder, attrgetter("case"))
        except DamagedResultsError as error:
            yield f"{error.place}: {error.rule}"

    alone = list(made())
    monkeypatch.setattr(judging_processes, "_SMALL", 0)
    monkeypatch.setattr(judging_processes, "_BATCH", batch)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    assert len(alone) > 1
    assert list(made()) == alone


def without_member(path: Path, parts: list[bytes]) -> Path:
    """The folder, with a third line that lacks what every transcript has."""
    document = json.loads(parts[2])
    del document["exposes"], document["check"]
    parts[2] = json.dumps(document, separators=(",", ":")).encode() + b"\n"
    path.write_bytes(parts[0] + parts[2] * 2)
    return path.parent


def test_a_list_that_changed_since_the_run_is_named_as_the_cause(
    tmp_path: Path, verify: Verify
) -> None:
    runner = write_runner(tmp_path / "runners", kind="sen-dropped")
    listed = runner / "known-failing.json"
    entry = {
        "cases": "process/*",
        "rules": ["process.string"],
        "reason": "The parameter sen is not sent.",
        "link": "https://example.org/issues/7",
    }
    listed.write_text(json.dumps({"entries": [entry]}), encoding="utf-8")
    words = ["--runner", str(runner), "--in", "host", "--case", "process/sen/50"]
    assert oss_bodies("run", *words, cwd=tmp_path).returncode == 0
    folder = tmp_path / "oss-bodies-report"
    assert verify(folder)[0] == 0
    for entries, now in (
        ([], "in no list"),
        (
            [{**entry, "reason": "The parameter is lost in the request."}],
            "there with another reason",
        ),
    ):
        listed.write_text(json.dumps({"entries": entries}), encoding="utf-8")
        code, text = verify(folder)
        assert code == 1
        assert (
            "process/sen/50 on sen-dropped is stored as fail in a list; by the known-failing lists "
            f"that are here it is {now}: a list has changed since the run, or this line was changed"
        ) in text
