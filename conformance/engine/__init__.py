"""Runs cases on lanes: one worker per lane, shared by runs and fuzzing, and the loop of a run."""
