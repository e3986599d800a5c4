"""What every run begins with: options that are checked, a site that is closed whatever happens."""

import json
import os
import signal
import threading
from pathlib import Path

import pytest
from engine.doubles import MadeUpSite, lane
from fakes.build import write_runner

from conformance.corpus.load import load
from conformance.errors import CalibrationError, EngineMissingError, SelectionError
from conformance.runner.container import ContainerSite
from conformance.runner.discovery import manifests
from conformance.runner.host import HostSite
from conformance.session import (
    Session,
    SessionOptions,
    Setup,
    interrupted_afterwards,
    lanes_of,
    open_session,
    set_up,
    site_for,
    uninterrupted,
)

IDS = [case.id for case in load().cases]
NOTHING = Setup(lanes=(), required=frozenset(), lists=(), place="host", began=0.0)


def names(setup: Setup) -> list[str]:
    return [one.manifest.name for one in setup.lanes]


def test_without_names_the_lanes_are_all_of_the_suite() -> None:
    setup = set_up(SessionOptions())
    assert set(names(setup)) == {"java", "python", "go", "php", "rest"}
    assert setup.required == frozenset()


def test_without_names_the_lanes_are_those_of_the_folders_named(tmp_path: Path) -> None:
    runner = write_runner(tmp_path, kind="reference")
    assert names(set_up(SessionOptions(runners=(runner,)))) == ["reference"]


def test_lanes_that_differ_in_a_pinned_dependency_are_different_lanes() -> None:
    names = ["python@2.18.4", "python@2.18.4+urllib3=1.26.20", "python@2.18.4"]
    assert [lane.name for lane in lanes_of(names, manifests(()))] == names[:2]


def test_the_lanes_of_folders_are_run_besides_those_that_are_named(tmp_path: Path) -> None:
    runner = write_runner(tmp_path, kind="reference")
    setup = set_up(SessionOptions(lanes=("rest",), runners=(runner,)))
    assert names(setup) == ["rest", "reference"]
    assert setup.required == {"rest"}


def test_a_lane_of_a_folder_that_is_named_too_is_run_once(tmp_path: Path) -> None:
    runner = write_runner(tmp_path, kind="reference")
    assert names(set_up(SessionOptions(lanes=("reference",), runners=(runner,)))) == ["reference"]


def test_a_lane_that_is_named_is_required() -> None:
    setup = set_up(SessionOptions(lanes=("rest", "rest")))
    assert names(setup) == ["rest"]
    assert setup.required == {"rest"}


def test_a_name_that_two_runners_have_is_refused(tmp_path: Path) -> None:
    runner = write_runner(tmp_path, kind="reference")
    with pytest.raises(SelectionError, match="two runners have the name 'reference'"):
        set_up(SessionOptions(runners=(runner, runner)))


def known(folder: Path, pattern: str) -> Path:
    path = folder / "known.json"
    entry = {
        "cases": pattern,
        "rules": ["process.string"],
        "reason": "The SDK is made up for a test.",
        "link": "https://example.com/1",
    }
    path.write_text(json.dumps({"entries": [entry]}), encoding="utf-8")
    return path


def test_a_known_failing_entry_that_matches_no_case_is_refused(tmp_path: Path) -> None:
    options = SessionOptions(lanes=("rest",), known_failing=(known(tmp_path, "no/such/*"),))
    with pytest.raises(SelectionError, match="no/such"):
        set_up(options, IDS)


def test_the_lists_of_the_runners_and_of_the_files_are_read(tmp_path: Path) -> None:
    path = known(tmp_path, "process/sen/50")
    setup = set_up(SessionOptions(lanes=("rest",), known_failing=(path,)), IDS)
    assert setup.lists[-1].source == str(path)
    assert "python" in {listed.runner for listed in setup.lists}


def test_the_header_names_the_lanes_and_the_mode() -> None:
    setup = Setup(lanes=(lane().lane,), required=frozenset(), lists=(), place="host", began=0.0)
    header = Session(setup=setup, site=MadeUpSite(None)).header(
        vectors="abc", seed=1, cases=["process/*"], shard="1/2"
    )
    assert (header.lanes, header.mode) == (("made-up@1.0",), "host")
    assert (header.vectors, header.seed) == ("abc", 1)
    assert (header.cases, header.shard) == (("process/*",), "1/2")


class InterruptedSite(MadeUpSite):
    """A site that is interrupted while it is closed."""

    def close(self) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        super().close()


def test_a_second_interruption_does_not_keep_the_site_from_being_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    site = InterruptedSite(None)
    monkeypatch.setattr("conformance.session.site_for", lambda _place, **_: site)
    with pytest.raises(KeyboardInterrupt), open_session(NOTHING, print):
        raise KeyboardInterrupt
    assert site.is_over
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_what_must_not_be_interrupted_is_not(number: signal.Signals) -> None:
    seen: list[int] = []
    before = signal.signal(number, lambda *_: seen.append(number))
    try:
        with uninterrupted():
            signal.raise_signal(number)
        assert seen == []
        signal.raise_signal(number)
        assert seen == [number]
    finally:
        signal.signal(number, before)


def test_outside_the_main_thread_signals_are_left_alone() -> None:
    seen: list[object] = []

    def enter() -> None:
        with uninterrupted():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert seen == [signal.default_int_handler]


def test_without_a_calibrated_verifier_no_site_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise CalibrationError(step="calibration", reason="made up")

    def opened(_place: str, **_: object) -> None:
        pytest.fail("a site was opened")

    monkeypatch.setattr("conformance.session.calibrated", refuse)
    monkeypatch.setattr("conformance.session.site_for", opened)
    with pytest.raises(CalibrationError), open_session(NOTHING, print):
        pass


@pytest.fixture
def without_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_tell: object) -> None:
        raise EngineMissingError(step="engine", reason="no engine", remedy="start it")

    monkeypatch.setattr(ContainerSite, "connect", refuse)


@pytest.mark.usefixtures("without_engine")
def test_auto_takes_the_host_without_an_engine_and_says_why() -> None:
    said: list[str] = []
    site = site_for("auto", tell=said.append)
    assert isinstance(site, HostSite)
    assert said == ["host mode: no engine; for container mode: start it"]
    site.close()


@pytest.mark.usefixtures("without_engine")
def test_containers_that_were_asked_for_and_cannot_be_had_are_an_error() -> None:
    with pytest.raises(EngineMissingError):
        site_for("container", tell=print)


def test_an_interruption_waits_for_what_must_not_be_left_half_done() -> None:
    done: list[str] = []
    before = signal.getsignal(signal.SIGINT)

    def write() -> None:
        with interrupted_afterwards():
            os.kill(os.getpid(), signal.SIGINT)
            done.append("all of it")

    with pytest.raises(KeyboardInterrupt):
        write()
    assert done == ["all of it"]
    assert signal.getsignal(signal.SIGINT) == before
