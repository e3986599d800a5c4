"""The corpus that is shipped: that it holds what it is said to hold."""

import hashlib
import json
import re
import unicodedata
from collections import Counter

import pytest

from conformance.assets import VECTORS
from conformance.corpus.decode import Terms
from conformance.corpus.file_kinds import check
from conformance.corpus.index import index_text
from conformance.corpus.load import Corpus, load
from conformance.corpus.render import body
from conformance.model.case import Level


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    """The shipped corpus."""
    return load()


def test_there_are_at_least_forty_cases_in_every_family(corpus: Corpus) -> None:
    families = Counter(case.family for case in corpus.cases)
    assert sum(families.values()) >= 40
    assert set(families) == {
        *("process", "auth", "bodies", "errors", "transport", "naming", "samples")
    }


@pytest.mark.parametrize("sen", [None, 0, 1, 50, 59, 60, 61, 99, 100])
def test_each_valid_kind_of_sen_has_its_case(corpus: Corpus, sen: int | None) -> None:
    cases = {case.id: case for case in corpus.cases}
    case = cases[f"process/sen/{'none' if sen is None else sen}"]
    wanted = "image/bodies" if sen is None else f"image/bodies,sen_{sen}"
    (required,) = (e for e in case.turns[0].expect if e.claim is Level.REQUIRED)
    assert (dict(case.turns[0].input.parameters).get("sen"), dict(required.values)["process"]) == (
        sen,
        wanted,
    )


def test_the_documented_bodies_have_the_lengths_that_were_measured(corpus: Corpus) -> None:
    bodies = [c.turns[0].script.replies[0].body for c in corpus.cases if "/documented/" in c.id]
    assert [len(content) for content in bodies] == [141, 297]


def test_the_documented_lengths_are_not_claimed(corpus: Corpus) -> None:
    documented = [c for c in corpus.cases if "/documented/" in c.id]
    headers = [n.lower() for c in documented for n, _ in c.turns[0].script.replies[0].headers]
    assert "content-length" not in headers


def test_the_longest_key_is_as_long_as_the_documentation_allows(corpus: Corpus) -> None:
    keys = {case.id: case.turns[0].input.key for case in corpus.cases}
    assert len(keys["naming/keys/longest"].encode()) == 1023


def test_every_reserved_character_stands_in_some_key(corpus: Corpus) -> None:
    keys = "".join(case.turns[0].input.key for case in corpus.cases)
    assert set(":/?#[]@!$&'()*+,;=") <= set(keys)


def test_no_claim_names_a_case_of_another_lane_or_machine(corpus: Corpus) -> None:
    text = "".join(path.read_text() for path in VECTORS.rglob("*.json"))
    assert not re.search(r"/(tmp|root|home)/", text)
    assert corpus.digest


def test_the_digest_is_that_of_names_lengths_and_bytes(corpus: Corpus) -> None:
    total = hashlib.sha256()
    paths = [p for p in VECTORS.rglob("*.json") if p.parent != VECTORS]
    for path in sorted(
        [*paths, VECTORS / "defaults.json"], key=lambda p: p.relative_to(VECTORS).as_posix()
    ):
        data = path.read_bytes()
        name = path.relative_to(VECTORS).as_posix()
        total.update(f"{name}\0{len(data)}\0".encode() + data)
    assert corpus.digest == total.hexdigest()


def test_the_file_in_the_readmes_recipe_is_valid_but_for_its_layout(suite_terms: Terms) -> None:
    blocks = re.findall(r"```json\n(.*?)```", (VECTORS / "README.md").read_text(), re.DOTALL)
    (text,) = (block for block in blocks if '"topic"' in block)
    fixed = check("f", text.encode(), suite_terms).fixed
    assert fixed is not None
    assert check("f", fixed.encode(), suite_terms).valid


def test_the_readme_explains_every_name_of_the_schema(suite_terms: Terms) -> None:
    text = (VECTORS / "README.md").read_text()
    schema = suite_terms.schemas["vectors"]
    defs = schema["$defs"]
    faults = [option["required"][0] for option in defs["faults"]["items"]["oneOf"]]
    names = [
        *schema["properties"],
        *schema["properties"]["cases"]["items"]["properties"],
        *(
            n
            for part in ("input", "script", "reply", "expectations")
            for n in defs[part]["properties"]
        ),
        *faults,
    ]
    assert [name for name in names if f"`{name}`" not in text] == []


def test_the_readme_explains_every_expectation_set(suite_terms: Terms) -> None:
    text = (VECTORS / "README.md").read_text()
    assert [name for name in suite_terms.suite["sets"] if f"| `{name}` |" not in text] == []


def test_the_readme_shows_two_detections_as_they_are_made() -> None:
    text = (VECTORS / "README.md").read_text()
    assert body({"detections": 2}).decode() in text
    assert json.loads(body({"detections": 2}))


def test_the_index_is_the_one_of_the_files(corpus: Corpus) -> None:
    assert (VECTORS / "index.json").read_text() == index_text(corpus.topics)


def normal_forms(key: str) -> tuple[bool, bool]:
    """Whether a key is in the normal forms C and D."""
    return unicodedata.is_normalized("NFC", key), unicodedata.is_normalized("NFD", key)


@pytest.mark.parametrize(
    ("name", "forms"),
    [
        ("composed", (True, False)),
        ("decomposed", (False, True)),
        ("hangul-decomposed", (False, True)),
        ("angstrom", (False, False)),
        ("marks-out-of-order", (False, False)),
    ],
)
def test_a_key_has_the_normal_form_that_its_case_is_about(
    corpus: Corpus, name: str, forms: tuple[bool, bool]
) -> None:
    keys = {case.id: case.turns[0].input.key for case in corpus.cases}
    assert normal_forms(keys[f"naming/normal-forms/{name}"]) == forms


@pytest.mark.parametrize(("name", "length"), [("shortest", 3), ("longest", 63)])
def test_a_bucket_at_the_limit_has_the_length_that_the_documentation_says(
    corpus: Corpus, name: str, length: int
) -> None:
    buckets = {case.id: case.turns[0].input.bucket for case in corpus.cases}
    assert len(buckets[f"naming/buckets/{name}"]) == length


def test_the_usual_wrong_certificates_have_their_cases(corpus: Corpus) -> None:
    shown = {turn.script.certificate for case in corpus.cases for turn in case.turns}
    assert {"trusted", "untrusted", "wrong-name", "expired"} <= shown


def test_a_call_under_a_wrong_certificate_claims_that_nothing_is_asked(corpus: Corpus) -> None:
    turns = [t for c in corpus.cases for t in c.turns if t.script.certificate != "trusted"]
    required = [dict(e.values) for t in turns for e in t.expect if e.claim is Level.REQUIRED]
    assert [claims["requests"] for claims in required] == [0] * len(turns)
