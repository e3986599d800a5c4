"""The properties that fuzzing holds every lane to, each with the judge's rules that break it.

Pure. The judge does the judging; this table says what its findings mean for generated
input. All but the last two hold where the documentation gives the processing string a meaning; the
last holds between lanes, and a breach of it is recorded and not failed.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """One property: its name, what it says, and rules of findings (or their beginnings)."""

    name: str
    says: str
    rules: tuple[str, ...]


PROPERTIES: tuple[Property, ...] = (
    Property(
        name="the-string-arrives",
        says="The processing string that arrives is the one asked for: image/bodies,sen_N for a "
        "valid sen and image/bodies for none.",
        rules=("process.string", "process.duplicate", "process.place"),
    ),
    Property(
        name="signed-is-sent",
        says="What was signed is what was sent, with the key pair and token that were given.",
        rules=(
            *("process.canonical", "auth.signature", "auth.scheme", "auth.access-key"),
            *("auth.token", "auth.region"),
        ),
    ),
    Property(
        name="the-object-asked-for",
        says="Each request is a GET over https of the bucket and key that were asked for.",
        rules=("naming.", "transport.method", "transport.scheme", "transport.target"),
    ),
    Property(
        name="one-call-one-request",
        says="One call is one request, and nothing arrives between calls.",
        rules=("transport.requests", "transport.stray", "transport.malformed"),
    ),
    Property(
        name="the-answer-is-what-was-sent",
        says="The bytes and the parsed bodies that the program gets are what the server sent, "
        "types of numbers kept; the n-th answer belongs to the n-th call.",
        rules=("bodies.",),
    ),
    Property(
        name="errors-are-errors",
        says="An error answer is never handed over as a success, nor the other way round, and "
        "says what the server said.",
        rules=("errors.",),
    ),
    Property(
        name="the-runner-lives",
        says="No input ends the program or keeps it from answering.",
        rules=("lane.", "suite."),
    ),
    Property(
        name="no-secret-leaks",
        says="No secret leaves its place. Holds beyond the documented strings as well.",
        rules=("auth.secret-leak", "auth.clear-text"),
    ),
    Property(
        name="lanes-agree",
        says="Lanes send the same string and parse the same bodies. Recorded, not failed.",
        rules=("differ",),
    ),
)


def property_of(rule: str) -> str:
    """The name of the property that a finding of this rule breaks; the rule itself if none."""
    for one in PROPERTIES:
        if any(
            rule == known or (known[-1] == "." and rule.startswith(known)) for known in one.rules
        ):
            return one.name
    return rule
