"""The page of the tests in its forms: Markdown, HTML as sites write it, text, and in Chinese."""

import html
import re
from pathlib import Path

from conformance.pages.sample_page import SamplePage, read_page

MARKDOWN = (Path(__file__).parent / "detection.md").read_text(encoding="utf-8")
_CHINESE = {
    "# Find people in a picture": "# 检测图片中的人体",
    "A page of the tests, in the form of a documentation page.": "这是一个测试页面。",
    "## Before you begin": "## 前提条件",
    "- OSS SDK for Java 3.17.4 or later is needed. Java 8 or later runs it.": "- 使用Java SDK时，"
    "要求使用3.17.4及以上版本的Java SDK。",
    "- Python SDK (oss2) version 2.18.4 or later.": "- Python SDK要求2.18.4及以上版本。",
    "- For Go, `github.com/aliyun/aliyun-oss-go-sdk` 3.0.2 and later.": "- Go SDK最低版本为3.0.2。",
    "Requires version 2.7.0 or later of the SDK.": "要求使用2.7.0及以上版本的SDK。",
    "## REST": "## 使用REST API",
    "The length below is that of other content, on purpose.": "下面的长度与内容不符。",
}


def chinese() -> str:
    """The page with its text in Chinese."""
    text = MARKDOWN
    for english, other in _CHINESE.items():
        assert english in text
        text = text.replace(english, other)
    return text


def as_html(markdown: str) -> str:
    """A page as a site serves it: escaped code in elements, classes, scripts and inline markup."""
    out: list[str] = []
    parts = re.split(r"(?m)^```(.*)$", markdown)  # text, label, code, "", text, ...
    for text, label, code in zip(parts[::4], parts[1::4], parts[2::4], strict=False):
        out += [_element(one) for one in text.strip().split("\n\n")]
        shown = html.escape(code.removeprefix("\n"))
        shown = re.sub(r"\b(import|func|use)\b", r'<span class="k">\1</span>', shown)
        out.append(f'<pre class="codeblock">\n<code class="language-{label}">{shown}</code></pre>')
    script = "<script>var page = '<pre>import nothing</pre>';</script>"
    return f"<!DOCTYPE html>\n<html><head><title>Pictures</title>{script}</head>\n<body>\n" + (
        "\n".join(out) + "\n</body></html>\n"
    )


def _element(text: str) -> str:
    if text.startswith("#"):
        level = text.index(" ")
        return f"<h{level}>{html.escape(text[level + 1 :])}</h{level}>"
    if text.startswith("- "):
        items = (f"<li><b>Note:</b> {html.escape(line[2:])}" for line in text.split("\n"))
        return f"<ul>{''.join(items)}</ul>"
    return f"<p>{html.escape(text)}<br></p>"


def as_text(markdown: str) -> str:
    """A page without any markup, as a browser saves it."""
    parts = re.split(r"(?m)^```.*$", markdown)
    parts[::2] = [re.sub(r"(?m)^(?:#+|-) ", "", part) for part in parts[::2]]
    return "".join(parts)


def page(markdown: str = MARKDOWN) -> SamplePage:
    """The page that a text is."""
    return read_page(markdown)
