"""Names and words: one name means one thing, and the text is plain technical English."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from conformance.assets import PACKAGE

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(path for path in PACKAGE.rglob("*.py") if "_data" not in path.parts)

# Module names that may stand twice, with the reason.
SHARED_MODULES = {
    "errors": "a family of cases, and the exceptions of the package",
    "naming": "a family of cases, and the names of OSS",
}
# Words of a private language, as parts of identifiers.
PRIVATE = {
    "desk", "carrier", "guess", "shot", "shots", "told", "portrait", "portraits", "trait", "traits",
}  # fmt: skip
# Phrases that do not read as plain technical English.
PHRASES = re.compile(
    r"\b(whose word|mend(s|ed|ing)?|anew|footings?|floor \d|a hand\b|brought by the place"
    r"|what the place brings|other words)\b",
    re.IGNORECASE,
)
PAGES = ("README.md", "CONTRIBUTING.md", "vectors/README.md", "runners/README.md",
         "benchmarks/README.md", "tests/fakes/README.md", "docs/stability.md",
         "docs/releases.md")  # fmt: skip


@cache
def trees() -> dict[Path, ast.Module]:
    """The syntax of each source file."""
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES}


def classes() -> Iterator[str]:
    for tree in trees().values():
        yield from (node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef))


def identifiers(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Attribute):
            yield node.attr


def parts(name: str) -> set[str]:
    words = re.split(r"_|(?<=[a-z0-9])(?=[A-Z])", name)
    return {word.lower() for word in words if word}


def test_no_class_name_stands_twice() -> None:
    assert [name for name, count in Counter(classes()).items() if count > 1] == []


def test_no_module_name_stands_twice() -> None:
    names = [path.stem for path in SOURCES if not path.stem.startswith("__")]
    twice = {name for name, count in Counter(names).items() if count > 1}
    assert twice == set(SHARED_MODULES)


def test_identifiers_hold_no_private_words() -> None:
    used = {
        (path.name, name)
        for path, tree in trees().items()
        for name in identifiers(tree)
        if parts(name) & PRIVATE
    }
    assert used == set()


def test_text_is_plain_technical_english() -> None:
    odd = [
        (path.name, line.strip())
        for path in (*SOURCES, *(ROOT / page for page in PAGES))
        for line in path.read_text(encoding="utf-8").splitlines()
        if PHRASES.search(line)
    ]
    assert odd == []
