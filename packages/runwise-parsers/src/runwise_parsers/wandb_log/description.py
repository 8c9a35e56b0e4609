"""What a W&B log says about its run besides the history.

    run         := 1 id  2 entity  3 project  4 config  6 group  7 job_type  8 display_name
                   9 notes  10 tag*  12 sweep  13 host  17 start_time  21 git{1 remote 2 commit}
                   19 telemetry{3 feature{67 shared_mode}}  23 branch_point (see branch)
    config      := 1 update*  2 remove*          update, remove := item (see items)
    summary     := 1 update*  2 remove*
    exit        := 1 code  2 runtime             a code of 0 is not written
    environment := 3 started_at  5 arg*  6 program  7 code_path  9 git  12 host
    stats       := 1 type  2 timestamp  3 item*        names end in "/l:label" of a labelled writer
    metric      := 1 name  2 glob_name  7 summary{1 min 2 max 3 mean 4 best 5 last 6 none 8 first}
                   8 goal(1 minimize, 2 maximize)

A run may write several of each; later ones win. Runs renamed while training do.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from runwise_parsers.leveldb.wire import fields, first, seconds, signed, text
from runwise_parsers.values import loads
from runwise_parsers.wandb_log import kinds
from runwise_parsers.wandb_log.branch import Branch, configured_branch, recorded_branch
from runwise_parsers.wandb_log.items import parse_item

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

AGGREGATES = {1: "min", 2: "max", 3: "mean", 4: "best", 5: "last", 6: "none", 8: "first"}
LABEL = "/l:"
"""What stands between a system metric's name and the label of its writer."""
_MAXIMIZE = 2
_SHARED = 67
Tree = dict[str, object]


@dataclass(slots=True)
class Description:
    """Everything but the history, gathered record by record in the order of the log.

    ``summary`` is what the newest segment of the run wrote there, ``earlier`` what those before
    it did: of these, what was logged since then is newer. ``shared`` marks one of several
    processes that write the run at the same time, ``label`` what it calls itself.
    """

    run: dict[str, str] = field(default_factory=dict[str, str])
    tags: tuple[str, ...] = ()
    created: float | None = None
    newest: float | None = None
    exit_code: int | None = None
    args: tuple[str, ...] = ()
    config: Tree = field(default_factory=dict[str, object])
    summary: Tree = field(default_factory=dict[str, object])
    earlier: Tree = field(default_factory=dict[str, object])
    aggregates: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    recorded: bool = False
    shared: bool = False
    label: str = ""
    branch: Branch | None = None

    def take(self, records: Iterable[tuple[int, bytes]]) -> None:
        """Learn from records; a damaged one is passed over."""
        for kind, body in records:
            self.recorded = True
            reader = _READERS.get(kind)
            if reader is not None:
                try:
                    reader(self, body)
                except ValueError:
                    continue

    def next_segment(self) -> None:
        """Begin with the next log of a resumed run."""
        self.earlier |= self.summary
        self.summary = {}

    def clock(self, when: float | None) -> None:
        """Note a time the log mentions."""
        if when is not None and (self.newest is None or when > self.newest):
            self.newest = when

    @property
    def rewound(self) -> float | None:
        """The step to which this part of the run goes back, ``None`` if it does not."""
        own = self.branch is not None and self.branch.run == self.run.get("id")
        return self.branch.step if self.branch is not None and own else None

    @property
    def command(self) -> str:
        """The command line, as far as it was recorded."""
        return " ".join((self.run.get("program", ""), *self.args)).strip()


_RUN_TEXTS = {
    1: "id", 2: "entity", 3: "project", 6: "group", 7: "job_type", 8: "name", 9: "notes",
    12: "sweep", 13: "host",
}  # fmt: skip


def _read_run(into: Description, body: bytes) -> None:
    tags: list[str] = []
    for number, value in fields(body):
        if number in _RUN_TEXTS:
            into.run[_RUN_TEXTS[number]] = text(value)
        elif number == 4 and isinstance(value, bytes):
            update(into.config, value)
        elif number == 10:
            tags.append(text(value))
        elif number == 17:
            into.created = into.created or seconds(value)
            into.clock(seconds(value))
        elif number == 19 and isinstance(value, bytes):
            into.shared = into.shared or _is_shared(value)
        elif number == 21 and isinstance(value, bytes):
            _read_git(into, value)
        elif number == 23 and isinstance(value, bytes):
            into.branch = recorded_branch(value)
    into.branch = into.branch or configured_branch(into.config)
    into.tags = tuple(tags) or into.tags


def _is_shared(telemetry: bytes) -> bool:
    return any(number == _SHARED and value for number, value in fields(first(telemetry, 3)))


def _read_git(into: Description, body: bytes) -> None:
    commit = text(first(body, 2))
    if commit:
        into.run["commit"] = commit


def _read_environment(into: Description, body: bytes) -> None:
    args: list[str] = []
    for number, value in fields(body):
        if number == 5:
            args.append(text(value))
        elif number == 6:
            into.run["program"] = text(value)
        elif number == 7:
            into.run["program"] = text(value)  # relative to the code's root, so shorter
        elif number == 9 and isinstance(value, bytes):
            _read_git(into, value)
        elif number == 12:
            into.run.setdefault("host", text(value))
    into.args = tuple(args) or into.args


def _read_exit(into: Description, body: bytes) -> None:
    into.exit_code = 0
    for number, value in fields(body):
        if number == 1:
            into.exit_code = signed(value)


def _read_config(into: Description, body: bytes) -> None:
    update(into.config, body)


def _read_summary(into: Description, body: bytes) -> None:
    update(into.summary, body)


def _read_metric(into: Description, body: bytes) -> None:
    name, best, chosen = "", "min", ()
    for number, value in fields(body):
        if number in (1, 2):
            name = text(value)
        elif number == 7 and isinstance(value, bytes):
            chosen = tuple(AGGREGATES[part] for part, _ in fields(value) if part in AGGREGATES)
        elif number == 8 and value == _MAXIMIZE:
            best = "max"
    if name and chosen:
        parts = (f"best:{best}" if part == "best" else part for part in chosen)
        into.aggregates[name] = tuple(parts)


def _read_stats(into: Description, body: bytes) -> None:
    _read_clock(into, body)
    if into.shared and not into.label:
        path = parse_item(first(body, 3))[0]
        into.label = "".join(path).partition(LABEL)[2]


def _read_clock(into: Description, body: bytes) -> None:
    into.clock(seconds(first(body, 2)))


_READERS: dict[int, Callable[[Description, bytes], None]] = {
    kinds.RUN: _read_run,
    kinds.ENVIRONMENT: _read_environment,
    kinds.EXIT: _read_exit,
    kinds.CONFIG: _read_config,
    kinds.SUMMARY: _read_summary,
    kinds.METRIC: _read_metric,
    kinds.STATS: _read_stats,
    kinds.OUTPUT: _read_clock,
    kinds.OUTPUT_RAW: _read_clock,
}


def update(tree: Tree, body: bytes) -> None:
    """Apply the updates and removals of a config or summary record to nested mappings."""
    for number, value in fields(body):
        if number not in (1, 2) or not isinstance(value, bytes):
            continue
        path, json = parse_item(value)
        if not path:
            continue
        branch = tree
        for level in path[:-1]:
            inner = branch.get(level)
            if not isinstance(inner, dict):
                inner = branch[level] = {}
            branch = cast("Tree", inner)
        if number == 1:
            branch[path[-1]] = loads(json)
        else:
            branch.pop(path[-1], None)
