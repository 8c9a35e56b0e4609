"""Which event files below a directory one training wrote, and what their tags are called.

    run/events...                                      loss
    run/train/events..., run/validation/events...      train/loss, validation/loss    Keras
    run/events..., run/eval/events...                  loss, eval/loss                Estimator
    run/loss_a/events...   tag "loss"                  loss/a         PyTorch's add_scalars
    run/loss/a/events...   tag "loss"                  loss/a         tensorboardX's
    run/1795159686.66/events...                        hparams/loss   add_hparams

A writer is a directory. All others with event files are runs of their own, as are several
``add_hparams`` beside fewer logs: each of them is a trial.
"""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

EVENT_FILE = re.compile(
    r"(?:.*\.)?tfevents(?:\..*)?(?<!\.py)(?<!\.gz)(?<!\.zip)(?<!\.tar)(?<!\.csv)(?<!\.json)"
    r"(?<!\.txt)(?<!\.md)"
)
_TRAIN = re.compile(r"(?i:train(?:ing)?)")
_EVAL = re.compile(r"(?i:val(?:id(?:ation)?)?|eval(?:uation)?(?:_.+)?|test(?:ing)?|dev)")
_TRIAL = re.compile(r"\d{9,10}\.\d+")
_DEEPEST, _MOST, _CROWD = 4, 128, 2048
"""Levels and writers below a run; names in a directory that is more likely to be data."""


@dataclass(frozen=True, slots=True)
class Writer:
    """A directory of event files, and its path below that of the run, empty for the run's own."""

    folder: Path
    files: tuple[str, ...]
    below: str = ""

    def name_of(self, tag: str) -> str:
        """Return what a tag of this writer is called in the run."""
        if not self.below:
            return tag
        if _TRIAL.fullmatch(self.below):
            return tag if tag.startswith("hparam") else f"hparams/{tag}"
        series = series_of(self.below, tag)
        return f"{tag}/{series}" if series else f"{self.below}/{tag}"


def series_of(below: str, tag: str) -> str:
    """Return which of the curves that ``add_scalars`` draws together a writer holds.

    >>> series_of("train_loss_a", "train/loss"), series_of("loss/b", "loss"), series_of("b", "c")
    ('a', 'b', '')
    """
    for start in (f"{tag}/", tag.replace("/", "_") + "_"):
        if below.startswith(start):
            return below[len(start) :]
    return ""


def writers_in(
    folder: Path, files: Collection[str], folders: Collection[str]
) -> tuple[Writer, ...]:
    """Return the writers of the run in a directory, given what is in it; none if it is no run."""
    names = [name for name in sorted(folders) if not name.startswith(".")]
    roles = [name for name in names if _TRAIN.fullmatch(name) or _EVAL.fullmatch(name)]
    own = event_files(files)
    if not own:
        parts = _held(folder, roles) if _are_a_pair(roles) else {}
        some = parts.items() if _are_a_pair(parts) else ()
        return tuple(Writer(folder / one, held, one) for one, held in some)
    found = [Writer(folder, own)]
    parts = _held(folder, names)
    trials = [one for one in parts if _TRIAL.fullmatch(one)]
    ours = {*roles, *(trials if len(trials) <= len(own) else ())}
    for one in names:
        if one not in parts:
            found += _nested(folder, one)
        elif one in ours or _is_series(folder / one, parts[one], one):
            found.append(Writer(folder / one, parts[one], one))
    return tuple(found)


def _are_a_pair(names: Collection[str]) -> bool:
    """Say whether some directories are those of training and of its evaluation."""
    return any(map(_TRAIN.fullmatch, names)) and any(map(_EVAL.fullmatch, names))


def _held(folder: Path, names: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Return the event files in some directories, those without left out."""
    held = {name: event_files(_listed(folder / name)[0]) for name in names}
    return {name: some for name, some in held.items() if some}


def writers_of(folder: Path) -> tuple[Writer, ...]:
    """Return the writers of the run in a directory, as it is now."""
    return writers_in(folder, *_listed(folder, sys.maxsize))


def event_files(names: Collection[str]) -> tuple[str, ...]:
    """Return the names that are those of event files."""
    return tuple(name for name in sorted(names) if EVENT_FILE.fullmatch(name))


def _listed(folder: Path, most: int = _CROWD) -> tuple[list[str], list[str]]:
    """Return the names of the files and of the directories in one, nothing for a crowd."""
    files: list[str] = []
    folders: list[str] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                (folders if entry.is_dir() else files).append(entry.name)
                if len(files) > most:
                    return [], []
    except OSError:
        return [], []
    return files, folders


def _is_series(folder: Path, files: tuple[str, ...], below: str) -> bool:
    """Say whether a directory holds one of the curves that ``add_scalars`` drew together."""
    from runwise_parsers.tensorboard_log.peek import first_tags  # noqa: PLC0415  costly, rare

    tags = {tag for name in files[:2] for tag in first_tags(folder / name)}
    return bool(tags) and all(series_of(below, tag) for tag in tags)


def _nested(folder: Path, name: str) -> list[Writer]:
    """Return tensorboardX's writers in a directory without event files of its own.

    All or none: what is not theirs is left to be found.
    """
    found: list[Writer] = []
    for below, files in _tree(folder, name, _DEEPEST):
        if not files:
            continue
        if len(found) >= _MOST or not _is_series(folder / below, files, below):
            return []
        found.append(Writer(folder / below, files, below))
    return found


def _tree(folder: Path, below: str, depth: int) -> Iterator[tuple[str, tuple[str, ...]]]:
    files, folders = _listed(folder / below)
    yield below, event_files(files)
    if depth > 1:
        for name in sorted(folders)[:_MOST]:
            yield from _tree(folder, f"{below}/{name}", depth - 1)
