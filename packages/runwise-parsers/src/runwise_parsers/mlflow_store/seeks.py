"""Parts of a run that an index finds: between two steps, the newest ones, some from everywhere.

The index is ``(run_uuid, key, step)``, which MLflow makes since 3.0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise_parsers.mlflow_store.columns import Column, joined
from runwise_parsers.mlflow_store.points import BY_INDEX, OF_METRIC, Points

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST = 20_000


def between(points: Points, names: Sequence[str], first: float, last: float) -> dict[str, Column]:
    """Return the points between two steps, both included."""
    found = {name: points.read(name, "AND step BETWEEN ? AND ?", first, last) for name in names}
    return {name: one for name, one in found.items() if len(one)}


def newest(points: Points, rows: int) -> dict[str, Column]:
    """Return the points with the highest steps and those logged last: steps may have fallen."""
    highest = "ORDER BY step DESC, rowid DESC LIMIT ?"
    names = points.own_names
    found = {name: points.read(name, highest, rows) for name in names}
    _, end = points.ends()
    begin = max(0, end - min(_MOST, rows * len(names)))
    return joined([found, points.in_order(None, begin, end)])


def spread(points: Points, rows: int) -> dict[str, Column]:
    """Return about ``rows`` points of each metric, at steps from all over its own range."""
    step = f"SELECT * FROM (SELECT step FROM metrics{BY_INDEX}{OF_METRIC}"  # noqa: S608  our own
    ends = f"{step} ORDER BY step LIMIT 1) UNION ALL {step} ORDER BY step DESC LIMIT 1)"
    names = points.own_names
    count = max(2, min(rows, _MOST // max(1, len(names))))
    found: dict[str, Column] = {}
    for name in names:
        ask = (points.run, name)
        steps = [
            one for (one,) in points.db.rows(ends, *ask, *ask) if isinstance(one, (int, float))
        ]
        if steps:
            stride = (max(steps) - min(steps)) / (count - 1)
            found[name] = _on_grid(points, name, min(steps), stride, count)
    return found


def _on_grid(points: Points, name: str, low: float, stride: float, count: int) -> Column:
    """Return the first point at or behind each step of a grid, and the last point of all."""
    place = f"SELECT rowid FROM metrics{BY_INDEX}{OF_METRIC}"  # noqa: S608  our own names
    sql = (
        "WITH RECURSIVE g(p, n) AS "  # noqa: S608  our own names
        "(SELECT ?, ? UNION ALL SELECT p + ?, n - 1 FROM g WHERE n > 1) "
        f"SELECT {points.point} FROM metrics WHERE rowid IN "
        f"(SELECT ({place} AND step >= p ORDER BY step LIMIT 1) FROM g "
        f"UNION ALL SELECT * FROM ({place} ORDER BY step DESC, rowid DESC LIMIT 1))"
    )
    of_metric = (points.run, name)
    columns = points.db.columns(
        sql, low, count, stride, *of_metric, *of_metric, count=4, number=points.number
    )
    return Column(*columns).ordered()
