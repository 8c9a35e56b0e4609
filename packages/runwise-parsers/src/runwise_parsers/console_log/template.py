"""A template: the way in which a loop prints, as the forms its lines have."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runwise_parsers.console_log.form import Form
from runwise_parsers.console_log.pairs import TIGHT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from runwise_parsers.console_log.form import Found

_VALIDATION = Form(
    re.compile(r"\bVal \((?P<label>[^()|]+)\)\s*[|:]\s*(?P<pairs>.*)"), TIGHT, prefix="val/"
)
"""Validation lines of loops that runwise's first version knew: ``Val (NAME) | Token: 14.0%``."""
_NOT_ITS_OWN = re.compile(r"wandb: |\s*\"[^\"]*\"\s*:")
"""A tracker says again at the end what the loop said before; JSON in lines is a file's."""


@dataclass(frozen=True, slots=True)
class Template:
    """How a loop prints.

    ``fewest`` is how many of its lines must stand in a sample for it to be recognised. Of forms
    that fit a line, the first counts. ``weight`` is what a line counts for beside those of other
    templates, ``blocks`` says that a row is a table of several lines, ``longest`` how long one
    may be in bytes. ``others`` are forms that
    tell nothing about who printed them. ``sure`` says whether a line found may count for the
    template, ``again`` that one metric must stand in several lines. ``adapted`` makes the
    template fit for a log, given a sample of it: columns may be named by a heading.
    """

    name: str
    forms: tuple[Form, ...]
    fewest: int = 1
    weight: float = 1.0
    blocks: bool = False
    longest: int = 1 << 13
    others: tuple[Form, ...] = ()
    sure: Callable[[Found], bool] | None = None
    again: bool = False
    adapted: Callable[[Template, Sequence[str]], Template] | None = None

    def find(self, text: str) -> Found | None:
        """Return what stands in a line, ``None`` where this loop does not print it."""
        if len(text) > self.longest or _NOT_ITS_OWN.match(text):
            return None
        return _first((_VALIDATION, *self.forms, *self.others), text)

    def fits(self, text: str) -> bool:
        """Say whether a line with numbers is one that this loop alone prints."""
        if len(text) > self.longest or _NOT_ITS_OWN.match(text) or self.blocks != _is_table(text):
            return False
        found = _first(self.forms, text)
        if found is None or not found.metrics:
            return False
        return self.sure is None or self.sure(found)


def _first(forms: Sequence[Form], text: str) -> Found | None:
    for form in forms:
        found = form.find(text)
        if found is not None:
            return found
    return None


def _is_table(text: str) -> bool:
    """Say whether a line is a whole table (see ``sample.blocked``)."""
    return text.lstrip().startswith("|") and "||" in text
