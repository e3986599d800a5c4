"""The search on fakes: planted defects are found and shrunk to their minimum, and nothing else."""

import shlex
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fakes.build import write_runner

from conformance.cli import main
from conformance.corpus.load import load_file
from conformance.corpus.selection import hosts
from conformance.fuzz import Example, LanePool, Limits, Score, Search, SearchListener, case_of
from conformance.fuzz.draw import Draws
from conformance.model.verdict import Outcome
from conformance.results import read_results
from conformance.runner.discovery import parse_lane, read_manifest
from conformance.runner.host import HostSite

pytestmark = pytest.mark.slow

PLANTED = (
    "reference", "sen-100-as-99", "sen-37-as-36", "sen-in-six-bits", "key-plus-as-space",
    "key-space-as-plus", "third-call-cut", "answer-of-the-call-before",
)  # fmt: skip


@contextmanager
def pool(kinds: Iterable[str], folder: Path, limit: float = 10.0) -> Iterator[LanePool]:
    manifests = [read_manifest(write_runner(folder, kind=kind)) for kind in kinds]
    lanes = [parse_lane(manifest.name, manifests) for manifest in manifests]
    site = HostSite()
    try:
        prepared = site.prepare(lanes, lambda _: None)
        mock = site.open(hosts([case_of(Example())]))
        with LanePool(site, mock, prepared, limit=limit) as started:
            yield started
    finally:
        site.close()


@pytest.fixture(scope="module")
def score(tmp_path_factory: pytest.TempPathFactory) -> Score:
    with pool(PLANTED, tmp_path_factory.mktemp("planted")) as lanes:
        return Search(lanes, Limits(seed=1, examples=600)).run()


def inputs(score: Score, lane: str) -> list[str]:
    return [cause.input for cause in score.causes if cause.lane == lane]


def test_a_lane_without_defects_has_no_cause(score: Score) -> None:
    assert inputs(score, "reference") == []


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        ("sen-100-as-99", "sen 100"),
        ("sen-37-as-36", "sen 37"),
        ("sen-in-six-bits", "sen 64 to 100"),
        ("key-plus-as-space", "another key, key: '+'"),
        ("key-space-as-plus", "another key, key: ' '"),
        ("third-call-cut", "2 calls or more on one client, 3 calls or more on one client"),
        ("answer-of-the-call-before", "2 calls or more on one client"),
    ],
)
def test_a_planted_defect_is_one_cause_with_the_input_that_matters(
    kind: str, what: str, score: Score
) -> None:
    assert inputs(score, kind) == [what]


@pytest.mark.parametrize(
    ("kind", "smallest"),
    [
        ("sen-37-as-36", lambda call: call.arguments == (("sen", 37),)),
        ("sen-in-six-bits", lambda call: call.arguments == (("sen", 64),)),
        ("key-plus-as-space", lambda call: call.key == "+"),
        ("key-space-as-plus", lambda call: call.key == " "),
    ],
    ids=["sen-37-as-36", "sen-in-six-bits", "key-plus-as-space", "key-space-as-plus"],
)
def test_the_smallest_example_is_one_call_with_one_special_value(
    kind: str, smallest: Callable[[object], bool], score: Score
) -> None:
    (cause,) = (cause for cause in score.causes if cause.lane == kind)
    assert cause.example is not None
    (call,) = cause.example.calls
    assert smallest(call)


def test_a_defect_of_the_third_call_is_shrunk_to_three_plain_calls(score: Score) -> None:
    (cause,) = (cause for cause in score.causes if cause.lane == "third-call-cut")
    assert cause.example == Example(calls=(Example().calls[0],) * 3)


def test_what_a_cause_explains_is_not_left_as_flaky(score: Score) -> None:
    assert list(score.flaky) == []


def test_every_valid_sen_is_covered(score: Score) -> None:
    assert score.covered == {"sen": set(range(101))}


def test_every_lane_took_every_example(score: Score) -> None:
    assert set(score.trials.values()) == {600}


def test_a_lane_that_dies_is_started_again_and_is_a_cause_beside_lanes_that_go_on(
    tmp_path: Path,
) -> None:
    with pool(["reference", "dies-mid-call"], tmp_path) as lanes:
        found = Search(lanes, Limits(seed=1, examples=110)).run()
        assert lanes.lost == {}
    assert [(cause.lane, set(cause.rules)) for cause in found.causes] == [
        ("dies-mid-call", {"program.death"})
    ]
    assert found.trials["reference"] == 110


def fuzz(folder: Path, kind: str, *more: str) -> int:
    runner = folder / kind
    if not runner.exists():
        write_runner(folder, kind=kind)
    words = ["fuzz", "--runner", str(runner), "--lane", kind, "--in", "host"]
    return main([*words, "--examples", "102", "--out", str(folder / "out"), *more])


