"""What people see of a run: the terminal's text and the summary page.

Pure. digest.py decides what is told, terminal.py and summary.py lay it out; each further
form (an HTML page, JUnit, badges) is a module beside them that takes the same values.
"""
