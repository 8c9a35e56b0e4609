"""What `runwise --version` and `runwise --help` cost above `import click`.

    python benchmarks/startup.py [--rounds 21]

Whole processes, user and system time by ``wait4``. The processes take turns, so that a busy
machine is busy for all of them; what is printed is the median of the differences of a round.
Bytecode is compiled first, and a first round is not counted.
"""

from __future__ import annotations

import argparse
import compileall
import os
import sys
from pathlib import Path
from statistics import median

PACKAGES = Path(__file__).resolve().parent.parent / "packages"
PEER = ("-c", "import click")
CALLS = {"--version": 30.0, "--help": 40.0}
"""Milliseconds above the peer that each may take."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=21)
    rounds = parser.parse_args().rounds
    for folder in PACKAGES.glob("*/src"):
        compileall.compile_dir(folder, quiet=1)
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
    return 1 if late else 0


def cpu(*words: str) -> float:
    """Return the seconds of processor time that a Python process takes."""
    silent = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    pid = os.posix_spawn(sys.executable, [sys.executable, *words], os.environ, file_actions=silent)
    _, status, used = os.wait4(pid, 0)
    if status:
        raise SystemExit(f"python {' '.join(words)} ended with {status}")
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.exit(main())
