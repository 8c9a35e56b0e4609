"""What the ends of event files say about a run."""

from __future__ import annotations

import re
import time
from itertools import chain
from math import inf
from typing import TYPE_CHECKING

from runwise_parsers.gap import unreadable
from runwise_parsers.info import RunInfo, judge_state
from runwise_parsers.tensorboard_log.eventfile import EventFile
from runwise_parsers.tensorboard_log.launches import lay_out, parts_of
from runwise_parsers.tensorboard_log.notes import Notes
from runwise_parsers.tensorboard_log.samples import newest_step
from runwise_parsers.tensorboard_log.writers import Writer, writers_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from runwise_parsers.gap import Gap
    from runwise_parsers.tensorboard_log.launches import Part
    from runwise_parsers.tensorboard_log.pieces import Piece

NAME = "tensorboard"
_HOST = re.compile(r"tfevents\.\d{9,11}\.([A-Za-z][\w-]*(?:\.[\w-]*[A-Za-z][\w-]*)*)")
_SAME_MOMENT, _SOON = 1.0, 5.0
_SHOWN = 5


def writers_at(path: Path) -> tuple[Writer, ...]:
    """Return the writers of the run in a directory, or in one file."""
    return writers_of(path) if path.is_dir() else (Writer(path.parent, (path.name,)),)


def described(path: Path) -> RunInfo:
    """Return what is known of the run at a path. Never raises for what is in its files."""
    try:
        return _described(path)
    except OSError as error:
        return RunInfo(NAME, "", segments=(path,), gaps=(unreadable(path.name, error),))


def _described(path: Path) -> RunInfo:
    writers = writers_at(path)
    parts = parts_of(writers)
    lay_out(parts, quick=True)
    ends = [(part, part.file.last(quick=True)) for part in _newest_of(parts)]
    clocks = [piece.clock for _, pieces in ends for piece in pieces if piece.clock is not None]
    newest = max(clocks, default=None)
    modified = max((one.file.path.stat().st_mtime for one in parts), default=None)
    first = (part.file.first_clock() for part in parts)
    return RunInfo(
        NAME,
        "",
        state=_state(parts, ends, newest, modified),
        created=min((clock for clock in first if clock is not None), default=None),
        updated=newest if newest is not None else modified,
        clocked=newest is not None,
        host=_host(parts),
        segments=(path,),
        last_step=_last_step(ends),
        gaps=_troubles(writers),
    )


def _newest_of(parts: Sequence[Part]) -> list[Part]:
    """Return the newest file of each writer."""
    return list({part.writer.below: part for part in parts}.values())


def _last_step(ends: Sequence[tuple[Part, list[Piece]]]) -> float | None:
    launch = max((part.launch for part, _ in ends), default=0)
    newest = [(part, newest_step(pieces)) for part, pieces in ends if part.launch == launch]
    return max((step + part.shift for part, step in newest if step is not None), default=None)


def _state(
    parts: Sequence[Part],
    ends: Sequence[tuple[Part, list[Piece]]],
    newest: float | None,
    modified: float | None,
) -> str:
    """Return the state: the one a session ended in, if that came last.

    PyTorch, Lightning and Transformers write "success" in the moment they write the
    hyperparameters, most often before training begins: it counts only behind scalars.
    """
    notes = Notes()
    for event in chain.from_iterable(piece.events for _, pieces in ends for piece in pieces):
        notes.take(event)
    if notes.ended and newest is not None and newest - notes.ended_at <= _SOON:
        clocks = (part.file.start(quick=True).first for part in parts)
        begun = min((clock for clock in clocks if clock is not None), default=inf)
        if notes.ended_at - begun >= _SAME_MOMENT:
            return notes.ended
    return judge_state(
        None,
        recorded=newest is not None,
        newest=newest,
        modified=modified,
        now=time.time(),
        ends_are_recorded=False,
    )


def _host(parts: Sequence[Part]) -> str:
    """Return the host in the newest file's name, if that is one."""
    found = _HOST.search(parts[-1].file.path.name) if parts else None
    return found[1].removesuffix(".v2") if found else ""


def _troubles(writers: Sequence[Writer]) -> tuple[Gap, ...]:
    found = (EventFile(one.folder / name).trouble() for one in writers for name in one.files)
    return tuple(gap for gap in found if gap is not None)[:_SHOWN]
