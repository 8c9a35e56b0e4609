"""For people: colour by severity and state, and pages as narrow as they are."""

from __future__ import annotations

from runwise_format import Column, Document, Findings, Table, Trend, render
from runwise_format.document import Problem
from runwise_format.layout import width_of
from runwise_format.style import Style

COLOURED = Style(colour=True)
SHAPE = Trend(tuple(map(float, range(10))), "up")


def listing(*states):
    columns = [Column("id"), Column("state", role="state"), Column("last"), Column("trend")]
    return Table("runs", columns, [["run", state, 0.123456, SHAPE] for state in states])


def test_severities_and_states_have_colours():
    problems = [Problem(one, "kind", "loss", 1, "") for one in ("critical", "warning", "info")]
    blocks = [Findings("findings", problems), listing("crashed", "running", "finished")]
    text = render(Document("list", "", "", blocks), "text", style=COLOURED)
    for word, code in (
        ("critical", 31), ("warning", 33), ("info", 36), ("crashed", 31), ("running", 32)
    ):  # fmt: skip
        assert f"\x1b[{code}m{word}\x1b[0m" in text
    assert "\x1b[31mfinished" not in text
    assert "\x1b" not in render(Document("list", "", "", blocks), "text")


def test_colours_do_not_move_columns():
    blocks = [listing("crashed", "finished", "killed")]
    plain = render(Document("list", "", "", blocks), "text").splitlines()
    coloured = render(Document("list", "", "", blocks), "text", style=COLOURED).splitlines()
    assert list(map(width_of, coloured)) == list(map(width_of, plain))


def test_a_narrow_page_does_without_trends():
    document = Document("list", "", "", [listing("crashed", "finished")])
    wide = render(document, "text", style=Style(width=60))
    assert "▁" in wide
    narrow = render(document, "text", style=Style(width=30))
    assert "▁" not in narrow
    assert "0.1235" in narrow
    assert max(map(len, narrow.splitlines())) <= 30
