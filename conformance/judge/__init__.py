"""One pure function: judge(case, transcript) -> Verdict."""
