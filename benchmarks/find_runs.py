"""Time finding runs in a large project: ours beside a bare `os.walk` over the same tree.

    python benchmarks/find_runs.py [--files 100000] [--runs 1000] [--rounds 7] [--keep DIR]

The tree holds what projects hold: sources, pictures, JSON and CSV data sets, checkpoints, a
`.git`, `node_modules`, a virtual environment; and runs of nine kinds between them. Both are timed
in this process, round by round, CPU alone, everything in the page cache. `claims` is the walk and
what the names tell; `find_runs` describes every run besides. Which files the walk opened is
counted by an audit hook, in a round of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent))

from small_runs import MAKERS

if TYPE_CHECKING:
    from collections.abc import Callable

BOUND = 3.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--files", type=int, default=100_000, help="files that are no runs")
    parser.add_argument("--runs", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--keep", type=Path, help="where the tree is made and kept")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        root = (options.keep or Path(scratch)) / f"{options.files}files{options.runs}runs"
        if not root.exists():
            print(f"making {options.files} files and {options.runs} runs", file=sys.stderr)
            made = root.with_suffix(".making")
            shutil.rmtree(made, ignore_errors=True)
            make_tree(made, options.files, options.runs)
            made.rename(root)
        compare(root, options.rounds)


def compare(root: Path, rounds: int) -> None:
    from runwise_parsers.find import claimed, find_runs

    contestants: dict[str, Callable[[], object]] = {
        "os.walk": lambda: sum(1 for _ in os.walk(root)),
        "claims": lambda: claimed(root),
        "find_runs": lambda: list(find_runs(root)),
    }
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for number in range(rounds + 1):
        for name, work in contestants.items():
            begun = time.process_time()
            work()
            if number:  # the first round warms imports and the page cache
                times[name].append(time.process_time() - begun)
    print("             CPU s   of os.walk   bound")
    for name, taken in times.items():
        ratio = statistics.median(a / b for a, b in zip(taken, times["os.walk"], strict=True))
        bound = f"{BOUND:8}" if name == "claims" else ""
        print(f"{name:10} {statistics.median(taken):7.3f}   {ratio:10.2f}{bound}")
    found = Counter(info.source for info in find_runs(root))
    print(f"{sum(found.values())} runs: {', '.join(f'{n} {k}' for k, n in found.most_common())}")
    print(f"opened to tell what is a run: {opened(lambda: claimed(root))}")


def opened(work: Callable[[], object]) -> str:
    """Return how many files of which kind were opened meanwhile."""
    kinds: Counter[str] = Counter()
    watching = True

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if watching and event == "open" and isinstance(arguments[0], str):
            kinds["".join(Path(arguments[0]).suffixes[-1:]) or Path(arguments[0]).name] += 1

    sys.addaudithook(hook)
    work()
    watching = False
    return ", ".join(f"{count} {kind}" for kind, count in kinds.most_common()) or "nothing"


def make_tree(root: Path, files: int, runs: int) -> None:
    """Write the files that are no runs, by shares of what projects hold, and the runs."""
    shares: dict[Callable[[Path, int], None], float] = {
        _git: 0.06, _node_modules: 0.16, _environment: 0.12, _sources: 0.10, _pictures: 0.22,
        _json_data: 0.10, _csv_data: 0.06, _texts: 0.08, _shards: 0.04, _checkpoints: 0.06,
    }  # fmt: skip
    for make, share in shares.items():
        make(root, round(files * share))
    for number in range(runs):
        MAKERS[number % len(MAKERS)](root / "experiments", number)


def _spread(
    root: Path, count: int, in_each: int, names: Callable[[int], str], data: bytes
) -> None:
    """Write files into numbered directories of so many each."""
    for number in range(count):
        folder = root / f"{number // in_each // 40:02}" / f"{number // in_each:04}"
        if number % in_each == 0:
            folder.mkdir(parents=True, exist_ok=True)
        (folder / names(number)).write_bytes(data)


def _git(root: Path, count: int) -> None:
    _spread(root / ".git/objects", count, 12, lambda n: f"{n:038x}", b"x")


def _node_modules(root: Path, count: int) -> None:
    names = ("index.js", "package.json", "README.md", "index.d.ts", "LICENSE", "metrics.json")
    _spread(root / "web/node_modules", count, 6, lambda n: names[n % 6], b"{}")


def _environment(root: Path, count: int) -> None:
    (root / "env").mkdir(parents=True)
    (root / "env/pyvenv.cfg").write_text("home = /usr/bin\n")
    _spread(root / "env/lib", count, 20, lambda n: f"module{n}.py", b"pass\n")


def _sources(root: Path, count: int) -> None:
    _spread(root / "src", count // 2, 15, lambda n: f"part{n}.py", b"pass\n")
    _spread(root / "src/__pycache__", count // 2, 50, lambda n: f"part{n}.cpython-311.pyc", b"\0")


def _pictures(root: Path, count: int) -> None:
    _spread(root / "data/images", count, 500, lambda n: f"{n:08}.jpg", b"\xff\xd8\xff")


def _json_data(root: Path, count: int) -> None:
    data = json.dumps({"id": 7, "boxes": [[0, 1, 2, 3]], "score": 0.5}).encode()
    _spread(root / "data/annotations", count, 200, lambda n: f"image_{n:06}.json", data)


def _csv_data(root: Path, count: int) -> None:
    data = b"x,y,label\n" + b"0.5,0.25,1\n" * 20
    _spread(root / "data/tables", count, 100, lambda n: f"subject{n:05}.csv", data)


def _texts(root: Path, count: int) -> None:
    _spread(root / "data/texts", count, 300, lambda n: f"doc{n}.txt", b"once upon a time\n")


def _shards(root: Path, count: int) -> None:
    data = b'{"prompt": "hello", "answer": "world", "score": 0.5}\n' * 4
    _spread(root / "data/shards", count, 250, lambda n: f"part-{n:05}.jsonl", data)


def _checkpoints(root: Path, count: int) -> None:
    names = ("model.safetensors", "optimizer.pt", "config.json", "tokenizer.json", "scaler.npz")
    _spread(root / "models", count, 5, lambda n: names[n % 5], b"\x80\x02")


if __name__ == "__main__":
    main()
