"""The judge: `judge(case, transcript)` gives the verdict on one trial. It does no input or output.

The evidence is the transcript: the requests and responses as bytes, and the answer of the SDK. Each
turn of it becomes a `TurnView`, which parses and verifies every request once. What is claimed of a
turn comes from two tables. `EXPECTATIONS` assigns a rule to each name that a case can use in its
`expect`, together with a function that shows the value when a case only observes it. `INVARIANTS`
are rules that hold in every case without being named, such as "the secret is never sent"; each has
a source of its own. A rule yields a `Violation` for each request, or turn, that does not comply.

`decide` first asks whether the trial can be judged at all: a runner that died, a missing turn or a
contradiction between the mock and the judge make it an `error`, which says nothing about the SDK.
Otherwise equal violations of several requests become one `Finding`, and the outcome is `fail` if a
finding is `required`; findings that are `recommended` are shown and do not fail. Verdicts therefore
depend on the transcript alone, so that a run can be judged again later or elsewhere.

What the documentation leaves open is recorded and never judged. `turn_profile` writes it into the
verdict, `observation` names what a trial shows, `lane_profile` sums that up for a lane, and
`profile_diff` compares two versions of one SDK. `agreement` compares the lanes on one case and says
when the case itself is the suspect.
"""

from conformance.judge.agreement import agree, suspect
from conformance.judge.decide import judge
from conformance.judge.expectations import EXPECTATIONS
from conformance.judge.invariants import INVARIANTS

__all__ = ["EXPECTATIONS", "INVARIANTS", "agree", "judge", "suspect"]
