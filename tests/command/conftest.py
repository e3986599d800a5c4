"""What the tests of the command share."""

from pathlib import Path

import pytest
from fakes.build import write_runner


@pytest.fixture
def reference(tmp_path: Path) -> str:
    return str(write_runner(tmp_path / "runners", kind="reference"))
