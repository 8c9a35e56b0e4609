"""DVCLive: a table of its own for each metric.

    dvclive/{plots/metrics/train/loss.tsv, metrics.json, params.yaml}

See ``dvclive_log/layout`` for where the tables are and were, ``dvclive_log/table`` for what is in
them. All metrics count one step (``Live.next_step()``). How a run ended is not recorded, and new
versions write no time either.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from runwise_parsers.dvclive_log.layout import (
    PARAMS,
    SUMMARY,
    curves_in,
    has_curves,
    is_summary,
    run_above,
    summary_file,
)
from runwise_parsers.dvclive_log.run import DvcliveRun
from runwise_parsers.dvclive_log.table import read_ends
from runwise_parsers.info import RunInfo, judge_state
from runwise_parsers.source import Claim, Folder, Source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from runwise_parsers.run import Run

_LOOKED_AT = 64
"""Tables whose ends are read to describe a run: they are written together."""


class Dvclive(Source):
    """Directories of DVCLive, 0.0 to 3."""

    name = "dvclive"
    order = 34
    looks_for = r"(?:plots|scalars)/|metrics\.json|.*\.tsv"
    reads = "directories of DVCLive: plots/metrics/*.tsv"

    def claim(self, folder: Folder) -> Iterator[Claim]:
        """Take a directory that is laid out like DVCLive's, or the one a named file lies in."""
        if folder.asked:
            yield from self._named(folder)
            return
        run = folder.path
        places = "plots" in folder.folders or "scalars" in folder.folders
        tables = any(name.endswith(".tsv") for name in folder.files)
        curves = (places or tables) and has_curves(run)
        if curves or (SUMMARY in folder.files and is_summary(run / SUMMARY)):
            beside = [table.relative_to(run).parts[0] for _, table in curves_in(run)]
            for name in {"plots", "scalars", SUMMARY, PARAMS, *beside}:
                folder.take(name)
            yield self._claim(run)

    def _named(self, folder: Folder) -> Iterator[Claim]:
        """Take the run a file belongs to."""
        for name in list(folder.files):
            path = folder.path / name
            run = run_above(path) if name.endswith(".tsv") else None
            if name in (SUMMARY, PARAMS):
                run = folder.path
            alone = name == SUMMARY and is_summary(path)
            if run is not None and (alone or has_curves(run)):
                folder.take(name)
                yield self._claim(run)

    def _claim(self, run: Path) -> Claim:
        return Claim(self.name, run.name, run.parent, (run,), whole=True)

    def describe(self, claim: Claim) -> RunInfo:
        """Return what the ends of the tables say."""
        path = claim.paths[-1]
        tables = curves_in(path)[:_LOOKED_AT]
        steps: list[float] = []
        clocks: list[float] = []
        modified: list[float] = []
        for name, table in tables:
            with suppress(OSError):
                for end in read_ends(name, table):
                    steps += end.curve.steps[-1:]
                    clocks += [*end.curve.times[:1], *end.curve.times[-1:]]
                modified.append(table.stat().st_mtime)
        with suppress(OSError):
            modified.append(summary_file(path).stat().st_mtime)
        last = max(steps, default=None)
        newest, written = max(clocks, default=None), max(modified, default=None)
        return RunInfo(
            self.name,
            "",
            state=judge_state(
                None,
                recorded=last is not None,
                newest=newest,
                modified=written,
                now=time.time(),
                ends_are_recorded=False,
            ),
            created=min(clocks, default=None),
            updated=newest if newest is not None else written,
            clocked=newest is not None,
            segments=(path,),
            last_step=last,
        )

    def open(self, info: RunInfo) -> Run:
        """Return the run in a directory."""
        return DvcliveRun(info)
