"""What W&B measured of the machine while a run went on: GPU, memory, network, disk.

    stats := 1 type  2 timestamp{1 s  2 ns}  3 item*{1 key  16 value_json}       every 15 s or so

    wandb-events.jsonl, clients up to 0.9:
        {"system.gpu.0.gpu": 35.0, "system.memory": 3.1, "_timestamp": 1580000000, "_runtime": 8}

Some clients write a record for each device, some one for all. ``network`` was an object of two
numbers once. The names are those of the web page, which leaves ``system.`` out; those of a
labelled writer in shared mode end in ``/l:label``.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, cast

from runwise_parsers.leveldb.wire import fields, seconds
from runwise_parsers.lines import windows
from runwise_parsers.series import Series
from runwise_parsers.values import as_number, leaves, loads
from runwise_parsers.wandb_log.items import VALUE_TAG, parse_item
from runwise_parsers.wandb_log.kinds import STATS
from runwise_parsers.wandb_log.sidecar import Sidecar

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from runwise_parsers.info import RunInfo
    from runwise_parsers.wandb_log.logfile import LogFile

EVENTS = "wandb-events.jsonl"
_PREFIX = "system."


def measured(
    logs: Sequence[LogFile], info: RunInfo, names: Iterable[str] | None
) -> dict[str, Series]:
    """Return what was measured while a run went on, from its logs or from what stands beside."""
    measures = _Measures(info.created, None if names is None else frozenset(names))
    measures.read_logs(logs)
    found = measures.series()
    if found:
        return found
    folders = [log.path.parent for log in logs] or list(info.segments)
    for path in (Sidecar(folder).path(EVENTS) for folder in folders):
        if path is not None:
            measures.read_events(path)
    return measures.series()


class _Measures:
    """Collects measurements, of all names or of the wanted ones; ``begun`` is when the run did."""

    def __init__(self, begun: float | None, wanted: Collection[str] | None) -> None:
        self._begun = begun
        self._wanted = wanted
        self._columns: dict[str, tuple[array[float], array[float], array[float]]] = {}
        self._names: dict[bytes, str] = {}

    def read_logs(self, logs: Iterable[LogFile]) -> None:
        """Read the records of logs, oldest first."""
        for log in logs:
            for records in log.records(frozenset({STATS})):
                for _, body in records:
                    try:
                        self._read_record(body)
                    except ValueError:
                        continue

    def read_events(self, path: Path) -> None:
        """Read a file of events; a line that is none, or has no time, is passed over."""
        for data, _ in windows(path):
            for line in data.splitlines():
                try:
                    event = loads(line)
                except ValueError:
                    continue
                if isinstance(event, dict):
                    self._read_event(cast("dict[str, object]", event))

    def series(self) -> dict[str, Series]:
        """Return what was measured; ``steps`` are seconds since the run began."""
        return {
            name: Series(name, steps, values, times)
            for name, (steps, values, times) in self._columns.items()
        }

    def _read_record(self, body: bytes) -> None:
        items: list[bytes] = []
        when: float | None = None
        for number, value in fields(body):
            if number == 2:
                when = seconds(value)
            elif number == 3 and isinstance(value, bytes):
                items.append(value)
        if when is None:
            return
        for item in items:
            key, value = _split(item)
            name = self._name(key)
            if name is not None:
                self._take(name, when, value)

    def _name(self, key: bytes) -> str | None:
        """Return what a key is called, ``None`` if nobody wants it or what may be below it."""
        if key not in self._names:
            name = key.decode("utf-8", "replace").removeprefix(_PREFIX)
            within = f"{name}."
            asked = self._wanted is None or any(
                one == name or one.startswith(within) for one in self._wanted
            )
            self._names[key] = name if asked else ""
        return self._names[key] or None

    def _take(self, name: str, when: float, value: bytes) -> None:
        try:
            self._add(name, when, float(value))
        except ValueError:
            for leaf, inner in leaves(loads(value), name):
                number = as_number(inner)
                if number is not None:
                    self._add(leaf, when, number)

    def _read_event(self, event: Mapping[str, object]) -> None:
        when, since = as_number(event.get("_timestamp")), as_number(event.get("_runtime"))
        if when is None:
            return
        for key, value in event.items():
            number = as_number(value) if key.startswith(_PREFIX) else None
            if number is not None:
                self._add(key.removeprefix(_PREFIX), when, number, since)

    def _add(self, name: str, when: float, value: float, since: float | None = None) -> None:
        if self._wanted is not None and name not in self._wanted:
            return
        if self._begun is None:
            self._begun = when
        if name not in self._columns:
            self._columns[name] = array("d"), array("d"), array("d")
        steps, values, times = self._columns[name]
        steps.append(when - self._begun if since is None else since)
        values.append(value)
        times.append(when)


def _split(item: bytes) -> tuple[bytes, bytes]:
    """Return key and JSON text of an item; quick where both are short, as they are."""
    cut = 2 + item[1] if len(item) > 1 else 0
    if cut and item[cut : cut + 2] == VALUE_TAG and item[0] == 10:
        value = item[cut + 3 :]
        if value and item[cut + 2] == len(value) < 128:
            return item[2:cut], value
    path, value = parse_item(item)
    return ".".join(path).encode("utf-8", "replace"), value
