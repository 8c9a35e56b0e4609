"""What a pass over a table left out, said in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise_parsers.gap import Gap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runwise_parsers.csv_log.passing import Odd

_SHOWN = 24


def gaps_of(odd: Odd, name: str) -> Iterator[Gap]:
    """Yield the gaps of a pass over the file of that name."""
    if odd.short:
        yield Gap(
            f"cells of {_count(odd.short, 'row')} of {name}",
            "fewer cells than the header names",
            "The cells that are there were read.",
        )
    if odd.long:
        yield Gap(
            f"cells at the end of {_count(odd.long, 'row')} of {name}",
            "more cells than the header names",
            "The cells that have a name were read.",
        )
    if odd.left_out:
        yield Gap(
            f"{_count(odd.left_out, 'row')} of {name}",
            "not the cells the header names, so which one is which cannot be told",
            "Write a header above rows of other columns, and quote texts that hold delimiters.",
        )
    if odd.strays.count:
        yield Gap(
            f"{_count(odd.strays.count, 'cell')} of {name}",
            f"no number, such as {odd.strays.example[:_SHOWN]!r}",
            "All other cells were read.",
        )
    if odd.cut:
        yield Gap(f"the last line of {name}", "it is cut short", "The writer died writing it.")
    if odd.waiting:
        yield Gap(
            f"the last line of {name}",
            "it does not end yet, so its last number may be half of one",
            "Ask again once it ends, or when the file has rested for 90 s.",
        )


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' if number > 1 else ''}"
