"""The index of a folder of vectors: every topic with what it is about, every flag explained once.

It is generated from the files and never edited: `oss-bodies check --fix vectors/index.json`
rebuilds it, and a test compares it with the files.
"""

import json
from collections.abc import Iterable, Iterator

from conformance.corpus.decode import Topic
from conformance.documents.mistake import Mistake, pointer

NAME = "index.json"


def index_text(topics: Iterable[Topic]) -> str:
    """The text of the index, one topic a line so that a diff shows which changed."""
    listed = sorted(topics, key=lambda topic: topic.name)
    flags = dict(sorted(pair for topic in listed for pair in topic.flags))
    lines = [
        json.dumps(
            {"topic": topic.name, "cases": len(topic.cases), "about": topic.about},
            ensure_ascii=False,
        )
        for topic in listed
    ]
    explained = [f"{json.dumps(name)}: {json.dumps(text)}" for name, text in flags.items()]
    return "\n".join(
        [
            "{",
            f'  "cases": {sum(len(topic.cases) for topic in listed)},',
            '  "flags": {',
            *_joined(explained),
            "  },",
            '  "topics": [',
            *_joined(lines),
            "  ]",
            "}",
            "",
        ]
    )


def index_mistakes(text: str, topics: Iterable[Topic]) -> tuple[Mistake, ...]:
    """The mistake of an index that is not the one of these topics, or none."""
    if text == index_text(topics):
        return ()
    rule = "is not the index of the vector files in its folder"
    return (Mistake(place="", rule=rule, remedy="oss-bodies check --fix FILE"),)


def flag_mistakes(topics: Iterable[Topic]) -> Iterator[tuple[str, Mistake]]:
    """Flags that two files explain differently, each with the name of the second topic."""
    known: dict[str, tuple[str, str]] = {}
    for topic in topics:
        for flag, text in topic.flags:
            first, where = known.setdefault(flag, (text, topic.name))
            if first != text:
                rule = f"the flag {flag!r} is explained differently in {where}"
                remedy = "use the same explanation, or another flag"
                place = pointer(("flags", flag))
                yield topic.name, Mistake(place=place, rule=rule, remedy=remedy)


def _joined(lines: list[str]) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        yield f"    {line}" + ("," if number < len(lines) else "")
