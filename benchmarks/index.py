"""What an answer costs the first time, the second time, and after the log has grown.

    python benchmarks/index.py [--rounds 5] [--huge GIGABYTES]

Whole processes, user and system time by ``wait4``, the bytecode compiled before. Each round
runs them all one after the other; what is printed is the median of the ratios of a round.

- `runwise latest` on a W&B log of 100,000 steps x 12 metrics beside the Go binary's
  `leet inspect -summary`, which prints last values and judges nothing; on the same rows as
  JSON Lines, CSV and TensorBoard events beside the reader that people would use;
- `runwise list` over 1,000 W&B runs of 12 metrics, and the bytes that the index takes for them;
- with ``--huge 10``, and that alone: a JSON Lines log of 10 GB (made for it, and deleted) beside
  one of 100 MB.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median

from wandb_read import DATA, contestants, made_run

HOUSE = Path(__file__).resolve().parent.parent
RUNS = 1000
PEERS = {
    "jsonl": "import json; [json.loads(line) for line in open({path!r})]",
    "csv": "import csv;"
    "[{{k: float(v) for k, v in row.items()}} for row in csv.DictReader(open({path!r}))]",
    "tfevents": "from tensorboard.backend.event_processing.event_accumulator import *;"
    "a = EventAccumulator({path!r}, size_guidance={{'scalars': 0}}); a.Reload()",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--huge", type=float, default=0.0, metavar="GIGABYTES")
    options = parser.parse_args()
    for folder in HOUSE.glob("packages/*/src"):
        compileall.compile_dir(folder, quiet=1)
    log = made_run(DATA, 100_000)
    with tempfile.TemporaryDirectory() as scratch:
        os.chdir(scratch)  # a project of no other runs
        os.environ["RUNWISE_CACHE_DIR"] = str(Path(scratch) / "cache")
        if options.huge:  # by itself: a process counts what its parent held as its own peak
            huge(Path(scratch), options.huge)
            return
        beside_go(log, Path(scratch), options.rounds)
        beside_readers(log, Path(scratch), options.rounds)
        many(Path(scratch), options.rounds)


def beside_go(log: Path, scratch: Path, rounds: int) -> None:
    go = contestants(log)[0].command
    grown = scratch / "wandb" / "offline-run-20260101_000000-grown" / "run-grown.wandb"
    grown.parent.mkdir(parents=True)
    data = log.read_bytes()
    cut = behind_record(log, len(data) * 99 // 100)
    shares: dict[str, list[float]] = {"cold": [], "warm": [], "1 % more": []}
    for _ in range(rounds):
        peer = cpu(*go)[0]
        grown.write_bytes(data[:cut])
        forget()
        answer = (sys.executable, "-m", "runwise", "run", str(grown))
        cpu(*answer)
        with grown.open("ab") as file:
            file.write(data[cut:])
        shares["1 % more"].append(cpu(*answer)[0] / peer)
        forget()
        shares["cold"].append(cpu(*answer)[0] / peer)
        shares["warm"].append(cpu(*answer)[0] / peer)
    print(f"latest, {log.name}, share of the Go binary's CPU (cold .8, warm .1, 1 % more .12)")
    for name, found in shares.items():
        print(f"  {name:9} {median(found):5.2f}")
    shutil.rmtree(scratch / "wandb")


def behind_record(log: Path, at: int) -> int:
    """Return where a record ends at or before a place: what a writer that lives has flushed."""
    from runwise_parsers import open_run

    ends = [json.loads(batch.cursor)["at"] for batch in open_run(log).batches()]
    return max(end for end in ends if end <= at)


def beside_readers(log: Path, scratch: Path, rounds: int) -> None:
    print("cold latest on the same rows, share of the reader's CPU (.8)")
    for kind, path in written(log, scratch / "same").items():
        shares: list[float] = []
        for _ in range(rounds):
            forget()
            ours = cpu(sys.executable, "-m", "runwise", "run", str(path))[0]
            peer = cpu(sys.executable, "-c", PEERS[kind].format(path=str(path)))[0]
            shares.append(ours / peer)
        print(f"  {kind:9} {median(shares):5.2f}")


def written(log: Path, folder: Path) -> dict[str, Path]:
    """Write the rows of a log in other formats."""
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    from runwise_parsers import open_run

    series = open_run(log).series()
    names = list(series)
    steps = series[names[0]].steps
    rows = list(zip(*(series[name].values for name in names), strict=True))
    paths = {"jsonl": folder / "j" / "metrics.jsonl", "csv": folder / "c" / "metrics.csv"}
    for path in paths.values():
        path.parent.mkdir(parents=True)
    with paths["jsonl"].open("w") as file:
        for step, row in zip(steps, rows, strict=True):
            file.write(
                json.dumps({"step": int(step), **dict(zip(names, row, strict=True))}) + "\n"
            )
    with paths["csv"].open("w") as file:
        file.write(",".join(["step", *names]) + "\n")
        for step, row in zip(steps, rows, strict=True):
            file.write(",".join([str(int(step)), *map(repr, row)]) + "\n")
    writer = EventFileWriter(str(folder / "t"))
    for step, row in zip(steps[:20_000], rows, strict=False):
        for name, value in zip(names, row, strict=True):
            values = [Summary.Value(tag=name, simple_value=value)]
            writer.add_event(
                Event(wall_time=1.7e9 + step, step=int(step), summary=Summary(value=values))
            )
    writer.close()
    paths["tfevents"] = next((folder / "t").iterdir())
    return paths


def many(scratch: Path, rounds: int) -> None:
    """Ask for a list of many runs, the first time and again."""
    sys.path.insert(0, str(HOUSE / "packages/runwise-parsers/tests"))
    from conftest import LogWriter

    for number in range(RUNS):
        run_id = f"r{number:07}"
        name = f"offline-run-20260101_{number:06}-{run_id}"
        folder = scratch / "many" / "wandb" / name
        folder.mkdir(parents=True)
        writer = LogWriter(seed=number).start(run_id, created=1.7e9 + number, name=f"run {number}")
        for step in range(60):
            metrics = {f"train/metric_{place}": place / (step + 1) for place in range(11)}
            writer.row(step, {"train/loss": 2 / (step + 1), **metrics}, clock=1.7e9 + step)
        (folder / f"run-{run_id}.wandb").write_bytes(writer.end().data())
    forget()
    asked = (sys.executable, "-m", "runwise", "-C", str(scratch / "many"), "list")
    cold, warm, helped = [], [], []
    for _ in range(rounds):
        forget()
        cold.append(cpu(*asked)[0])
        warm.append(cpu(*asked)[0])
        helped.append(cpu(sys.executable, "-m", "runwise", "--help")[0])
    bound = 3 * median(helped) + 0.0003 * RUNS
    print(f"list of {RUNS} runs: cold {1e3 * median(cold) / RUNS:.2f} ms a run (5),", end=" ")
    print(f"warm {median(warm):.2f} s ({bound:.2f}: 3 times --help and 0.3 ms a run)")
    cpu(sys.executable, "-m", "runwise", "-C", str(scratch / "many"), "list", "-n", str(RUNS))
    size = sum(path.stat().st_size for path in Path(os.environ["RUNWISE_CACHE_DIR"]).iterdir())
    print(f"  index of these runs: {size / 1e6:.2f} MB on disk (4)")


def huge(scratch: Path, gigabytes: float) -> None:
    """Ask for the summary of a log that nobody reads whole, and of a hundredth of it."""
    print(f"JSON Lines, cold latest, {gigabytes:g} GB beside 100 MB (2)")
    costs: list[float] = []
    for size in (0.1, gigabytes):
        path = scratch / "huge" / "metrics.jsonl"
        path.parent.mkdir(exist_ok=True)
        write_lines(path, int(size * 1e9))
        forget()
        answer = (sys.executable, "-m", "runwise", "run", str(path))
        seconds, peak = cpu(*answer)
        again, _ = cpu(*answer)
        costs.append(seconds)
        print(f"  {size:5g} GB: {seconds:.2f} s, {peak:.0f} MB; again {again:.2f} s")
        path.unlink()
    print(f"  ratio {costs[1] / costs[0]:.2f}")


def write_lines(path: Path, size: int) -> None:
    row = {f"train/metric_{place}": 0.123456789 * place for place in range(12)}
    tail = json.dumps(row)[1:].encode()
    with path.open("wb", buffering=1 << 20) as file:
        step = 0
        while file.tell() < size:
            file.writelines(
                b'{"step": %d, "train/loss": %.6f, %s\n' % (at, 2 / (1 + at / 1e4), tail)
                for at in range(step, step + 10_000)
            )
            step += 10_000


def forget() -> None:
    shutil.rmtree(os.environ["RUNWISE_CACHE_DIR"], ignore_errors=True)


def cpu(*words: str) -> tuple[float, float]:
    """Return the CPU seconds of a process and its peak memory in megabytes."""
    silent = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    pid = os.posix_spawn(words[0], words, os.environ, file_actions=silent)
    _, status, used = os.wait4(pid, 0)
    if status:
        raise SystemExit(f"{' '.join(words)} ended with {status}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1000


if __name__ == "__main__":
    main()
