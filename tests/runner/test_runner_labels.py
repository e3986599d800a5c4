"""Removal of a run's objects, with an engine in memory."""

import json
import shutil
import subprocess
import sys
from typing import Any

import pytest
from docker.errors import APIError, NotFound
from requests import Response
from requests.exceptions import ReadTimeout

from conformance.runner import labels
from conformance.runner.labels import Mark, new_mark, remove_run, sweep

MARKS = """
import dataclasses, json
from conformance.runner.labels import new_mark
print(json.dumps(dataclasses.asdict(new_mark())))
"""


def mark_of_another_process(*prefix: str) -> Mark:
    """The mark of a run that has ended since, or whose number is another one here."""
    command = [*prefix, sys.executable, "-c", MARKS]
    ended = subprocess.run(command, capture_output=True, timeout=60, check=False)
    if ended.returncode:
        pytest.skip(f"this machine cannot do that: {ended.stderr.decode()}")
    return Mark(**json.loads(ended.stdout))


class Engine:
    """An engine that has one network for each run; `raises`: what each removal does."""

    def __init__(self, *marks: Mark, raises: Exception | None = None) -> None:
        self.api = self
        self._networks = [{"Id": one.run, "Name": one.run, "Labels": one.labels} for one in marks]
        self._raises = raises
        self.removed: list[str] = []

    def containers(self, **_: Any) -> list[Any]:
        return []

    def networks(self, **_: Any) -> list[Any]:
        return self._networks

    def volumes(self, **_: Any) -> dict[str, Any]:
        return {"Volumes": None}

    def remove_network(self, name: str) -> None:
        if self._raises is not None:
            raise self._raises
        self.removed.append(name)


def refusal(status: int) -> APIError:
    response = Response()
    response.status_code = status
    return APIError("refused", response=response)


@pytest.mark.parametrize(
    ("raises", "left"),
    [
        (None, 0),
        (NotFound("gone"), 0),
        (ReadTimeout("no answer"), 1),
        (refusal(500), 1),
        (refusal(409), 1),
    ],
)
def test_what_the_engine_does_not_remove_is_told_and_never_waited_for_without_a_bound(
    raises: Exception | None, left: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(labels, "_REMOVAL_LIMIT", 0.2)
    mark = new_mark()
    engine: Any = Engine(mark, raises=raises)
    assert remove_run(engine, mark.run) == [f"network {mark.run}"] * left


def test_the_objects_of_a_run_whose_process_has_ended_are_swept() -> None:
    dead, alive = mark_of_another_process(), new_mark()
    engine: Any = Engine(dead, alive)
    assert sweep(engine) == [f"network {dead.run}"]


@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs unshare of util-linux")
def test_the_objects_of_a_run_in_another_pid_namespace_are_left_alone() -> None:
    other = mark_of_another_process(
        "unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc"
    )
    engine: Any = Engine(other)
    assert sweep(engine) == []
    assert other.owner.startswith("1:")
