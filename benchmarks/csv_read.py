"""Time reading a long table: ours beside the csv module and pandas.

    python benchmarks/csv_read.py [--rows 100000] [--rounds 5] [--keep DIR] [--sparse]

The table has ``--rows`` rows of 14 columns, as a training loop would write them, and is made
once. ``--sparse`` leaves three cells of four blank, as Lightning does. Every contestant is a
whole process; the figure is its CPU time, user and system. One round runs them all one after the
other, a ratio compares two processes of one round, and the median of the ratios is printed: ``of
csv`` to ``csv.DictReader`` and ``float`` over the same columns, ``of pandas`` to
``pandas.read_csv`` of the same columns. Both include starting Python and importing what is
needed, as a command pays it; ``ms on import`` is what reading alone costs, and ``of csv read``
that without Python's start on either side.
"""

from __future__ import annotations

import argparse
import compileall
import random
import statistics
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from wandb_read import Cost, row, run

DATA = Path(__file__).parent / "data"
ONE = "train/loss"
START, OPEN, PANDAS = "python", "open", "import pandas"
HEAD = f"{'':20} CPU s       ms read  of csv  of csv read  bound  of pandas  MB"


@dataclass(frozen=True)
class Contestant:
    """A process to time, those it is held against, and what its reading may cost of csv's."""

    name: str
    lines: tuple[str, ...]
    base: str = START
    csv: str = ""
    pandas: str = ""
    bound: float | None = None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=100_000, help="rows of the table")
    parser.add_argument("--rounds", type=int, default=5, help="times each process is run")
    parser.add_argument("--keep", type=Path, default=DATA, help="where the made table is kept")
    parser.add_argument("--sparse", action="store_true", help="leave most cells blank")
    options = parser.parse_args()
    path = made_table(options.keep, options.rows, sparse=options.sparse)
    compare(path, options.rounds, None if options.sparse else 1 / 3)


def made_table(keep: Path, rows: int, *, sparse: bool) -> Path:
    """Return the table, made now unless an earlier call left it."""
    path = keep.resolve() / f"{rows}x14{'-sparse' if sparse else ''}" / "metrics.csv"
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = random.Random(0)
    names = list(row(0, rows, rng))
    with path.with_suffix(".making").open("w", encoding="utf-8") as file:
        file.write(",".join(["step", *names, "_timestamp"]) + "\n")
        for step in range(rows):
            cells = [repr(value) for value in row(step, rows, rng).values()]
            if sparse:
                cells = [text if at % 4 == step % 4 else "" for at, text in enumerate(cells)]
            file.write(",".join([str(step), *cells, repr(1.7e9 + step / 4)]) + "\n")
    return path.with_suffix(".making").rename(path)


def contestants(path: Path, bound: float | None) -> list[Contestant]:
    """Return every process of a round; ``bound`` is for the columns of a full table."""
    where = f"path = {str(path)!r}"
    ours = ("from runwise_parsers import open_run", where)
    by_hand = ("import csv", where, "rows = csv.DictReader(open(path, newline=''))")
    cell = "columns[name].append(float(row[name]))"
    every = "for row in rows:\n for name in columns:\n  if row[name]: " + cell
    columns = "columns = {name: [] for name in %s}"
    pandas = ("import pandas", where)
    csv_all, csv_one = "csv, 12 columns", "csv, 1 column"
    pandas_all, pandas_one = "pandas, 12 columns", "pandas, 1 column"
    return [
        Contestant(START, ("pass",)),
        Contestant(OPEN, (*ours, "open_run(path)")),
        Contestant(PANDAS, pandas[:1]),
        Contestant(csv_all, (*by_hand, columns % "rows.fieldnames", every)),
        Contestant(csv_one, (*by_hand, columns % f"['step', {ONE!r}]", every)),
        Contestant(pandas_all, (*pandas, "pandas.read_csv(path)"), PANDAS),
        Contestant(
            pandas_one, (*pandas, f"pandas.read_csv(path, usecols=['step', {ONE!r}])"), PANDAS
        ),
        *(
            Contestant(
                name,
                (*ours, f"answer = open_run(path).{question}", "sum(1 for _ in answer)"),
                OPEN,
                csv,
                peer,
                most,
            )
            for name, question, csv, peer, most in (
                ("12 columns", "series()", csv_all, pandas_all, bound),
                ("1 column", f"series([{ONE!r}])", csv_one, pandas_one, bound),
                ("batches", "batches()", csv_all, pandas_all, None),
                ("names", "metrics()", csv_all, pandas_all, None),
                ("overview", "overview(2000)", csv_all, pandas_all, None),
                ("window", "window(None, 5000, 5100)", csv_all, pandas_all, None),
                ("last row", "tail(1)", csv_all, pandas_all, None),
            )
        ),
    ]


def compare(path: Path, rounds: int, bound: float | None) -> None:
    """Print what each process costs, and its share of the csv module's and of pandas' cost."""
    spec = find_spec("runwise_parsers")
    if spec is not None and spec.submodule_search_locations:
        compileall.compile_dir(spec.submodule_search_locations[0], quiet=1)
    rivals = contestants(path, bound)
    costs: dict[str, list[Cost]] = {rival.name: [] for rival in rivals}
    for _ in range(rounds + 1):
        for rival in rivals:
            cost, error = run([sys.executable, "-c", "\n".join(rival.lines)])
            if error:
                raise SystemExit(f"{rival.name} failed: {error}")
            costs[rival.name].append(cost)
    size = path.stat().st_size / 1e6
    print(f"{path.parent.name}, {size:.1f} MB, median of {rounds} rounds\n{HEAD}")
    for rival in rivals:
        print(line(rival, costs))


def line(rival: Contestant, costs: dict[str, list[Cost]]) -> str:
    """Return one line; the first round warmed the page cache and does not count."""

    def seconds(name: str) -> list[float]:
        return [cost.seconds for cost in costs[name][1:]]

    def above(name: str, base: str) -> list[float]:
        return [a - b for a, b in zip(seconds(name), seconds(base), strict=True)]

    own = above(rival.name, rival.base)
    told = f"{rival.name:20} {statistics.median(seconds(rival.name)):5.3f}"
    told += f" {1000 * statistics.median(own):13.1f}"
    told += _ratio(seconds(rival.name), rival.csv and seconds(rival.csv), 8)
    told += _ratio(own, rival.csv and above(rival.csv, START), 13)
    told += _bound(rival.bound)
    told += _ratio(seconds(rival.name), rival.pandas and seconds(rival.pandas), 11)
    peak = statistics.median(cost.megabytes for cost in costs[rival.name][1:])
    return f"{told} {peak:4.0f}"


def _ratio(own: list[float], other: list[float] | str, width: int) -> str:
    if not other:
        return " " * width
    median = statistics.median(a / b for a, b in zip(own, other, strict=True))
    return f"{median:{width}.3f}"


def _bound(number: float | None) -> str:
    return f"{'' if number is None else f'{number:.2f}':>7}"


if __name__ == "__main__":
    main()
