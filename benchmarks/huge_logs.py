"""What a question about a few rows costs on a log of 10 GB, over the same on one of 100 MB.

    python benchmarks/huge_logs.py [--size 10] [--only jsonl wandb tfevents] [--folder DIR]

The logs are made by ``huge_records.py``, some seconds per GB, and deleted afterwards; the disk
must hold the larger one. Every question is a whole process that opens the log and asks once:
``overview(500)``, ``tail(100)``, ``window`` of 1,000 steps in the middle, of all metrics. CPU is
user and system time by ``wait4``, the median of several rounds in which the small and the large
log take turns; ``net`` is the ratio after what it takes to start and to import. The first round
is not counted: it brings the places that are asked for into memory.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from wandb_read import run

if TYPE_CHECKING:
    from wandb_read import Cost

SMALL = 100_000_000
FIRST = 1_000_000_000
"""The first step in these logs."""
NAMES = {
    "jsonl": "log.jsonl",
    "wandb": "run-huge0001.wandb",
    "tfevents": "events.out.tfevents.1700000000.bench.1.0",
}
MODULES = {"jsonl": "jsonl", "wandb": "wandb", "tfevents": "tensorboard"}
MAKER = Path(__file__).with_name("huge_records.py")
QUESTIONS = {
    "start": "None",
    "overview(500)": "run.overview(500)",
    "tail(100)": "run.tail(100)",
    "window, 1,000 steps": "run.window(None, middle, middle + 1000)",
}
RATIO, MEGABYTES = 1.5, 150.0
HEAD = f"{'':22}    CPU ms    CPU ms   ratio     net   peak MB"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--size", type=float, default=10, help="GB of the large log")
    parser.add_argument("--only", nargs="+", choices=list(NAMES), default=list(NAMES))
    parser.add_argument("--rounds", type=int, default=7, help="times each question is asked")
    parser.add_argument("--folder", type=Path, help="where the logs are made")
    options = parser.parse_args()
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path[1:]))
    late = False
    for kind in options.only:
        folder = Path(tempfile.mkdtemp(prefix="huge-", dir=options.folder))
        try:
            late = compare(kind, folder, int(options.size * 1e9), options.rounds) or late
        finally:
            shutil.rmtree(folder)
    return 1 if late else 0


def compare(kind: str, folder: Path, size: int, rounds: int) -> bool:
    """Make both logs, print the cost of each question, and return whether a bound was missed."""
    logs: list[Path] = []
    for place, wanted in (("small", SMALL), ("large", size)):
        logs.append(folder / place / NAMES[kind])
        logs[-1].parent.mkdir()
        # In a process of its own: what this one holds counts for those it starts.
        subprocess.run([sys.executable, MAKER, kind, logs[-1], str(wanted)], check=True)
    print(f"\n{kind}: {' and '.join(f'{log.stat().st_size / 1e9:.1f} GB' for log in logs)}")
    print(HEAD)
    costs: dict[str, tuple[list[Cost], list[Cost]]] = {one: ([], []) for one in QUESTIONS}
    for number in range(rounds + 1):
        for question, (small, large) in costs.items():
            for log, column in zip(logs, (small, large), strict=True):
                cost = asked(kind, question, log)
                if number:
                    column.append(cost)
    started = [cost.seconds for column in costs["start"] for cost in column]
    late = False
    for question, columns in costs.items():
        late = line(question, *columns, started) or late
    return late


def asked(kind: str, question: str, log: Path) -> Cost:
    """Return what a process takes that opens a log and asks a question."""
    source = MODULES[kind]
    code = f"""\
import sys
from runwise_parsers import open_run
from runwise_parsers.sources.{source} import {source.capitalize()}
run = open_run(sys.argv[1], sources=[{source.capitalize()}()])
middle = {FIRST} + (run.info.last_step - {FIRST}) // 2
answer = {QUESTIONS[question]}
assert answer is None or max(map(len, answer.values())) > 50, "no answer"
"""
    cost, error = run([sys.executable, "-S", "-c", code, str(log)])
    if error:
        raise SystemExit(f"{kind}, {question}: {error}")
    return cost


def line(question: str, small: list[Cost], large: list[Cost], started: list[float]) -> bool:
    """Print one line of the table, and return whether it is over a bound."""
    few, many = (statistics.median(cost.seconds for cost in column) for column in (small, large))
    start = statistics.median(started)
    peak = max(cost.megabytes for cost in large)
    own, net = few - start, ""
    if question != "start" and own > 0:
        net = f"{(many - start) / own:.2f}"
    over = many > RATIO * few or peak > MEGABYTES
    told = f"{question:22} {1000 * few:9.1f} {1000 * many:9.1f} {many / few:7.2f} {net:>7}"
    print(f"{told} {peak:9.1f}{'   over' if over else ''}")
    return over


if __name__ == "__main__":
    sys.exit(main())
