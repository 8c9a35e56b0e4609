"""Documents that have broken outputs before: the material of the contract in `testing`."""

from __future__ import annotations

import math
from itertools import cycle
from typing import TYPE_CHECKING

from runwise_format.cells import At, Trend
from runwise_format.document import (
    Chart,
    Column,
    Diff,
    Document,
    Fields,
    Findings,
    Line,
    Notes,
    Problem,
    Table,
    Tree,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from runwise_format.cells import Cell
    from runwise_format.document import Block

HOSTILE = (
    "",
    "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\ \x1b]unended",
    "two\nlines\r\nand\u2028more\u2029yet\x85more",
    "more: rm -rf /",
    "! critical everything: fine",
    'quote " comma , brace { } pipe | a|b \\| \\',
    "\u202eesrever\u202c \u2066isolate\u2069 zero\u200bwidth \x9b2J \x9d0;t\x9c \x00\x7f\x08",
    "emoji 👩‍💻 🏴\U000e0067\U000e0062\U000e007f ｗｉｄｅ e\u0301 \ufeff",
    "שלום עולם، مرحبا بالعالم",
    "surrogate \ud800 and \udfff",
    "x" * 10_000,
    "word " * 2_000,
    "=1+1", "+1", "-1+2", "-1.5", "@SUM(A1)", "\t=1+1", " =1+1", "\uff1d1+1", "a;=cmd()",
    "=cmd|' /C calc'!A0",
    "</script><b>", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>",
    "' onload='x' \" onmouseover=\"x", "&lt;b&gt; &amp; &#60;i>", "<!-- --> ]]> <![CDATA[",
    "javascript:alert(1) http://example.com <http://example.com>",
    "[link](http://example.com) ![image](x) [^1] [x]: y",
    "`code` ``` ~~~ **bold** _em_ __x__ ~~gone~~ $x$ @team #1",
    "# title", "- item", "1. one", "> quote", "    indented", "---", "===", "| - | - |", "+ x",
    "{{7*7}} ${x} %s %n %00",
)  # fmt: skip
"""Texts that have steered terminals, spreadsheets, browsers and renderers of Markdown."""
SECRET = "hf_" + "abcdefghij1234567890ABCDEF"
PASSWORD = "correct-" + "horse-battery"
ODD: tuple[Cell, ...] = (
    math.nan, math.inf, -math.inf, -0.0, 5e-324, 1.7976931348623157e308, 10**400, -(10**400),
    True, None, 2**63, 1e-7, 123456789.125, At(None, None), At(math.nan, 3), At(1.0, math.inf),
    Trend(()), Trend((math.nan,)), Trend((1e308, -1e308, math.inf), "sideways"),
)  # fmt: skip
ROLES = ("number", "step", "percent", "time", "text", "unheard of")


def hard_documents() -> dict[str, Document]:
    """Return documents that have broken outputs before, by what is hard about them."""
    return {
        "empty": Document("empty", "", "", []),
        "nothing in the blocks": Document("empty", "title", "verdict", _blocks([], [])),
        "one of each": Document(
            "summary", "run a1", "crashed", _blocks(["loss", "acc"], [0.348, 7]), more="keys"
        ),
        "hostile texts": Document(
            "hostile", HOSTILE[1], HOSTILE[2], _blocks(HOSTILE, HOSTILE), HOSTILE[6], [HOSTILE[6]]
        ),
        "odd numbers": Document("numbers", "n", "odd", _blocks(map(str, range(len(ODD))), ODD)),
        "ten thousand rows": Document(
            "long", "long", "long", _blocks([f"metric/{i}" for i in range(10_000)], [0.5, 3e-5])
        ),
        "hostile titles": Document(
            "hostile",
            "=title",
            "# verdict",
            [Notes(f"notes {text}", ["line"], title=text) for text in dict.fromkeys(HOSTILE)]
            + [Fields(f"fields {text}", {"a": 1}, title=text) for text in dict.fromkeys(HOSTILE)],
        ),
        "secrets": _secrets(),
    }


def _secrets() -> Document:
    """Return a document that holds a key and a password wherever a text can stand."""
    said = f"run --api-key {PASSWORD} with {SECRET} at https://me:{PASSWORD}@example.com/x"
    columns = [Column("name", role="name"), Column("value"), Column("password")]
    problem = Problem("critical", "crash", "loss", 3, said, said, {"token": PASSWORD, "x": said})
    curves = [Line(said, [0, 1], [2.0, 1.0])]
    return Document(
        "secrets",
        said,
        said,
        [
            Findings("findings", [problem], title=said),
            Table("table", columns, [["token", PASSWORD, PASSWORD], [said, said, 1]], note=said),
            Fields("fields", {"api_key": PASSWORD, "command": said, "max_tokens": 4096}),
            Notes(
                "notes", [said, f"HF_TOKEN={PASSWORD}", f"'password': '{PASSWORD}'"], title=said
            ),
            Tree("tree", {"hub": {"token": PASSWORD}, "secrets": {"a": PASSWORD}, said: said}),
            Diff("diff", ["a", said], [("client_secret", [PASSWORD, PASSWORD])]),
            Chart("chart", curves, title=said, note=said),
        ],
        said,
        [said],
    )


def _blocks(names: Iterable[str], cells: Sequence[Cell]) -> list[Block]:
    """Return a block of every kind, with a row for each name; cells repeat."""
    items: dict[str, Cell] = dict(zip(names, cycle(cells), strict=False)) if cells else {}
    rows = list(items.items())
    columns = [Column("name", role="name"), *(Column(role, role=role) for role in ROLES)]
    return [
        Findings("findings", [_problem(index, name) for index, (name, _) in enumerate(rows)]),
        Table("table", columns, [[name, *[cell] * len(ROLES)] for name, cell in rows], note="end"),
        Fields("fields", items, labels={name: name for name, _ in rows[1:]}),
        Notes("notes", [name for name, _ in rows]),
        Tree("tree", {"leaf": dict(items), **items} if items else {}),
        Diff("diff", ["a", "a", "b"], [(name, [cell, cell]) for name, cell in rows]),
        Chart("chart", _curves(rows), log_y=len(rows) == 2, note="end" if rows else ""),
    ]


def _curves(rows: Sequence[tuple[str, Cell]]) -> list[Line]:
    """Return curves that hold every number there is; beyond fifty names nobody sees more."""
    numbers = [float(cell) for _, cell in rows if isinstance(cell, float)][:500]
    steps = list(range(len(numbers)))
    plain = [Line(name, steps, numbers, unit=name) for name, _ in rows[:50]]
    band = [Line(f"{name} mean", [1, 5], [1.0, 2.0], low=[0.5, 1.0], high=[1.5, math.inf])
            for name, _ in rows[:1]]  # fmt: skip
    return [*plain, *band]


def _problem(index: int, text: str) -> Problem:
    severity = ("critical", "warning", "info")[min(index, 2)]
    return Problem(severity, "kind", text, index or None, text, text, {text: text}, index + 1)
