"""The properties that fuzzing checks on every lane, each with the judge's rules that break it.

Pure. The judge does the judging; this table says what its findings mean for generated input. All
but the last two are required only where the documentation gives the processing string a meaning;
the last compares lanes, and what breaks it is recorded and is no failure.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """One property."""

    name: str
    rules: tuple[str, ...]  # of findings; one that ends with a dot stands for all that begin so


PROPERTIES: tuple[Property, ...] = (
    # The processing string that arrives is the one that was asked for.
    Property(
        name="the-string-arrives",
        rules=("process.string", "process.duplicate", "process.place"),
    ),
    # What was signed is what was sent, with the key pair and token of the call.
    Property(
        name="signed-is-sent",
        rules=(
            *("process.canonical", "auth.signature", "auth.scheme", "auth.access-key"),
            *("auth.token", "auth.region"),
        ),
    ),
    # Each request is a GET over https of the bucket and key that were asked for.
    Property(
        name="the-object-asked-for",
        rules=("naming.", "transport.method", "transport.scheme", "transport.target"),
    ),
    # One call is one request, and nothing arrives between calls.
    Property(
        name="one-call-one-request",
        rules=("transport.requests", "transport.stray", "transport.malformed"),
    ),
    # The bytes and the parsed document that the program gets are what the server sent, types of
    # numbers included; the n-th answer belongs to the n-th call.
    Property(name="the-answer-is-what-was-sent", rules=("bodies.",)),
    # An error is never returned as a success, nor the other way round, and says what the server
    # said.
    Property(name="errors-are-errors", rules=("errors.",)),
    # No input ends the program or keeps it from answering.
    Property(name="the-runner-lives", rules=("lane.", "suite.")),
    # No secret leaks; required of undocumented strings as well.
    Property(name="no-secret-leaks", rules=("auth.secret-leak", "auth.clear-text")),
    # Lanes send the same string and parse the same document.
    Property(name="lanes-agree", rules=("differ",)),
)


def property_of(rule: str) -> str:
    """The name of the property that a finding of this rule breaks; the rule itself if none."""
    for one in PROPERTIES:
        if any(
            rule == known or (known[-1] == "." and rule.startswith(known)) for known in one.rules
        ):
            return one.name
    return rule
