"""Cases on lanes as pytest items: `python@checkout::process/sen/50`.

A lane is a collector, whose set-up opens a site and starts the runner, and whose tear-down closes
them; pytest calls it after the last item, after Ctrl-C too. An item runs its trial in its set-up,
so that what could not be judged is an error and not a failure, and reports the verdict in its call.
"""

import contextlib
import queue
import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance import __version__
from conformance.corpus.known_failing import overlaid
from conformance.corpus.load import load, load_files
from conformance.corpus.selection import hosts, in_running_order
from conformance.engine.events import LaneEvent
from conformance.engine.job import Job, LaneContext, LaneLimits
from conformance.engine.lane import LaneWorker
from conformance.engine.lane_record import ran
from conformance.errors import CannotRunError, InputError, SuiteError
from conformance.judge import judge
from conformance.model.case import Case
from conformance.model.manifest import Lane
from conformance.model.verdict import Outcome, Transcript, Verdict
from conformance.report.assemble import assemble
from conformance.report.full_text import findings
from conformance.report.text_layout import PLAIN
from conformance.results import LaneRecord, Results, RunHeader, case_record, relative
from conformance.runner.site import PreparedLane, Tell
from conformance.session import SessionOptions, Setup, open_session, set_up

MARKER = "oss_bodies"
_SELECTED = "oss_bodies_selected"  # an option without a switch: xdist hands it to its workers
_END_LIMIT = 2.0  # seconds for a runner to end by itself


class CaseCollection:
    """The hooks of a pytest run that has lanes. Raises pytest.UsageError for wrong options."""

    def __init__(self, config: pytest.Config) -> None:
        try:
            self.setup, self.cases, self.digest = _read(config)
        except InputError as error:
            raise pytest.UsageError(str(error)) from error
        self._take_arguments(config)
        config.addinivalue_line("markers", f"{MARKER}: a case of oss-bodies-conformance on a lane")
        for family in dict.fromkeys(case.family for case in self.cases):
            config.addinivalue_line("markers", f"{family}: cases of the family {family}")

    def _take_arguments(self, config: pytest.Config) -> None:
        """Take the ids of items from the arguments, which pytest would look for as files.

        Without any argument only cases are collected: `testpaths` and the working folder are what
        pytest falls back to.
        """
        lanes = {lane.name for lane in self.setup.lanes}
        selected = [name for name in config.args if name.partition("::")[0] in lanes]
        given = config.args_source is pytest.Config.ArgsSource.ARGS
        config.args[:] = [name for name in config.args if name not in selected] if given else []
        if not hasattr(config.option, _SELECTED):
            setattr(config.option, _SELECTED, selected)

    def pytest_report_header(self) -> str:
        """The line at the top of the run."""
        lanes = ", ".join(lane.name for lane in self.setup.lanes)
        return f"oss-bodies: {__version__}, {len(self.cases)} cases on {lanes}"

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(
        self, session: pytest.Session, items: list[pytest.Item]
    ) -> None:
        """Add the items, before -k, -m and others select."""
        selected = getattr(session.config.option, _SELECTED)
        for lane in self.setup.lanes:
            node = LaneCollector.of(session, lane, self)
            found = (item for item in session.genitems(node) if isinstance(item, CaseItem))
            items += [
                item
                for item in found
                if not selected or item.nodeid in selected or lane.name in selected
            ]

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> Any:
        """All items of a lane go to one worker, which so needs one runner at a time."""
        if config.getoption("dist") != "load":
            return None
        # Installed if this hook is called, and no dependency of the suite.
        from xdist.scheduler import LoadScopeScheduling  # noqa: PLC0415

        return LoadScopeScheduling(config, log)


def _read(config: pytest.Config) -> tuple[Setup, tuple[Case, ...], str]:
    """The checked options, the cases in the order in which they run, and their digest."""

    def paths(name: str) -> tuple[Path, ...]:
        return tuple(map(Path, config.getoption(f"oss_bodies_{name}")))

    corpus = load()
    options = SessionOptions(
        lanes=tuple(config.getoption("oss_bodies_lane")),
        runners=paths("runner"),
        known_failing=paths("known_failing"),
        place=config.getoption("oss_bodies_in"),
    )
    setup = set_up(options, [case.id for case in corpus.cases])
    if vectors := paths("vectors"):
        corpus = load_files(vectors)
    return setup, in_running_order(corpus.cases), corpus.digest


class LaneCollector(pytest.Collector):
    """One lane with its cases."""

    lane: Lane
    of_run: CaseCollection
    running: "RunningLane"

    @classmethod
    def of(cls, session: pytest.Session, lane: Lane, of_run: CaseCollection) -> "LaneCollector":
        """The collector of a lane; its name is the beginning of the ids of its items."""
        node: LaneCollector = cls.from_parent(session, name=lane.name, nodeid=lane.name)
        node.lane, node.of_run = lane, of_run
        return node

    def collect(self) -> Iterator["CaseItem"]:
        """An item for each case."""
        for case in self.of_run.cases:
            item: CaseItem = CaseItem.from_parent(self, name=case.id)
            item.case = case
            item.add_marker(case.family)
            item.add_marker(MARKER)
            yield item

    def setup(self) -> None:
        """Build the lane, open a site and start the runner."""
        setup = replace(self.of_run.setup, lanes=(self.lane,))
        cases = [
            item.case
            for item in self.session.items
            if isinstance(item, CaseItem) and item.parent is self
        ]
        try:
            self.running = RunningLane(setup, cases, self._tell)
        except SuiteError as error:
            pytest.fail(f"{self.lane.name}: not run: {error}", pytrace=False)

    def teardown(self) -> None:
        """End the runner and remove everything."""
        if hasattr(self, "running"):
            self.running.close()

    def _tell(self, text: str) -> None:
        """Show a line of progress, because a build can take minutes; workers of xdist show none."""
        plugins = self.config.pluginmanager
        reporter, capture = (
            plugins.get_plugin("terminalreporter"),
            plugins.get_plugin("capturemanager"),
        )
        if reporter is None:
            return
        free = capture.global_and_fixture_disabled() if capture else contextlib.nullcontext()
        with free:
            reporter.ensure_newline()
            reporter.write_line(text)


