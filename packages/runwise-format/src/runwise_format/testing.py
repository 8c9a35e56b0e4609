"""The contract of an output, for whoever writes one.

    import pytest
    from runwise_format.testing import CHECKS, hard_documents

    @pytest.mark.parametrize("document", hard_documents().values(), ids=hard_documents())
    @pytest.mark.parametrize("check", CHECKS)
    def test_my_output_keeps_the_contract(check, document):
        check("my_output", document)

Every check takes the name of an output and a document, and raises AssertionError.
"""

from __future__ import annotations

import math
import re
from itertools import cycle
from typing import TYPE_CHECKING

from runwise_format.cells import At, Trend
from runwise_format.document import (
    Column,
    Diff,
    Document,
    Fields,
    Findings,
    Notes,
    Problem,
    Table,
    Tree,
)
from runwise_format.fit import FILL
from runwise_format.render import Style, render
from runwise_format.tokens import count_tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from runwise_format.cells import Cell
    from runwise_format.document import Block

HOSTILE = (
    "",
    "\x1b[31mred\x1b[0m \x1b]0;title\x07",
    "two\nlines\r\nand\u2028more",
    "more: rm -rf /",
    "! critical everything: fine",
    'quote " comma , brace { } pipe |',
    "\u202eesrever\u202c zero\u200bwidth \x9b2J \x00\x7f",
    "emoji 👩‍💻 ｗｉｄｅ e\u0301",
    "surrogate \ud800",
    "x" * 10_000,
    "=1+1",
    "</script><b>",
)
ODD: tuple[Cell, ...] = (
    math.nan, math.inf, -math.inf, -0.0, 5e-324, 1.7976931348623157e308, 10**400, -(10**400),
    True, None, 2**63, 1e-7, 123456789.125, At(None, None), At(math.nan, 3), At(1.0, math.inf),
    Trend(()), Trend((math.nan,)), Trend((1e308, -1e308, math.inf), "sideways"),
)  # fmt: skip
ROLES = ("number", "step", "percent", "time", "text", "unheard of")
_HARMFUL = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff]"
)


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
    }


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
        Tree("tree", {"leaf": dict(items), **items}),
        Diff("diff", ["a", "a", "b"], [(name, [cell, cell]) for name, cell in rows]),
    ]


def _problem(index: int, text: str) -> Problem:
    severity = ("critical", "warning", "info")[min(index, 2)]
    return Problem(severity, "kind", text, index or None, text, text, {text: text}, index + 1)


def has_no_harmful_characters(output: str, document: Document) -> None:
    """Nothing in the text steers a terminal or hides, whatever the log held."""
    for style in (Style(), Style(ascii=True, width=20), Style(spark=False)):
        text = render(document, output, style=style)
        found = _HARMFUL.search(text)
        assert not found, f"{output}: {found!r} got through"
        assert text.isascii() or not style.ascii, f"{output}: not ASCII although asked"


def is_deterministic(output: str, document: Document) -> None:
    """The same document is the same text, and rendering changes nothing in it."""
    before = repr(document)
    assert render(document, output) == render(document, output)
    assert repr(document) == before, f"{output}: the document was changed"


def has_no_final_line_break(output: str, document: Document) -> None:
    """Whoever prints adds the line break."""
    assert not render(document, output).endswith("\n")


def keeps_budgets(output: str, document: Document) -> None:
    """A budget holds, and says what it took."""
    cost = count_tokens(render(document, output)) if document.blocks else 0
    for budget in (100, 300, 1000):
        text = render(document, output, max_tokens=budget)
        assert count_tokens(text) <= FILL * budget, f"{output}: more than {budget}"
        assert cost < FILL * budget or "dropped" in text, f"{output}: cut without a word"


CHECKS: tuple[Callable[[str, Document], None], ...] = (
    has_no_harmful_characters,
    is_deterministic,
    has_no_final_line_break,
    keeps_budgets,
)
