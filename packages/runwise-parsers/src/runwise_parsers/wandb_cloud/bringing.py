"""One run of the cloud into its mirror: all of it the first time, then what is new."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runwise_parsers.gap import Gap
from runwise_parsers.mirror_log.keeping import Mirror
from runwise_parsers.wandb_cloud.beside import Beside, machine_of
from runwise_parsers.wandb_cloud.describe import (
    attributes,
    config_of,
    described,
    ending,
    last_step,
    lines,
    summary_of,
)
from runwise_parsers.wandb_cloud.export import Export

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from runwise_parsers.info import RunInfo

_UNFETCHED = Gap("the history", "a list does not fetch it", "Ask about the run itself.")
_MARKS = ("createdAt", "id", "historyLineCount", "state", "heartbeatAt")
"""What the server says of a run that was fetched; where all of it is the same, nothing is new."""
_BORN = _MARKS[:2]


def brought(run: Any, mirror: Mirror, tell: Callable[[int, int], None]) -> RunInfo:
    """Fetch what is new of a run into its mirror, and return it as ``open_run`` takes it.

    What came before something went wrong is kept, also where somebody loses patience.
    """
    told = attributes(run)
    if _is_another(told, mirror.state()):
        mirror.restart()
    seen = mirror.state()
    export, beside = Export(run, mirror), Beside(run, mirror, seen, bare=not lines(told))
    ended = described(run, mirror.folder, {}).state != "running"
    whole = bool(seen.get("whole")) and all(told.get(name) == seen.get(name) for name in _MARKS)
    try:
        if not whole:
            export.bring(told, tell, ended=ended)
            beside.bring()
            whole = export.trouble is None and not beside.gaps
    finally:
        gaps = (*export.gaps(told, ended=ended), *beside.gaps)
        info = described(run, mirror.folder, beside.machine, gaps)
        kept = {name: told.get(name) for name in _MARKS}
        kept |= {**export.state(), **beside.state(), "whole": whole}
        info = mirror.write(
            info, config_of(told), summary_of(told), kept, ref=str(run.id), url=run.url
        )
    if export.trouble is not None and not export.rows:
        raise export.trouble
    return info


def glanced(run: Any, place: Path) -> RunInfo:
    """Keep what a list says of a run; its history is not asked for."""
    told = attributes(run)
    config, summary = config_of(told), summary_of(told)
    try:
        with Mirror(place, wait=0) as mirror:
            seen = mirror.state()
            gaps = () if seen or not lines(told) else (_UNFETCHED,)
            info = described(run, place, machine_of(seen), gaps)
            return mirror.glance(info, config, summary, ending(told), ref=str(run.id), url=run.url)
    except OSError:  # somebody fetches it just now
        return described(run, place, {})


def _is_another(told: Mapping[str, object], seen: Mapping[str, object]) -> bool:
    """Say whether what was fetched is of a run that is gone, or was wound back since."""
    if not seen:
        return False
    reached, rows = seen.get("next_step"), seen.get("rows")
    back = isinstance(reached, int) and (last_step(told) or 0) < reached - 1
    fewer = isinstance(rows, int) and lines(told) < rows
    return back or fewer or any(told.get(name) != seen.get(name) for name in _BORN)