def again(folder: Path, kind: str, vectors: Path) -> int:
    runner = folder / kind
    if not runner.exists():
        write_runner(folder, kind=kind)
    words = ["run", "--vectors", str(vectors), "--runner", str(runner), "--lane", kind]
    return main([*words, "--in", "host", "--out", str(folder / "again")])


def test_a_counter_example_is_a_vector_file_that_is_valid_and_that_run_replays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fuzz(tmp_path, "sen-37-as-36") == 1
    (path,) = (tmp_path / "out" / "counter-examples").rglob("*.json")
    assert main(["check", str(path)]) == 0
    (case,) = load_file(path).cases
    assert case.turns[0].input.parameters == (("sen", 37),)
    assert again(tmp_path, "sen-37-as-36", path) == 1
    assert "'image/bodies,sen_36'" in capsys.readouterr().out
    assert again(tmp_path, "reference", path) == 0


def test_the_command_that_is_printed_replays_the_counter_example(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    fuzz(tmp_path, "sen-37-as-36")
    printed = [
        line.split("repeat", 1)[1]
        for line in capsys.readouterr().out.splitlines()
        if line.startswith("  repeat")
    ]
    assert len(printed) == 1
    assert main(shlex.split(printed[0])[1:]) == 1


def test_finds_of_the_fuzz_before_are_replayed_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fuzz(tmp_path, "sen-37-as-36")
    capsys.readouterr()
    assert fuzz(tmp_path, "sen-37-as-36") == 1
    told = capsys.readouterr()
    assert "fails on sen-37-as-36" in told.err
    assert "found and shrunk" not in told.err


def test_a_find_that_passes_now_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fuzz(tmp_path, "sen-37-as-36")
    assert fuzz(tmp_path, "reference") == 0
    assert "passes now" in capsys.readouterr().err


def test_a_fuzz_without_a_finding_ends_with_0_and_says_what_it_covered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fuzz(tmp_path, "reference") == 0
    assert "sen: 101 of 101 valid values covered" in capsys.readouterr().out
    line = read_results(tmp_path / "out").fuzz
    assert line is not None
    assert line["parameters"] == {"sen": {"valid": 101, "covered": list(range(101))}}


def test_a_fuzz_can_be_judged_again_from_its_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fuzz(tmp_path, "sen-37-as-36")
    capsys.readouterr()
    assert main(["judge", str(tmp_path / "out")]) == 1
    assert "1 transcripts re-judged: 1 as stored, 0 not" in capsys.readouterr().out


def test_the_same_seed_comes_to_the_same_results(tmp_path: Path) -> None:
    ids = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        fuzz(tmp_path / name, "sen-in-six-bits", "--examples", "300", "--seed", "5")
        ids.append(read_results(tmp_path / name / "out").run.id)
    assert ids[0] == ids[1]


def test_ctrl_c_keeps_what_was_found(tmp_path: Path) -> None:
    with pool(["reference", "sen-37-as-36"], tmp_path) as lanes:
        listener = SearchListener(note=interrupt_at("found and shrunk"))
        found = Search(lanes, Limits(seed=1, examples=5_000), listener=listener).run()
    assert found.interrupted
    assert [cause.input for cause in found.causes] == ["sen 37"]


def test_ctrl_c_in_the_middle_of_shrinking_keeps_the_smallest_so_far(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Example] = []

    def shrink(draws: Draws, number: int, fails: Callable[[Example], bool]) -> None:
        example = draws.example(number)
        assert example is not None
        fails(example)
        asked.append(example)
        raise KeyboardInterrupt

    monkeypatch.setattr(Draws, "shrink", shrink)
    with pool(["key-plus-as-space"], tmp_path) as lanes:
        found = Search(lanes, Limits(seed=1, examples=1000)).run()
    assert found.interrupted
    assert [cause.example for cause in found.causes] == asked


def test_an_example_that_fails_once_and_not_again_is_flaky_with_both_transcripts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fuzz(tmp_path, "sen-37-as-36-once") == 1
    assert "FLAKY sen-37-as-36-once process.string" in capsys.readouterr().out
    told = read_results(tmp_path / "out")
    assert told.fuzz is not None
    assert [one["lane"] for one in told.fuzz["flaky"]] == ["sen-37-as-36-once"]
    first, again = sorted(told.verdicts, key=lambda verdict: verdict.case, reverse=True)
    assert (first.outcome, again.outcome) == (Outcome.FAIL, Outcome.PASS)


def interrupt_at(word: str) -> Callable[[str], None]:
    def note(text: str) -> None:
        if word in text:
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    return note


@pytest.mark.parametrize("words", [["--examples", "0"], ["--time", "-1"], ["--timeout", "0"]])
def test_nonsense_is_refused_with_2(words: list[str]) -> None:
    assert main(["fuzz", *words]) == 2
