"""A run as MLflow keeps it, and what of it is asked of every run."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runwise_parsers.info import RunInfo, judge_state
from runwise_parsers.values import as_number

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from runwise_parsers.gap import Gap

SOURCE = "mlflow"
DELETED = "deleted"
"""The word for a run or an experiment that MLflow keeps and no longer shows."""
SYSTEM = "system/"
"""How the names of what MLflow measured of the machine begin."""
RUN_NAME, PARENT, NOTE = "mlflow.runName", "mlflow.parentRunId", "mlflow.note.content"
SCRIPT, COMMIT = "mlflow.source.name", "mlflow.source.git.commit"
KNOWN_TAGS = (RUN_NAME, PARENT, NOTE, SCRIPT, COMMIT)
_OWN_TAGS = "mlflow."
_ENDS = {"FINISHED": "finished", "FAILED": "failed", "KILLED": "killed"}
_NUMBERS = {"1": "RUNNING", "2": "SCHEDULED", "3": "FINISHED", "4": "FAILED", "5": "KILLED"}
_BEGUN = frozenset(_NUMBERS.values())
_WORDS = {"True": True, "False": False, "None": None}
_NUMBER = re.compile(r"-?(?:\d|inf$|nan$)")
_LONGEST_NUMBER = 400


@dataclass(frozen=True, slots=True)
class Record:
    """A run; ``start``, ``end`` and ``newest``, the clock of its last metric, in Unix seconds."""

    id: str
    status: str = ""
    name: str = ""
    project: str = ""
    start: float | None = None
    end: float | None = None
    newest: float | None = None
    last_step: float | None = None
    deleted: bool = False
    group: str = ""
    script: str = ""
    entry: str = ""
    tags: Mapping[str, str] = field(default_factory=dict[str, str])


def info_of(
    record: Record, path: Path, modified: float | None, gaps: tuple[Gap, ...] = ()
) -> RunInfo:
    """Return what a record says, in the words of all sources."""
    clocks = [one for one in (record.end, record.newest, record.start) if one is not None]
    updated = max(clocks, default=None)
    tags = record.tags
    own = {key: value for key, value in tags.items() if not key.startswith(_OWN_TAGS)}
    command = (tags.get(SCRIPT) or record.script, record.entry)
    return RunInfo(
        SOURCE,
        record.id,
        name=tags.get(RUN_NAME) or record.name,
        state=_state(
            record.status, begun=record.newest is not None, newest=updated, modified=modified
        ),
        created=record.start,
        updated=updated if updated is not None else modified,
        clocked=updated is not None,
        project=record.project,
        group=record.group,
        tags=tuple(f"{key}={value}" if value else key for key, value in own.items()),
        notes=tags.get(NOTE, ""),
        commit=tags.get(COMMIT, ""),
        command=" ".join(part for part in command if part),
        segments=(path,),
        last_step=record.last_step,
        deleted=record.deleted,
        gaps=gaps,
    )


def _state(status: str, *, begun: bool, newest: float | None, modified: float | None) -> str:
    """Return the state in W&B's words; MLflow never learns that a run was cut off."""
    word = _NUMBERS.get(status, status).upper()
    return _ENDS.get(word) or judge_state(
        None,
        recorded=begun or word == "RUNNING",
        newest=newest,
        modified=modified,
        now=time.time(),
        ends_are_recorded=word in _BEGUN,
    )


def seconds(value: object) -> float | None:
    """Return a clock in milliseconds as Unix seconds, ``None`` where there is none."""
    number = None if isinstance(value, bool) else as_number(value)
    return number / 1000 if number else None


def setting(text: str) -> object:
    """Return a parameter as it was before MLflow made a text of it, if that is certain.

    >>> [setting(text) for text in ("0.1", "1e-05", "64", "True", "None", "1.10", "007", "adam")]
    [0.1, 1e-05, 64, True, None, '1.10', '007', 'adam']
    """
    if text in _WORDS:
        return _WORDS[text]
    if len(text) < _LONGEST_NUMBER and _NUMBER.match(text):
        for kind in (int, float):
            try:
                value = kind(text)
            except ValueError:
                continue
            if repr(value) == text:
                return value
    return text
