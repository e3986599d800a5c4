"""The index of a folder of vectors: the description of every topic, the explanation of every flag.

It is generated from the files and never edited: `oss-bodies check --fix vectors/index.json`
rebuilds it, and a test compares it with the files.
"""

import json
from collections.abc import Iterable, Iterator

from conformance.corpus.decode import Topic
from conformance.documents.mistake import Mistake, pointer

NAME = "index.json"


def index_text(topics: Iterable[Topic]) -> str:
    """The text of the index, with one topic per line so that a diff shows which have changed."""
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
    """The mistake if a text is not the index of these topics."""
    if text == index_text(topics):
        return ()
    rule = "is not the index of the vector files in its folder"
    return (Mistake(place="", rule=rule, remedy="oss-bodies check --fix FILE"),)


def flag_mistakes(topics: Iterable[Topic]) -> Iterator[tuple[str, Mistake]]:
    """Mistakes for flags that two files explain differently, each with the later topic's name."""
    known: dict[str, tuple[str, str]] = {}
    for topic in topics:
        for flag, text in topic.flags:
            first_text, first_topic = known.setdefault(flag, (text, topic.name))
            if first_text != text:
                rule = f"the flag {flag!r} is explained differently in {first_topic}"
                remedy = "use the same explanation, or another flag"
                place = pointer(("flags", flag))
                yield topic.name, Mistake(place=place, rule=rule, remedy=remedy)


def _joined(lines: list[str]) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        yield f"    {line}" + ("," if number < len(lines) else "")
