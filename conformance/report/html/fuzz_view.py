"""What a fuzz covered and found, for the page.

Pure: a function of the `fuzz` line.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from conformance.report.html.shared_strings import shown_text
from conformance.results.values import Json

_LARGEST = 400  # values of a parameter that are drawn one by one
_KINDS = (
    ("causes", "counter-example"),
    ("flaky", "flaky"),
    ("disagreements", "lanes differ"),
    ("noted", "beyond the contract"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterCoverage:
    """The values of a parameter, and which of them were sent."""

    name: str
    valid: int  # number of valid values
    covered: frozenset[int]
    shown: range  # values that are drawn


@dataclass(frozen=True, slots=True, kw_only=True)
class InputClass:
    """A class of input and how often it was drawn."""

    name: str
    count: int
    share: float  # of the most frequent one, for the length of its bar


@dataclass(frozen=True, slots=True, kw_only=True)
class FuzzFind:
    """A find with its smallest example."""

    kind: str
    lane: str  # or the lanes that differ
    text: str
    example: str
    case: str
    count: int
    known: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FuzzView:
    """The page's section of a fuzz."""

    facts: tuple[tuple[str, str], ...]
    parameters: tuple[ParameterCoverage, ...]
    classes: tuple[InputClass, ...]
    finds: tuple[FuzzFind, ...]


def fuzz_view(fuzz: Json) -> FuzzView:
    """The section of the `fuzz` line."""
    counts = sorted(fuzz["classes"].items(), key=lambda item: (-item[1], item[0]))
    most = max((count for _, count in counts), default=1)
    return FuzzView(
        facts=tuple(_facts(fuzz)),
        parameters=tuple(
            ParameterCoverage(
                name=name,
                valid=one["valid"],
                covered=frozenset(one["covered"]),
                shown=_drawn(one),
            )
            for name, one in fuzz["parameters"].items()
        ),
        classes=tuple(InputClass(name=n, count=c, share=c / most) for n, c in counts),
        finds=tuple(_finds(fuzz)),
    )


def _drawn(parameter: Json) -> range:
    """The values that are drawn; the line has their number, and ranges begin at 0 or 1."""
    first = int(max(parameter["covered"], default=0) >= parameter["valid"])
    return range(first, first + min(parameter["valid"], _LARGEST))


def _facts(fuzz: Json) -> Iterator[tuple[str, str]]:
    yield "examples", f"{fuzz['examples']:,}"
    for name in ("trials", "failed", "skipped"):
        yield name, f"{sum(fuzz[name].values()):,}"
    yield "of the failed, known", f"{fuzz['known_failing']:,}"
    yield "drawn", f"{fuzz['drawn']:,}, of which {fuzz['repeated']:,} were drawn before"
    for lane, reason in fuzz["lost"].items():
        yield f"lost: {lane}", reason


def _finds(fuzz: Json) -> Iterator[FuzzFind]:
    for member, kind in _KINDS:
        for find in fuzz[member]:
            rules = ", ".join(find.get("rules", ()))
            yield FuzzFind(
                kind="known" if find.get("known") else kind,
                lane=str(find.get("lane") or find.get("lanes")),
                text=rules or "the lanes got different results",
                example=shown_text(str(find.get("with") or "")),
                case=find["case"],
                count=find.get("explains") or find.get("count") or 1,
                known=find.get("known") or "",
            )
