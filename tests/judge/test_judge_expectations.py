"""The table of expectations has every name that a case can use."""

import json

from conformance.assets import SCHEMAS
from conformance.judge import EXPECTATIONS


def test_every_name_of_the_vector_schema_can_be_judged() -> None:
    schema = json.loads((SCHEMAS / "vectors.schema.json").read_text(encoding="utf-8"))
    assert set(EXPECTATIONS) == set(schema["$defs"]["expectations"]["properties"])
