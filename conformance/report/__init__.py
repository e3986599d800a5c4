"""What people see of a run: the terminal's text and the summary page.

Pure. assemble.py makes the one `Report` from the lines of a results folder; terminal.py, summary.py
and each later output (an HTML page, JUnit, badges) are functions of it. sections.py decides what
all of them say, text_layout.py and markdown.py lay it out; profiles.py and fuzzing.py hold what is
said about profiles and about fuzzing.
"""
