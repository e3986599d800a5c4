"""The judge: `judge(case, transcript)` returns the verdict on one trial. It performs no I/O.

The evidence is the transcript: the requests and responses as bytes, and the answer of the SDK. Each
turn becomes a `TurnView`, which parses and verifies every request once. The rules come from two
tables. `EXPECTATIONS` has a rule for each name that a case can use in its `expect`, together with a
function that shows the value when a case only observes it. `INVARIANTS` are rules that apply to
every case without being named, such as "the secret is never sent"; each cites its source. A rule
yields a `Violation` for each request, or turn, that does not comply.

`decide` first asks whether the trial can be judged at all: a runner that broke the protocol, a
missing turn or a contradiction between the mock and the judge make it an `error`, which says
nothing about the SDK. A runner that died or was silent in a call is a finding.
Otherwise equal violations of several requests become one `Finding`, and the outcome is `fail` if a
finding is `required`; `recommended` findings are reported and do not fail the trial. A verdict
depends only on the case and the transcript, so a run can be re-judged later or elsewhere.

Behaviour that the documentation leaves open is recorded and never judged. `turn_profile` adds it to
the verdict, `observation` names the behaviour that a trial shows, `lane_profile` summarises it for
a lane, and `profile_diff` compares two versions of one SDK. `agreement` compares the lanes on one
case, by the values of `comparable`, and reports when the case itself is suspect.
"""

from conformance.judge.agreement import suspect
from conformance.judge.decide import judge
from conformance.judge.expectations import EXPECTATIONS
from conformance.judge.invariants import INVARIANTS

__all__ = ["EXPECTATIONS", "INVARIANTS", "judge", "suspect"]
