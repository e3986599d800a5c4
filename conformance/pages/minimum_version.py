"""The minimum version of an SDK that a page states, in English or Chinese.

A statement is a sentence or an item with the words of a minimum (`or later`, `及以上`) beside a
version. It belongs to a language if it mentions it, or if it is in the section of its program. A
version of the language itself (`Java 8 or later`) is none of its SDK.
"""

import re
from collections.abc import Iterable

from conformance.pages.languages import Language

_VERSION = r"[vV]?(\d+\.\d+(?:\.\d+)*)"
_AFTER = re.compile(
    rf"(?<![\w.]){_VERSION}\s*(?:版本)?\s*(?:\(\s*)?(?:\+|"
    r"(?:and|or)\s+(?:any\s+)?(?:later|higher|newer|above)|and\s+up\b"
    r"|及\s*其?\s*(?:以上|更高|之后|以后|后续)|以上|或\s*(?:以上|更高|更新))",
    re.ASCII,
)
_BEFORE = re.compile(
    r"(?:at\s+least|minimum(?:\s+\w+)*?(?:\s+version)?(?:\s+is|:)?|no\s+(?:earlier|lower)\s+than"
    r"|>=|≥|最低(?:版本)?(?:为|是|：|:)?|不低于|不早于|至少(?:为|是)?)"
    rf"\s*(?:version\s*)?{_VERSION}",
    re.IGNORECASE | re.ASCII,
)
_SENTENCE = re.compile(r"[.;](?=\s|$)|[。；\n]")


def minimum_version(
    language: Language, package: str | None, section: Iterable[str], page: Iterable[str]
) -> str | None:
    """The version that a page states for the SDK of a language; None if it states none.

    package: of the SDK, such as `oss2`. section: the texts between the program and what is before
    it, which need not name the language. page: all texts.
    """
    for text in (one for part in page for one in _SENTENCE.split(part)):
        if _is_about(text, language, package) and (found := _stated(text, language)):
            return found
    for text in (one for part in section for one in _SENTENCE.split(part)):
        if re.search(r"(?i)sdk|版本|version", text) and (found := _stated(text, language)):
            return found
    return None


def _is_about(text: str, language: Language, package: str | None) -> bool:
    if package is not None and re.search(rf"(?<![\w-]){re.escape(package)}(?![\w-])", text):
        return True
    names = "|".join(map(re.escape, language.names))
    before = rf"(?<![\w.])(?:{names})\s*(?:的\s*)?(?:OSS\s*)?SDK"
    behind = rf"SDK\s*(?:for|\()\s*(?:{names})(?![\w+#])"
    return re.search(f"{before}|{behind}", text, re.ASCII | re.IGNORECASE) is not None


def _stated(text: str, language: Language) -> str | None:
    names = "|".join(map(re.escape, language.names))
    for pattern in (_AFTER, _BEFORE):
        for found in pattern.finditer(text):
            before = text[: found.start(1)]
            own = re.search(rf"(?i)(?:^|[^\w])(?:{names})\s*(?:version\s*)?v?$", before)
            if own is None or re.search(r"(?i)sdk\s*(?:for\s*)?[^\w]*(?:\w+\s*)?v?$", before):
                return found[1]
    return None
