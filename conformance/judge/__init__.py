"""One pure function: judge(case, transcript) -> Verdict.

view.py reads a turn once, the family files hold the rules, expectations.py names them,
decide.py makes the verdict and agreement.py compares the lanes. Nothing here does input or output,
so a run can be judged again from its transcripts.
"""

from conformance.judge.agreement import agree, suspect
from conformance.judge.decide import judge
from conformance.judge.expectations import EXPECTATIONS

__all__ = ["EXPECTATIONS", "agree", "judge", "suspect"]
