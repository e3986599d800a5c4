"""The index of a folder of vectors: every topic with what it is about, every flag explained once.

Pure. It is made from the files and never written by hand: `oss-bodies check --fix
vectors/index.json` makes it anew, and a test holds it to the files.
"""

import json
from collections.abc import Iterable, Iterator

from conformance.corpus.decode import Topic
from conformance.corpus.strict_json import Mistake

NAME = "index.json"


def index_text(topics: Iterable[Topic]) -> str:
    """The text of the index, one topic a line so that a diff shows which."""
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
    """What is wrong with an index: that it is not the one of these topics."""
    if text == index_text(topics):
        return ()
    rule = "is not the index of the vector files beside it"
    return (Mistake(place="", rule=rule, remedy="oss-bodies check --fix FILE"),)


def flag_mistakes(topics: Iterable[Topic]) -> Iterator[tuple[str, Mistake]]:
    """Flags that two files explain in two ways, each with the topic that comes later."""
    known: dict[str, tuple[str, str]] = {}
    for topic in topics:
        for flag, text in topic.flags:
            first, where = known.setdefault(flag, (text, topic.name))
            if first != text:
                rule = f"{where} explains the flag {flag!r} in other words"
                remedy = "a flag means one thing: use the same words, or another flag"
                yield topic.name, Mistake(place=f"/flags/{flag}", rule=rule, remedy=remedy)


def _joined(lines: list[str]) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        yield f"    {line}" + ("," if number < len(lines) else "")
