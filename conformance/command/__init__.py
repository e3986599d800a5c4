"""The commands of `oss-bodies`, one module for each, which cli.py imports.

A module's `run(options)` returns the exit code. Results are printed to standard output, progress
and notices to standard error; errors are raised, and cli.py prints them.
"""
