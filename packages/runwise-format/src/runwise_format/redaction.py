"""Secrets that people leave in configurations, command lines and what a run printed.

Two ways to know one: by its name, a whole word such as ``api_key``, ``token`` or ``password``
above a text; and by its shape, that of the keys well-known services hand out, wherever it
stands. Numbers are never secrets: ``max_tokens`` and ``pad_token_id`` stay, and so does a
tokenizer's own ``eos_token``. Shapes and how texts name a secret are in `secret_shapes`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from runwise_format.secret_names import is_secret_name
from runwise_format.secret_shapes import HIDDEN, NUMBER, hide_named, hide_shapes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runwise_format.cells import Cell
    from runwise_format.document import Branch

__all__ = [
    "HIDDEN", "KEY_MARK", "is_secret_name", "redacted", "redacted_cell", "redacted_lines",
    "redacted_text",
]  # fmt: skip

_SHORTEST = 8
_TELLTALE = re.compile(r"[=:\-_.@]|\d|login|AAAA|AIza|AKIA|ASIA|eyJ")
"""What every shape and every name of a secret has at least one of: most cells have none."""
_HARMLESS = re.compile(
    r"</?[|\w ./-]{1,24}>|\[[A-Z_0-9]{1,12}\]|\$\{[^{}]*\}|<\|?[\w ]{1,24}\|?>"
    r"|(?i:true|false|none|null|auto|default|yes|no)"
)
"""Texts under a secret's name that tell nothing: ``</s>``, ``[PAD]``, ``${oc.env:HF_TOKEN}``."""
KEY_MARK = "PRIVATE KEY"
"""What stands in the first line of every private key."""
_KEY_BEGINS = re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----")
_KEY_ENDS = re.compile(r"-----END [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----")


def redacted(root: Branch) -> Branch:
    """Return a tree without its secrets.

    >>> redacted({"lr": 0.1, "hub": {"token": "abcdefgh", "max_tokens": 512}})
    {'lr': 0.1, 'hub': {'token': '[redacted]', 'max_tokens': 512}}
    """
    return {name: _branch(name, value, hidden=False) for name, value in root.items()}


def _branch(name: str, value: Cell | Branch, *, hidden: bool) -> Cell | Branch:
    hidden = hidden or is_secret_name(name)
    if isinstance(value, Mapping):
        return {inner: _branch(inner, below, hidden=hidden) for inner, below in value.items()}
    return _hidden(value) if hidden else redacted_cell("", value)


def redacted_cell(name: str, cell: Cell) -> Cell:
    """Return a cell, hidden where its name or its shape says that it is a secret.

    A dotted name hides what any of its parts would: ``hub.token.value`` is below ``token``.
    """
    if name and isinstance(cell, str) and any(map(is_secret_name, name.split("."))):
        return _hidden(cell)
    return redacted_text(cell) if isinstance(cell, str) else cell


def redacted_text(text: str) -> str:
    """Return a text without what has the shape of a key, and without what it names a secret.

    >>> redacted_text("HF_TOKEN=abcdefgh train.py --lr 0.1 --api-key abcdefgh")
    'HF_TOKEN=[redacted] train.py --lr 0.1 --api-key [redacted]'
    """
    if len(text) < _SHORTEST or not _TELLTALE.search(text):  # no key is as short or as plain
        return text
    return hide_named(hide_shapes(text), _is_hidden)


def redacted_lines(lines: Iterable[str]) -> list[str]:
    """Return lines without secrets; a private key may cover several of them."""
    shown: list[str] = []
    inside = False
    for line in lines:
        ended = _KEY_ENDS.search(line) if inside else None
        if inside and not ended:
            shown.append(HIDDEN)
            continue
        rest = HIDDEN + line[ended.end() :] if ended else line
        shown.append(redacted_text(rest))
        begun = [match.end() for match in _KEY_BEGINS.finditer(rest)]
        inside = bool(begun) and not _KEY_ENDS.search(rest, begun[-1])
    return shown


def _is_hidden(name: str, value: str) -> bool:
    """Return whether a text that names ``name`` and gives it ``value`` tells a secret."""
    told = NUMBER.fullmatch(value) or _HARMLESS.fullmatch(value)
    return not told and is_secret_name(name)


def _hidden(cell: Cell) -> Cell:
    """Return a text hidden: numbers, words such as ``True`` and ``<pad>`` are no secrets."""
    if not isinstance(cell, str) or not cell or _HARMLESS.fullmatch(cell):
        return cell
    return HIDDEN
