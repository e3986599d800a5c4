"""Programs, versions and exchanges are read from every form of a page, byte for byte."""

import time
from collections.abc import Callable

import pytest
from pages.forms import MARKDOWN, as_html, as_text, chinese

from conformance.pages.blocks import format_of, page_blocks
from conformance.pages.languages import named
from conformance.pages.minimum_version import minimum_version
from conformance.pages.sample_page import PrintedProgram, read_page

FORMS: dict[str, Callable[[], str]] = {
    "Markdown": lambda: MARKDOWN,
    "HTML": lambda: as_html(MARKDOWN),
    "text": lambda: as_text(MARKDOWN),
    "Markdown, Chinese": chinese,
    "HTML, Chinese": lambda: as_html(chinese()),
    "text, Chinese": lambda: as_text(chinese()),
}
PACKAGES = {
    "java": "com.aliyun.oss:aliyun-sdk-oss", "python": "oss2", "php": "aliyuncs/oss-sdk-php",
    "go": "github.com/aliyun/aliyun-oss-go-sdk",
}  # fmt: skip
VERSIONS = {"java": "3.17.4", "python": "2.18.4", "go": "3.0.2", "php": "2.7.0"}
each_form = pytest.mark.parametrize("form", FORMS)


def programs(text: str) -> dict[str, PrintedProgram]:
    return {one.id.removeprefix("page/"): one for one in read_page(text).programs}


def only(text: str) -> PrintedProgram:
    (program,) = read_page(text).programs
    return program


def code(text: str) -> str:
    (block,) = (block for block in page_blocks(text) if block.kind == "code")
    return block.text


@each_form
def test_a_page_has_the_programs_that_it_prints(form: str) -> None:
    found = programs(FORMS[form]())
    assert list(found) == ["java", "python", "go", "php"]
    for program in found.values():
        assert program.text.strip() in MARKDOWN
        assert program.whole


@each_form
def test_a_program_ends_where_the_page_goes_on(form: str) -> None:
    ends = {name: one.text.rstrip()[-13:] for name, one in programs(FORMS[form]()).items()}
    assert {name: end.split()[-1] for name, end in ends.items()} == {
        "java": "}", "python": "sys.exit(1)", "go": "}", "php": "}",
    }  # fmt: skip


@each_form
def test_a_page_is_read_in_its_own_form(form: str) -> None:
    assert format_of(FORMS[form]()) == form.partition(",")[0]


@each_form
def test_a_page_states_the_minimum_version_of_each_sdk(form: str) -> None:
    page = read_page(FORMS[form]())
    stated = {
        one.language.slug: minimum_version(
            one.language, PACKAGES[one.language.slug], one.section, page.texts
        )
        for one in page.programs
    }
    assert stated == VERSIONS


@each_form
def test_an_exchange_is_a_request_with_the_response_behind_it(form: str) -> None:
    (exchange,) = read_page(FORMS[form]()).exchanges
    assert exchange.request is not None
    assert exchange.response is not None
    assert exchange.request.process == "image/bodies,sen_50"
    assert exchange.response.status == 200
    assert exchange.response.body.startswith("{")
    assert exchange.response.body.endswith("}")


@each_form
def test_a_program_asks_for_what_its_literals_say(form: str) -> None:
    for program in programs(FORMS[form]()).values():
        asked = program.asked
        assert (asked.endpoint, asked.region, asked.bucket, asked.key, asked.process) == (
            "https://oss-cn-shanghai.aliyuncs.com",
            "cn-shanghai",
            "photo-archive",
            "people/street.jpg",
            "image/bodies,sen_50",
        )


def test_the_line_of_a_program_is_that_of_its_first_character() -> None:
    lines = MARKDOWN.split("\n")
    for program in programs(MARKDOWN).values():
        assert lines[program.line - 1] == program.text.split("\n")[0]


def test_html_says_what_its_references_and_tags_stand_for() -> None:
    text = "<pre>\nif a &lt; b &amp;&amp; c:&nbsp;<b>x</b> = &quot;1&quot;<br>\r\n\ty</pre>"
    assert code(text) == 'if a < b && c:\u00a0x = "1"\n\n\ty'


