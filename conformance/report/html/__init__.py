"""`report.html`: the report as one page that works without a server and fetches nothing.

trial_evidence.py, signature_evidence.py and case_facts.py say what the page shows of a trial and of
a case; page_data.py puts that together as JSON for the script of the page. durations.py and
fuzz_view.py are parts that the template writes itself, so that they can be read without the script.
page.py renders `report.html.j2` with `report.css` and `report.js`. All are functions of the
`Report` and of the transcripts, read one at a time.
"""
