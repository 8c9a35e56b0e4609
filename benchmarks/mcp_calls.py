"""A thousand calls of tools, four at a time, over a run of 100,000 steps and 12 metrics.

    python benchmarks/mcp_calls.py [--calls 1000] [--at-once 4]

The server is a process of its own, asked over stdio by the SDK's client; the cache is empty when
it begins. None may fail, and the 99th of a hundred calls may take 10 times the median. The run is
`benchmarks/data/100000x12.wandb` (made by benchmarks/wandb_read.py where it is missing).
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from itertools import cycle, islice
from pathlib import Path
from statistics import median, quantiles

import anyio
from mcp import Client
from mcp.client.stdio import StdioServerParameters

DATA = Path(__file__).parent / "data" / "100000x12.wandb"
RUN = "run-20260101_000000-bench001"
CALLS = [
    ("analyze_run", {}),
    ("list_runs", {}),
    ("detect_anomalies", {"run": "latest"}),
    ("get_history", {"view": "stats"}),
    ("find_best_run", {"metric": "train/loss"}),
    ("live_status", {}),
    ("analyze_run", {"include": "config"}),
    ("list_runs", {"filter": "step>5", "sort": "step"}),
]
"""What agents ask most; all but rows of curves, which read the log again."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--calls", type=int, default=1000)
    parser.add_argument("--at-once", type=int, default=4)
    chosen = parser.parse_args()
    if not DATA.exists():
        raise SystemExit(f"{DATA} is missing: run benchmarks/wandb_read.py first")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "project" / "wandb" / RUN
        place.mkdir(parents=True)
        shutil.copy(DATA, place / "run-bench001.wandb")
        times, failed = anyio.run(asked, Path(folder), chosen.calls, chosen.at_once)
    every = sorted(spent for _, spent in times)
    middle, late = median(every), quantiles(every, n=100)[98]
    print(f"{len(every)} calls, {chosen.at_once} at a time: {sum(failed.values())} failed")
    print(f"median {1000 * middle:.1f} ms, 99 of 100 within {1000 * late:.0f} ms", end="")
    print(f" ({late / middle:.1f} times), the slowest {1000 * every[-1]:.0f} ms")
    for tool in dict.fromkeys(name for name, _ in times):
        mine = [spent for name, spent in times if name == tool]
        print(f"  {tool:18} {1000 * median(mine):7.1f} ms")
    for said, number in failed.items():
        print(f"  {number} times: {said}")
    return 1 if failed or late > 10 * middle else 0


async def asked(folder: Path, calls: int, at_once: int) -> tuple[list[tuple[str, float]], Counter]:
    """Return how long each call took, and what those said that failed."""
    server = StdioServerParameters(
        command=sys.executable, args=["-m", "runwise_mcp", "--root", str(folder / "project")],
        env={**os.environ, "RUNWISE_CACHE_DIR": str(folder / "cache")},
    )  # fmt: skip
    times: list[tuple[str, float]] = []
    failed: Counter[str] = Counter()
    left = islice(cycle(CALLS), calls)

    async def one_after_another() -> None:
        for tool, given in left:
            begun = time.perf_counter()
            result = await client.call_tool(tool, given)
            times.append((tool, time.perf_counter() - begun))
            if result.is_error:
                failed[f"{tool}: {result.content[0].text[:200]}"] += 1

    async with Client(server) as client, anyio.create_task_group() as group:
        for _ in range(at_once):
            group.start_soon(one_after_another)
    return times, failed


if __name__ == "__main__":
    sys.exit(main())