class CaseItem(pytest.Item):
    """One case on one lane."""

    case: Case
    verdict: Verdict

    def reportinfo(self) -> tuple[Path, None, str]:
        """The lane stands in the place of the file."""
        return self.config.rootpath / self._lane.name, None, self.name

    @property
    def _lane(self) -> LaneCollector:
        assert isinstance(self.parent, LaneCollector)
        return self.parent

    def setup(self) -> None:
        """Run the trial; a missing capability is a skip, what cannot be judged an error."""
        self.verdict = verdict = self._lane.running.run(self.case)
        if verdict.outcome is Outcome.SKIP:
            pytest.skip(verdict.reason)
        if verdict.outcome is Outcome.ERROR:
            pytest.fail(f"not judged: {verdict.reason}\n{self._text()}", pytrace=False)
        if verdict.known_failing is not None:
            reason = verdict.known_failing
            if verdict.outcome is Outcome.PASS:
                reason = f"it passes; remove it from its known-failing list: {reason}"
            self.add_marker(pytest.mark.xfail(reason=reason, strict=True))

    def runtest(self) -> None:
        """Fail with the findings; those that are only recommended are a section of the report."""
        if self.verdict.outcome is Outcome.FAIL:
            first = self.verdict.findings[0]
            summary = f"{first.rule}: {first.where}: expected {first.expected}, got {first.got}"
            pytest.fail(f"{summary}\n\n{self._text()}", pytrace=False)
        if self.verdict.findings:
            self.add_report_section("call", "recommended", self._text())

    def _text(self) -> str:
        """The findings as the terminal shows them, with the command that repeats the case."""
        header, record = self._lane.running.described(self._lane.of_run.digest)
        options = self.config.option
        results = Results(
            run=replace(
                header,
                vector_files=tuple(map(relative, options.oss_bodies_vectors)),
                known_failing=tuple(map(relative, options.oss_bodies_known_failing)),
            ),
            cases=(case_record(self.case),),
            lanes=(record,),
            verdicts=(replace(self.verdict, known_failing=None),),
            agreements=(),
            end=None,
            genuine=False,
        )
        return findings(assemble(results, folder=""), PLAIN)


class RunningLane:
    """The runner of one lane on a site of its own, which is given one case at a time.

    Raises CannotRunError if the lane cannot be built or started.
    """

    def __init__(self, setup: Setup, cases: Iterable[Case], tell: Tell) -> None:
        self._failure: Exception | None = None
        self._stop = threading.Event()
        with contextlib.ExitStack() as stack:
            self._session = stack.enter_context(open_session(setup, tell))
            (self._prepared,) = self._session.prepare(tell)
            if self._prepared.reason is not None:
                raise _not_run(self._prepared, self._prepared.reason, self._prepared.remedy)
            context = LaneContext(
                site=self._session.site,
                mock=self._session.site.open(hosts(cases)),
                limits=LaneLimits(),
                report=_ignore,
                ended=self._ended,
                slots=threading.Semaphore(1),
                stop=self._stop,
            )
            self._worker = LaneWorker(context, self._prepared)
            stack.callback(self._end_worker)
            self._worker.start()
            self._worker.ready.wait()
            self._raise_lost()
            self._stack = stack.pop_all()

    def run(self, case: Case) -> Verdict:
        """The verdict on one case; raises CannotRunError if the lane was given up."""
        done: queue.SimpleQueue[Transcript] = queue.SimpleQueue()
        self._worker.put(Job(case=case, done=lambda _, transcript: done.put(transcript)))
        while True:
            try:
                transcript = done.get(timeout=1.0)
                break
            except queue.Empty:
                if self._failure is not None:
                    raise self._failure from None
        if transcript.problem is not None and not transcript.turns:
            self._raise_lost()
        setup = self._session.setup
        return overlaid(judge(case, transcript), setup.lists, self._record(), date=setup.date)

    def described(self, digest: str) -> tuple[RunHeader, LaneRecord]:
        """What a report of this lane begins with. digest: of the vectors."""
        return self._session.header(vectors=digest, seed=None), self._record()

    def close(self) -> None:
        """End the runner, the mock and the site; removes everything that they made."""
        self._stack.close()

    def _record(self) -> LaneRecord:
        assert self._worker.state.started is not None
        return ran(self._prepared, self._worker.state.started)

    def _end_worker(self) -> None:
        self._stop.set()
        self._worker.close()
        self._worker.join(_END_LIMIT)

    def _ended(self, failure: Exception | None) -> None:
        self._failure = failure

    def _raise_lost(self) -> None:
        if self._failure is not None:
            raise self._failure
        if self._worker.state.lost:
            reason, _, remedy = self._worker.state.lost.partition("\nfix: ")
            raise _not_run(self._prepared, reason, remedy)


def _not_run(prepared: PreparedLane, reason: str, remedy: str) -> CannotRunError:
    return CannotRunError(step=prepared.lane.name, reason=reason, remedy=remedy)


def _ignore(_: LaneEvent) -> None:
    """The worker itself knows whether it has started or was lost."""
