"""Time reading a long W&B run: ours beside the Go binary, its launcher and protobuf.

    python benchmarks/wandb_read.py [--steps 100000] [--rounds 5] [--keep DIR]

The run is made once by the real wandb client, offline, and kept in ``benchmarks/data/``
(about a minute and 100 MB). Every contestant is a whole process that reads the same file;
the figure is its CPU time, user and system, by ``wait4``. One round runs them all one after
the other, a ratio compares two processes of one round, and the median of the ratios is
printed, so a machine that is busy or changes its clock disturbs both sides of a ratio.

Peak memory is that of a process above the same interpreter with only the import done. Linux
counts what the parent held when a process started (this script imports little for that
reason), so a growth of less than about 4 MB does not show.
"""

from __future__ import annotations

import argparse
import math
import os
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

DATA = Path(__file__).parent / "data"
THREE = ("train/loss", "val/loss", "lr")
GO = "Go binary"
IMPORT = "import only"
HEAD = " " * 15 + "CPU s   of Go   bound  peak MB ms on import  MB on it   bound"


@dataclass(frozen=True)
class Contestant:
    """A process to time, and its bounds: share of the Go binary's CPU, growth in MB."""

    name: str
    command: list[str]
    ours: bool = False
    share: float | None = None
    growth: float | None = None


@dataclass(frozen=True)
class Cost:
    """What one process took: CPU seconds and peak resident megabytes."""

    seconds: float
    megabytes: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--steps", type=int, default=100_000, help="rows of the run")
    parser.add_argument("--rounds", type=int, default=5, help="times each process is run")
    parser.add_argument("--keep", type=Path, default=DATA, help="where the made run is kept")
    parser.add_argument("--write", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--protobuf", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.write:
        write_run(options.write, options.steps)
    elif options.protobuf:
        read_with_protobuf(options.protobuf)
    else:
        compare(made_run(options.keep, options.steps), options.rounds)


def made_run(keep: Path, steps: int) -> Path:
    """Return the log of a run of ``steps`` rows, made now unless an earlier call left it."""
    import shutil

    log = keep.resolve() / f"{steps}x12.wandb"
    if log.exists():
        return log
    print(f"making {log.name} with the real client, about {steps / 1500:.0f} s", file=sys.stderr)
    scratch = log.with_suffix(".making")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    command = [sys.executable, __file__, "--write", str(scratch), "--steps", str(steps)]
    subprocess.run(command, check=True, env={**os.environ, "WANDB_ERROR_REPORTING": "false"})
    next(scratch.glob("wandb/*/run-*.wandb")).rename(log)
    shutil.rmtree(scratch)
    return log


def write_run(folder: Path, steps: int) -> None:
    """Log ``steps`` rows of 12 metrics, with one spike a single step wide."""
    import random

    import wandb

    settings = wandb.Settings(
        mode="offline", console="off", silent=True, host="bench", username="runwise",
        x_disable_meta=True, x_disable_stats=True, x_save_requirements=False, disable_git=True,
    )  # fmt: skip
    config = {"lr": 3e-4, "batch_size": 32, "max_steps": steps, "model": {"depth": 12}}
    run = wandb.init(dir=folder, project="bench", name="long", config=config, settings=settings)
    rng = random.Random(0)
    for step in range(steps):
        run.log(row(step, steps, rng))
    run.finish()


def row(step: int, steps: int, rng: Random) -> dict[str, float]:
    done = step / steps
    loss = 0.3 + 2.0 * math.exp(-6 * done) + rng.gauss(0, 0.02)
    if step == int(0.618 * steps):
        loss *= 8
    return {
        "train/loss": loss,
        "train/accuracy": 1 - loss / 4,
        "train/perplexity": math.exp(min(loss, 20.0)),
        "val/loss": loss + 0.1 + rng.gauss(0, 0.01),
        "val/accuracy": 0.97 - loss / 4,
        "lr": 3e-4 * min(1.0, 100 * done) * 0.5 * (1 + math.cos(math.pi * done)),
        "grad_norm": abs(rng.gauss(1.0, 0.2)),
        "param_norm": 40 + 10 * done,
        "tokens_per_sec": 52_000 + rng.gauss(0, 900),
        "gpu_memory_gb": 17.25,
        "epoch": step // 1000,
        "tokens": (step + 1) * 32_768,
    }


def read_with_protobuf(log: Path) -> None:
    """Read every column with wandb's own message classes over a plain LevelDB framer."""
    import json

    from wandb.proto.wandb_internal_pb2 import Record

    columns: dict[str, list[float]] = {}
    for payload in framed(log.read_bytes()):
        record = Record.FromString(payload)  # a reused message never gives memory back
        if record.WhichOneof("record_type") != "history":
            continue
        for item in record.history.item:
            key = item.key or ".".join(item.nested_key)
            columns.setdefault(key, []).append(json.loads(item.value_json))
    print(sum(map(len, columns.values())), "cells in", len(columns), "columns")


def framed(data: bytes) -> Iterator[bytes]:
    """Yield the payloads of a LevelDB log: 32 KiB blocks of ``crc, length, type, data``."""
    pending: list[bytes] = []
    at = 7  # behind W&B's own header
    while at + 7 <= len(data):
        if 32768 - at % 32768 < 7:  # no chunk header fits: the block ends in padding
            at += 32768 - at % 32768
            continue
        length, kind = int.from_bytes(data[at + 4 : at + 6], "little"), data[at + 6]
        pending.append(data[at + 7 : at + 7 + length])
        at += 7 + length
        if kind in (1, 4):  # FULL, LAST
            yield b"".join(pending)
            pending = []


def contestants(log: Path) -> list[Contestant]:
    """Return every process of a round; snippets of ours print how much they read."""
    python, file = sys.executable, str(log)
    core = str(_folder("wandb") / "bin" / "wandb-core")
    quiet = "-no-observability"  # it sends telemetry otherwise; the cost is the same
    return [
        Contestant(GO, [core, "leet", "inspect", quiet, "-summary", "-run-file", file]),
        Contestant("Go launcher", [python, "-m", "wandb", "leet", "inspect", "--summary", file]),
        Contestant("protobuf", [python, __file__, "--protobuf", file]),
        Contestant(IMPORT, _ours("None", file)),
        Contestant("all columns", _ours("run.series(None)", file), True, 0.45, 80),
        Contestant("3 metrics", _ours(f"run.series({list(THREE)})", file), True, 0.18),
        Contestant("overview", _ours("run.overview(2000)", file), True, 0.08),
        Contestant("last row", _ours("run.tail(1)", file), True),
        Contestant("batches", _ours("sum(1 for _ in run.batches())", file), True, None, 25),
    ]


def compare(log: Path, rounds: int) -> None:
    """Print the cost of each contestant, its share of the Go binary's CPU, and the bound."""
    import compileall

    compileall.compile_dir(_folder("runwise_parsers"), quiet=1)
    rivals = contestants(log)
    costs: dict[str, list[Cost]] = {rival.name: [] for rival in rivals}
    failed: dict[str, str] = {}
    for _ in range(rounds + 1):
        for rival in rivals:
            if rival.name not in failed:
                cost, error = run(rival.command)
                costs[rival.name].append(cost)
                if error:
                    failed[rival.name] = error
    print(f"{log.name}, {log.stat().st_size / 1e6:.1f} MB, median of {rounds} rounds")
    print(HEAD)
    for rival in rivals:
        if rival.name in failed:
            print(f"{rival.name:12} failed: {failed[rival.name]}")
        else:
            print(line(rival, costs))


def run(command: list[str]) -> tuple[Cost, str]:
    """Run one process to its end; return its cost and, if it failed, its last word."""
    environment = {**os.environ, "WANDB_ERROR_REPORTING": "false"}
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment
    )
    assert process.stderr is not None
    with process.stderr as errors:
        last = (errors.read().decode().splitlines() or ["no word"])[-1]
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    unit = 1 if sys.platform == "darwin" else 1024
    cost = Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit / 1e6)
    return cost, last if process.returncode else ""


