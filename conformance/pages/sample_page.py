"""A documentation page: its programs, fragments and exchanges."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from conformance.pages.block import Block
from conformance.pages.blocks import page_blocks
from conformance.pages.languages import Language, is_whole, language_of
from conformance.pages.printed_exchange import PrintedExchange, exchanges, is_exchange
from conformance.pages.source_text import Asked, asked, placeholders, unusual


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedProgram:
    """A program as the page prints it, and what its text says."""

    id: str  # in cases: `page/java`, `page/java-2` for the second one
    language: Language
    text: str  # every character
    line: int  # of the page
    whole: bool  # False: a fragment, or in a language that is not known here
    asked: Asked
    unusual: tuple[str, ...]  # places with characters that look like others
    placeholders: tuple[str, ...]  # literals that a reader has to replace
    section: tuple[str, ...]  # texts between the heading and the program

    @property
    def sha256(self) -> str:
        """The digest of its UTF-8 text, hex."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def entry(self) -> str:
        """What is run, for languages in which that follows from the text; else ""."""
        if self.language.slug != "java":
            return ""
        package = re.search(r"(?m)^\s*package\s+([\w.]+)\s*;", self.text)
        return f"{package[1]}.{self._class}" if package is not None else self._class

    @property
    def name(self) -> str:
        """The name of the file in which a reader would save it."""
        stem = self._class if self.language.slug == "java" else "program"
        return stem + self.language.suffix

    @property
    def _class(self) -> str:
        found = re.search(r"(?m)^\s*public\s+(?:final\s+)?class\s+(\w+)", self.text)
        found = found or re.search(r"(?m)^\s*(?:final\s+)?class\s+(\w+)", self.text)
        return found[1] if found is not None else "Program"


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplePage:
    """A page that was read."""

    title: str
    texts: tuple[str, ...]  # headings and text
    programs: tuple[PrintedProgram, ...]  # fragments as well
    exchanges: tuple[PrintedExchange, ...]


def read_page(text: str) -> SamplePage:
    """Read a page, which is HTML, Markdown or text."""
    blocks = page_blocks(text)
    printed = exchanges(block for block in blocks if _is_message(block))
    requests = [one.request for one in printed if one.request is not None]
    processes = [one.process for one in requests if one.process is not None]
    headings = [block.text for block in blocks if block.kind == "heading"]
    title = re.search(r"(?is)<title[^>]*>(.*?)</title>", text)
    return SamplePage(
        title=(headings or [" ".join(title[1].split()) if title is not None else "a page"])[0],
        texts=tuple(block.text for block in blocks if block.kind != "code"),
        programs=tuple(_programs(blocks, processes)),
        exchanges=printed,
    )


def _is_message(block: Block) -> bool:
    return block.kind == "code" and is_exchange(block.text)


def _programs(blocks: Sequence[Block], processes: Iterable[str]) -> Iterable[PrintedProgram]:
    heading, section = "", list[str]()
    seen: dict[str, int] = {}
    texts: set[tuple[str, str]] = set()
    for block in blocks:
        if block.kind == "heading":
            heading, section = block.text, [block.text]
        elif block.kind == "text":
            section.append(block.text)
        if block.kind != "code" or _is_message(block):
            continue
        language = language_of(block.text, block.language, heading)
        # A page that shows a program in a tab and in print has it twice.
        if language is None or (language.slug, block.text) in texts:
            continue
        texts.add((language.slug, block.text))
        whole = is_whole(block.text, language)
        number = seen[language.slug] = seen.get(language.slug, 0) + whole
        yield PrintedProgram(
            id=f"page/{language.slug}" + (f"-{number}" if number > 1 else ""),
            language=language,
            text=block.text,
            line=block.line,
            whole=whole,
            asked=asked(block.text, language, processes),
            unusual=unusual(block.text, language),
            placeholders=placeholders(block.text, language),
            section=tuple(section),
        )
        section = [heading]
