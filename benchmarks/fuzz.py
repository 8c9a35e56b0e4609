"""Damage real runs at random and ask everything about what is left, source by source.

    python benchmarks/fuzz.py [--rounds 60] [--seed N ...] [--source NAME ...] [--keep DIR]

Runs of the fixtures, of the demo, made ones and, where it is, of the corpus are copied, damaged
(cut, flipped, spliced, zeroed, doubled, given random bytes or a huge line, swapped, renamed to
what another source reads, replaced by a directory, taken away), then found, opened and asked
every question. A child process does that, with 10 s of processor time for a case and a limit on
its memory. An exception, a hang, a file that was touched is a failure: its seed and what was done
are printed, the damaged files kept under `--keep`, and the exit code is 1.

The seeds are kept here, so a failure can be seen again; `--seed` tries others.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent))

from fuzz_child import Child
from fuzz_damage import damage
from small_runs import MAKERS, mirror

if TYPE_CHECKING:
    from runwise_parsers import RunInfo

ROOT = Path(__file__).resolve().parents[1]
SEEDS = (1, 2, 3, 5, 8)
LARGEST = 4 << 20
"""Bytes of a run that is worth damaging: larger ones only cost time."""


@dataclass
class Score:
    """What came of one source's cases."""

    files: int = 0
    exceptions: int = 0
    hangs: int = 0
    touched: int = 0
    megabytes: float = 0.0
    failures: list[str] = field(default_factory=list)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=60, help="damaged runs a seed and source")
    parser.add_argument("--seed", type=int, action="append", help=f"instead of {SEEDS}")
    parser.add_argument("--source", action="append", help="only these")
    parser.add_argument("--keep", type=Path, help="where damaged files that fail are kept")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fuzz-runs-") as made:
        return report(materials([*PLACES, *corpora(), small_runs(Path(made))]), options)


def report(material: dict[str, list[list[Path]]], options: argparse.Namespace) -> int:
    """Damage runs of all sources, print a line for each, and return the exit code."""
    names = options.source or sorted(known())
    print("source           files  exceptions  hangs  touched  peak MB above import")
    failures: list[str] = []
    for name in names:
        runs = material.get(name, [])
        score = fuzz(name, runs, options.seed or SEEDS, options.rounds, options.keep)
        failures += score.failures if runs else [f"{name}: there is no run to damage"]
        print(
            f"{name:15} {score.files:6} {score.exceptions:11} {score.hangs:6} "
            f"{score.touched:8} {score.megabytes:9.0f}",
            flush=True,
        )
    print("\n".join(failures))
    return 1 if failures else 0


def known() -> set[str]:
    from runwise_parsers.shelf import known_sources

    return set(known_sources())


PLACES = (
    ROOT / "packages/runwise-parsers/tests/runs",
    ROOT / "packages/runwise-cli/src/runwise/demo_runs",
)


def small_runs(root: Path) -> Path:
    """Write a small run of every kind that needs no tracker."""
    for number, make in enumerate(MAKERS):
        make(root, number)
    mirror(root)
    return root


def corpora() -> list[Path]:
    """Return the corpus of real files, where it lies beside this repository."""
    return [one for one in (ROOT.parent / "shared/corpus",) if one.is_dir()]


def materials(places: list[Path]) -> dict[str, list[list[Path]]]:
    """Return runs that are small enough, by source: the files or directories of each."""
    from runwise_parsers import find_runs

    found: dict[str, dict[tuple[Path, ...], None]] = {}
    for place in filter(Path.is_dir, places):
        for info in find_runs(place):
            if sum(map(_bytes_in, info.segments)) <= LARGEST:
                found.setdefault(info.source, {})[_whole(info)] = None
    return {name: [list(paths) for paths in runs] for name, runs in found.items()}


def _whole(info: RunInfo) -> tuple[Path, ...]:
    """Return the files of a run, or the directory they are in where that is the run."""
    if all(path.is_file() for path in info.segments):
        folder = info.segments[0].parent
        if _bytes_in(folder) <= LARGEST and len(list(folder.iterdir())) < 12:
            return (folder,)
    return info.segments


def _bytes_in(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(one.stat().st_size for one in files if one.is_file())


def fuzz(
    name: str,
    runs: list[list[Path]],
    seeds: tuple[int, ...],
    rounds: int,
    keep: Path | None = None,
) -> Score:
    """Damage runs of one source and return what came of it."""
    score = Score()
    if not runs:
        return score
    child = Child()
    try:
        for seed, number in ((seed, number) for seed in seeds for number in range(rounds)):
            rng = Random(f"{name}/{seed}/{number}")
            with tempfile.TemporaryDirectory(prefix="fuzz-") as scratch:
                root = Path(scratch) / "project"
                done = _damaged(root, rng, runs)
                score.files += 1
                said = child.ask(root)
                score.megabytes = max(score.megabytes, child.megabytes)
                if said:
                    _count(score, said)
                    score.failures.append(f"{name} seed {seed} round {number}, {done}: {said}")
                    if keep:
                        shutil.copytree(root, keep / f"{name}-{seed}-{number}", symlinks=True)
    finally:
        child.stop()
    return score


def _damaged(root: Path, rng: Random, runs: list[list[Path]]) -> str:
    """Copy a run to ``root`` and damage it; return what was done."""
    for path in rng.choice(runs):
        copy = root / path.name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            shutil.copytree(path, copy, dirs_exist_ok=True)
        else:
            shutil.copyfile(path, copy)
    done = [damage(root, rng) for _ in range(rng.choice((1, 1, 1, 2, 3)))]
    return ", ".join(done)


def _count(score: Score, said: str) -> None:
    score.hangs += said.startswith("hang")
    score.touched += said.startswith("touched")
    score.exceptions += not said.startswith(("hang", "touched"))


if __name__ == "__main__":
    sys.exit(main())
