"""Read a rendered document back by the rules of its syntax, for the contract of an output.

Whatever a log held, JSON must be one strict value, CSV tables rectangles of harmless cells,
Markdown text that is text, and HTML elements that nest and no more kinds of them than a
harmless document has. Markdown needs ``markdown-it-py``; without it nothing is said about it.
"""

from __future__ import annotations

import csv
import io
import json
import re
from html.parser import HTMLParser
from itertools import groupby
from typing import TYPE_CHECKING, Any

from runwise_format.cut import units
from runwise_format.document import (
    ENVELOPE,
    Chart,
    Diff,
    Document,
    Fields,
    Findings,
    Notes,
    Table,
    Tree,
)
from runwise_format.render import render
from runwise_format.safety import safe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from runwise_format.document import Block

_VOID = frozenset({
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr",
})  # fmt: skip
_FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|-inf")
_MARKDOWN = frozenset({
    "heading", "paragraph", "bullet_list", "list_item", "strong", "table", "thead", "tbody", "tr",
    "th", "td", "inline", "text", "text_special", "code_inline",
})  # fmt: skip
"""What our Markdown is made of; a code span is ours only after ``more:``."""


def strict_json(text: str) -> Any:
    """Return JSON as RFC 8259 has it: no ``NaN``, no ``Infinity``, no key twice."""

    def refuse(word: str) -> Any:
        raise AssertionError(f"{word} is not JSON")

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len({key for key, _ in pairs}) == len(pairs), "a key stands twice"
        return dict(pairs)

    return json.loads(text, parse_constant=refuse, object_pairs_hook=once)


def is_json(text: str, document: Document) -> None:
    """One object with the keys of the envelope and of the blocks, and every row in it."""
    found = strict_json(text)
    blocks = safe(document).blocks
    assert set(found) == {*ENVELOPE, *(block.key for block in blocks)}
    for block in blocks:
        if isinstance(block, (Table, Findings, Notes, Diff, Fields)):
            assert len(found[block.key]) == units(block), f"json: {block.key} has lost something"


def is_ndjson(text: str, document: Document) -> None:
    """The envelope, then the blocks in order, each of their rows on a line of its own."""
    head, *lines = map(strict_json, text.split("\n"))
    assert set(head) == set(ENVELOPE)
    told = [key for key, _ in groupby(line["block"] for line in lines)]
    assert told == [block.key for block in safe(document).blocks if units(block)]


def is_csv(text: str, document: Document) -> None:
    """Rectangles, every row there, and no cell that a spreadsheet would run."""
    rows = list(csv.reader(io.StringIO(text), strict=True))
    parts = [list(part) for filled, part in groupby(rows, bool) if filled]
    if document.dropped:
        assert len(parts.pop()) == 1
    for part in parts:
        assert len({len(row) for row in part}) == 1, "csv: rows are not equally long"
        for cell in (cell for row in part for cell in row):
            assert not _FORMULA.match(cell) or _NUMBER.fullmatch(cell), f"csv: {cell!r} would run"
    assert "\t" not in text
    told = [block for block in safe(document).blocks if _is_tabled(block)]
    assert len(parts) == len(told), "csv: a table is missing or has fallen apart"
    for block, part in zip(told, parts, strict=True):
        assert isinstance(block, Chart) or len(part) == units(block) + 1


def _is_tabled(block: Block) -> bool:
    return bool(units(block)) and not isinstance(block, Notes)


def is_markdown(text: str, document: Document) -> None:
    """Tables with a cell for every column and a row for every row; nothing live in it."""
    try:
        from markdown_it import MarkdownIt  # noqa: PLC0415 - only tests have it
    except ImportError:
        return
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(text)
    flat = [token for outer in tokens for token in (outer, *(outer.children or []))]
    kinds = {re.sub("_(open|close)$", "", token.type) for token in flat}
    assert kinds <= _MARKDOWN | ({"fence"} if _has(document, Chart) else set()), kinds - _MARKDOWN
    code = sum(token.type == "code_inline" for token in flat)
    assert code <= bool(document.more), "markdown: a text has become code"
    fences = sum(token.type == "fence" for token in flat)
    charts = sum(isinstance(block, Chart) and bool(units(block)) for block in document.blocks)
    assert fences in (0, charts), "markdown: a chart has fallen apart"
    tables = list(_rows_of(tokens))
    for widths in tables:
        assert len(set(widths)) == 1, "markdown: rows are not equally long"
    told = [block for block in document.blocks if _is_grid(block)]
    if not _has(document, Chart):
        assert len(tables) == len(told), "markdown: a table is missing or has fallen apart"
        for block, widths in zip(told, tables, strict=True):
            empty = list(block.items.values()).count(None) if isinstance(block, Fields) else 0
            assert len(widths) == units(block) - empty + 1


def _has(document: Document, kind: type) -> bool:
    return any(isinstance(block, kind) for block in document.blocks)


def _is_grid(block: Block) -> bool:
    if isinstance(block, Fields):
        return any(cell is not None for cell in block.items.values())
    return bool(units(block)) and isinstance(block, (Table, Diff, Tree))


def _rows_of(tokens: list[Any]) -> Iterator[list[int]]:
    """Yield, table by table, how many cells each row has."""
    rows: list[int] = []
    for token in tokens:
        if token.type == "table_open":
            rows = []
        elif token.type == "tr_open":
            rows.append(0)
        elif token.type in ("th_open", "td_open"):
            rows[-1] += 1
        elif token.type == "table_close":
            yield rows


class _Page(HTMLParser):
    """What a page is made of: elements that nest, attributes, and text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: dict[str, int] = {}
        self.attributes: set[tuple[str, str]] = set()
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements[tag] = self.elements.get(tag, 0) + 1
        self.attributes.update((tag, name) for name, _ in attrs)
        for name, value in attrs:
            assert name not in ("src", "href") or (value or "").startswith(("#", "data:")), name
            assert not name.startswith("on"), f"html: {tag} has {name}"
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        assert self.open, f"html: </{tag}> closes nothing"
        assert self.open.pop() == tag, f"html: </{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in ("script", "style"):
            self.words.append(data)


def page_of(text: str) -> _Page:
    """Return a page taken apart; fails where elements do not nest."""
    page = _Page()
    page.feed(text)
    page.close()
    assert not page.open, f"html: {page.open} stay open"
    return page


def is_html(text: str, document: Document) -> None:
    """Elements that nest, the verdict as text, and no script or style that a text has made.

    Beside what an empty page has, a page with charts may have one script, and data for each.
    """
    page = page_of(text)
    bare = page_of(render(Document("empty", "", "v", []), "html"))
    charts = sum(isinstance(block, Chart) for block in document.blocks)
    for live in ("script", "style", "iframe", "object", "embed", "form", "link", "base"):
        own = {"script": charts + 1, "style": 1}.get(live, 0) if charts else 0
        most = bare.elements.get(live, 0) + own
        assert page.elements.get(live, 0) <= most, f"html: a text has become <{live}>"
    seen = re.sub(r"\s+", " ", "".join(page.words))
    assert re.sub(r"\s+", " ", safe(document).verdict).strip() in seen


SYNTAX: dict[str, Callable[[str, Document], None]] = {
    "csv": is_csv,
    "html": is_html,
    "json": is_json,
    "md": is_markdown,
    "ndjson": is_ndjson,
}
"""How the text of an output is read back, by the output's name."""
