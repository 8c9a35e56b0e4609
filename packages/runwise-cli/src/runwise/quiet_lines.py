"""What a run printed, without the noise: what a person would skip when scrolling through it.

Colours go, a progress bar is only its newest state, and of lines that differ in their numbers
alone the first and the newest stay, with how many were between them. Tracebacks stay whole;
one that several workers printed stays once. ``nan`` is no number here: the first line that says
it is not like those before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

TRACEBACK = "Traceback (most recent call last)"
LONGEST = 2000
"""Characters of a line that are looked at."""
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-_])")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_BAR = re.compile(
    r"\d{1,3}%\|(?!\s*[A-Za-z])|\d{1,3}%\s\|(?!\s*\w)"
    r"|\d+(?:it|s)? \[\d\d:\d\d[,<\]]|[━╸╺]{3}|\[=+[>.=]|\b\d+/\d+ \[[=>.\s]+\]"
    r"|[█▏▎▍▌▋▊▉#]{4}|\d+%\s?[━▕]|(?:it|s)/(?:it|s)\b"
)
_BLOCKS = re.compile(r"([━╸╺█▏▎▍▌▋▊▉▕#=])\1+|(?<=[━╸╺█▏▎▍▌▋▊▉▕|])\s{2,}")
_LABEL = re.compile(r"[^\d|━╸█\[(]*")
_NUMBER = re.compile(
    r"[-+]?(?:\d[\d,]*)?\.?\d+(?:e[-+]?\d+)?(?:[KMGTkmµu]?(?:s|B|iB|it)?\b)?|[-+]?\binf\b"
)
_SPACES = re.compile(r"\s+")


@dataclass(slots=True)
class _Shape:
    """Lines that are alike: where the first was, the newest, and how many there are."""

    first: str
    bar: bool
    places: list[int] = field(default_factory=list[int])
    newest: str = ""


def plain(line: str) -> str:
    r"""Return a line as a terminal shows it in the end: no colours, what was written over gone.

    >>> plain("\x1b[31mepoch 1\x1b[0m 10%\repoch 1 20%\r")
    'epoch 1 20%'
    """
    seen = _ESCAPES.sub("", line.rstrip("\r\n"))
    written = [piece for piece in seen.split("\r") if piece.strip()]
    return _CONTROLS.sub("", written[-1] if written else "").rstrip()


def quiet(lines: Iterable[str]) -> list[str]:
    """Return printed lines without their noise, in order.

    >>> quiet(["start", "step 1 loss 2.5", "step 2 loss 2.4", "step 3 loss 2.3", "saved"])
    ['start', 'step 1 loss 2.5', '... 1 line like it', 'step 3 loss 2.3', 'saved']
    """
    return [line for piece in pieces(lines) for line in piece.split("\n")]


def pieces(lines: Iterable[str]) -> list[str]:
    """Return what ``quiet`` returns, a traceback in one piece, with newlines in it."""
    shapes: dict[str, _Shape] = {}
    for place, piece in enumerate(_cut(lines)):
        bar = "\n" not in piece and _BAR.search(piece) is not None
        shape = f"bar {_label(piece)}" if bar else shape_of(piece)
        known = shapes.setdefault(shape, _Shape(piece, bar))
        known.places.append(place)
        known.newest = piece
    kept: dict[int, str] = {}
    for one in shapes.values():
        kept |= _shown(one)
    return [kept[place] for place in sorted(kept)]


def shape_of(text: str) -> str:
    """Return what lines have in common that differ in numbers alone.

    >>> shape_of("iter 10: loss 2.31e-2, 12.5ms") == shape_of("iter 9120: loss 1.1, 8ms")
    True
    """
    return _SPACES.sub(" ", _NUMBER.sub("#", text[:LONGEST])).strip()


def _label(bar: str) -> str:
    """Return what stands before the first number of a bar: there may be several at a time."""
    found = _LABEL.match(bar)
    return found[0].strip() if found else ""


def _shown(one: _Shape) -> dict[int, str]:
    """Return what stays of lines that are alike, by place: of bars only the newest state."""
    if "\n" in one.first:  # a traceback, of one worker or of many
        times = len(one.places)
        also = f"\n... {times - 1} more like it" if times > 1 else ""
        return {one.places[0]: one.first + also}
    if one.bar:
        return {one.places[-1]: _BLOCKS.sub(r"\1", one.newest)}
    if one.first == one.newest:
        times = len(one.places)
        return {one.places[0]: f"{one.first} ({times} times)" if times > 1 else one.first}
    kept = {one.places[0]: one.first, one.places[-1]: one.newest}
    between = len(one.places) - len(kept)
    if between:
        said = f"... {between} {'line' if between == 1 else 'lines'} like it"
        kept[one.places[0]] += f"\n{said}"
    return kept


def _cut(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines, blank ones left out; a traceback is one piece of several lines."""
    trace: list[str] = []
    indent = ""
    for raw in lines:
        line = plain(raw)
        if not line:
            continue
        if TRACEBACK in line:
            if trace:
                yield "\n".join(trace)
            before, _, _ = line.partition("Traceback")
            bar = _BAR.search(before) is not None
            if bar:  # the bar had not ended its line
                yield before.rstrip()
            indent = "" if bar else before
            trace = [line[len(before) :] if bar else line]
        elif trace:
            trace.append(line)
            inside = line.removeprefix(indent)
            if not inside.startswith((" ", "\t", "|", "^")) or len(trace) > LONGEST:
                yield "\n".join(trace)
                trace = []
        else:
            yield line
    if trace:
        yield "\n".join(trace)
