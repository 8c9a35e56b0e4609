"""What starting `runwise` costs: `--version`, `--help`, and every command on the example runs.

    python benchmarks/startup.py [--rounds 21] [--commands]

`--version` and `--help` above ``import click``; with ``--commands`` each command of the folder
as a multiple of ``runwise --help``. Whole processes, user and system time by ``wait4``. The
processes take turns, so that a busy machine is busy for all of them; what is printed is the
median of the differences of a round, and the least of each for the multiples. Bytecode is
compiled first, and a first round, which also fills the cache, is not counted.
"""

from __future__ import annotations

import argparse
import compileall
import os
import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median

PACKAGES = Path(__file__).resolve().parent.parent / "packages"
PEER = ("-c", "import click")
CALLS = {"--version": 30.0, "--help": 40.0}
"""Milliseconds above the peer that each may take."""
TIMES_HELP = 10.0
"""What a command on the example runs may take, in calls of ``runwise --help``."""
WORDS = {
    "agent": ["list"],
    "api": ["-p", "team/x"],
    "artifacts": ["healthy"],
    "best": ["val/loss"],
    "compare": ["healthy", "nan"],
    "completion": ["bash"],
    "config": ["healthy"],
    "console": ["killed"],
    "explain": ["loss_spike"],
    "find": ["spike"],
    "history": ["healthy"],
    "init": ["--force"],
    "keys": ["healthy"],
    "live": ["healthy"],
    "notes": ["healthy"],
    "plot": ["healthy"],
    "report": ["healthy"],
    "run": ["nan"],
    "stability": ["healthy"],
    "stats": ["healthy"],
    "watch": ["healthy"],
}
"""Words behind a command; the others need none."""
ENDS = {"api": 1}
"""Codes other than 0: without a login ``api`` has nothing to ask."""
NOT_JUDGED = {"api"}
"""It loads W&B's own client, 0.6 s, and then waits for a server."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--commands", action="store_true", help="Every command, too.")
    asked = parser.parse_args()
    for folder in PACKAGES.glob("*/src"):
        compileall.compile_dir(folder, quiet=1)
    late = start(asked.rounds)
    if asked.commands:
        late = commands(max(3, asked.rounds // 3)) or late
    return 1 if late else 0


def start(rounds: int) -> bool:
    """Print what `--version` and `--help` cost above the peer; say whether it is too much."""
    above = {call: [] for call in CALLS}
    peer: list[float] = []
    for number in range(rounds + 1):
        peer_now = cpu(*PEER)
        now = {call: cpu("-m", "runwise", call) for call in CALLS}
        if number:
            peer.append(peer_now)
            for call, spent in now.items():
                above[call].append(spent - peer_now)
    print(f"{'import click':18} {1000 * median(peer):6.1f} ms")
    late = False
    for call, bound in CALLS.items():
        spent = 1000 * median(above[call])
        late = late or spent > bound
        print(f"runwise {call:10} +{spent:5.1f} ms  (bound {bound:.0f})")
    return late


def commands(rounds: int) -> bool:
    """Print what every command costs on the example runs; say whether one costs too much."""
    least: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "project"
        shutil.copytree(PACKAGES / "runwise-cli/src/runwise/demo_runs", place)
        os.environ["RUNWISE_CACHE_DIR"] = str(Path(folder) / "cache")
        os.environ["NETRC"] = os.devnull
        os.environ.pop("WANDB_API_KEY", None)
        os.chdir(place)
        names = sorted(
            path.stem for path in (PACKAGES / "runwise-cli/src/runwise/commands").glob("[!_]*.py")
        )
        for number in range(rounds + 1):
            for name in ("--help", *names):
                spent = cpu("-m", "runwise", name, *WORDS.get(name, []), code=ENDS.get(name, 0))
                if number:
                    least[name] = min(spent, least.get(name, spent))
        os.chdir(PACKAGES)
    first = least.pop("--help")
    print(f"\n{'runwise --help':18} {1000 * first:6.1f} ms")
    for name, spent in sorted(least.items(), key=lambda pair: -pair[1]):
        late = spent > TIMES_HELP * first and name not in NOT_JUDGED
        mark = f"  (bound {TIMES_HELP:.0f})" if late else ""
        print(f"{name:18} {1000 * spent:6.1f} ms  {spent / first:4.1f} times{mark}")
    return any(
        spent > TIMES_HELP * first for name, spent in least.items() if name not in NOT_JUDGED
    )


def cpu(*words: str, code: int = 0) -> float:
    """Return the seconds of processor time that a Python process takes."""
    silent = [(os.POSIX_SPAWN_OPEN, to, os.devnull, os.O_WRONLY, 0) for to in (1, 2)]
    pid = os.posix_spawn(sys.executable, [sys.executable, *words], os.environ, file_actions=silent)
    _, status, used = os.wait4(pid, 0)
    if os.waitstatus_to_exitcode(status) != code:
        ended = os.waitstatus_to_exitcode(status)
        raise SystemExit(f"python {' '.join(words)} ended with {ended}")
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.exit(main())
