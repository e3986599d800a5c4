"""The blocks of a page that was saved as text, in which nothing marks where code begins and ends.

Code begins with a line with which only programs or HTTP messages begin, and a program ends before
the first line that no program contains, such as a sentence or a heading. An HTTP message ends at
the empty line behind its header fields, or where its document ends.
"""

import re
from collections.abc import Iterator, Sequence

from conformance.pages.block import Block
from conformance.pages.languages import BEGINS
from conformance.pages.printed_exchange import STARTS

_CODE_LINE = re.compile(
    r"[ \t\u00a0]"  # indented, whatever follows
    r"|[})\]@<?*/#\"'$]"  # ends a block, annotation, tag, comment, text, variable
    r"|[^ ].*[{};,(=:]\s*$"  # ends as statements do
    r"|[\w.$]+\s*(?:\(|=|\[|:=|->)"  # a call or an assignment
    r"|(?:import|from|package|using|func|def|class|public|private|static|try|except|catch|else|elif"
    r"|finally|if|for|while|with|return|raise|throw|print|echo|use|require|var|const|let|type|pass"
    r"|async|await|namespace|end)\b(?!.*[.。]$)"
)
_PROSE = re.compile(r"[A-Z\u4e00-\u9fff][^={}();]*[.:。：]?\s*$")


def text_blocks(text: str) -> Iterator[Block]:
    """The blocks of a page."""
    lines = text.splitlines(keepends=True)
    number, first = 0, True  # the first line is the title
    while number < len(lines):
        line = lines[number]
        if STARTS.match(line):
            end = _end_of_message(lines, number)
        elif BEGINS.match(line):
            end = _end_of_program(lines, number)
        else:
            number += 1
            if line.strip():
                short = len(line.split()) <= 4 and not re.search(r"[.。,，]\s*$", line)
                kind = "heading" if short or first else "text"
                yield Block(kind=kind, text=line.strip(), line=number)
                first = False
            continue
        yield Block(kind="code", text="".join(lines[number:end]), line=number + 1)
        number = end


def _end_of_program(lines: Sequence[str], start: int) -> int:
    """The number of the first line behind a program, without the empty lines at its end."""
    number = end = start + 1
    while number < len(lines):
        line = lines[number]
        number += 1
        if not line.strip():
            continue
        # A new file begins: the same first line as another program's.
        begins_another = re.match(r"<\?php|package main\b|HTTP/|# -\*-", line) is not None
        if begins_another or not _CODE_LINE.match(line) or _is_prose(line):
            break
        end = number
    return end


def _is_prose(line: str) -> bool:
    return not line[0].isspace() and _PROSE.match(line) is not None and len(line.split()) > 1


def _end_of_message(lines: Sequence[str], start: int) -> int:
    """The number of the first line behind an HTTP message."""
    number = start + 1
    while number < len(lines) and lines[number].strip():
        number += 1
    body = number
    while body < len(lines) and not lines[body].strip():
        body += 1
    if body == len(lines) or lines[body].lstrip()[:1] not in ("{", "[", "<"):
        return number
    depth, end = 0, body
    while end < len(lines):
        line = lines[end]
        if not line.strip():
            break
        depth += sum(line.count(char) for char in "{[") - sum(line.count(char) for char in "}]")
        end += 1
        if depth <= 0 and not line.lstrip().startswith("<"):
            break
    return end
