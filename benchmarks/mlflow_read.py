"""Time questions to a run in an MLflow database beside the bare SQL query for one metric.

    uv run python benchmarks/mlflow_read.py [--steps 100000] [--rounds 7] [--keep DIR]

MLflow makes the database, its schema and its run, sqlite3 puts 12 metrics of each step into it
(once, some seconds and 285 MB for 100,000 steps). Everything is timed in one process, in turns,
by processor time; "of bare" is the share of ``SELECT step, value`` for that metric, the median of
the rounds. Bounds: one metric 2.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import sqlite3
import statistics
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from runwise_parsers import find_runs, open_run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from runwise_parsers import Run

DATA = Path(__file__).parent / "data"
METRICS = [f"metric_{number}" for number in range(12)]
ONE = METRICS[3]
BEGIN = 1_790_000_000_000
BARE = 'SELECT step, value FROM metrics WHERE run_uuid = ? AND "key" = ?'
WHOLE = 'SELECT step, value, timestamp, is_nan FROM metrics WHERE run_uuid = ? AND "key" = ?'
ORDERED = f"{WHOLE} ORDER BY step"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--steps", type=int, default=100_000, help="rows of the run")
    parser.add_argument("--rounds", type=int, default=7, help="times each question is asked")
    parser.add_argument("--keep", type=Path, default=DATA, help="where the database is kept")
    options = parser.parse_args()
    path = made(options.keep, options.steps)
    (info,) = find_runs(path)
    report(path, timed(questions(path, open_run(info)), options.rounds))


def made(keep: Path, steps: int) -> Path:
    """Return a database of ``steps`` rows, made now unless an earlier call left it."""
    path = keep.resolve() / f"{steps}x{len(METRICS)}.mlflow.db"
    if path.exists():
        return path
    os.environ |= {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}
    import mlflow

    keep.mkdir(parents=True, exist_ok=True)
    print(f"making {path.name}", file=sys.stderr)
    scratch = path.with_suffix(".making")
    scratch.unlink(missing_ok=True)
    mlflow.set_tracking_uri(f"sqlite:///{scratch}")
    mlflow.create_experiment("bench", "/bench")
    with mlflow.start_run(run_name="long", experiment_id="1") as run:
        run_id = run.info.run_id
    with closing(sqlite3.connect(scratch)) as db:
        names = "key, value, timestamp, run_uuid, step, is_nan"
        marks = "VALUES (?, ?, ?, ?, ?, 0)"
        db.executemany(f"INSERT INTO metrics ({names}) {marks}", points(run_id, range(steps)))
        newest = points(run_id, range(steps - 1, steps))
        db.executemany(f"INSERT INTO latest_metrics ({names}) {marks}", newest)
        db.commit()
    scratch.rename(path)
    return path


def points(run: str, steps: range) -> Iterator[tuple[str, float, int, str, int]]:
    rng = random.Random(0)
    return ((name, rng.random(), BEGIN + 50 * at, run, at) for at in steps for name in METRICS)


def questions(path: Path, run: Run) -> dict[str, Callable[[], object]]:
    """Return what is timed, by name; the bare query first."""

    def bare(sql: str) -> list[tuple[float, ...]]:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
            return db.execute(sql, (run.info.id, ONE)).fetchall()

    cursor = list(run.batches())[-1].cursor
    middle = (run.info.last_step or 0) // 2
    return {
        "bare query": lambda: bare(BARE),
        "with clock, NaN": lambda: bare(WHOLE),
        "... by step": lambda: bare(ORDERED),
        "one metric": lambda: run.series([ONE]),
        "3 metrics": lambda: run.series(METRICS[:3]),
        "all 12": run.series,
        "batches": lambda: sum(1 for _ in run.batches()),
        "overview(2000)": lambda: run.overview(2000),
        "tail(50)": lambda: run.tail(50),
        "window of 1000": lambda: run.window(None, middle, middle + 999),
        "nothing new": lambda: list(run.since(cursor)),
        "listing": lambda: list(find_runs(path)),
    }


def timed(asked: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Return the processor seconds of every question and round; the first warms the cache."""
    costs: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(rounds + 1):
        for name, ask in asked.items():
            begin = time.process_time()
            ask()
            costs[name].append(time.process_time() - begin)
    return {name: seconds[1:] for name, seconds in costs.items()}


def report(path: Path, costs: dict[str, list[float]]) -> None:
    bare = costs["bare query"]
    print(f"{path.name}, {path.stat().st_size / 1e6:.0f} MB, median of {len(bare)} rounds")
    print(f"{'':16} {'CPU ms':>8} {'of bare':>8} {'bound':>6}")
    for name, seconds in costs.items():
        share = statistics.median(one / other for one, other in zip(seconds, bare, strict=True))
        bound = "2" if name == "one metric" else ""
        print(f"{name:16} {1000 * statistics.median(seconds):8.1f} {share:8.2f} {bound:>6}")
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
