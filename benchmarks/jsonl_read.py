"""Time reading a JSON Lines log: ours beside the standard library's json, line by line.

    python benchmarks/jsonl_read.py [--rows 100000] [--rounds 9] [--keep DIR]

The log has 14 keys: a step, 12 metrics, a clock; it is made once and kept in
``benchmarks/data/`` (44 MB). A second one has no clock. Every contestant is a whole process; the
figure is its CPU time, user and system, by ``wait4``. One round runs them all one after the
other, a ratio compares two processes of one round, and the median of the ratios is printed.

``of json`` is the share of the whole process of the peer, which reads the same 12 columns into
lists; ``net`` is the same after what it takes to start the interpreter and to import, on both
sides: what is left in a process that lives on, or on a longer log. Processes are started with
``-S``: start-up hooks that other packages put into this environment would count for both.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import random
import statistics
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from wandb_read import row, run

if TYPE_CHECKING:
    from wandb_read import Cost

DATA = Path(__file__).parent / "data"
PEER, PEER_START, OUR_START = "stdlib json", "import json", "import ours"
HEAD = " " * 26 + "CPU ms  of json  bound   net   peak MB"
READ_WITH_JSON = """\
import json, sys
columns = None
with open(sys.argv[1], encoding="utf-8") as lines:
    for line in lines:
        row = json.loads(line)
        if columns is None:
            columns = {name: [] for name in row if name not in ("step", "time")}
        for name in columns:
            columns[name].append(row[name])
print(len(columns))
"""
IMPORT_OURS = """\
import sys
from runwise_parsers import open_run
from runwise_parsers.sources.jsonl import Jsonl
"""


@dataclass(frozen=True)
class Contestant:
    """A process to time, and the share of the peer's CPU that it may take."""

    name: str
    code: str
    file: Path
    bound: float | None = None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=100_000, help="lines of the log")
    parser.add_argument("--rounds", type=int, default=9, help="times each process is run")
    parser.add_argument("--keep", type=Path, default=DATA, help="where the made logs are kept")
    options = parser.parse_args()
    log, plain = (made_log(options.keep, options.rows, clock=clock) for clock in (True, False))
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path[1:]))
    for package in (Path(place) / "runwise_parsers" for place in sys.path[1:]):
        if package.is_dir():
            compileall.compile_dir(package, quiet=1)
    rivals = contestants(log, plain)
    costs: dict[str, list[Cost]] = {rival.name: [] for rival in rivals}
    for _ in range(options.rounds + 1):
        for rival in rivals:
            cost, error = run([sys.executable, "-S", "-c", rival.code, str(rival.file)])
            if error:
                raise SystemExit(f"{rival.name} failed: {error}")
            costs[rival.name].append(cost)
    print(f"{log.name}, {log.stat().st_size / 1e6:.1f} MB, median of {options.rounds} rounds")
    print(HEAD)
    for rival in rivals:
        print(line(rival, {name: column[1:] for name, column in costs.items()}))


def made_log(keep: Path, rows: int, *, clock: bool) -> Path:
    """Return a log of so many rows, made now unless an earlier call left it."""
    path = keep.resolve() / f"{rows}x{14 if clock else 13}.jsonl"
    if not path.exists():
        keep.mkdir(parents=True, exist_ok=True)
        rng = random.Random(0)
        with path.with_suffix(".making").open("w", encoding="utf-8") as file:
            for step in range(rows):
                when = {"time": 1.7e9 + step / 4 + rng.random()} if clock else {}
                file.write(json.dumps({"step": step, **row(step, rows, rng), **when}) + "\n")
        path.with_suffix(".making").rename(path)
    return path


def contestants(log: Path, plain: Path) -> list[Contestant]:
    """Return every process of a round."""

    def ours(question: str) -> str:
        return f"{IMPORT_OURS}run = open_run(sys.argv[1], sources=[Jsonl()])\n{question}\n"

    one = 'run.series(["train/loss"])'
    return [
        Contestant(PEER, READ_WITH_JSON, log),
        Contestant(PEER_START, "import json, sys", log),
        Contestant(OUR_START, IMPORT_OURS, log),
        Contestant("12 columns", ours("run.series()"), log, 1 / 2.5),
        Contestant("1 key", ours(one), log, 1 / 8),
        Contestant("1 key, log without clock", ours(one), plain, 1 / 8),
        Contestant("2 keys", ours('run.series(["train/loss", "lr"])'), log),
        Contestant("overview of 2,000 rows", ours("run.overview(2000)"), log),
        Contestant("window of 1,000 steps", ours("run.window(None, 70_000, 71_000)"), log),
        Contestant("last row", ours("run.tail(1)"), log),
    ]


def line(rival: Contestant, costs: dict[str, list[Cost]]) -> str:
    """Return one line of the table."""

    def share(started: str | None, peer_started: str | None) -> float:
        base = [[0.0] * len(costs[PEER])] * 2
        for place, name in enumerate((started, peer_started)):
            if name:
                base[place] = [cost.seconds for cost in costs[name]]
        pairs = zip(costs[rival.name], costs[PEER], *base, strict=True)
        return statistics.median((a.seconds - c) / (b.seconds - d) for a, b, c, d in pairs)

    own = 1000 * statistics.median(cost.seconds for cost in costs[rival.name])
    peak = statistics.median(cost.megabytes for cost in costs[rival.name])
    bound = f"{rival.bound:.3f}" if rival.bound else ""
    started = PEER_START if rival.name in (PEER, PEER_START) else OUR_START
    net = share(started, PEER_START)
    return (
        f"{rival.name:24} {own:7.1f}  {share(None, None):7.3f}  {bound:5}  {net:5.3f}  {peak:7.1f}"
    )


if __name__ == "__main__":
    main()
