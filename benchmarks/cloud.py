"""Export of a run from W&B's cloud, beside the client's own ``scan_history``.

    python benchmarks/cloud.py [rows]

Both ask the loopback server of the tests, each in a process of its own and for a run of its own
name; the time is that from the run in hand to its last row, as the client's users would write it.
Ours also keeps the rows in the mirror. Then the run logs 1,000 rows more and both ask again.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

ROWS, METRICS, MORE, ROUNDS = 105_000, 12, 1_000, 3
ROOT = Path(__file__).resolve().parent.parent
REF = "team/bert/{}"


def server() -> ModuleType:
    path = ROOT / "tests/cloud/server.py"
    spec = importlib.util.spec_from_file_location("cloud_server", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def rows(first: int, count: int) -> list[dict[str, float]]:
    names = [f"train/metric_{number}" for number in range(METRICS)]
    return [
        {"_step": at, "_timestamp": 1.79e9 + at, "_runtime": float(at)}
        | {name: 1.0 / (1 + at + place) for place, name in enumerate(names)}
        for at in range(first, first + count)
    ]


def theirs(run_id: str, first: int) -> tuple[float, int]:
    import wandb

    run = wandb.Api(overrides={"entity": "team"}).run(REF.format(run_id))
    begun = time.perf_counter()
    found = list(run.scan_history(min_step=first))
    return time.perf_counter() - begun, len(found)


def ours(run_id: str, keep: Path) -> tuple[float, int]:
    from runwise_parsers.remotes.wandb_cloud import WandbCloud

    remote = WandbCloud()
    (info,) = remote.runs(REF.format(run_id), keep)
    begun = time.perf_counter()
    found = remote.fetch(info, keep)
    return time.perf_counter() - begun, int(found.last_step or 0) + 1


def measured(*words: str) -> tuple[float, int]:
    done = subprocess.run(
        [sys.executable, __file__, *words], capture_output=True, check=True, text=True
    )
    seconds, count = json.loads(done.stdout.splitlines()[-1])
    return seconds, count


def main(count: int) -> None:
    wb = server()
    every = rows(0, count + MORE)
    with tempfile.TemporaryDirectory() as folder, wb.serving(wb.Cloud()) as cloud:
        os.environ |= {
            "WANDB_BASE_URL": cloud.address, "WANDB_API_KEY": wb.KEY, "WANDB_SILENT": "true",
            "WANDB_CACHE_DIR": folder, "WANDB_CONFIG_DIR": folder, "WANDB_DATA_DIR": folder,
        }  # fmt: skip
        times: dict[str, list[float]] = {"ours": [], "theirs": [], "again": []}
        for number in range(ROUNDS):
            run = cloud.add(wb.CloudRun(f"r{number}", every[:count], state="running"))
            seconds, got = measured("theirs", run.id, "0")
            assert got == count, got
            times["theirs"].append(seconds)
            keep = f"{folder}/keep{number}"
            seconds, got = measured("ours", run.id, keep)
            assert got == count, got
            times["ours"].append(seconds)
            run.rows, run.heartbeat = every, "2026-11-01T12:00:00Z"
            cloud.forget()
            seconds, got = measured("ours", run.id, keep)
            assert (got, cloud.rows_sent) == (count + MORE, MORE), (got, cloud.rows_sent)
            times["again"].append(seconds)
    middle = {name: median(found) for name, found in times.items()}
    print(f"{count} rows x {METRICS} metrics, median of {ROUNDS}")
    print(f"scan_history     {middle['theirs']:.2f} s")
    print(
        f"export           {middle['ours']:.2f} s  {middle['ours'] / middle['theirs']:.2f} of it"
    )
    print(f"{MORE} rows more   {middle['again']:.2f} s  {MORE} rows transferred")


if __name__ == "__main__":
    if sys.argv[1:2] == ["theirs"]:
        print(json.dumps(theirs(sys.argv[2], int(sys.argv[3]))))
    elif sys.argv[1:2] == ["ours"]:
        print(json.dumps(ours(sys.argv[2], Path(sys.argv[3]))))
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else ROWS)
