"""The whole path on fakes: the engine, a real mock, child processes, the judge.

Every runner that is wrong on purpose is caught by the finding that names it, freedoms are none, and
a rogue is found, or ends as `error` or not run with a sentence for its author, while the other
lanes go on.
"""

import threading
from pathlib import Path

import pytest
from fakes.build import write_runner
from fakes.harmless import FREEDOMS
from fakes.rogue import ROGUES
from fakes.running import TELLING, Ran, run, shown_by
from fakes.sample import SAMPLES
from fakes.wrong import DEFECTS, FAMILIES

from conformance.corpus.load import load
from conformance.corpus.selection import hosts, select
from conformance.engine.job import LaneLimits
from conformance.engine.trials import run_trials
from conformance.model.case import Case
from conformance.model.verdict import Outcome
from conformance.runner.discovery import parse_lane, read_manifest
from conformance.runner.host import HostSite

pytestmark = pytest.mark.slow

DISTURBING = [kind for kind, one in ROGUES.items() if not one.harmless]
FEW = ("process/sen/50", "process/sen/100", "errors/service/no-such-key")


@pytest.fixture(scope="module")
def wrong(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    kinds = shown_by(DEFECTS) | dict.fromkeys(["reference", *FREEDOMS], TELLING)
    return run(kinds, tmp_path_factory.mktemp("wrong"), in_turn=DEFECTS)


@pytest.fixture(scope="module")
def rogue(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    limits = LaneLimits(start=20, call=4)  # a busy machine keeps them; the slow one takes longer
    kinds = dict.fromkeys(["reference", *DISTURBING], FEW)
    return run(kinds, tmp_path_factory.mktemp("rogue"), limits)


def test_the_reference_runner_passes_every_case(wrong: Ran) -> None:
    assert wrong.outcomes("reference") == {Outcome.PASS}
    assert len(wrong.verdicts["reference"]) > 40


@pytest.mark.parametrize("kind", DEFECTS)
def test_a_runner_that_is_wrong_on_purpose_is_caught_by_the_finding_that_names_it(
    kind: str, wrong: Ran
) -> None:
    if wrong.clockless(kind):
        pytest.skip("libfaketime is not installed")
    assert DEFECTS[kind].rule in wrong.rules(kind)


@pytest.mark.parametrize("kind", [kind for kind, one in DEFECTS.items() if not one.advised])
def test_what_breaks_a_must_is_a_failure(kind: str, wrong: Ran) -> None:
    if wrong.clockless(kind):
        pytest.skip("libfaketime is not installed")
    assert Outcome.FAIL in wrong.outcomes(kind)


@pytest.mark.parametrize("kind", [kind for kind, one in DEFECTS.items() if one.advised])
def test_what_breaks_a_should_is_shown_and_no_failure(kind: str, wrong: Ran) -> None:
    assert wrong.outcomes(kind) == {Outcome.PASS}


def test_the_reference_runner_passes_what_shows_the_defects(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    # What needs more than the reference can is skipped there.
    able = [twist for twist in DEFECTS.values() if not twist.can]
    patterns = tuple(pattern for twist in able for pattern in twist.cases)
    ran = run({"reference": patterns}, tmp_path_factory.mktemp("right"))
    skipped = {Outcome.SKIP} if ran.clockless("reference") else set()
    assert ran.outcomes("reference") == {Outcome.PASS} | skipped
    assert ran.rules("reference") == set()


def test_each_family_has_its_defects() -> None:
    families = {"process", "auth", "bodies", "errors", "naming", "transport"}
    assert set(FAMILIES) == families | {"threads", "conditions"}
    assert len(DEFECTS) == sum(map(len, FAMILIES.values()))
    assert len(DEFECTS) + len(SAMPLES) >= 68


@pytest.mark.parametrize("kind", DEFECTS)
def test_a_finding_says_where_expected_got_and_why(kind: str, wrong: Ran) -> None:
    for verdict in wrong.verdicts[kind]:
        for finding in verdict.findings:
            assert finding.where
            assert finding.expected != finding.got
            assert finding.why


@pytest.mark.parametrize("kind", DEFECTS)
def test_a_defect_is_never_told_as_a_fault_of_the_suite(kind: str, wrong: Ran) -> None:
    assert wrong.reasons(kind) == []


@pytest.mark.parametrize("kind", FREEDOMS)
def test_a_harmless_freedom_is_no_finding(kind: str, wrong: Ran) -> None:
    assert wrong.rules(kind) == set()
    assert wrong.outcomes(kind) <= {Outcome.PASS, Outcome.SKIP}


@pytest.mark.parametrize("kind", [kind for kind in DISTURBING if not ROGUES[kind].rule])
def test_a_rogue_ends_as_error_or_is_not_run_and_never_as_fail(kind: str, rogue: Ran) -> None:
    assert rogue.outcomes(kind) <= {Outcome.ERROR}
    assert rogue.outcomes(kind) or rogue.failed[kind]


@pytest.mark.parametrize("kind", [kind for kind in DISTURBING if ROGUES[kind].rule])
def test_a_rogue_that_ends_or_hangs_or_forgets_nothing_is_found(kind: str, rogue: Ran) -> None:
    assert Outcome.FAIL in rogue.outcomes(kind)
    assert rogue.rules(kind) == {ROGUES[kind].rule}
    assert len(rogue.verdicts[kind]) == len(FEW)


def test_a_crash_is_a_finding_of_the_case_in_which_it_was_answered_alone(rogue: Ran) -> None:
    first, *others = rogue.verdicts["crashes-once"]
    assert [found.rule for found in first.findings] == ["program.crash"]
    assert [verdict.outcome for verdict in others] == [Outcome.PASS] * (len(FEW) - 1)


@pytest.mark.parametrize("kind", DISTURBING)
def test_a_rogues_author_is_told_what_to_do(kind: str, rogue: Ran) -> None:
    told = [v.reason for v in rogue.verdicts[kind] if v.outcome is Outcome.ERROR]
    told += [rogue.failed[kind]] if kind in rogue.failed else []
    assert all(len(reason) > 40 for reason in told)


@pytest.mark.parametrize("kind", [kind for kind, one in ROGUES.items() if one.harmless])
def test_what_is_only_odd_is_no_error(kind: str, tmp_path: Path) -> None:
    assert run({kind: FEW}, tmp_path).outcomes(kind) == {Outcome.PASS}


def test_every_trial_ends_with_a_verdict_or_its_lane_is_not_run(rogue: Ran) -> None:
    told = {kind: len(verdicts) for kind, verdicts in rogue.verdicts.items()}
    assert {kind for kind, count in told.items() if count < len(FEW)} <= rogue.failed.keys()


def test_the_other_lanes_go_on_beside_the_rogues(rogue: Ran) -> None:
    assert rogue.outcomes("reference") == {Outcome.PASS}


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_sample_program_is_judged_by_its_exit_and_its_output(kind: str, tmp_path: Path) -> None:
    ran = run({kind: ("samples/*",)}, tmp_path)
    rule = SAMPLES[kind].rule
    assert (rule in ran.rules(kind)) if rule else ran.rules(kind) == set()


def test_a_run_that_is_closed_leaves_no_process_and_no_thread(tmp_path: Path) -> None:
    manifest = read_manifest(write_runner(tmp_path, kind="reference"))
    before = set(threading.enumerate())
    site = HostSite()
    cases: tuple[Case, ...] = select(load().cases, ("process/*",))
    try:
        prepared = site.prepare([parse_lane(manifest.name, [manifest])], lambda _: None)
        mock = site.open(hosts(cases))
        events = run_trials(site, mock, [(prepared[0], [cases])])
        next(events)
        events.close()
    finally:
        site.close()
    started = set(threading.enumerate()) - before
    for thread in started:
        thread.join(5)
    assert [thread for thread in started if thread.is_alive()] == []