def test_text_that_a_browser_does_not_show_is_no_code() -> None:
    text = "<script>'<pre>'</script><template><pre>import a</pre></template><p><pre>import b</pre>"
    assert only(f"<html>{text}").text == "import b"


def test_a_large_page_with_elements_left_open_is_read_at_once() -> None:
    text = "<html>" + "<p><b>text</i>" * 10_000 + "<pre>import a</pre>"
    start = time.process_time()
    assert only(text).text == "import a"
    assert time.process_time() - start < 5  # 0.6 s; in quadratic time 10 s


def test_markdown_keeps_carriage_returns_tabs_and_no_break_spaces() -> None:
    assert code("```python\r\nimport a\r\n\tb\u00a0= ‘1’\r\n```\r\n") == (
        "import a\r\n\tb\u00a0= ‘1’\r\n"
    )


def test_the_indentation_of_a_fence_is_none_of_its_code() -> None:
    assert (
        code("- item\n\n    ```go\n    package main\n    \tx\n    ```\n") == "package main\n\tx\n"
    )


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("```py\nimport a\n```", "Python"),
        ("``` {.java .numberLines}\npublic class A {}\n```", "Java"),
        ("~~~{#id .language-php}\n<?php echo 1;\n~~~", "PHP"),
        ("<pre class='brush: golang'>package main</pre>", "Go"),
        ("<div class='highlight-source-js'><pre>const a = require('a');</pre></div>", "Node.js"),
        ("<pre><code data-language='C#'>using Aliyun.OSS;</code></pre>", "C#"),
        ("```\npackage main\n```", "Go"),
        ("<pre>&lt;?php echo 1;</pre>", "PHP"),
        ("## Ruby\n```\na = 1\nb = 2\nc = 3\nd = 4\np(a)\n```", "Ruby"),
        ("```fortran\nprogram a\n```", "fortran"),
    ],
)  # fmt: skip
def test_the_language_is_what_the_page_names_or_the_code_looks_like(text: str, name: str) -> None:
    assert only(text).language.name == name


@pytest.mark.parametrize(
    "text",
    [
        "```xml\n<a/>\n```",
        "```bash\npip install oss2\n```",
        "## Python\n```\npip install oss2\n```",
        "<pre>{}</pre>",
        "text only",
        "",
    ],
)
def test_what_is_no_program_is_not_taken_for_one(text: str) -> None:
    assert read_page(text).programs == ()


def test_a_fragment_is_no_whole_program() -> None:
    assert not only('```java\nrequest.setProcess("image/bodies");\n```').whole


def test_a_program_that_a_page_shows_twice_is_run_once() -> None:
    assert len(read_page("```py\nimport a\n```\n" * 2).programs) == 1


def test_programs_of_one_language_are_numbered_and_fragments_are_not() -> None:
    text = "```py\nimport a\n```\n```py\nx = 1\n```\n```py\nimport b\n```\n"
    wholes = [one.id for one in read_page(text).programs if one.whole]
    assert wholes == ["page/python", "page/python-2"]


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("Use OSS SDK for Java V3.1 or later.", "3.1"),
        ("Java SDK version 3.8.0 or higher", "3.8.0"),
        ("The Java SDK must be at least 3.9.1.", "3.9.1"),
        ("Requires com.example:sdk >= 1.2.3", "1.2.3"),
        ("Java SDK 3.17+ is needed", "3.17"),
        ("Java SDK不低于3.4.5", "3.4.5"),
        ("仅3.5.0及以上版本的Java SDK支持", "3.5.0"),
        ("The Java SDK needs Java 1.8 or later.", None),
        ("OSS SDK for JavaScript 6.0.0 or later", None),
        ("Python SDK 2.0.0 or later", None),
        ("Java SDK 3.1.0 has a defect.", None),
    ],
)
def test_a_minimum_is_a_version_with_the_words_for_it(text: str, version: str | None) -> None:
    java = named("java")
    assert java is not None
    assert minimum_version(java, "com.example:sdk", (), (text,)) == version


def test_a_java_program_is_saved_and_started_under_the_name_of_its_class() -> None:
    text = "```java\npackage com.example;\npublic class Demo { void main() {} }\n```"
    assert (only(text).name, only(text).entry) == ("Demo.java", "com.example.Demo")
