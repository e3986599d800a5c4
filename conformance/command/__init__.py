"""What each word on the command line does; one module a word, called by cli.py.

Each has `run(options) -> int`, the exit code. What a person reads goes to standard
output, progress to standard error; errors are raised and cli.py says them.
"""
