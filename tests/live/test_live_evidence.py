"""What lanes saw of the service is told once, and with the lanes where they differ."""

from conformance.live.service_evidence import service_evidence
from conformance.model.verdict import Outcome, Verdict


def verdict(case: str, lane: str, **values: str) -> Verdict:
    profile = tuple((f"live-{name}", value) for name, value in values.items())
    return Verdict(case=case, lane=lane, outcome=Outcome.PASS, profile=profile)


def test_equal_answers_are_one_line_and_others_name_their_lanes() -> None:
    found = list(service_evidence([
        verdict("b", "go", status="404", error="NoSuchKey"),
        verdict("a", "go", status="200", results="3"),
        verdict("a", "php", status="200", results="3"),
        verdict("b", "php", status="400", error="BadRequest"),
        verdict("c", "php"),
    ]))  # fmt: skip
    assert found == [
        "a: 200, 3 results",
        "b: 404, error NoSuchKey (go)",
        "b: 400, error BadRequest (php)",
    ]
