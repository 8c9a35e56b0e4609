"""Make a document fit a token budget, and say what that cost.

The budget is a promise about a tokenizer nobody ships with a log reader, so the estimate may
fill four fifths of it. Where an output lists the points of curves, these get fewer first.
Then whole units go, the least important first. Only when
nothing but the verdict and critical findings is left do those get shorter, step by step. The
number of steps is found by bisection: a document of ten thousand rows is drawn some fourteen
times, and never with more rows than the budget has tokens.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from runwise_format.cut import criticals, is_critical, trim, units
from runwise_format.document import Document, Findings, Problem
from runwise_format.safety import clean
from runwise_format.shelf import draw, find_output, heard
from runwise_format.style import Style
from runwise_format.thin import SIZES, points, thinned
from runwise_format.tokens import find_counter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

FILL = 0.8  # the estimate was up to a fifth too low on the worst tables measured
PLAIN_STYLE = Style()


def fit(
    document: Document,
    max_tokens: int,
    output: str = "compact",
    *,
    style: Style = PLAIN_STYLE,
    counter: str = "o200k",
) -> Document:
    """Return as much of ``document`` as costs at most ``max_tokens`` in this output.

    ``counter`` names how tokens are counted (`runwise_format.tokens.COUNTERS`). Of an output
    that is not counted, a page, the same document as text is.

    Holds from about 40 tokens up (o200k vocabulary, final line break included); below,
    what comes back is the smallest there is. A larger budget never keeps fewer units.

    Raises:
        ValueError: if ``max_tokens`` is not positive.
        LookupError: if there is no such output or no such counter.
    """
    if max_tokens < 1:
        raise ValueError(f"max_tokens must be at least 1, not {max_tokens}")
    renderer, count = find_output(output), find_counter(counter)
    if not getattr(renderer, "counted", True):  # a page: what it says is counted, not its frame
        renderer = find_output("text")
    document = heard(document, renderer)
    listed = getattr(renderer, "lists_points", False)

    def fits(candidate: Document) -> bool:
        cells = sum(map(units, candidate.blocks)) + (points(candidate) if listed else 0)
        if cells > max_tokens:  # a unit, and a point that is listed, costs a token or more
            return False
        return count(draw(candidate, renderer, style)) + 1 <= FILL * max_tokens

    if fits(document):
        return document
    return _least_reduced(document, fits, len(SIZES) if listed and points(document) else 0)


def _least_reduced(
    document: Document, fits: Callable[[Document], bool], thinnings: int
) -> Document:
    total = sum(map(units, document.blocks))
    precious = sum(map(criticals, document.blocks))

    def reduced(level: int) -> Document:
        thin = thinned(document, min(level, thinnings))
        return _reduced(thin, max(0, level - thinnings), total, precious)

    too_large, small = 0, thinnings + total + len(_SQUEEZES)
    best = reduced(small)
    while small - too_large > 1:
        middle = (small + too_large) // 2
        candidate = reduced(middle)
        if fits(candidate):
            small, best = middle, candidate
        else:
            too_large = middle
    return best


def _reduced(document: Document, level: int, total: int, precious: int) -> Document:
    """Return the document after ``level`` reductions.

    Ordinary units go one by one; then come the gentle squeezes; then critical findings go,
    all but the first; then the hard squeezes, the last of which leave no finding at all.
    """
    ordinary = total - precious
    spare = max(0, precious - 1)
    gentle = max(0, min(level - ordinary, _GENTLE))
    criticals_gone = max(0, min(level - ordinary - gentle, spare))
    hard = level - min(level, ordinary) - gentle - criticals_gone
    squeezed = min(gentle + hard, len(_SQUEEZES))
    last = precious - spare if squeezed > _LAST_FINDING else 0
    smaller = trim(document, min(level, ordinary) + criticals_gone + last)
    return _squeezed(smaller, squeezed)


def _squeezed(document: Document, count: int) -> Document:
    if not count:
        return document
    message, verdict, more = _SQUEEZES[count - 1]
    blocks = [
        replace(block, items=[_briefer(item, message) for item in block.items])
        if isinstance(block, Findings)
        else block
        for block in document.blocks
        if count <= _GENTLE or units(block)
    ]
    told = [] if blocks == document.blocks else ["details"]
    return replace(
        document,
        title="" if document.verdict and count > _GENTLE else clean(document.title, verdict),
        verdict=clean(document.verdict, verdict),
        blocks=blocks,
        more=document.more if len(document.more) <= more else "",
        dropped=_briefly([*document.dropped, *told], tiny=count > _GENTLE),
    )


def _briefly(dropped: Sequence[str], *, tiny: bool) -> Sequence[str]:
    """Return one total instead of several counts; ``tiny`` has no room for anything else."""
    counts = [int(text.split(" ")[0]) for text in dropped if text.split(" ")[0].isdecimal()]
    others = [text for text in dropped if not text.split(" ")[0].isdecimal()]
    if tiny and len(dropped) > 1:
        return [f"{sum(counts)} rows" + (" and more" if others else "")]
    if len(counts) < 3:
        return dropped
    return [*others, f"{sum(counts)} rows of {len(counts)} blocks"]


def _briefer(item: Problem, message: int) -> Problem:
    if not is_critical(item):
        return item
    return replace(item, advice="", message=clean(item.message, message), evidence={})


# Longest message, verdict and `more`, in characters. Advice goes at once. `more` is a command: it
# is whole or absent, and the way to what had to go, so messages go before it. A title repeats
# what the verdict is about: it goes with the hard squeezes. That something is critical, and
# where, matters more than how much: messages go before findings.
_SQUEEZES = (
    (400, 400, 400),
    (160, 400, 400),
    (80, 300, 400),
    (40, 200, 400),
    (0, 200, 200),
    (0, 160, 120),
    (0, 160, 80),
    (0, 120, 80),
    (0, 120, 60),
    (0, 80, 40),
    (0, 60, 40),
    (0, 60, 0),
    (0, 40, 0),
    (0, 30, 0),
    (0, 20, 0),
    (0, 40, 0),
    (0, 20, 0),
    (0, 10, 0),
    (0, 5, 0),
    (0, 0, 0),
)
_GENTLE = 8  # squeezes before any critical finding goes
_LAST_FINDING = 15  # squeezes that the last critical finding survives
