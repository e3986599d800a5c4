"""The languages of printed programs: how a page names them and what their programs look like.

The language of a block is the one that the page names there, else the one that its first lines can
only belong to, else the one that its heading names. `whole` tells a program from a fragment, which
nobody can run.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """A programming language."""

    name: str  # as runners name it in their manifests
    slug: str  # in case ids
    names: tuple[str, ...]  # as pages name it, in lower case
    begins: str  # a pattern for lines that only its programs have
    whole: str  # a pattern that a whole program matches
    suffix: str  # of its files
    comment: str = r"//[^\n]*|/\*.*?\*/"  # a pattern


_HASH = r"#[^\n]*"
LANGUAGES: tuple[Language, ...] = (
    Language(
        name="Java", slug="java", names=("java",), suffix=".java",
        begins=r"import\s+(?:static\s+)?[a-z]\w*(?:\.[\w*]+)+;"
        r"|package\s+[a-z]\w*(?:\.\w+)*;|public\s+(?:final\s+)?class\b",
        whole=r"\bmain\s*\(",
    ),
    Language(
        name="PHP", slug="php", names=("php",), suffix=".php", begins=r"<\?php\b",
        whole=r"<\?php\b", comment=rf"//[^\n]*|/\*.*?\*/|{_HASH}",
    ),
    Language(
        name="Go", slug="go", names=("go", "golang"), suffix=".go", begins=r"package\s+main\b",
        whole=r"\bfunc\s+main\s*\(",
    ),
    Language(
        name="Node.js", slug="nodejs", suffix=".js",
        names=("node.js", "nodejs", "node", "javascript", "js", "browser.js"),
        begins=r"(?:const|let|var)\s+[\w{}, ]+=\s*require\(|import\s+[\w{}*, ]+\s+from\s+['\"]",
        whole=r"\brequire\(|^import\b",
    ),
    Language(
        name="C#", slug="csharp", names=("c#", "csharp", "cs", ".net"), suffix=".cs",
        begins=r"using\s+[A-Z][\w.]*;", whole=r"\bMain\s*\(|^using\b",
    ),
    Language(
        name="C++", slug="cpp", names=("c++", "cpp", "cxx"), suffix=".cpp",
        begins=r"#include\s+<alibabacloud/|using namespace\b", whole=r"\bmain\s*\(",
    ),
    Language(
        name="C", slug="c", names=("c",), suffix=".c", begins=r'#include\s+["<](?:oss|aos)_',
        whole=r"\bmain\s*\(",
    ),
    Language(
        name="Ruby", slug="ruby", names=("ruby", "rb"), suffix=".rb",
        begins=r"require\s+['\"]aliyun", whole=r"^require\b", comment=_HASH,
    ),
    Language(
        name="Python", slug="python", names=("python", "py", "python3"), suffix=".py",
        begins=r"# -\*- ?coding|import\s+[a-z_][\w.]*(?:\s+as\s+\w+)?\s*$"
        r"|from\s+[a-z_][\w.]*\s+import\s",
        whole=r"^(?:import|from)\s", comment=_HASH,
    ),
)  # fmt: skip
BEGINS = re.compile("|".join(f"(?:{language.begins})" for language in LANGUAGES), re.MULTILINE)
# What a page names that is not a program, or no language at all.
_OTHER = frozenset(
    [
        "json",
        "xml",
        "http",
        "https",
        "bash",
        "sh",
        "shell",
        "console",
        "cmd",
        "powershell",
        "yaml",
        "yml",
        "ini",
        "toml",
        "properties",
        "sql",
        "diff",
        "xhtml",
        "css",
        "markdown",
        "curl",
    ]
)
_NO_NAME = frozenset(("", "text", "txt", "plain", "plaintext", "none", "code", "html", "output"))
_LINES = 5  # of code below a heading that names a language; less is a command or a name


def named(text: str) -> Language | None:
    """The language that a name stands for, such as `golang`."""
    return next((one for one in LANGUAGES if text.strip().lower() in one.names), None)


def mentioned(text: str) -> list[Language]:
    """The languages that a heading or sentence mentions."""
    return [one for one in LANGUAGES if any(_mentions(text, name) for name in one.names)]


def _mentions(text: str, name: str) -> bool:
    return re.search(rf"(?<![\w.+#]){re.escape(name)}(?![\w+#])", text, re.ASCII | re.I) is not None


def language_of(text: str, label: str, heading: str) -> Language | None:
    """The language of code; None if it is no program.

    label: the language that the page names at the code. A language that no runner can have been
    written for here has its label as name, and neither patterns nor suffix.
    """
    if label not in _NO_NAME:
        if label in _OTHER:
            return None
        known = named(label)
        slug = re.sub(r"[^a-z0-9]+", "-", label).strip("-") or "unknown"
        return known or Language(
            name=label, slug=slug, names=(label,), begins="", whole="", suffix=""
        )
    for language in LANGUAGES:
        if re.search(rf"^(?:{language.begins})", text, re.MULTILINE):
            return language
    found = mentioned(heading)
    if len(found) == 1 and text.count("\n") >= _LINES and re.search(r"[({=]", text):
        return found[0]
    return None


def is_whole(text: str, language: Language) -> bool:
    """Whether code is a program and not a fragment of one."""
    return re.search(language.whole, text, re.MULTILINE) is not None
