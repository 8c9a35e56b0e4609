"""What it takes to read all of a long log: on two processors and on one, and how much memory.

    python benchmarks/exact.py [--gigabytes 1] [--rounds 3] [--kinds wandb jsonl]

Whole commands, `runwise run LOG --exact --no-cache`, by the clock on the wall, since it is about
processors: bound to one of them, and to two. Each round runs one after the other, first this and
then that way round; what is printed is the median of the ratios of a round (1.7 is wanted), what
it would be if processors had nothing else to do (by the time spent on them all), and the peak of
the largest process (150 MB). Then the same with the index: the second time nothing is read.

The logs are made for it (see huge_records), one at a time, and deleted.
"""

from __future__ import annotations

import argparse
import compileall
import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from huge_records import write_jsonl, write_wandb

HOUSE = Path(__file__).resolve().parent.parent
WRITERS = {"wandb": ("run-huge0001.wandb", write_wandb), "jsonl": ("metrics.jsonl", write_jsonl)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--gigabytes", type=float, default=1.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kinds", nargs="+", choices=WRITERS, default=list(WRITERS))
    options = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))[:2]
    if len(cores) < 2:
        raise SystemExit("there is but one processor")
    for folder in HOUSE.glob("packages/*/src"):
        compileall.compile_dir(folder, quiet=1)
    for kind in options.kinds:
        with tempfile.TemporaryDirectory() as scratch:
            measure(kind, Path(scratch), int(options.gigabytes * 1e9), options.rounds, cores)


def measure(kind: str, scratch: Path, size: int, rounds: int, cores: list[int]) -> None:
    os.chdir(scratch)  # a project of no other runs
    os.environ["RUNWISE_CACHE_DIR"] = str(scratch / "cache")
    name, write = WRITERS[kind]
    log = scratch / name
    pid = (
        os.fork()
    )  # what makes the log takes memory, and a process counts its parent's as its own
    if not pid:
        write(log, size)
        os._exit(0)
    os.waitpid(pid, 0)
    print(f"{kind}, {log.stat().st_size / 1e9:.2f} GB")
    words = (sys.executable, "-m", "runwise", "run", str(log), "--exact")
    took: dict[int, list[tuple[float, float, float]]] = {1: [], 2: []}
    for number in range(rounds):
        for count in (1, 2) if number % 2 else (2, 1):
            took[count].append(timed(cores[:count], *words, "--no-cache"))
    for count, found in took.items():
        wall, cpu, peak = (median(column) for column in zip(*found, strict=True))
        print(f"  {count} processors: {wall:6.2f} s, {cpu:6.2f} s of CPU, {peak:.0f} MB at most")
    ratios = [one[0] / two[0] for one, two in zip(took[1], took[2], strict=True)]
    spent = [2 * one[1] / two[1] for one, two in zip(took[1], took[2], strict=True)]
    print(f"  {median(ratios):.2f} times faster (1.7); {median(spent):.2f} by CPU")
    first, again = (timed(cores, *words) for _ in range(2))
    print(f"  with the index {first[0]:.2f} s, again {again[0]:.2f} s")


def timed(cores: list[int], *words: str) -> tuple[float, float, float]:
    """Return seconds on the wall and of CPU, and the peak of the largest process in megabytes."""
    begin = time.perf_counter()
    pid = os.fork()
    if not pid:
        os.sched_setaffinity(0, cores)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.execv(words[0], words)
    _, status, used = os.wait4(pid, 0)
    if status:
        raise SystemExit(f"{' '.join(words)} ended with {status}")
    return time.perf_counter() - begin, used.ru_utime + used.ru_stime, used.ru_maxrss / 1000


if __name__ == "__main__":
    main()
