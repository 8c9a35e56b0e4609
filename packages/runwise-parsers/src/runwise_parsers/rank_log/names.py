"""Names of files and folders that number the processes of one training.

    rank0.jsonl  metrics_rank_0.jsonl  log.rank3.jsonl  gpu0.jsonl  worker-00001.jsonl
    rank_0/metrics.jsonl

A number counts only where a word says what it numbers: ``train-00003.jsonl`` is a piece of a data
set. Of folders only ``rank`` does: a training for each GPU has a folder for each GPU too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

SUFFIXES = (".jsonl", ".ndjson", ".jsonlines")
_WORDS = "rank|worker|gpu|proc|process|device"
_MARK = re.compile(rf"(?i:(?<![a-z])({_WORDS})([_\-.=]?)(\d{{1,6}})(?!\d))")
_FOLDER = re.compile(r"(?i:ranks?[_\-.=]?(\d{1,6}))")
LOOKS_FOR = (
    rf"(?i:(?:.*[^a-z])?(?:{_WORDS})[_\-.=]?\d.*\.(?:jsonl|ndjson|jsonlines)"
    r"|ranks?[_\-.=]?\d+/)"
)
"""What such names look like, for ``Source.looks_for``."""


@dataclass(frozen=True, slots=True)
class Ranks:
    """Names that differ in nothing but the rank: ``shape`` is what they share."""

    shape: str
    names: dict[int, str]

    @property
    def key(self) -> str:
        """What the run can be called: the shape without the word for a rank, if that says much."""
        stem = self.shape.rpartition(".")[0]
        return re.sub(rf"(?i:[_\-.]?(?:{_WORDS})[_\-.=]?\*[_\-.]?)", "", stem) or "metrics"


def grouped(names: Iterable[str]) -> list[Ranks]:
    """Return the ranks among names, of two and more."""
    shapes: dict[str, dict[int, str]] = {}
    for name in sorted(names):
        mark = _mark(name)
        if mark:
            shape = f"{name[: mark.start(3)]}*{name[mark.end(3) :]}"
            shapes.setdefault(shape, {}).setdefault(int(mark[3]), name)
    return [Ranks(shape, found) for shape, found in shapes.items() if len(found) > 1]


def folders(names: Iterable[str]) -> dict[int, str]:
    """Return the folders of ranks among names, none where there is but one."""
    found: dict[int, str] = {}
    for name in sorted(names):
        mark = _FOLDER.fullmatch(name)
        if mark:
            found.setdefault(int(mark[1]), name)
    return found if len(found) > 1 else {}


def by_rank(paths: Iterable[Path]) -> dict[int, Path]:
    """Return logs by their rank, the lowest first: that of the folder where all have one name."""
    known = list(paths)
    apart = len({path.name for path in known}) < len(known)
    marks = [(_FOLDER.fullmatch(path.parent.name) if apart else None, path) for path in known]
    found = {_rank(path) if mark is None else int(mark[1]): path for mark, path in marks}
    return dict(sorted(found.items()))


def _rank(path: Path) -> int:
    mark = _mark(path.name)
    return int(mark[3]) if mark else 0


def _mark(name: str) -> re.Match[str] | None:
    """Return what numbers a process in a name: its rank, if there are several numbers."""
    marks = list(_MARK.finditer(name))
    return next((mark for mark in marks if mark[1].lower() == "rank"), marks[0] if marks else None)
