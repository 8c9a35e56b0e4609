"""Time reading a long event file: ours beside TensorBoard's EventAccumulator and tbparse.

    python benchmarks/tfevents_read.py [--scalars 100000 1000000] [--rounds 3] [--keep DIR]
    python benchmarks/tfevents_read.py --big 10        one file of 10 GB beside one of 100 MB

The files are made once by TensorBoard's own record writer, seven tags a step, and kept in
``benchmarks/data/``. Every contestant is a whole process that reads the same file; the figure is
its CPU time, user and system, by ``wait4``, less that of an interpreter that does nothing, so
imports count. One round runs them all one after the other, a ratio compares two processes of one
round, and the median of the ratios is printed: a machine that is busy or changes its clock
disturbs both sides.

``--big`` makes a file of that many GB with numpy (a minute a GB at most, removed at the end) and
asks what must cost the same at any size. Peak memory is that of a process above the same
interpreter with only the import done.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

DATA = Path(__file__).parent / "data"
TAGS = ("train/loss", "train/accuracy", "lr", "val/loss", "grad_norm", "epoch", "throughput")
NOTHING, IMPORT, PEERS = "nothing", "import only", ("EventAccumulator", "tbparse")
SMALL_GB = 0.1
ACCUMULATOR = """
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
read = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0})
read.Reload()
print(sum(len(read.Scalars(tag)) for tag in read.Tags()["scalars"]))
"""
TBPARSE = """
from tbparse import SummaryReader
print(len(SummaryReader(sys.argv[1]).scalars))
"""


@dataclass(frozen=True)
class Contestant:
    """A process to time, and its bounds: share of either peer's CPU, growth in MB."""

    name: str
    code: str
    share: float | None = None
    growth: float | None = None


@dataclass(frozen=True)
class Cost:
    """What one process took: CPU seconds and peak resident megabytes."""

    seconds: float
    megabytes: float


def ours(question: str) -> str:
    return f"from runwise_parsers import open_run\nrun = open_run(sys.argv[1])\nprint({question})"


QUESTIONS = (
    Contestant("all tags", ours("len(run.series())"), 1 / 12),
    Contestant("one tag", ours("len(run.series(['train/loss']))"), 1 / 15),
    Contestant("overview", ours("len(run.overview(2000))")),
    Contestant("window", ours("len(run.window(None, 700, 800))")),
    Contestant("last row", ours("len(run.tail(1))")),
    Contestant("batches", ours("sum(1 for _ in run.batches())"), None, 25),
)
CONTESTANTS = (
    Contestant(NOTHING, ""),
    Contestant(PEERS[0], ACCUMULATOR),
    Contestant(PEERS[1], TBPARSE),
    Contestant(IMPORT, "from runwise_parsers import open_run"),
    *QUESTIONS,
)


OPENED = Contestant("opened", ours("run.info.source"))
ANY_SIZE = ("overview", "window", "last row")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--scalars", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=3, help="times each process is run")
    parser.add_argument("--keep", type=Path, default=DATA, help="where the made files are kept")
    parser.add_argument("--big", type=float, metavar="GB", help="what any size costs the same")
    parser.add_argument("--write", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.write:
        write(options)
        return
    compile_ours()
    options.keep.mkdir(parents=True, exist_ok=True)
    if options.big:
        compare_sizes(options.keep, options.big, options.rounds)
        return
    for scalars in options.scalars:
        compare(made_log(options.keep, scalars), options.rounds)


def write(options: argparse.Namespace) -> None:
    if options.big:
        write_big(options.write, options.big)
    else:
        write_scalars(options.write, options.scalars[0])


def compile_ours() -> None:
    import compileall

    spec = find_spec("runwise_parsers")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("runwise_parsers is not installed")
    compileall.compile_dir(spec.submodule_search_locations[0], quiet=1)


def made_log(keep: Path, scalars: int) -> Path:
    """Return a file of so many scalars, made now unless an earlier call left it."""
    log = keep.resolve() / f"events.out.tfevents.1700000000.bench.{scalars}"
    if not log.exists():
        print(f"making {log.name}, about {scalars / 60_000:.0f} s", file=sys.stderr)
        scratch = log.with_name("making")
        write_apart(scratch, "--scalars", str(scalars))
        scratch.rename(log)
    return log


def write_apart(path: Path, *options: str) -> None:
    """Write a file in a process of its own: what this one holds counts for those it starts."""
    subprocess.run([sys.executable, __file__, "--write", str(path), *options], check=True)


def write_scalars(path: Path, scalars: int) -> None:
    """Write scalars with TensorBoard's own classes, all tags at every step."""
    import random

    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.record_writer import RecordWriter

    rng = random.Random(0)
    clock = 1_700_000_000.0
    with path.open("wb") as file:
        writer = RecordWriter(file)
        writer.write(Event(wall_time=clock, file_version="brain.Event:2").SerializeToString())
        for number in range(scalars):
            clock += 1e-3 + rng.random() * 1e-3
            tag = TAGS[number % len(TAGS)]
            value = Summary(value=[Summary.Value(tag=tag, simple_value=rng.random())])
            event = Event(wall_time=clock, step=number // len(TAGS), summary=value)
            writer.write(event.SerializeToString())


def compare(log: Path, rounds: int) -> None:
    """Print what each contestant costs, its share of the peers', and the bounds."""
    costs = measured(CONTESTANTS, log, rounds)
    print(f"{log.name}, {log.stat().st_size / 1e6:.1f} MB, median of {rounds} rounds")
    print(f"{'':17} CPU s   of EA of tbp. bound  peak MB  MB on import bound")
    for one in CONTESTANTS:
        print(line(one, costs))


def measured(contestants: tuple[Contestant, ...], log: Path, rounds: int) -> dict[str, list[Cost]]:
    """Run all processes in rounds; the first round warms the page cache and does not count."""
    costs: dict[str, list[Cost]] = {one.name: [] for one in contestants}
    for _ in range(rounds + 1):
        for one in contestants:
            costs[one.name].append(run(one, log))
    return {name: some[1:] for name, some in costs.items()}


def run(one: Contestant, log: Path) -> Cost:
    command = [sys.executable, "-W", "ignore", "-c", f"import sys\n{one.code}", str(log)]
    quiet = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=quiet
    )
    assert process.stderr is not None
    with process.stderr as errors:
        said = errors.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{one.name} failed:\n{said}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit / 1e6)


