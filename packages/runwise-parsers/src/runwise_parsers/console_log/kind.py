r"""A kind of line: lines that differ in nothing but their numbers, read by one expression.

A log's lines are few sentences said again and again. What is left of a line when all is taken
out of it that a number, a blank or a bar can hold is its skeleton. A template looks at one line of
each skeleton, slowly; from what it finds there an expression is made that gives the numbers of
all the others, at the speed of the expression a person would have written for this log:

    iter 10: loss 3.2109, time 12.34ms   ->   iter[ ]*(\d+):[ ]*loss[ ]*(..),[ ]*time[ ]*(..)ms

Lines of one skeleton may still differ (``acc1: 5`` and ``acc: 15``), so the expression has to
match every line from end to end, and what it does not match is looked at by itself.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runwise_parsers.console_log.form import Found, Spot

HIGH = bytes(range(0x80, 0x100))
VARYING = b"0123456789.+-eE \t#" + HIGH
"""What numbers, padding and bars are made of: no part of a skeleton."""
_BARS = re.compile(r"[#\x80-\xff]| {4}")
_RUNS = re.compile(r"[-+.0-9]+|[ \t#\x80-\xff]+")
_SOFT = re.compile(r"[-+.0-9 \t#\x80-\xff]+")
_IN_NUMBERS = "-+.0123456789eE"
_STAMP = re.compile(
    r"(?<!\d)(?P<stamp>\d{4}[-/]\d\d[-/]\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d{1,6})?)(?![\d])", re.ASCII
)
_SOFT_LETTERS = frozenset(VARYING.decode("latin-1"))
_FEW, _MANY = 2, 4
_EARLY = 80
"""Letters of a line in which its time is looked for."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of line. ``fields`` are its numbers in their order, as ``line`` captures them.

    ``stamp`` is the group of the time, -1 for none. ``line`` is ``None`` where no expression
    can be trusted: each line is looked at by itself then.
    """

    found: Found
    line: re.Pattern[bytes] | None
    fields: tuple[Spot, ...]
    stamp: int = -1


def kind_of(text: str, found: Found) -> Kind:
    """Return the kind of a line in which a template found something."""
    stamp = _STAMP.search(text, 0, _EARLY)
    groups = sorted([(one.begin, one.end) for one in found.spots])
    at = -1
    if stamp is not None and not any(begin < stamp.end() for begin, _ in groups):
        groups.insert(0, stamp.span())
        at = 0
    fixed = [span for span in sorted(found.texts) if at < 0 or span[0] >= groups[0][1]]
    line = _expression(text, groups, fixed, at)
    return Kind(found, line, tuple(sorted(found.spots, key=lambda one: one.begin)), at)


def _expression(
    text: str, groups: list[tuple[int, int]], fixed: list[tuple[int, int]], stamp: int
) -> re.Pattern[bytes] | None:
    ends = [(0, 0), *groups, (len(text), len(text))]
    parts: list[str] = []
    for place, ((_, begin), (end, stop)) in enumerate(pairwise(ends)):
        between = text[begin:end]
        last = place == len(groups)
        before, behind = between[-1:] if not last else "", between[:1] if place else ""
        if (before and before in _IN_NUMBERS[:-2]) or (behind and behind in _IN_NUMBERS[:-2]):
            return None  # a number may begin or end elsewhere in the next line
        inner = [(one - begin, to - begin) for one, to in _inside(fixed, begin, end)]
        parts.append(_between(between, inner, last=last))
        if not last:
            parts.append(
                f"([-/0-9T:., ]{{{stop - end}}})" if place == stamp else _number(text[end:stop])
            )
    source = "^" + "".join(parts) + r"\n"
    return re.compile(source.encode("latin-1"), re.MULTILINE)


def _inside(spans: list[tuple[int, int]], begin: int, end: int) -> list[tuple[int, int]]:
    """Return the spans, of sorted ones, that lie within two places."""
    first, behind = bisect_left(spans, (begin, 0)), bisect_left(spans, (end, 0))
    return [span for span in spans[first:behind] if span[1] <= end]


def _number(text: str) -> str:
    if text[-1:].isalpha():
        return f"({re.escape(text)})"
    return "([-+]?[.0-9][-+.0-9eE,]*)" if "," in text else "([-+]?[.0-9][-+.0-9eE]*)"


def _between(text: str, fixed: list[tuple[int, int]], *, last: bool) -> str:
    """Return an expression for what stands between two numbers; names in it stay as they are."""
    parts: list[str] = []
    at = 0
    for begin, end in sorted(fixed):
        if begin < at:
            continue
        parts += [_loose(text[at:begin]), re.escape(text[begin:end])]
        at = end
    parts.append(_loose(text[at:], before_number=not last))
    return "".join(parts)


def _loose(text: str, *, before_number: bool = False) -> str:
    """Return an expression for text in which other numbers, padding and bars may vary.

    What stands right before a number must not be able to hold a part of it.
    """
    jump = _jump(text)
    if jump[1]:
        return jump[0] + _loose(text[jump[1] :], before_number=before_number)
    parts: list[str] = []
    at = 0
    for soft in _SOFT.finditer(text):
        parts.append(re.escape(text[at : soft.start()]))
        touches = before_number and soft.end() == len(text)
        if _BARS.search(soft.group()) and not touches:
            parts.append(r"[-+.0-9 \t#\x80-\xff]*")
        else:
            parts += [_run(run) for run in _RUNS.findall(soft.group())]
        at = soft.end()
    return "".join([*parts, re.escape(text[at:])])


def _run(run: str) -> str:
    """Return an expression for a run of digits, of blanks, or of a bar."""
    if run[0] in _IN_NUMBERS:
        return "[-+.0-9]*"
    return " *" if not run.strip(" ") else r"[ \t#\x80-\xff]*"


def _jump(text: str) -> tuple[str, int]:
    """Return an expression that jumps over most of a long text, and how much of it that is.

    All letters are known to be the same, so that one of them can be counted.
    """
    if len(_SOFT.findall(text)) < _FEW:
        return "", 0
    at = next((at for at in range(len(text) - 1, -1, -1) if text[at] not in _SOFT_LETTERS), -1)
    letter = text[at] if at >= 0 else ""
    count = text.count(letter, 0, at + 1) if letter else 0
    if not 0 < count <= _MANY:
        return "", 0
    sign = re.escape(letter)
    return f"[^{sign}]*{sign}" * count, at + 1
