"""The rules of the project about modules: layers, input and output, sizes, values, words."""

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from conformance.assets import PACKAGE

# Longest matching prefix wins. A module may import its own layer and the layers below it.
LAYERS = {
    "conformance": 0,
    "conformance.errors": 0,
    "conformance.assets": 0,
    "conformance.model": 1,
    "conformance.documents": 2,
    "conformance.operation": 2,
    "conformance.oss": 2,
    "conformance.mismatch": 3,
    "conformance.calibration": 3,
    "conformance.corpus": 3,
    "conformance.judge": 4,
    "conformance.pages": 5,
    "conformance.live": 5,
    "conformance.mock": 5,
    "conformance.runner": 5,
    "conformance.results": 5,
    "conformance.engine": 6,
    "conformance.session": 6,
    "conformance.fuzz": 7,
    "conformance.report": 8,
    "conformance.command": 9,
    "conformance.cli": 9,
    "conformance.__main__": 9,
    "conformance.pytest_items": 9,
    "conformance.pytest_plugin": 9,
}

# Modules that may touch sockets, processes, clocks or disks; each with what it needs them for.
WITH_IO = {
    "conformance.assets": "finds its own folders",
    "conformance.corpus.load": "reads the vector files",
    "conformance.documents.files": "reads JSON files",
    "conformance.operation.reading": "reads the operation documents",
    "conformance.documents.schema": "reads the schemas",
    "conformance.mock": "is a program with sockets",
    "conformance.runner": "starts programs and containers",
    "conformance.results": "writes and reads the results folder, and judges it in processes",
    "conformance.engine": "threads, and the time that a call took",
    "conformance.session": "opens and closes the site, and handles signals meanwhile",
    "conformance.fuzz.lane_pool": "threads",
    "conformance.fuzz.fuzz_run": "the clock",
    "conformance.fuzz.fuzz_results": "writes what was found",
    "conformance.fuzz.search": "the clock, and a lock",
    "conformance.fuzz.minimize": "the clock",
    "conformance.fuzz.draw": "a random number generator with a seed",
    "conformance.report.html.page": "reads its template, stylesheet and script",
    "conformance.command": "does what the user typed",
    "conformance.cli": "does what the user typed",
    "conformance.pytest_items": "the worker of a lane, and a queue",
}
PURE_ALL_THE_SAME = {"conformance.mock.script", "conformance.mock.wire"}
IO_IMPORTS = {
    "socket", "ssl", "subprocess", "threading", "multiprocessing", "asyncio", "time", "os",
    "shutil", "tempfile", "select", "selectors", "signal", "docker", "requests", "urllib.request",
    "http.client", "random", "secrets", "uuid",
}  # fmt: skip
WORDS = ("harness", "adapter", "driver", "manager", "helper", "utils", "common", "core")


def modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        if "_data" in path.parts:
            continue
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        yield ".".join(part for part in parts if part != "__init__"), path


MODULES = dict(modules())


@cache
def tree_of(name: str) -> ast.Module:
    """Of a module; read by the tests and not before: each process that shares them imports this."""
    return ast.parse(MODULES[name].read_text(encoding="utf-8"))


def of_each_module(check: Callable[[str], None]) -> Callable[[], None]:
    """One test for all modules: hundreds of tests take longer to be counted than to be made."""

    def test() -> None:
        for name in MODULES:
            check(name)

    return test


def longest(name: str, table: dict[str, int] | dict[str, str]) -> str | None:
    found = [key for key in table if name == key or name.startswith(key + ".")]
    return max(found, key=len, default=None)


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@of_each_module
def test_imports_go_down_only(name: str) -> None:
    def layer(module: str) -> int:
        key = longest(module, LAYERS)
        assert key is not None
        return LAYERS[key]

    upwards = [
        other
        for other in imports(tree_of(name))
        if other in MODULES and other != "conformance" and layer(other) > layer(name)
    ]
    assert upwards == []


@of_each_module
def test_only_modules_at_the_edge_have_input_and_output(name: str) -> None:
    if longest(name, WITH_IO) is not None and name not in PURE_ALL_THE_SAME:
        return
    touched = sorted({other for other in imports(tree_of(name)) if other in IO_IMPORTS})
    assert touched == []


@of_each_module
def test_no_module_is_long(name: str) -> None:
    lines = MODULES[name].read_text(encoding="utf-8").count("\n")
    assert lines <= 500, f"{name} has {lines} lines"


def test_modules_stay_near_150_lines_at_the_median() -> None:
    lengths = sorted(path.read_text(encoding="utf-8").count("\n") for path in MODULES.values())
    assert lengths[len(lengths) // 2] <= 180


@of_each_module
def test_every_dataclass_is_frozen_slotted_and_keyword_only(name: str) -> None:
    for node in ast.walk(tree_of(name)):
        if not isinstance(node, ast.ClassDef):
            continue
        for mark in node.decorator_list:
            text = ast.unparse(mark)
            if "dataclass" in text:
                assert text == "dataclass(frozen=True, slots=True, kw_only=True)", node.name


@of_each_module
def test_a_module_opens_by_saying_its_place(name: str) -> None:
    assert ast.get_docstring(tree_of(name)), f"{name} has no docstring"


@of_each_module
def test_public_names_have_docstrings(name: str) -> None:
    for node in tree_of(name).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{name}.{node.name} has no docstring"


@of_each_module
def test_names_avoid_the_words_that_say_nothing(name: str) -> None:
    named = [name] + [
        node.name
        for node in ast.walk(tree_of(name))
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    ]
    used = [n for n in named if any(w in re.split(r"[._]|(?<=[a-z])(?=[A-Z])", n) for w in WORDS)]
    assert used == []


@of_each_module
def test_importing_does_nothing(name: str) -> None:
    """Only definitions, constants and docstrings stand at the top level."""
    allowed = (
        ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef,
        ast.Assign, ast.AnnAssign,
    )  # fmt: skip
    for node in tree_of(name).body:
        is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        is_guard = isinstance(node, ast.If | ast.Try)
        assert is_text or is_guard or isinstance(node, allowed), ast.unparse(node)[:80]


def used_by(tree: ast.AST) -> set[str]:
    """The modules that a module imports; a submodule counts as itself, not as its package."""
    used = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            used |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                used.add(inner if inner in MODULES else node.module)
    return used & MODULES.keys()


def test_modules_import_each_other_in_no_ring() -> None:
    graph = {name: used_by(tree_of(name)) for name in MODULES}
    while ends := {name for name, used in graph.items() if not used}:
        graph = {name: used - ends for name, used in graph.items() if name not in ends}
    assert graph == {}
