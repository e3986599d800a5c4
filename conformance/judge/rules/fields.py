"""Invariants of the family `transport`: header fields that nobody asked for, or that are malformed.

A program that gets an object asks for no range and sets no condition, so neither may a request. The
User-Agent must be products and comments; white space before a comment is not required, because
widespread clients leave it out and no parser depends on it.
"""

import re
from collections.abc import Iterator

from conformance.judge.quote import quote
from conformance.judge.view import TurnView, Violation
from conformance.model.http import every

# RFC 9110 13.1 and 14.2.
UNASKED = (
    "range", "if-range", "if-match", "if-none-match", "if-modified-since", "if-unmodified-since",
)  # fmt: skip
# Faults that end an answer early, after which a client may ask for the rest.
_EARLY = frozenset({"cut", "reset", "stall", "drip", "length", "raw_head"})
# RFC 9110 5.6.2 and 5.6.5; a comment may have comments within.
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_IN_COMMENT = r"[\t\x20-\x27\x2a-\x7e]"
_COMMENT = rf"\((?:{_IN_COMMENT}|\({_IN_COMMENT}*\))*\)"
_AGENT = re.compile(rf"{_TOKEN}(/{_TOKEN})?([ \t]+{_TOKEN}(/{_TOKEN})?|[ \t]*{_COMMENT})*")


def unasked(view: TurnView) -> Iterator[Violation]:
    """Invariant: no request asks for a range or sets a condition by itself."""
    for request in view.requests:
        before = view.record.journal.exchanges[: request.number - 1]
        if any(_EARLY & set(exchange.faults) for exchange in before):
            continue
        for name in UNASKED:
            value = request.message.header(name)
            if value is not None:
                yield Violation(
                    rule="transport.unasked-field",
                    part=f"header {name.title()}",
                    expected="no range and no condition: the program asked for the whole object",
                    got=quote(value),
                    why="The program may get a part of the object, or an answer without content.",
                    request=request.number,
                )


def user_agent(view: TurnView) -> Iterator[Violation]:
    """Invariant: User-Agent occurs at most once and is a list of products and comments."""
    for request in view.requests:
        values = every(request.message.headers, "user-agent")
        if len(values) > 1 or any(_AGENT.fullmatch(value) is None for value in values):
            yield Violation(
                rule="transport.user-agent",
                part="header User-Agent",
                expected="one field with products and comments in ASCII",
                got=" and ".join(map(quote, values)),
                why="Proxies and firewalls reject requests with malformed fields.",
                request=request.number,
            )


def absolute_form(view: TurnView) -> Iterator[Violation]:
    """Invariant: a request in a tunnel, which leads to the server, names the path only."""
    for request in view.requests:
        target = request.message.target
        if request.exchange.via == "connect" and not target.startswith("/") and "://" in target:
            yield Violation(
                rule="transport.absolute-form",
                part="request target",
                expected="the path and the query",
                got=quote(target),
                why="The absolute form is for proxies; a server may take it for another path.",
                request=request.number,
            )
