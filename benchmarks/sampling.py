"""How fast and how small runwise-sampling is, and what a sample of a curve keeps.

    python benchmarks/sampling.py [--points 1000000] [--rounds 5]

Times are CPU times, the least of several rounds, as ratios to ``min(a); max(a); sum(a)`` on the
same ``array("d")``, or to tsdownsample on the same numpy array where both are installed. At the
end the spikes and NaN that a sample shows, beside the method of runwise 0.5: every k-th row.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import random
import tempfile
import tracemalloc
from array import array
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING

from runwise_sampling import Sketch, Stats, downsample, known_methods, read_jsonl, sample_jsonl
from runwise_sampling.slope import slope
from runwise_sampling.stability import stability

if TYPE_CHECKING:
    from collections.abc import Callable

SHOWN = 500


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    for name, values in curves(options.points).items():
        print(f"\n{name}, {options.points:,} points")
        print_ratios(values, options.rounds)
    print_numpy(options.points, options.rounds)
    print_updates(options.points)
    print_files(options.rounds)
    print_kept()


def curves(count: int) -> dict[str, array[float]]:
    rng = random.Random(0)
    loss = array("d", (0.3 + 2 / (1 + at / 1000) + rng.gauss(0, 0.02) for at in range(count)))
    return {"a loss": loss, "white noise": array("d", (rng.gauss(0, 1) for _ in range(count)))}


def least(work: Callable[[], object], rounds: int) -> float:
    """Seconds of CPU."""
    times: list[float] = []
    for _ in range(rounds):
        start = process_time()
        work()
        times.append(process_time() - start)
    return min(times)


def print_ratios(values: array[float], rounds: int) -> None:
    steps = array("d", range(len(values)))
    base = least(lambda: (min(values), max(values), sum(values)), rounds)
    print(f"  min, max, sum           {base * 1000:8.1f} ms")
    rate = base / least(lambda: Sketch().extend(steps, values), rounds)
    print(f"  Sketch.extend           {rate:8.2f} of their rate (to reach: 0.20)")
    rate = base / least(lambda: Stats().extend(steps, values), rounds)
    print(f"  Stats.extend            {rate:8.2f} of their rate")
    for method in known_methods():
        taken = least(lambda: downsample(steps, values, SHOWN, method=method), rounds)  # noqa: B023 - called at once
        wanted = " (to reach: 2.50)" if method == "minmax-lttb" else ""
        print(f"  downsample {method:12} {taken / base:8.2f} times{wanted}")
    others = {"slope": lambda: slope(steps, values), "stability": lambda: stability(values)}
    for name, work in others.items():
        print(f"  {name:23} {least(work, rounds) / base:8.2f} times")


def print_numpy(count: int, rounds: int) -> None:
    try:
        import numpy as np
        import tsdownsample
    except ImportError as missing:
        print(f"\nno comparison with tsdownsample: {missing}")
        return
    values = np.array(curves(count)["a loss"])
    steps = np.arange(count, dtype=float)
    pairs = {
        "minmax-lttb": tsdownsample.MinMaxLTTBDownsampler(),
        "minmax": tsdownsample.MinMaxDownsampler(),
        "m4": tsdownsample.M4Downsampler(),
    }
    print(f"\nnumpy, {count:,} points, beside tsdownsample")
    for method, theirs in pairs.items():
        peer = least(lambda: theirs.downsample(steps, values, n_out=SHOWN), 10 * rounds)  # noqa: B023 - called at once
        ours = least(lambda: downsample(steps, values, SHOWN, method=method), 10 * rounds)  # noqa: B023 - called at once
        wanted = " (to reach: 5)" if method == "minmax-lttb" else ""
        print(f"  {method:23} {ours / peer:8.1f} times{wanted}")


def print_updates(count: int) -> None:
    rng = random.Random(0)
    values = [rng.gauss(0, 1) for _ in range(count)]
    sketch = Sketch(1024)
    start = process_time()
    for step, value in enumerate(values):
        sketch.update(step, value)
    taken = (process_time() - start) / count * 1e6
    print("\none point at a time, 1,024 buckets")
    print(f"  Sketch.update           {taken:8.2f} us (to reach: 1)")
    gc.collect()
    tracemalloc.start()
    held = Sketch(1024)
    for step, value in enumerate(values[: 1024 * 16 - 1]):
        held.update(step, value)
    gc.collect()  # the interpreter keeps emptied tuples for later
    size = tracemalloc.get_traced_memory()[0] / 1000
    print(f"  memory, nearly all full {size:8.1f} KB (to reach: 90)")
    print(f"  to_bytes                {len(held.to_bytes()) / 1000:8.1f} KB")
    tracemalloc.stop()


def print_files(rounds: int) -> None:
    print("\na JSON Lines log, 2,000 rows of it and all of it")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.jsonl"
        for rows in (20_000, 200_000):
            with path.open("w", encoding="utf-8") as file:
                for step in range(rows):
                    row = {f"metric/{number}": step / (number + 1) for number in range(12)}
                    file.write(json.dumps({"step": step, **row}) + "\n")
            some = least(lambda: sample_jsonl(path, ["metric/3"]), rounds) * 1000
            every = least(lambda: read_jsonl(path, ["metric/3"]), 1) * 1000
            size = path.stat().st_size / 1e6
            print(f"  {rows:8,} rows, {size:5.1f} MB", end="")
            print(f"  sample_jsonl {some:6.1f} ms, read_jsonl {every:7.1f} ms")


def print_kept() -> None:
    """Show which of 20 spikes, a NaN and a rare metric survive."""
    rng = random.Random(1)
    count = 100_000
    values = [2 / (1 + at / 1000) + rng.gauss(0, 0.02) for at in range(count)]
    spikes = sorted(rng.sample(range(count), 20))
    for height, at in enumerate(spikes, start=5):
        values[at] = float(height)
    lost = rng.choice([at for at in range(count) if at not in spikes])
    values[lost] = math.nan
    rare = range(0, 37 * 2000, 37)
    sketch = Sketch()
    sketch.extend(range(count), values)
    print(f"\nkept of {count:,} steps: 20 spikes and 1 NaN, one step wide; 2,000 rare points")
    for n in (50, SHOWN):
        every = range(0, count, count // n)
        shown = {"every k-th row (0.5)": set(every)}
        for method in known_methods():
            shown[f"downsample {method}"] = set(
                downsample(range(count), values, n, method=method)[0]
            )
        shown["Sketch.points"] = set(sketch.points(n)[0])
        print(f"  n = {n}: spikes, NaN")
        for name, steps in shown.items():
            kept = sum(at in steps for at in spikes)
            print(f"    {name:24} {kept:3} {int(lost in steps):3}")
    met = sum(at in rare for at in range(0, count, count // SHOWN))
    ours = len(downsample(rare, [values[at] for at in rare], 2000)[0])
    print(
        f"  the rare metric, n = {SHOWN} and 2000: every k-th row {met}, on its own steps {ours}"
    )


if __name__ == "__main__":
    main()
