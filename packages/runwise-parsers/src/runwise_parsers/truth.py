"""The sample that the contract of sources reads, and how what was read is held against it."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from runwise_parsers.run import gather

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from runwise_parsers.series import Batch, Series

Rows = Sequence[tuple[int, Mapping[str, float]]]
Points = dict[str, list[tuple[float, str]]]
"""Curves as (step, value) pairs; values as text, because NaN equals nothing."""

COUNT = 300
CUTS = 60


def truth_of(rows: Rows) -> Points:
    """Return rows as curves."""
    points: Points = {}
    for step, row in rows:
        for name, value in row.items():
            points.setdefault(name, []).append((float(step), repr(float(value))))
    return points


def points_of(series: Mapping[str, Series]) -> Points:
    """Return what was read as points."""
    return {
        name: list(zip(one.steps, map(repr, one.values), strict=True))
        for name, one in series.items()
        if len(one)
    }


def joined(batches: Iterable[Batch]) -> Points:
    """Return the points of batches in their order."""
    return points_of(gather(batch.columns for batch in batches))


def assert_true(got: Points, truth: Points, when: str) -> None:
    """Raise ``AssertionError`` if there is a point that was never logged."""
    for name, curve in got.items():
        wrong = set(curve) - set(truth.get(name, ()))
        assert not wrong, f"{when}: {name} never was {sorted(wrong)[:3]}"


def assert_same(got: Points, truth: Points, what: str) -> None:
    """Raise ``AssertionError`` that shows the first difference, if there is one."""
    assert set(got) == set(truth), f"{what}: metrics {sorted(got)}, not {sorted(truth)}"
    for name, curve in truth.items():
        wrong = [pair for pair in zip(got[name], curve, strict=False) if pair[0] != pair[1]][:1]
        count = f"{len(got[name])} points of {len(curve)}"
        assert got[name] == curve, f"{what}: {name} has {count}; (got, logged): {wrong}"


def flips(data: bytes) -> list[tuple[int, int]]:
    """Return places all over the data and what to flip there; the same every time."""
    rng = random.Random(0)  # noqa: S311  test data, and the same every time
    if not data:
        return []
    return [(rng.randrange(len(data)), 1 << rng.randrange(8)) for _ in range(CUTS)]


def state_of(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Return times, names and bytes of everything in a folder."""
    return {
        str(path): (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for path in [folder, *folder.rglob("*")]
    }


def sample(count: int = COUNT, *, scale: float = 1.0) -> Rows:
    """Return rows with a dense metric, a rare one, one that begins late, NaN and infinity."""
    odd = {40: float("nan"), 60: float("inf"), 80: float("-inf")}
    rows: list[tuple[int, Mapping[str, float]]] = []
    for step in range(count):
        row = {"train/loss": odd.get(step, scale / (step + 1)), "lr": 0.001 * scale}
        row |= {"val/loss": scale + step} if step % 50 == 0 else {}
        row |= {"late": -step / 4} if step > COUNT // 2 else {}
        rows.append((step, row))
    return rows
