"""How a run is cited."""

from report.run_shown import REPORT, shown

from conformance.report.citation import bibtex, sentence


def test_the_sentence_names_suite_run_date_lanes_mode_and_vectors() -> None:
    assert sentence(REPORT) == (
        "oss-bodies-conformance 0.1.0, run 0000000000000000, 2026-11-22 (python@2.18.4, go@3.0.2, "
        "php@2.7.0, rest; host mode; vectors sha256:0000000000000000)."
    )


def test_the_bibtex_entry_is_balanced_and_has_the_run_as_its_key() -> None:
    entry = bibtex(REPORT)
    assert entry.startswith("@misc{oss-bodies-conformance-0000000000000000,\n")
    assert entry.count("{") == entry.count("}")
    assert "year = {2026}" in entry


def test_a_run_without_lanes_can_be_cited() -> None:
    assert "(no lane; host mode" in sentence(shown())
