"""Bringing a run here: what the mirror lacks of it, all in the order in which it was logged."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING
from zlib import crc32

from runwise_parsers.gap import Gap
from runwise_parsers.mirror_log.keeping import Mirror
from runwise_parsers.mirror_log.layout import GLANCE, HISTORY
from runwise_parsers.mirror_log.rows import line_of
from runwise_parsers.mlflow_server.history import Histories
from runwise_parsers.mlflow_server.rows import AXES, machine_rows, mark_of, points_in, rows_of
from runwise_parsers.mlflow_server.runs import config_of, latest_of, summary_of
from runwise_parsers.mlflow_store.records import SYSTEM

if TYPE_CHECKING:
    from collections.abc import Callable

    from runwise_parsers.info import RunInfo
    from runwise_parsers.mlflow_server.history import Point
    from runwise_parsers.mlflow_server.rest import Json, Server

    Tell = Callable[[int, int], None]

_AT_ONCE = 4
_ENDED = frozenset({"finished", "failed", "killed"})
_UNFETCHED = Gap("the history", "a list does not fetch it", "Ask about the run itself.")


def bring(server: Server, run: Json, info: RunInfo, url: str, tell: Tell | None) -> RunInfo:
    """Return the run as its mirror has it after this: with all that the server has.

    Of a run that has ended, nothing is asked for twice. Raises ``RemoteError``.
    """
    with Mirror(info.path) as mirror:
        seen, now = mirror.state(), _state(run, info)
        if seen.get("ended") is True and seen.get("mark") == now["mark"]:
            now |= {name: seen.get(name) for name in ("rows", "print", "lost")}
        else:
            known = points_in(info.path) if seen else {}
            points, lost = _asked(server, info.id, latest_of(run), known, tell)
            now |= {"lost": lost, **_kept(mirror, points, info, seen)}
        told = replace(info, gaps=info.gaps + _losses(run, now.get("lost")))
        return mirror.write(told, config_of(run), summary_of(run), now, ref=info.id, url=url)


def glanced(run: Json, info: RunInfo, url: str) -> RunInfo:
    """Keep what a list says of a run, the newest point of each metric: no history is asked for."""
    latest = {name: [point] for name, point in latest_of(run).items() if name not in AXES}
    own = {name: one for name, one in latest.items() if not name.startswith(SYSTEM)}
    try:
        with Mirror(info.path, wait=0) as mirror:
            seen = mirror.state()
            gaps = _losses(run, seen.get("lost")) if seen else (_UNFETCHED,) if latest else ()
            told = replace(info, gaps=info.gaps + gaps)
            kept = mirror.glance(told, config_of(run), summary_of(run), {}, ref=info.id, url=url)
            if not (info.path / HISTORY).exists():
                lines = b"".join(line_of(row, {}) for row in rows_of(own))
                (info.path / GLANCE).write_bytes(lines)
            return kept
    except OSError:  # somebody fetches it just now
        return info


def _asked(
    server: Server,
    run: str,
    latest: dict[str, Point],
    known: dict[str, list[Point]],
    tell: Tell | None,
) -> tuple[dict[str, list[Point]], int]:
    """Return the points of all metrics, and how many of them hold no number."""
    names = [name for name in latest if name not in AXES]
    histories = Histories(server, run)
    total = 0
    found: dict[str, list[Point]] = {}
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        several = pool.map(histories.points, names, [known.get(name, ()) for name in names])
        for name, (points, before) in zip(names, several, strict=True):
            found[name] = points
            total += len(points) - before
            if tell is not None:
                tell(total, 0)
    return found, histories.lost


def _kept(
    mirror: Mirror, points: dict[str, list[Point]], info: RunInfo, seen: dict[str, object]
) -> dict[str, object]:
    """Bring the rows of a mirror up to these points; return how many there are, and their mark.

    What is new is appended; where it belongs among the rows that are there, all are written anew.
    """
    own = {name: one for name, one in points.items() if not name.startswith(SYSTEM)}
    rows = rows_of(own)
    machine = machine_rows(
        {name: points[name] for name in points.keys() - own.keys()}, info.created
    )
    begin, first = _counts(seen)
    if seen.get("print") != [mark_of(rows[:begin]), mark_of(machine[:first])]:
        mirror.restart()
        begin = first = 0
    mirror.append(rows[begin:])
    mirror.append_system(machine[first:])
    return {"rows": [len(rows), len(machine)], "print": [mark_of(rows), mark_of(machine)]}


def _counts(seen: dict[str, object]) -> tuple[int, int]:
    counts = seen.get("rows")
    match counts:
        case [int(rows), int(machine)]:
            return rows, machine
        case _:
            return 0, 0


def _state(run: Json, info: RunInfo) -> dict[str, object]:
    """Return what tells whether there may be more than was fetched."""
    told = repr((info.state, info.updated, sorted(map(repr, latest_of(run).items()))))
    return {"ended": info.state in _ENDED, "mark": crc32(told.encode("utf-8", "replace"))}


def _losses(run: Json, lost: object) -> tuple[Gap, ...]:
    """Return what of a run's metrics cannot be kept."""
    gaps = [
        Gap(f"metric {name}", "a row's own key is called so", "Log it under another name.")
        for name in AXES
        if name in latest_of(run)
    ]
    if isinstance(lost, int) and lost:
        what = f"{lost} point{'s' if lost > 1 else ''} of the server"
        gaps.append(Gap(what, "there is no number where one belongs", "All others were read."))
    return tuple(gaps)
