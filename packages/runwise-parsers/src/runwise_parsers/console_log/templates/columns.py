r"""Columns of numbers below a heading: fastai, spaCy, scikit-learn, tables of notebooks.

    epoch     train_loss  valid_loss  accuracy  time          Step\tTraining Loss\tValidation Loss
    0         0.512345    0.612345    0.81      00:10         100\t0.512300\t0.612300
    | epoch | train_loss | valid_loss |                       E    #     LOSS NER  ENTS_F  SCORE
    |-------|------------|------------|                       0      200     51.20   60.10    0.60

The first column orders the rows (the second one where there are an epoch and a step). A cell
that is no number (a time, a dash) is left out.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from runwise_parsers.console_log.form import Form
from runwise_parsers.console_log.number import NUMBER
from runwise_parsers.console_log.pairs import role_of
from runwise_parsers.console_log.template import Template
from runwise_parsers.console_log.templates.generic import is_outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

_BETWEEN = re.compile(r"\s*\|\s*|\t\s*|\s{2,}")
_NUMBER = re.compile(NUMBER)
_MOST, _FEWEST = 40, 2
_SHORT = {"e": "epoch", "#": "step"}
_NOTHING = re.compile(r"(?!)")


def _names(text: str) -> list[str]:
    """Return the names of a heading's columns, none where a line is no heading."""
    if len(text) > 1 << 10 or "=" in text or ":" in text:
        return []
    names = [name for name in _BETWEEN.split(text.strip().strip("|").strip()) if name]
    if len(names) == 1 and "," not in text:
        names = names[0].split()
    if not _FEWEST <= len(names) <= _MOST or any(_NUMBER.fullmatch(name) for name in names):
        return []
    placed = _role(names[0]) in ("epoch", "step")
    return names if placed and any(is_outcome(name) for name in names[1:]) else []


def _role(name: str) -> str:
    return _SHORT.get(name.lower()) or role_of(name)


def _form(names: Sequence[str]) -> Form:
    """Return the form of rows with these columns."""
    cells: list[str] = []
    kept: dict[str, str] = {}
    roles: set[str] = set()
    for place, name in enumerate(names):
        role = _role(name)
        if role in ("epoch", "step") and role not in roles and place < _FEWEST:
            roles.add(role)
            cells.append(rf"(?P<{role}>\d+)")
        else:
            kept[f"c{place}"] = name
            cells.append(rf"(?P<c{place}>{NUMBER}|[\d:.]+[smh]?|-|No log|None)")
    between = r"\s*[|\t ]\s*"
    return Form(re.compile(rf"^\s*\|?\s*{between.join(cells)}\s*\|?\s*$"), names=kept)


def _adapted(template: Template, lines: Sequence[str]) -> Template:
    """Return the template with the names of a log's own heading."""
    for text in lines:
        names = _names(text)
        if names:
            return replace(template, forms=(_form(names),))
    return template


TEMPLATE = Template("columns", (Form(_NOTHING),), fewest=3, weight=1.5, adapted=_adapted)
