"""The rules of the judge, one module for each family of cases; `leaks` belongs to `auth`.

A rule is a function that takes a `TurnView` and yields its violations. The rule of an expectation
also takes the expected value; a function `show...` returns the actual one, for the profile of a
case that only observes it. `expectations` assigns both to names.
"""
