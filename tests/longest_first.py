"""How processes share the tests (`-n`, `--dist loadfile`): the longest files start first.

The last file to start is the one for which the other processes wait.
"""

from typing import Any

import pytest

# The files of most seconds, most first.
LONGEST = (
    "tests/containers/test_containers_modes.py",
    "tests/containers/test_containers_life.py",
    "tests/engine/test_engine_trials.py",
    "tests/docs/test_docs_commands.py",
    "tests/actions/test_actions_action.py",
    "tests/actions/test_actions_workflows.py",
    "tests/runners/test_runner_java.py",
    "tests/runners/test_runner_go.py",
    "tests/runners/test_runner_python.py",
    "tests/runners/test_runner_php.py",
    "tests/package/test_package_installed.py",
    "tests/live/test_live_run.py",
    "tests/command/test_command_bisect.py",
    "tests/report/test_report_browser.py",
    "tests/containers/test_containers_closing.py",
    "tests/containers/test_containers_following.py",
    "tests/containers/test_containers_isolation.py",
)
# Files whose tests share no fixture: each test of these can run in another process.
UNSHARED = {
    "tests/docs/test_docs_commands.py",
    "tests/actions/test_actions_action.py",
    "tests/actions/test_actions_workflows.py",
    "tests/command/test_command_bisect.py",
}


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the files as LONGEST says; the tests of a file keep their order."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.nodeid.partition("::")[0], len(places)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With `--dist loadfile`: in the order of the tests, and UNSHARED test by test."""
    if config.getoption("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling  # noqa: PLC0415  # only where xdist is used

    class InOrder(LoadFileScheduling):  # type: ignore[misc]  # xdist has no types
        def _split_scope(self, nodeid: str) -> str:
            name = nodeid.partition("::")[0]
            return nodeid if name in UNSHARED else name

    config.option.loadscopereorder = False  # by numbers of tests: the slowest files have the fewest
    return InOrder(config, log)
