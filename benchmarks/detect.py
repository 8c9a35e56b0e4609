"""How well and how fast runwise-detect judges labelled curves, record by record.

    python benchmarks/detect.py --labels LABELS.json --curves FOLDER --out FINDINGS.jsonl \
        [--scorer SCORE.py]

FOLDER holds one gzipped JSON Lines file per run (``_step``, ``_runtime``, then metrics);
LABELS.json says what happened in each run and when. The findings are written in the terms of
the labels, one ``{run, kind, step_start, step_end, severity, step_detected}`` a line, and given
to the scorer, if it lies beside the labels or is named. Then the cost of an update is measured
beside that of thirteen empty method calls, in CPU time.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import subprocess
import sys
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING

from runwise_detect import Finding, Monitor, known_detectors

if TYPE_CHECKING:
    from collections.abc import Iterator

LABEL = {"non_finite": "nan", "learning_rate": "lr_issue"}  # what the labels call our kinds
FIVE = ("train/loss", "val/loss", "lr", "grad_norm", "samples_per_sec")
Record = tuple[float, dict[str, object], "float | None"]


def main() -> None:
    options = arguments()
    labelled = json.loads(options.labels.read_text())
    missing = [run for run in labelled if not path_of(options.curves, run).exists()]
    if missing:
        print(f"no curves for {len(missing)} of {len(labelled)} runs, first {missing[0]}")
    runs = {run: list(records(options.curves, run)) for run in labelled if run not in missing}
    with options.out.open("w") as out:
        for run, rows in runs.items():
            for line in findings(run, rows):
                out.write(json.dumps(line) + "\n")
    if scorer := options.scorer or scorer_beside(options.labels):
        sys.stdout.flush()
        command = [sys.executable, scorer, options.labels, options.out, "--boot"]
        subprocess.run(command, check=True)
    else:
        print("no scorer at hand (score.py beside the labels, or --scorer)")
    print_cost(list(runs.values()))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--labels", type=Path, required=True)
    parser.add_argument("--curves", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--scorer", type=Path)
    return parser.parse_args()


def scorer_beside(labels: Path) -> Path | None:
    """Return the scorer in the folder of the labels, or in the one above it."""
    folder = labels.resolve().parent
    places = (folder / "score.py", folder.parent / "score.py")
    return next((place for place in places if place.is_file()), None)


def path_of(folder: Path, run: str) -> Path:
    return folder / f"{run}.jsonl.gz"


def records(folder: Path, run: str) -> Iterator[Record]:
    with gzip.open(path_of(folder, run), "rt") as lines:
        for line in lines:
            row = json.loads(line)
            step, clock = row.pop("_step"), row.pop("_runtime", None)
            yield step, row, clock


def findings(run: str, rows: list[Record]) -> Iterator[dict[str, object]]:
    monitor = Monitor()
    for step, metrics, clock in rows:
        monitor.update(step, metrics, time=clock)
    last = max(step for step, _, _ in rows)
    for finding in monitor.findings:
        yield {
            "run": run,
            "kind": LABEL.get(finding.kind, finding.kind),
            "step_start": finding.onset_step,
            "step_end": end(finding, last),
            "severity": finding.severity,
            "step_detected": finding.step,
            "metric": finding.metric,
            "message": finding.message,
        }


def end(finding: Finding, last: float) -> float:
    return last if finding.end_step is None else finding.end_step


def print_cost(runs: list[list[Record]]) -> None:
    """Print the best of five passes, so that other work on the machine counts least."""
    updates = sum(map(len, runs))
    online = min(seconds(runs) for _ in range(5)) / updates
    plain = min(seconds_empty(updates) for _ in range(5)) / updates
    print(f"{updates} updates, {1e6 * online:.2f} us each, {len(known_detectors())} kinds")
    dense = five_metrics(max(runs, key=len))
    five = min(seconds([dense]) for _ in range(5)) / len(dense)
    block = min(seconds_block(dense) for _ in range(5)) / len(dense)
    print(f"of five metrics: {1e6 * five:.2f} us each, in one block {1e6 * block:.2f} us a record")
    print(
        f"empty method call: {1e6 * plain:.3f} us; "
        f"five metrics cost {five / plain / 13:.1f} times thirteen of them"
    )


def five_metrics(rows: list[Record]) -> list[Record]:
    kept = [(step, {k: v for k, v in row.items() if k in FIVE}, None) for step, row, _ in rows]
    return [record for record in kept if len(record[1]) >= 3]


def seconds(runs: list[list[Record]]) -> float:
    total = 0.0
    for rows in runs:
        update = Monitor().update
        start = process_time()
        for step, metrics, clock in rows:
            update(step, metrics, time=clock)
        total += process_time() - start
    return total


def seconds_block(rows: list[Record]) -> float:
    steps = [step for step, _, _ in rows]
    columns = {name: [row.get(name) for _, row, _ in rows] for name in FIVE}
    monitor = Monitor()
    start = process_time()
    monitor.extend(steps, columns)
    return process_time() - start


class Empty:
    """What a detector costs that does nothing."""

    def update(self, step: float, values: object) -> None:
        """Do nothing."""


def seconds_empty(calls: int) -> float:
    update, values = Empty().update, {"loss": math.pi}
    start = process_time()
    for step in range(calls):
        update(step, values)
    return process_time() - start


if __name__ == "__main__":
    main()
