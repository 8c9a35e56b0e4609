"""How the cells of a table are kept apart, told from its first lines.

    epoch,train_loss        what nearly everybody writes
    epoch;train_loss        spreadsheets of half of Europe, where 0,5 is a half
    epoch<tab>train_loss    .tsv, and the progress.txt of Spinning Up
    epoch train_loss        numpy.savetxt
    0/99  1.2G  0.05 ...    results.txt of YOLOv5 to v7: no header, columns by position

Quotes and line ends need no telling: every reader takes them as they come.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runwise_parsers.csv_log.number import number_of

if TYPE_CHECKING:
    from collections.abc import Sequence

YOLO_NAMES = (
    "epoch", "gpu_mem", "train/box_loss", "train/obj_loss", "train/cls_loss", "train/total_loss",
    "labels", "img_size", "metrics/precision", "metrics/recall", "metrics/mAP_0.5",
    "metrics/mAP_0.5:0.95", "val/box_loss", "val/obj_loss", "val/cls_loss",
)  # fmt: skip
"""The columns of ``results.txt``, called as the same training calls them in TensorBoard."""
_YOLO = re.compile(r"\s*\d+/\d+\s+[\d.]+G(?:\s+\S+){6,}\s*")
_DELIMITERS = (",", "\t", ";", "|")
_QUOTED = re.compile(r'"[^"]*"?')
_HALF = re.compile(r"\s*-?\d+,\d+(?:[eE][-+]?\d+)?\s*")


@dataclass(frozen=True, slots=True)
class Form:
    """What stands between two cells (nothing: any blanks), and how numbers are written."""

    delimiter: str = ","
    decimal_comma: bool = False
    yolo: bool = False


def is_yolo(line: str) -> bool:
    """Say whether a line is one of YOLO's ``results.txt``."""
    return _YOLO.fullmatch(line) is not None


def form_of(title: str, rows: Sequence[str]) -> Form:
    """Return how a table is written, from its first line and some that follow."""
    bare = _QUOTED.sub("", title)
    counts = [bare.count(delimiter) for delimiter in _DELIMITERS]
    if not any(counts):
        words = len(title.split())
        by_blanks = words > 1 and any(_numbers(row) == words for row in rows)
        return Form("" if by_blanks else ",")
    delimiter = _DELIMITERS[counts.index(max(counts))]
    if delimiter == ",":
        return Form()
    cells = [cell for row in rows for cell in row.split(delimiter)]
    halves = any(map(_HALF.fullmatch, cells))
    points = any("." in cell and number_of(cell) is not None for cell in cells)
    return Form(delimiter, decimal_comma=halves and not points)


def _numbers(line: str) -> int:
    cells = line.split()
    return len(cells) if all(number_of(cell) is not None for cell in cells) else 0
