"""The files SwanLab keeps beside its log.

files/config.yaml               key: {value: ..., desc: ..., sort: ...}
files/swanlab-metadata.json     {hostname, command, git_info: [branch, commit], ...}; since 0.8
{runtime: {hostname, command}, git: {commit}, swanlab: {...}}
console/<date>.log              what the run printed, in mode "local"
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from runwise_parsers.lines import last_lines
from runwise_parsers.swanlab_log.objects import tree_of
from runwise_parsers.values import loads
from runwise_parsers.yaml_text import load_yaml

if TYPE_CHECKING:
    from pathlib import Path

_LARGEST = 1 << 26
_LINE = 400
"""Bytes that a printed line has at most, as a rule."""


class Beside:
    """The side files of one run directory; absent and broken ones are empty."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def config(self) -> dict[str, object]:
        """Return the hyperparameters, in the order in which they were set."""
        text = self._text("files/config.yaml").decode("utf-8", "replace")
        try:
            tree = tree_of(load_yaml(text) if text else None)
        except ValueError:
            return {}
        entries = [(_order(entry), str(key), entry) for key, entry in tree.items()]
        entries.sort(key=lambda one: one[0])
        return {key: _value(entry) for _, key, entry in entries}

    def texts(self) -> dict[str, str]:
        """Return host, command and commit of the run."""
        try:
            metadata = tree_of(loads(self._text("files/swanlab-metadata.json")))
        except ValueError:
            return {}
        runtime = tree_of(metadata.get("runtime")) or metadata
        info = metadata.get("git_info")
        pair = cast("list[object]", info) if isinstance(info, list) else []
        commit = tree_of(metadata.get("git")).get("commit") or next(iter(pair[1:2]), None)
        told = {
            "host": runtime.get("hostname"),
            "command": runtime.get("command"),
            "commit": commit,
        }
        return {key: value for key, value in told.items() if isinstance(value, str)}

    def console(self, last: int) -> list[str]:
        """Return the last lines the run printed."""
        logs = sorted(self._folder.glob("console/*.log"))
        dated = [path for path in logs if path.stem[:1].isdigit()]
        for path in reversed(dated):
            try:
                lines = last_lines(path, last * _LINE).decode("utf-8", "replace").splitlines()
            except OSError:
                continue
            if lines:
                return lines[-last:]
        return []

    def _text(self, name: str) -> bytes:
        try:
            with (self._folder / name).open("rb") as file:
                return file.read(_LARGEST)
        except OSError:
            return b""


def _order(entry: object) -> float:
    order = tree_of(entry).get("sort")
    return order if isinstance(order, int) else float("inf")  # an int may be too large for a float


def _value(entry: object) -> object:
    tree = tree_of(entry)
    return tree["value"] if "value" in tree and tree.keys() <= {"value", "desc", "sort"} else entry