def line(rival: Contestant, costs: dict[str, list[Cost]]) -> str:
    """Return one line; the first round warmed the page cache and does not count."""
    import statistics

    own, go, start = (costs[name][1:] for name in (rival.name, GO, IMPORT))
    share = statistics.median(a.seconds / b.seconds for a, b in zip(own, go, strict=True))
    seconds = statistics.median(cost.seconds for cost in own)
    peak = statistics.median(cost.megabytes for cost in own)
    told = f"{rival.name:12} {seconds:7.3f} {share:7.3f} {_bound(rival.share)} {peak:8.1f}"
    if not rival.ours:
        return told
    more = statistics.median(a.seconds - b.seconds for a, b in zip(own, start, strict=True))
    growth = statistics.median(a.megabytes - b.megabytes for a, b in zip(own, start, strict=True))
    return f"{told} {1000 * more:12.1f} {growth:9.1f} {_bound(rival.growth)}"


def _bound(number: float | None) -> str:
    return f"{'' if number is None else number:>7}"


def _ours(question: str, file: str) -> list[str]:
    opening = "None" if question == "None" else "open_run(sys.argv[1])"
    lines = ["import sys", "from runwise_parsers import open_run", f"run = {opening}"]
    lines += [f"answer = {question}", "print(type(answer))"]
    return [sys.executable, "-c", "\n".join(lines), file]


def _folder(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(f"{package} is not installed: uv sync --group bench")
    return Path(spec.submodule_search_locations[0])


if __name__ == "__main__":
    main()
