"""Markdown and CSV read back by parsers that know nothing of ours, cell by cell."""

from __future__ import annotations

import csv
import io
import math
import re

import pytest

from runwise_format import Column, Document, Fields, Findings, Notes, Table, Trend, render
from runwise_format.cells import At
from runwise_format.document import Diff, Problem, Tree
from runwise_format.testing import HOSTILE, hard_documents

NAMES = [
    "train/loss", "a|b", "<b>bold</b>", "`code`", "*stars*", "_lead", "trail_", "snake_case_name",
    "[link](http://example.com)", "back\\slash", "\\|", "~~gone~~", "&amp;", "# title", "- item",
    "1. one", "> quote", "| --- |", "$x$", "@team", "![image](x)", "https://example.com", "a  b",
]  # fmt: skip


def tables_of(text):
    """Return every table as rows of the text a reader sees."""
    parser = pytest.importorskip("markdown_it").MarkdownIt("gfm-like", {"linkify": False})
    found, row, inside = [], [], False
    for token in parser.parse(text):
        if token.type == "table_open":
            found.append([])
        elif token.type == "tr_open":
            row = []
        elif token.type == "tr_close":
            found[-1].append(row)
        elif token.type in ("th_open", "td_open", "th_close", "td_close"):
            inside = token.type.endswith("open")
        elif token.type == "inline" and inside:
            assert {child.type for child in token.children} <= {"text", "text_special"}
            row.append("".join(child.content for child in token.children))
    return found


def read_csv(text):
    return list(csv.reader(io.StringIO(text), strict=True))


def document(*blocks):
    return Document("summary", "run a1", "finished", blocks)


@pytest.mark.parametrize("name", NAMES)
def test_a_markdown_table_shows_every_name_as_it_is(name):
    table = Table("t", [Column("name", role="name"), Column("last")], [[name, 0.5], ["b", 2]])
    (seen,) = tables_of(render(document(table), "md"))
    collapsed = re.sub(r"\s+", " ", name)
    assert [[re.sub(r"\s+", " ", cell) for cell in row] for row in seen] == [
        ["name", "last"],
        [collapsed, "0.5"],
        ["b", "2"],
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_title_a_note_and_a_finding_are_text_and_nothing_else(name):
    parser = pytest.importorskip("markdown_it").MarkdownIt("gfm-like", {"linkify": False})
    problem = Problem("warning", "spike", name, 5, name, name)
    text = render(
        Document("s", name, name, [Findings("f", [problem]), Notes("n", [name])], more="keys"),
        "md",
    )
    kinds = {
        child.type
        for token in parser.parse(text)
        for child in (token, *(token.children or []))
        if child.type.endswith("_open") or child.type in ("html_inline", "html_block", "image")
    }
    assert kinds <= {
        "heading_open", "paragraph_open", "bullet_list_open", "list_item_open", "strong_open",
    }  # fmt: skip


def test_markdown_has_a_cell_for_every_value_of_every_block():
    text = render(
        document(
            Table(
                "t",
                [Column("name"), Column("best"), Column("trend", role="trend"), Column("share")],
                [["a|b", At(0.25, 40), Trend((2.0, 1.0), "down"), None], ["c", At(3, None)]],
            ),
            Fields("f", {"state": "failed", "x|y": 7}),
            Tree("config", {"optimizer": {"lr": 0.1, "name": "a|b"}}),
            Diff("d", ["A", "B"], [("lr", [0.1, 0.2]), ("only", [None, True])]),
        ),
        "md",
    )
    metrics, fields, tree, diff = tables_of(text)
    assert metrics == [
        ["name", "best", "trend", "share"],
        ["a|b", "0.25@40", "█▁ ↓", ""],
        ["c", "3", "", ""],
    ]
    assert fields == [["name", "value"], ["state", "failed"], ["x|y", "7"]]
    assert tree == [["name", "value"], ["optimizer.lr", "0.1"], ["optimizer.name", "a|b"]]
    assert diff == [["name", "A", "B"], ["lr", "0.1", "0.2"], ["only", "", "true"]]


@pytest.mark.parametrize("name", ["hostile texts", "odd numbers", "one of each"])
def test_every_row_of_a_hard_markdown_table_has_as_many_cells_as_its_head(name):
    tables = tables_of(render(hard_documents()[name], "md"))
    assert len(tables) >= 3
    for table in tables:
        assert {len(row) for row in table} == {len(table[0])}


def test_a_csv_of_curves_is_a_header_and_plain_numbers():
    columns = [Column("step", role="step"), Column("train/loss"), Column("val/loss")]
    rows = [[0, 2.7717812, 2.8717812], [5_000_000_000, 3e-5, None], [7.5, math.nan, -math.inf]]
    text = render(document(Table("curve", columns, rows), Notes("n", ["for readers"])), "csv")
    assert text == ("step,train/loss,val/loss\n0,2.77178,2.87178\n5000000000,3e-05,\n7.5,nan,-inf")


@pytest.mark.parametrize("text", [*NAMES, *HOSTILE[5:6], 'quote " and, comma', "'x"])
def test_csv_gives_back_every_text(text):
    table = Table("t", [Column("name"), Column("last")], [[text, 1.5]])
    assert read_csv(render(document(table), "csv"))[1] == [guarded(text), "1.5"]


def guarded(text):
    return f"'{text}" if text[:1] in "=+-@" else text


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1+2", "@SUM(A1)", '=HYPERLINK("http://x")'])
def test_no_text_is_a_formula_wherever_it_stands(text):
    blocks = [
        Table("t", [Column("name"), Column(text)], [[text, -1.5]]),
        Fields("f", {text: text}),
        Tree("tree", {text: {text: text}}),
        Diff("d", [text], [(text, [text])]),
        Findings("p", [Problem("warning", text, text, 1, text, text)]),
    ]
    for block in blocks:
        for row in read_csv(render(document(block), "csv")):
            assert all(cell[:1] not in "=+@" or cell == "" for cell in row)
            assert all(not cell.startswith("-") or float(cell) == -1.5 for cell in row)


def test_a_value_with_its_step_is_two_columns_of_csv():
    table = Table("t", [Column("name"), Column("best", "best@step")], [["a", At(0.25, 40)], ["b"]])
    assert read_csv(render(document(table), "csv")) == [
        ["name", "best", "best_step"],
        ["a", "0.25", "40"],
        ["b", "", ""],
    ]


@pytest.mark.parametrize("name", ["hostile texts", "odd numbers"])
def test_every_table_of_a_hard_csv_is_rectangular(name):
    for part in render(hard_documents()[name], "csv").split("\n\n"):
        rows = read_csv(part)
        widths = {len(row) for row in rows if not row[0].startswith("dropped:")}
        assert len(widths) <= 1
