"""One metric, spelled as two trackers spell it: ``eval_loss`` here is ``eval/loss`` there."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from runwise.curves import Study
from runwise.errors import some

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from runwise.reports.sides import Side

SHOWN = 3
_SAME = {"valid": "val", "validation": "val", "eval": "val", "evaluation": "val"}
_TRAINING = frozenset({"train", "training"})


def reconciled(sides: Sequence[Side]) -> list[Side]:
    """Return sides of which those of other trackers use the names of the first.

    A name is taken for another only where it differs in nothing but separators, case, a word
    for the training set that one of them leaves out, or the word for the validation set; and
    only if that leaves no choice. A remark on the side says what was done.
    """
    first = sides[0]
    return [first, *(_renamed(side, first) for side in sides[1:])]


def _renamed(side: Side, first: Side) -> Side:
    if side.info.source == first.info.source:
        return side
    names = _paired(_curves(side.known), _curves(first.known))
    if not names:
        return side
    curves = {
        names.get(name, name): replace(one, series=replace(one.series, name=names.get(name, name)))
        for name, one in side.known.curves.items()
    }
    known = side.known
    roles = {names.get(name, name): role for name, role in known.roles.items()}
    resumed = [{names.get(n, n): count for n, count in one.items()} for one in known.resumed]
    told = [f"{theirs} as {ours}" for theirs, ours in names.items()]
    remark = f"{side.letter}'s {some(told, SHOWN)}: other trackers spell it so"
    study = Study(curves, roles, known.total_steps, resumed, known.judged, known.wishes)
    own = {ours: theirs for theirs, ours in names.items()}
    return replace(side, known=study, remarks=(*side.remarks, remark), called=own)


def _curves(known: Study) -> list[str]:
    """Return the metrics of a run without single points that stand beside a curve they sum up.

    Hugging Face's Trainer ends with ``train_loss``, the mean of the run, beside ``loss``.
    """
    longer = {_meaning(name) for name, one in known.curves.items() if len(one.series) > 1}
    return [
        name
        for name, one in known.curves.items()
        if len(one.series) > 1 or _meaning(name) not in longer
    ]


def _paired(theirs: Sequence[str], ours: Sequence[str]) -> Mapping[str, str]:
    """Return which of their names means which of ours, where there is no doubt."""
    wanted = _by_meaning(name for name in ours if name not in theirs)
    offered = _by_meaning(name for name in theirs if name not in ours)
    return {
        offered[meaning][0]: wanted[meaning][0]
        for meaning in wanted
        if len(wanted[meaning]) == len(offered.get(meaning, ())) == 1
    }


def _by_meaning(names: Iterable[str]) -> dict[tuple[str, ...], list[str]]:
    found: dict[tuple[str, ...], list[str]] = {}
    for name in names:
        found.setdefault(_meaning(name), []).append(name)
    return found


def _meaning(name: str) -> tuple[str, ...]:
    """Return the words of a name, without the first one if that means the training set.

    Without only the first: ``train/train_loss`` is the mean of a whole run, not its curve.

    >>> _meaning("eval_loss") == _meaning("val/loss"), _meaning("train/loss"), _meaning("loss")
    (True, ('loss',), ('loss',))
    """
    words = [_SAME.get(word, word) for word in re.split(r"[/_.\s-]+", name.lower()) if word]
    return tuple(words[1:] if words[0:1] and words[0] in _TRAINING and words[1:] else words)
