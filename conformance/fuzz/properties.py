"""The properties checked by fuzzing, each with the rules of the findings that violate it.

Pure. The judge finds the violations; this table groups them for generated input. All but the last
two properties are required only if the documentation covers the call. The last one compares lanes;
its violations are recorded but are not failures.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """One property."""

    name: str
    rules: tuple[str, ...]  # of findings; a rule that ends with a dot is a prefix


PROPERTIES: tuple[Property, ...] = (
    # The server receives the processing string that was asked for.
    Property(
        name="the-string-arrives",
        rules=("process.string", "process.duplicate", "process.place"),
    ),
    # The request was sent as it was signed, with the key pair and token of the call.
    Property(
        name="signed-is-sent",
        rules=(
            *("process.canonical", "auth.signature", "auth.scheme", "auth.access-key"),
            *("auth.token", "auth.region", "auth.expires"),
        ),
    ),
    # Each request is a GET over https of the bucket and key that were asked for.
    Property(
        name="the-object-asked-for",
        rules=("naming.", "transport.method", "transport.scheme", "transport.target"),
    ),
    # One call gives one request, and no request arrives between calls.
    Property(
        name="one-call-one-request",
        rules=("transport.requests", "transport.stray", "transport.malformed"),
    ),
    # The program gets the bytes and the parsed document that the server sent, including the types
    # of numbers, and each call gets its own answer.
    Property(name="the-answer-is-what-was-sent", rules=("bodies.",)),
    # An error is never returned as a success or a success as an error, and the fields of an error
    # are those that the server sent.
    Property(name="errors-are-errors", rules=("errors.",)),
    # No input makes the runner exit or stop answering.
    Property(name="the-runner-lives", rules=("lane.", "program.", "suite.")),
    # No secret leaks; required for undocumented strings as well.
    Property(name="no-secret-leaks", rules=("auth.secret-leak", "auth.clear-text")),
    # Lanes send the same string and parse the same document.
    Property(name="lanes-agree", rules=("differ",)),
)


def property_of(rule: str) -> str:
    """The name of the property that findings of this rule violate; the rule itself if none."""
    for candidate in PROPERTIES:
        prefixes = tuple(listed for listed in candidate.rules if listed.endswith("."))
        if rule in candidate.rules or rule.startswith(prefixes):
            return candidate.name
    return rule
