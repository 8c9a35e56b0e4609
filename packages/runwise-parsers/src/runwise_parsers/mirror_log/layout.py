"""Where the mirror of a run lies and what its files are called.

    <keep>/<remote>/<project>/.../<run>-<mark>/
      runwise-mirror.json    what the server says of the run, and how far it was fetched
      history.jsonl          rows of metrics, appended only
      glance.jsonl           until there is a history: one row, what a list of runs says of the end
      system.jsonl           what was measured of the machine, where the server has it
      console.log            what the run printed, where the server has it
      console-tail.log       the end of that, where no more was fetched
      lock                   held by whoever fetches

Names come from a server, so a directory is called like them as far as every file system takes
that; a mark made of the whole address tells those apart that would be called alike.
"""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

HEAD = "runwise-mirror.json"
HISTORY, GLANCE, SYSTEM = "history.jsonl", "glance.jsonl", "system.jsonl"
CONSOLE, TAIL, LOCK = "console.log", "console-tail.log", "lock"
STEP, CLOCK = "_step", "_timestamp"
"""Keys of a row: its step (seconds since the start, of the machine's rows), its Unix seconds."""
VERSION = 1
_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")
_DEVICE = re.compile(r"con|prn|aux|nul|(?:com|lpt)[0-9]", re.IGNORECASE)
_LONGEST = 60


def mirror_place(keep: Path, remote: str, server: str, names: Sequence[str]) -> Path:
    """Return the directory of a run's mirror; ``names`` are its project's and its own.

    >>> from pathlib import Path
    >>> mirror_place(Path("keep"), "mlflow-server", "http://here:5000", ["1", "ab"]).as_posix()
    'keep/mlflow-server/1/ab-8abf1865'
    """
    whole = "\0".join((remote, server, *names)).encode("utf-8", "surrogatepass")
    mark = blake2b(whole, digest_size=4).hexdigest()
    *above, own = map(_fitting, names)
    return keep.joinpath(_fitting(remote), *above, f"{own}-{mark}")


def _fitting(name: str) -> str:
    """Return a name as every system can have it; Windows knows devices, whatever their suffix."""
    fit = _UNFIT.sub("_", name).strip(". ")[:_LONGEST].rstrip(".") or "_"
    return f"_{fit}" if _DEVICE.fullmatch(fit.partition(".")[0]) else fit
