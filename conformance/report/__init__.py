"""The report of a run: the text for the terminal and the summary page.

Pure. assemble.py makes the `Report` from the lines of a results folder; terminal.py and summary.py
are functions of it. sections.py has the content that both share, profiles.py and fuzzing.py the
parts about profiles and fuzzing; text_layout.py and markdown.py lay text out.
"""
