"""How an output should look, apart from what it says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Style:
    """Options of looks; an output uses those it knows and ignores the rest.

    ``colour`` adds ANSI colours to text, ``width`` is the text width in characters,
    ``ascii`` promises that no other character is printed, ``spark`` shows trends. A chart is
    ``height`` lines high.
    """

    colour: bool = False
    width: int = 100
    ascii: bool = False
    spark: bool = True
    height: int = 16
