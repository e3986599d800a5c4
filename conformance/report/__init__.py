"""What people see of a run: the terminal's text and the summary page.

Pure. assemble.py makes the one `Report` from a results folder's lines; terminal.py, summary.py and
each later output (an HTML page, JUnit, badges) are functions of it. sections.py decides what all of
them say, layout.py and markdown.py how text is put down, profiles.py and fuzzing.py hold the parts
on profiles and on fuzzing.
"""
