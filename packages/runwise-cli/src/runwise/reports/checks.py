"""Several runs checked at once: the sickest first."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runwise import words
from runwise.errors import NoRuns, NoSuchMetric, short
from runwise.filters.choosing import admitted
from runwise.reference import short_ids
from runwise.reports import parts
from runwise.reports.reading import look, look_over
from runwise_format import Column, Document, Fields, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runwise.filters.grammar import Term
    from runwise.workspace import Workspace
    from runwise_detect import Diagnosis
    from runwise_format.cells import Cell
    from runwise_parsers import RunInfo

SHOWN = 20
UNJUDGED = "not_judged"


@dataclass(frozen=True, slots=True)
class _Checked:
    """A run with its diagnosis, or why there is none."""

    info: RunInfo
    diagnosis: Diagnosis | None
    trouble: str = ""
    sampled: bool = False

    def counts(self) -> tuple[int, ...]:
        """Return how many findings there are of each severity, the gravest first."""
        found = [one.severity for one in self.diagnosis.findings] if self.diagnosis else []
        return tuple(found.count(level) for level in parts.LEVELS)

    @property
    def health(self) -> int | None:
        """The score; ``None`` where the run could not be judged."""
        return self.diagnosis.health if self.diagnosis and not self.sampled else None


def check_runs(
    workspace: Workspace,
    refs: Sequence[str] = (),
    *,
    keys: Sequence[str] = (),
    terms: Sequence[Term] = (),
    limit: int = SHOWN,
    now: float | None = None,
) -> Document:
    """Return what is wrong with several runs, with all for none: a line each, the sickest first.

    Of all, only those of which ``terms`` hold.

    A run that cannot be read, or has none of the metrics, is one that could not be judged.

    Raises ``NoRuns``, also where no run is meant, ``NoSuchRun`` and ``BadFilter``.
    """
    now = time.time() if now is None else now
    named = list(refs) or [workspace.handle(one) for one in admitted(workspace, terms, now)]
    if not named:
        asked = " ".join(map(str, terms))
        raise NoRuns(f"no run {short(asked)}", f"See: {workspace.command('list')}")
    checked = [_checked(workspace, ref, keys) for ref in named]
    checked.sort(key=lambda one: (tuple(-count for count in one.counts()), one.health is None))
    shown = checked[:limit]
    left = len(checked) - len(shown)
    sick = bool(checked) and any(checked[0].counts())
    handle = workspace.handle(checked[0].info)
    return Document(
        kind="checks",
        title=words.count(len(checked), "run"),
        verdict=_verdict(checked),
        blocks=[
            Fields("totals", _totals(checked), quiet=True),
            _table(shown, short_ids(workspace.runs)),
            parts.notes((), *(one.trouble for one in checked)),
        ],
        more=workspace.command("check" if sick else "run", handle),
        dropped=[words.count(left, "run")] if left else [],
    )


def worst(document: Document, fail_on: str) -> int:
    """Return the exit code: 0 nothing as grave as ``fail_on``, 1 something, 2 not all judged."""
    grave = parts.LEVELS[: parts.LEVELS.index(fail_on) + 1]
    totals = next(one for one in document.blocks if isinstance(one, Fields)).items
    if any(totals[level] for level in grave):
        return 1
    return 2 if totals[UNJUDGED] else 0


def _checked(workspace: Workspace, ref: str, keys: Sequence[str]) -> _Checked:
    info, _, _ = workspace.resolve(ref)
    name = short(info.name or info.id)
    try:
        seen = look(workspace, ref, keys) if keys else look_over(workspace, ref)
    except NoSuchMetric as error:
        return _Checked(info, None, f"{name}: {error.problem}")
    except OSError as error:
        return _Checked(info, None, f"{name}: {error}")
    found = seen.known.diagnosis
    if seen.sampled:
        return _Checked(info, found, f"{name}: {seen.sample}", sampled=True)
    why = "" if found.health is not None else str(next(iter(seen.gaps), found.reason))
    return _Checked(info, found, f"{name}: {why}" if why else "")


def _totals(checked: Sequence[_Checked]) -> dict[str, Cell]:
    """Return how many runs have findings of each severity, and how many nobody could judge."""
    columns = zip(*(one.counts() for one in checked), strict=True)
    found: dict[str, Cell] = {
        level: sum(map(bool, counts)) for level, counts in zip(parts.LEVELS, columns, strict=True)
    }
    return {**found, UNJUDGED: sum(one.health is None for one in checked)}


def _verdict(checked: Sequence[_Checked]) -> str:
    """Return how many runs are how sick; each counts once, by its gravest finding."""
    states: list[str] = []
    for one in checked:
        levels = [level for level, n in zip(parts.LEVELS, one.counts(), strict=True) if n]
        well = "not judged" if one.health is None else "nothing found"
        states.append(levels[0] if levels else well)
    said = [(states.count(what), what) for what in (*parts.LEVELS, "nothing found", "not judged")]
    found = ", ".join(f"{count} {what}" for count, what in said if count)
    return f"{words.count(len(checked), 'run')}: {found}"


def _table(shown: Sequence[_Checked], ids: dict[str, str]) -> Table:
    columns = [
        Column("id", role="name", quiet=True),
        Column("ref", "id", role="name"),
        Column("name", role="name"),
        Column("state", role="state"),
        Column("health"),
        *(Column(level) for level in parts.LEVELS),
        Column("first", "first finding", role="text"),
    ]
    rows: list[list[Cell]] = [
        [
            one.info.id,
            short(ids.get(one.info.id, one.info.id)),
            short(one.info.name),
            one.info.state,
            one.health,
            *(count or None for count in one.counts()),
            _gravest(one),
        ]
        for one in shown
    ]
    return Table("runs", columns, rows, importance=80)


def _gravest(one: _Checked) -> str | None:
    if one.diagnosis is None or not one.diagnosis.findings:
        return None
    group = one.diagnosis.findings[0]
    return f"{group.kind} {group.metric} step {words.step(group.first.onset_step)}"
