r"""``run.json``: what Sacred knows of a run, written anew at every heartbeat (10 seconds).

    {
      "artifacts": ["model.pt"], "command": "main",
      "experiment": {"name": "mnist", "mainfile": "train.py", "repositories": [{"commit": ...}]},
      "fail_trace": ["Traceback ...\n", "  File ...\n", "ValueError: no\n"],
      "heartbeat": "2024-01-01T12:00:10.123456", "host": {"hostname": ...},
      "meta": {"comment": "", "options": {"UPDATE": ["lr=0.1"]}},
      "result": 0.98, "start_time": ..., "status": "COMPLETED", "stop_time": ...
    }

Times are UTC without saying so. ``heartbeat`` is null before the first one, ``stop_time`` is
missing while the run is running, and for ever if it was killed. Whoever reads while it is being
written finds it cut, or empty.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from runwise_parsers.axes import clock_of
from runwise_parsers.gap import LFS_POINTER, Gap, lfs_pointer, unreadable
from runwise_parsers.info import judge_state
from runwise_parsers.json_fields import fields_in
from runwise_parsers.values import loads
from runwise_parsers.whole_file import read_whole

if TYPE_CHECKING:
    from pathlib import Path

Tree = dict[str, object]
ENTRY = "run.json"
_ENDS = {
    "COMPLETED": "finished",
    "FAILED": "failed",
    "INTERRUPTED": "killed",
    "TIMEOUT": "killed",
    "DIED": "crashed",  # said by dashboards of runs without a heartbeat
}


@dataclass(frozen=True, slots=True)
class Entry:
    """What ``run.json`` says, as far as it can be read."""

    tree: Tree = field(default_factory=dict[str, object])
    modified: float | None = None
    gaps: tuple[Gap, ...] = ()

    def text(self, *keys: str) -> str:
        """Return a text somewhere in the tree, empty where there is none."""
        found = self._at(*keys)
        return found if isinstance(found, str) else ""

    def clock(self, key: str) -> float | None:
        """Return a time as Unix seconds."""
        return clock_of(self.text(key))

    @property
    def updated(self) -> float | None:
        """The newest time in it."""
        clocks = [self.clock(key) for key in ("start_time", "heartbeat", "stop_time")]
        return max((clock for clock in clocks if clock is not None), default=None)

    @property
    def state(self) -> str:
        """The state in W&B's words. One that only waits in a queue has none."""
        status = self.text("status")
        if status != "RUNNING":
            return _ENDS.get(status, "unknown")
        return judge_state(
            None, recorded=True, newest=self.updated, modified=self.modified, now=time.time()
        )

    @property
    def commit(self) -> str:
        """The commit of the first repository whose code was run."""
        for one in self._list("experiment", "repositories"):
            commit = _tree(one).get("commit")
            if isinstance(commit, str):
                return commit
        return ""

    @property
    def command(self) -> str:
        """The command line: ``train.py main with lr=0.1``."""
        updates = [one for one in self._list("meta", "options", "UPDATE") if isinstance(one, str)]
        words = [self.text("experiment", "mainfile"), self.text("command")]
        return " ".join(filter(None, words + (["with", *updates] if updates else [])))

    @property
    def fail_trace(self) -> list[str]:
        """The lines of the error that ended it."""
        lines = [one for one in self._list("fail_trace") if isinstance(one, str)]
        return "".join(one if one.endswith("\n") else f"{one}\n" for one in lines).splitlines()

    @property
    def artifacts(self) -> list[str]:
        """The names of files it stored beside itself."""
        return [one for one in self._list("artifacts") if isinstance(one, str)]

    def _at(self, *keys: str) -> object:
        found: object = self.tree
        for key in keys:
            found = _tree(found).get(key)
        return found

    def _list(self, *keys: str) -> list[object]:
        found = self._at(*keys)
        return cast("list[object]", found) if isinstance(found, list) else []


def _tree(value: object) -> Tree:
    return cast("Tree", value) if isinstance(value, dict) else {}


def load_entry(run: Path) -> Entry:
    """Read ``run.json`` of a run's directory; what is missing is a gap."""
    path = run / ENTRY
    try:
        data, modified = read_whole(path), path.stat().st_mtime
    except OSError as error:
        return Entry(gaps=(unreadable(ENTRY, error),))
    if data.startswith(LFS_POINTER):
        return Entry(modified=modified, gaps=(lfs_pointer(ENTRY),))
    try:
        value = loads(data)
    except ValueError:
        value = None
    if isinstance(value, dict):
        return Entry(_tree(cast("object", value)), modified)
    damage = Gap(f"part of {ENTRY}", "it is cut short or damaged", "Other files were read.")
    return Entry(fields_in(data), modified, (damage,))
