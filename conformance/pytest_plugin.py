"""The pytest plugin `oss-bodies`: `pytest --oss-bodies-lane python@path:.` runs cases as tests.

pytest imports this module in every run of every project that has the suite installed, so it imports
nothing but pytest. What an option asks for is in `pytest_items`, imported when one is given.
`-p no:oss-bodies` switches the plugin off.
"""

import importlib

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options; the plugin does nothing without a lane."""
    add = parser.getgroup("oss-bodies", "conformance of OSS SDKs").addoption
    add(
        "--oss-bodies-lane",
        action="append",
        default=[],
        metavar="NAME",
        help="Run the cases on this lane, such as python@path:. (repeatable).",
    )
    add(
        "--oss-bodies-runner",
        action="append",
        default=[],
        metavar="DIR",
        help="Run the cases on the lane of your own runner (repeatable).",
    )
    add(
        "--oss-bodies-in",
        choices=("auto", "container", "host"),
        default="auto",
        help="Where lanes run; auto: in containers when a Docker engine answers.",
    )
    add(
        "--oss-bodies-known-failing",
        action="append",
        default=[],
        metavar="FILE",
        help="Apply this known-failing list too (repeatable).",
    )
    add(
        "--oss-bodies-vectors",
        action="append",
        default=[],
        metavar="FILE",
        help="Run the cases of this vector file instead of the corpus (repeatable).",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register what collects and runs cases, if a lane is named."""
    if config.getoption("oss_bodies_lane") or config.getoption("oss_bodies_runner"):
        items = importlib.import_module("conformance.pytest_items")
        config.pluginmanager.register(items.CaseCollection(config), "oss-bodies-cases")
