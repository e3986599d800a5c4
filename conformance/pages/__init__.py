"""Documentation pages: the programs and exchanges that a page prints, read and turned into cases.

Pure, and without knowledge of any particular page. `blocks` reads the page, `languages` recognises
programs, `source_text` reads what a program asks for, `minimum_version` what SDK it needs,
`sample_page` puts them together; `printed_exchange` and `exchange_checks` are about the exchanges,
`page_cases` makes the cases. A program is never changed: its text is what a reader would copy.
"""
