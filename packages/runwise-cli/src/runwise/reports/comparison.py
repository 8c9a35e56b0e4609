"""Two or more runs side by side: values, who is better, what was set differently."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise import words
from runwise.curves import is_internal, ordered
from runwise.errors import BadSetting, NoSuchMetric, short, some
from runwise.history import pick
from runwise.reports import parts
from runwise.reports.comparison_notes import differences, remarks, score
from runwise.reports.comparison_race import main_row, race, told
from runwise.reports.comparison_rows import IN_FULL, Row, columns, correlated, rows_of
from runwise.reports.sides import Side, open_side
from runwise.reports.spellings import reconciled
from runwise_format import Document, Fields, Table
from runwise_format.document import Diff

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runwise.workspace import Workspace
    from runwise_format.cells import Cell
    from runwise_format.document import Block

MOST = 12
LETTERS = "ABCDEFGHIJKL"
SHOWN = 30


def compare(
    workspace: Workspace,
    refs: Sequence[str],
    *,
    keys: Sequence[str] = (),
    prefix: str = "",
    group: bool = False,
    threshold: float | None = None,
    config_only: bool = False,
) -> Document:
    """Return how runs differ: the first is what the others are measured against.

    ``prefix`` keeps metrics whose name begins so, without regard to case; ``threshold`` those
    that changed by at least so many percent. ``config_only`` compares configurations alone.

    Raises ``NoRuns``, ``NoSuchRun``, ``NoSuchMetric`` and ``BadSetting``.
    """
    if not 2 <= len(refs) <= MOST:
        raise BadSetting(
            f"a comparison is of 2 to {MOST} runs, not {len(refs)}",
            "Name them: runwise compare latest latest~1",
        )
    if threshold is not None and not threshold >= 0:
        raise BadSetting(f"-t {threshold} is no percentage", "Use -t 5 for 5 % or more.")
    opened = [open_side(workspace, ref, LETTERS[place]) for place, ref in enumerate(refs)]
    sides = reconciled(opened)
    if config_only:
        return _settings(workspace, sides)
    return _metrics(workspace, sides, _names(sides, keys, prefix), threshold, grouped=group)


def _settings(workspace: Workspace, sides: Sequence[Side]) -> Document:
    rows = differences(sides)
    known = words.count(len({name for side in sides for name in side.settings}), "setting")
    return Document(
        kind="comparison",
        title=_title(sides),
        verdict=f"{_title(sides)}: {len(rows)} of {known} differ",
        blocks=[
            _runs(sides),
            Diff("config", [side.letter for side in sides], rows),
            parts.notes((), *(remark for side in sides for remark in side.remarks)),
        ],
        more=workspace.command("config", workspace.handle(sides[0].info)),
    )


def _metrics(
    workspace: Workspace,
    sides: Sequence[Side],
    names: Sequence[str],
    threshold: float | None,
    *,
    grouped: bool,
) -> Document:
    every = rows_of(sides, names)
    cut, same, dropped = _shown(every, threshold, None if grouped else SHOWN)
    cut = correlated(sides, cut)
    first = main_row(sides, every)
    whole = all(side.at is None for side in sides)  # at a point, how runs ended says nothing
    sooner = race(sides, first if whole else None)
    brief = len(cut) > IN_FULL
    said = remarks(sides, every, names)
    return Document(
        kind="comparison",
        title=_title(sides),
        verdict=f"{_title(sides)}: {score(sides, every)}{_differing(sides)}",
        blocks=[
            _runs(sides),
            *_tables(sides, cut, grouped=grouped),
            Fields("same", same, title="same"),
            sooner,
            parts.notes(
                (gap for side in sides for gap in side.gaps),
                *said,
                "" if brief else told(sooner),
            ),
        ],
        more=_closer(workspace, sides, first if brief else None),
        dropped=dropped,
    )


def _shown(
    every: Sequence[Row], threshold: float | None, most: int | None
) -> tuple[list[Row], dict[str, Cell], list[str]]:
    """Return the rows to show, metrics that are equal on all sides, and what is left out."""
    same: dict[str, Cell] = {
        row.name: row.values[0].value for row in every if row.equal and threshold is None
    }
    differing = [row for row in every if row.name not in same]
    kept = [row for row in differing if threshold is None or row.moved(threshold)]
    cut = kept[:most]
    below, left = len(differing) - len(kept), len(kept) - len(cut)
    dropped = [f"{words.count(below, 'metric')} below {threshold:g}%"] if below else []
    dropped += [words.count(left, "metric")] if left else []
    return cut, same, dropped


def _names(sides: Sequence[Side], keys: Sequence[str], prefix: str) -> list[str]:
    """Return the metrics that are asked for, of all that any side has."""
    every = list(dict.fromkeys(name for side in sides for name in _in_order(side)))
    names = pick(keys, every) if keys else [name for name in every if not is_internal(name)]
    kept = [name for name in names if name.lower().startswith(prefix.lower())]
    if prefix and not kept:
        raise NoSuchMetric(
            f"no metric begins with '{short(prefix)}'", f"There are: {some(names, 6)}."
        )
    return kept


def _in_order(side: Side) -> list[str]:
    main, others = ordered(side.known)
    return [one.name for one in (*main, *others)]


def _title(sides: Sequence[Side]) -> str:
    return ", ".join(f"{side.letter} {_label(side)}" for side in sides)


def _label(side: Side) -> str:
    return short(side.info.name or side.info.id, 24) + _point(side)


def _differing(sides: Sequence[Side]) -> str:
    count = len(differences(sides))
    return f"; {words.count(count, 'setting')} differ (-d)" if count else ""


def _closer(workspace: Workspace, sides: Sequence[Side], row: Row | None) -> str:
    """Return how to look at the main metric of many alone, or at what was set differently."""
    handles = [workspace.handle(side.info) + _point(side) for side in sides]
    asked = ("-d",) if row is None else ("-k", row.name)
    return workspace.command("compare", *handles, *asked)


def _point(side: Side) -> str:
    return "" if side.at is None else f"@{words.step(side.at)}"


def _runs(sides: Sequence[Side]) -> Fields:
    items = {
        f"{side.letter}_{key}": value
        for side in sides
        for key, value in (("id", side.info.id), ("state", side.info.state), ("step", side.end))
    }
    return Fields("runs", items, quiet=True)


def _tables(sides: Sequence[Side], rows: Sequence[Row], *, grouped: bool) -> list[Block]:
    if not grouped:
        return [Table("metrics", columns(sides, rows), [row.cells() for row in rows], 80)]
    groups: dict[str, list[Row]] = {}
    for row in rows:
        head = row.name.partition("/")[0] if "/" in row.name else "other"
        groups.setdefault(head, []).append(row)
    return [
        Table(
            f"metrics {head}", columns(sides, some), [row.cells() for row in some], 80, title=head
        )
        for head, some in groups.items()
    ]
