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

import re
from typing import TYPE_CHECKING

from runwise_format.fit import FILL
from runwise_format.hard import HOSTILE, PASSWORD, SECRET, hard_documents
from runwise_format.read_back import SYNTAX
from runwise_format.render import Style, render
from runwise_format.shelf import find_output
from runwise_format.tokens import count_tokens

if TYPE_CHECKING:
    from collections.abc import Callable

    from runwise_format.document import Document

__all__ = ["CHECKS", "HOSTILE", "PASSWORD", "SECRET", "hard_documents"]

_HARMFUL = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    r"\ud800-\udfff\U000e0000-\U000e0fff]"
)


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


def keeps_its_syntax(output: str, document: Document) -> None:
    """What was written can be read back; outputs nobody knows are not looked at."""
    if output in SYNTAX:
        SYNTAX[output](render(document, output), document)


def hides_secrets(output: str, document: Document) -> None:
    """No key and no password gets through, cut or whole, and no number is taken for one."""
    for budget in (None, 300):
        text = render(document, output, max_tokens=budget)
        assert SECRET[:12] not in text, f"{output}: a key got through"
        assert PASSWORD[:12] not in text, f"{output}: a password got through"
    assert document.kind != "secrets" or "redacted" in text


def keeps_budgets(output: str, document: Document) -> None:
    """A budget holds, and says what it took; a page's frame is not counted."""
    if not getattr(find_output(output), "counted", True):
        output = "text"
    cost = count_tokens(render(document, output)) if document.blocks else 0
    for budget in (100, 300, 1000):
        text = render(document, output, max_tokens=budget)
        assert count_tokens(text) <= FILL * budget, f"{output}: more than {budget}"
        assert cost < FILL * budget or "dropped" in text, f"{output}: cut without a word"


CHECKS: tuple[Callable[[str, Document], None], ...] = (
    has_no_harmful_characters,
    is_deterministic,
    has_no_final_line_break,
    keeps_its_syntax,
    hides_secrets,
    keeps_budgets,
)
