"""Pages: one file, nothing loaded, every text a text, and complete without its script."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
from html.parser import HTMLParser

import pytest

from runwise_format import Document, Notes, render
from runwise_format.document import Chart, Line
from runwise_format.render import Style
from runwise_format.testing import HOSTILE, hard_documents

VOID = {"meta", "br"}
HOSTILE_NAMES = (
    *HOSTILE, "a|b", "<script>pwn()</script>", "</script><img src=x onerror=pwn()>", "=cmd()",
    '" onmouseover="pwn()', "' autofocus onfocus=pwn() '", "</title></svg><script>pwn()</script>",
    "]]><!--", "javascript:pwn()", "\u05d0\u05d1\u05d2", "&lt;b&gt;", "{{7*7}}",
)  # fmt: skip


class Page(HTMLParser):
    """What a browser would make of a page: elements, attributes, texts by element."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.texts.setdefault(tag, []).append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open:
            self.texts[self.open[-1]][-1] += data

    def named(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture
def hostile() -> Document:
    lines = [Line(name, range(4), [1.0, 2.0, math.nan, 3.0]) for name in HOSTILE_NAMES]
    chart = Chart("chart", lines, title=HOSTILE_NAMES[-6], x_label="<x>", y_label="</script>")
    return Document("plot", "<b>t</b>", "<i>v</i>", [chart, Notes("n", HOSTILE_NAMES)], "<m>")


@pytest.mark.parametrize("document", hard_documents().values(), ids=hard_documents())
def test_every_element_is_closed(document):
    page = Page(render(document, "html"))
    assert page.open == []


def test_no_address_is_ever_asked_for(hostile, report):
    for document in (hostile, report):
        page = Page(render(document, "html"))
        loading = {"src", "href", "xlink:href", "srcset", "action", "data", "poster"}
        assert not [one for _, one in page.tags if loading & set(one)]
        assert not re.search(r"url\((?!#)|@import|https?:", "".join(page.texts["style"]))
        assert "//" not in "".join(page.texts["style"])


def test_only_our_style_and_our_script_may_run(hostile):
    text = render(hostile, "html")
    page = Page(text)
    policy = page.named("meta")[1]["content"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for tag, directive in (("style", "style-src"), ("script", "script-src")):
        digest = hashlib.sha256(page.texts[tag][-1].encode()).digest()
        assert f"{directive} 'sha256-{base64.b64encode(digest).decode()}'" in policy


def test_hostile_texts_make_no_elements_and_no_attributes(hostile):
    page = Page(render(hostile, "html"))
    kinds = [one.get("type") for one in page.named("script")]
    assert kinds == ["application/json", None]
    assert not page.named("img")
    assert not [key for _, one in page.tags for key in one if key.startswith("on")]
    assert not [one for _, one in page.tags if "style" in one]


def test_the_data_block_holds_the_curves_and_cannot_be_ended(hostile):
    page = Page(render(hostile, "html"))
    block = page.texts["script"][0]
    assert not re.search("[<>&]", block)
    found = json.loads(block)
    assert found["curves"][0]["values"] == [1, 2, "NaN", 3]
    assert "<script>pwn()</script>" in [one["name"] for one in found["curves"]]


def test_a_chart_is_complete_without_its_script():
    chart = Chart("chart", [Line("loss", range(3), [3.0, 2.0, math.nan])], note="smoothed")
    page = Page(render(Document("plot", "a", "run a", [chart]), "html"))
    assert page.named("svg")[0]["role"] == "img"
    assert page.texts["title"][1] == "loss"
    assert page.texts["desc"][0] == (
        "Over step 0 to 2. loss: last NaN, lowest 2 @ 1, highest 3 @ 0, 1 not finite."
    )
    path = next(one["d"] for one in page.named("path") if one["class"].startswith("curve"))
    assert path == "M64.0 12.0L405.0 280.0"
    assert page.texts["figcaption"] == ["smoothed"]
    assert page.texts["td"] == ["NaN", "2 @ 1", "3 @ 0", "1"]
    assert not page.named("button")


def test_tables_have_captions_or_headings_and_heads_that_say_what_they_head(report):
    page = Page(render(report, "html"))
    assert len(page.texts["caption"]) + len(page.texts["h2"]) >= len(page.named("table"))
    assert {one["scope"] for one in page.named("th")} == {"row", "col"}
    assert page.named("html") == [{"lang": "en"}]
    assert page.texts["h1"] == [report.title]


def test_a_page_without_charts_has_no_script(report):
    text = render(report, "html")
    assert "<script" not in text
    assert "script-src" not in text


def test_both_schemes_and_paper_have_their_colours(report):
    style = "".join(Page(render(report, "html")).texts["style"])
    assert "@media (prefers-color-scheme: dark)" in style
    assert "@media print" in style


def test_ascii_pages_say_other_characters_by_number():
    text = render(Document("x", "模型 é", "v", []), "html", style=Style(ascii=True))
    assert text.isascii()
    assert Page(text).texts["h1"] == ["模型 é"]
