"""The files W&B keeps beside its log: used where the log lacks something.

    files/config.yaml            key: {value: ..., desc: ...}
    files/wandb-summary.json     {name: last value}
    files/wandb-metadata.json    {host, program, args, git: {commit}, startedAt, exitcode, state}
    files/output.log             what the run printed; output_<label>.log in shared mode
    files/wandb-history.jsonl    clients up to 0.9; they kept all of these in the run directory

Online runs have them; offline runs of today have ``output.log`` alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from runwise_parsers.axes import clock_of
from runwise_parsers.lines import last_lines
from runwise_parsers.values import loads
from runwise_parsers.yaml_text import load_yaml

if TYPE_CHECKING:
    from pathlib import Path

Tree = dict[str, object]
_LARGEST = 1 << 26
_LINE = 400
"""Bytes that a printed line has at most, as a rule."""


class Sidecar:
    """The side files of one run directory; each is read when asked for, absent ones are empty."""

    def __init__(self, folder: Path) -> None:
        self._folders = (folder / "files", folder)

    def path(self, name: str) -> Path | None:
        """Return where a side file is, ``None`` if it is not there."""
        for folder in self._folders:
            if (folder / name).is_file():
                return folder / name
        return None

    def config(self) -> Tree:
        """Return the hyperparameters of ``config.yaml``."""
        text = self._text("config.yaml")
        try:
            tree = load_yaml(text.decode("utf-8", "replace")) if text else None
        except ValueError:
            return {}
        found: Tree = {}
        for key, entry in _tree(tree).items():
            if key not in ("wandb_version", "_wandb"):
                found[key] = _tree(entry).get("value") if _is_wrapped(entry) else entry
        return found

    def summary(self) -> Tree:
        """Return the last values of ``wandb-summary.json``."""
        return self._json("wandb-summary.json")

    def metadata(self) -> Tree:
        """Return what ``wandb-metadata.json`` says about machine and command."""
        return self._json("wandb-metadata.json")

    def started(self) -> float | None:
        """Return when the run began."""
        return clock_of(self.metadata().get("startedAt"))

    def label(self) -> str:
        """Return the label of a shared run's writer, which names its printed lines."""
        path = self.printed()
        return path.stem.partition("_")[2] if path is not None else ""

    def console(self, last: int) -> list[str]:
        """Return the last lines the run printed, as a terminal would have shown them."""
        path = self.printed()
        if path is None or last < 1:
            return []
        try:
            printed = last_lines(path, last * _LINE).decode("utf-8", "replace")
        except OSError:
            return []
        lines = printed.replace("\r\n", "\n").removesuffix("\n").split("\n")
        return [line.rsplit("\r", 1)[-1] for line in lines if printed][-last:]

    def printed(self) -> Path | None:
        """Return the file of printed lines."""
        labelled = sorted(self._folders[0].glob("output_*.log"))
        return self.path("output.log") or next(iter(labelled), None)

    def _json(self, name: str) -> Tree:
        try:
            return _tree(loads(self._text(name)))
        except ValueError:
            return {}

    def _text(self, name: str) -> bytes:
        path = self.path(name)
        if path is None:
            return b""
        try:
            with path.open("rb") as file:
                return file.read(_LARGEST)
        except OSError:
            return b""


def _tree(value: object) -> Tree:
    if not isinstance(value, dict):
        return {}
    return {str(key): inner for key, inner in cast("dict[object, object]", value).items()}


def _is_wrapped(entry: object) -> bool:
    keys = _tree(entry).keys()
    return "value" in keys and keys <= {"value", "desc"}
