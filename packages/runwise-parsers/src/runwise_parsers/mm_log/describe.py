"""A launch as first and last lines of its log, and the names around it, describe it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from runwise_parsers.json_log.describe import described
from runwise_parsers.json_log.peek import first_row
from runwise_parsers.mm_log.config import config_text
from runwise_parsers.mm_log.log import EpochLog, MmLog, log_at

if TYPE_CHECKING:
    from pathlib import Path

    from runwise_parsers.info import RunInfo

_TIME = re.compile(r"(\d{8}_\d{6})")
_COMMIT = re.compile(r"^MM\w+: \S+\+([0-9a-f]{7,40})\s*$", re.MULTILINE)
_ITERATIONS = re.compile(r"\bmax_iters\s*=\s*(\d{1,15})\b")
_EPOCHS = re.compile(r"\b(?:max|total)_epochs\s*=\s*(\d{1,9})\b")


def launch(source: str, path: Path) -> RunInfo:
    """Return what is known of the launch that wrote a log. Never raises for what is in it."""
    name = path.name if path.name.endswith(".log.json") else path.parent.parent.name
    log, told = log_at(path), first_row(path)
    info = described(source, log, _began(name))
    experiment = told.get("exp_name")
    return replace(
        info,
        name=experiment.removesuffix(".py") if isinstance(experiment, str) else "",
        commit=_commit(told.get("env_info")),
        total_steps=_planned(log),
    )


def _began(name: str) -> float | None:
    """Return when a launch began, by the name it got then: its machine's time, taken for ours."""
    found = _TIME.match(name)
    try:
        return datetime.strptime(found[1], "%Y%m%d_%H%M%S").timestamp() if found else None  # noqa: DTZ007  the name has no zone
    except (ValueError, OverflowError, OSError):
        return None


def _commit(environment: object) -> str:
    """Return the commit of the toolbox in what was collected about the environment."""
    found = _COMMIT.search(environment) if isinstance(environment, str) else None
    return found[1] if found else ""


def _planned(log: MmLog) -> float | None:
    """Return the step at which training ends, where the configuration tells."""
    text = config_text(log.path)
    iterations = _ITERATIONS.search(text)
    if iterations:
        return float(iterations[1])
    epochs = _EPOCHS.search(text)
    if not epochs or not isinstance(log, EpochLog):
        return None
    try:
        return float(epochs[1]) * log.epoch_length or None
    except OSError:  # it was there a moment ago
        return None