def line(one: Contestant, costs: dict[str, list[Cost]]) -> str:
    own, start = costs[one.name], costs[NOTHING]
    seconds = [a.seconds - b.seconds for a, b in zip(own, start, strict=True)]
    peak = statistics.median(cost.megabytes for cost in own)
    shares = ""
    for peer in PEERS:
        theirs = [a.seconds - b.seconds for a, b in zip(costs[peer], start, strict=True)]
        share = statistics.median(a / b for a, b in zip(seconds, theirs, strict=True))
        shares += f" {share:7.3f}"
    middle = statistics.median(seconds)
    told = f"{one.name:16} {middle:6.3f}{shares} {_bound(one.share)} {peak:8.1f}"
    if one not in QUESTIONS:
        return told
    growth = peak - statistics.median(cost.megabytes for cost in costs[IMPORT])
    return f"{told} {growth:13.1f} {_bound(one.growth)}"


def _bound(number: float | None) -> str:
    return f"{'' if number is None else f'{number:.3g}':>6}"


def compare_sizes(keep: Path, gigabytes: float, rounds: int) -> None:
    """Print what questions cost, once the run is opened, that must cost the same at any size."""
    asked = (CONTESTANTS[0], OPENED, *(one for one in QUESTIONS if one.name in ANY_SIZE))
    found: dict[str, list[float]] = {one.name: [] for one in asked}
    peaks: dict[str, float] = {}
    for size in (SMALL_GB, gigabytes):
        log = keep.resolve() / f"events.out.tfevents.1700000000.big.{size:g}"
        try:
            write_apart(log, "--big", str(size))
            costs = measured(asked, log, rounds)
        finally:
            log.unlink(missing_ok=True)
        for one in asked:
            base = costs[OPENED.name if one.name in ANY_SIZE else NOTHING]
            pairs = zip(costs[one.name], base, strict=True)
            found[one.name].append(statistics.median(a.seconds - b.seconds for a, b in pairs))
            peaks[one.name] = statistics.median(cost.megabytes for cost in costs[one.name])
    print(f"ms of CPU: {SMALL_GB:g} GB, {gigabytes:g} GB (bound: 1.5 times as much), peak MB")
    for name in (OPENED.name, *ANY_SIZE):
        small, big = (1000 * seconds for seconds in found[name])
        print(f"{name:12} {small:7.1f} {big:7.1f} {peaks[name]:8.1f}")


def write_big(log: Path, gigabytes: float) -> None:
    """Write scalars of one layout, as many as fill a file, with numpy's help."""
    import numpy as np
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import crc32c, masked_crc32c

    first = 1 << 21  # from here to 2**28 a step takes four bytes
    per_block, tag = 1_000_000, "loss"
    summary = Summary(value=[Summary.Value(tag=tag, simple_value=1.0)])
    data = Event(wall_time=1.7e9, step=first, summary=summary).SerializeToString()
    head = len(data).to_bytes(8, "little")
    row = head + masked_crc32c(head).to_bytes(4, "little") + data + bytes(4)
    table = np.array([crc32c(bytes([byte])) ^ crc32c(b"\0") for byte in range(256)], "u4")
    step_at = 12 + data.index(b"\x10") + 1
    with log.open("wb", buffering=0) as file:
        for block in range(max(1, int(gigabytes * 1e9 / len(row) / per_block))):
            steps = np.arange(per_block, dtype="u8") + first + block * per_block
            rows = np.tile(np.frombuffer(row, "u1"), (per_block, 1))
            rows[:, 13:21] = (1.7e9 + steps / 1e3).astype("<f8").view("u1").reshape(-1, 8)
            for place in range(4):
                high = 128 if place < 3 else 0
                rows[:, step_at + place] = (steps >> np.uint64(7 * place)).astype(
                    "u1"
                ) & 127 | high
            rows[:, -8:-4] = (1 / (1 + steps)).astype("<f4").view("u1").reshape(-1, 4)
            crc = np.full(per_block, 0xFFFFFFFF, "u4")
            for at in range(12, len(row) - 4):
                crc = table[(crc ^ rows[:, at]) & 255] ^ crc >> np.uint32(8)
            crc = ~crc
            masked = (crc >> np.uint32(15) | crc << np.uint32(17)) + np.uint32(0xA282EAD8)
            rows[:, -4:] = masked.astype("<u4").view("u1").reshape(-1, 4)
            file.write(rows.tobytes())


if __name__ == "__main__":
    main()
