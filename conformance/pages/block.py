"""The block of a page: a heading, a piece of text, or code."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One part of a page, in the order of the page."""

    kind: str  # `heading`, `text` or `code`
    text: str  # of code: every character as it is printed
    line: int  # of the saved page, from 1, at which the text begins
    language: str = ""  # of code, as the page names it, in lower case; "": it does not
