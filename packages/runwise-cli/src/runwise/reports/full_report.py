"""A report to send: a summary with curves and settings; of several runs, how they differ."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from runwise.errors import BadSetting
from runwise.reports import parts
from runwise.reports.comparison import LETTERS, compare
from runwise.reports.plot_report import charts_of
from runwise.reports.reading import look_over
from runwise.reports.strips import Strip, Wish, read_strips
from runwise.reports.summary_report import summary
from runwise.settings_tree import flat, tree_of
from runwise_format import Column, Document, Fields, Findings, Notes, Table
from runwise_format.cut import keep
from runwise_format.document import Diff, Problem, Tree
from runwise_format.tree import grow, leaves

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runwise.workspace import Workspace
    from runwise_format.document import Block

SETTINGS = 12
OTHERS = 8
"""Metrics that a report names by their last value alone."""
PANELS = 2
"""Charts of a report where nobody names metrics: the most telling ones."""
FINDINGS = 3
"""Of each of several runs: the gravest."""
TITLES = {"findings": "Findings", "metrics": "Metrics", "notes": "Notes", "config": "Settings"}


def report(
    workspace: Workspace,
    refs: Sequence[str] = ("latest",),
    *,
    keys: Sequence[str] = (),
    log: bool = False,
    smooth: int = 1,
    panels: int = PANELS,
    now: float | None = None,
) -> Document:
    """Return a report on one run, or on several beside each other.

    Raises ``NoRuns``, ``NoSuchRun``, ``NoSuchMetric`` and ``BadSetting``.
    """
    if smooth < 1:
        raise BadSetting(f"--smooth {smooth} is no number of points", "Use --smooth 20.")
    wish = Wish(tuple(keys), smooth=smooth, log=log)
    if len(refs) > 1:
        return _several(workspace, refs, wish, panels)
    ref = refs[0] if refs else "latest"
    told = summary(workspace, ref, keys=keys, now=now)
    strips = read_strips(workspace, [ref], wish)
    charts, _ = charts_of(strips, wish, panels)
    seen = strips[0].seen
    settings, more = _settings(seen.config)
    told = _shorter(told)
    first, last = _parted(told.blocks)
    return Document(
        kind="report",
        title=told.title,
        verdict=told.verdict,
        blocks=[*first, *charts, settings, *last],
        more=workspace.command("config", workspace.handle(seen.info)) if more else told.more,
        dropped=[*told.dropped, *([f"{more} settings"] if more else [])],
    )


def _shorter(told: Document) -> Document:
    """Return a summary with fewer of the less important metrics, counted as dropped."""
    blocks: list[Block] = []
    dropped = list(told.dropped)
    for block in told.blocks:
        more = len(block.items) - OTHERS if isinstance(block, Fields) and not block.quiet else 0
        if more > 0 and isinstance(block, Fields):
            dropped.append(f"{more} {block.key.replace('_', ' ')}")
        blocks.append(keep(block, OTHERS) if more > 0 else block)
    return replace(told, blocks=blocks, dropped=dropped)


def _parted(blocks: Sequence[Block]) -> tuple[list[Block], list[Block]]:
    """Return blocks with headings: what comes before the curves, and the notes behind them."""
    titled = [
        replace(block, title=TITLES[block.key]) if block.key in TITLES else block
        for block in blocks
    ]
    notes = [isinstance(block, Notes) for block in titled]
    first = [block for block, note in zip(titled, notes, strict=True) if not note]
    return first, [block for block, note in zip(titled, notes, strict=True) if note]


def _settings(config: Mapping[str, object]) -> tuple[Tree, int]:
    """Return the first settings, and how many more there are."""
    every = list(leaves(tree_of(config)))
    kept = grow(islice(every, SETTINGS))
    return Tree("config", kept, title=TITLES["config"]), max(0, len(every) - SETTINGS)


def _several(workspace: Workspace, refs: Sequence[str], wish: Wish, panels: int) -> Document:
    compared = compare(workspace, refs, keys=wish.keys)
    strips = [
        replace(strip, label=f"{letter} {strip.label}")
        for letter, strip in zip(LETTERS, read_strips(workspace, refs, wish), strict=False)
    ]
    charts, _ = charts_of(strips, wish, panels)
    settings, more = _differing(strips)
    first, last = _parted(compared.blocks)
    return Document(
        kind="report",
        title=compared.title,
        verdict=compared.verdict.removesuffix(" (-d)"),
        blocks=[*_judged(workspace, refs), *first, *charts, settings, *last],
        more=compared.more,
        dropped=[*compared.dropped, *([f"{more} settings"] if more else [])],
    )


def _differing(strips: Sequence[Strip]) -> tuple[Diff, int]:
    """Return the first settings that are not the same in all runs, and how many more there are."""
    settings = [flat(strip.seen.config) for strip in strips]
    names = dict.fromkeys(name for one in settings for name in one)
    rows = [(name, [one.get(name) for one in settings]) for name in names]
    unlike = [
        (name, cells)
        for name, cells in rows
        if len({(isinstance(cell, bool), cell) for cell in cells}) > 1  # 1 and True are two
    ]
    more = max(0, len(unlike) - SETTINGS)
    shown = unlike[:SETTINGS]
    return Diff("config", LETTERS[: len(strips)], shown, 45, TITLES["config"]), more


def _judged(workspace: Workspace, refs: Sequence[str]) -> tuple[Table, Findings]:
    """Return a line for each run, and the gravest findings of all."""
    rows: list[list[str | float | None]] = []
    problems: list[Problem] = []
    now = time.time()
    for letter, ref in zip(LETTERS, refs, strict=False):
        seen = look_over(workspace, ref, now)
        diagnosis = seen.known.diagnosis
        said = seen.sample or parts.found(diagnosis) or "nothing found"
        step = seen.at if seen.at is not None else seen.info.last_step
        state = parts.state(seen.info)
        rows.append([letter, parts.label(seen.info), state, step, diagnosis.health, said])
        problems += [
            replace(item, metric=f"{letter} {item.metric}".rstrip())
            for item in parts.problems(diagnosis, FINDINGS, brief=True).items
        ]
    heads = [
        Column("run", role="name"), Column("name"), Column("state", role="state"),
        Column("step", role="step"), Column("health"), Column("found"),
    ]  # fmt: skip
    worst = sorted(problems, key=lambda item: parts.LEVELS.index(item.severity))
    return Table("judged", heads, rows, 90, "Runs"), Findings("findings", worst, title="Findings")
