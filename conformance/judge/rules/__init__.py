"""The rules of the judge, one module for each family of cases; `leaks` belongs to `auth`.

A rule is a function of a `TurnView` that yields one `Violation` for each thing that does not hold.
The rule of an expectation also takes the value that is expected; a function `show...` returns what
was got, for the profile of a case that only observes it. `expectations` assigns both to names.
"""
