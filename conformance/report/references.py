"""Links to what sources name: pages of the documentation, sections of RFCs, weaknesses, addresses.

Pure.
"""

import re
from collections.abc import Iterator

# Pages that sources name by their title.
PAGES = {
    "Object Storage Service: Human body detection": (
        "https://www.alibabacloud.com/help/en/oss/user-guide/body-detection"
    )
}
# `RFC 9110 9.3.6, 15.5.8`, in the syntax that Python and JavaScript share.
STANDARD = r"RFC \d+ \d+(?:\.\d+)*(?:(?:, | and )\d+(?:\.\d+)+)*"
_ADDRESS = r"https?://[\w./~:?#@!$&*+;=%-]*[\w/#=&%+~-]"
_NAMED = re.compile(rf"({'|'.join(map(re.escape, PAGES))}|{STANDARD}|CWE-\d+|{_ADDRESS})")
_SECTIONS = re.compile(r"((?:RFC \d+ )?\d+(?:\.\d+)*)")


def linked(text: str) -> Iterator[tuple[str, str]]:
    """The parts of a text, each with the address that it links to, or with ""."""
    for place, part in enumerate(_NAMED.split(text)):
        if place % 2 and part.startswith("RFC "):
            yield from _sections(part)
        elif part:
            yield part, _address(part) if place % 2 else ""


def _address(name: str) -> str:
    if name.startswith("CWE-"):
        return f"https://cwe.mitre.org/data/definitions/{name[4:]}.html"
    return PAGES.get(name, name)


def _sections(names: str) -> Iterator[tuple[str, str]]:
    rfc = names.split(" ")[1]
    for place, part in enumerate(_SECTIONS.split(names)):
        section = part.rpartition(" ")[2]
        if part:
            address = f"https://www.rfc-editor.org/rfc/rfc{rfc}#section-{section}"
            yield part, address if place % 2 else ""
