"""Runs cases on lanes: one worker per lane, for `run` and for fuzzing, and the loop of a run."""
