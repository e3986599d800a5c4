"""The names of rules: the table has those of the source."""

import re

from conformance.assets import PACKAGE
from conformance.judge.expectations import EXPECTATIONS
from conformance.judge.rule_names import RULE_NAMES

NAME = re.compile(
    r'"((?:auth|bodies|errors|naming|process|program|samples|service|transport)\.[a-z0-9-]+)"'
)


def test_the_table_has_each_rule_that_the_source_names() -> None:
    sources = [path for path in (PACKAGE / "judge").rglob("*.py") if path.stem != "rule_names"]
    named = {name for path in sources for name in NAME.findall(path.read_text(encoding="utf-8"))}
    assert named == RULE_NAMES
    assert len(named) > len(EXPECTATIONS)
