"""What ``runwise local FILE`` asks, as runwise 0.5 spelt it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import runwise
from runwise.errors import NoSuchRun
from runwise.filters.grammar import Term

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runwise.session import Session
    from runwise.workspace import Workspace
    from runwise_format import Document

SHOWN = 15
TRACKERS = ("wandb", "mlflow", "tensorboard")
"""Sources that have commands of their own in 0.5."""


def logs() -> list[Term]:
    """Return the terms that mean logs of no tracker."""
    return [Term("source", "~", name, turned=True) for name in TRACKERS]


def list_only(workspace: Workspace, terms: Sequence[Term]) -> Document:
    """Return the runs of which terms hold; where there is none, how to see the others.

    Raises ``NoRuns``.
    """
    document = runwise.reports.list_runs(workspace, terms=terms, limit=SHOWN)
    return replace(document, more=document.more or workspace.command("list"))


def log_called(workspace: Workspace, name: str) -> str:
    """Return a reference to a log: by path or id, by the name of its file, or a part of that.

    Raises ``NoRuns`` and ``NoSuchRun``.
    """
    try:
        workspace.resolve(name)
    except NoSuchRun:
        logs = [run for run in workspace.runs if not run.source.startswith(TRACKERS)]
        exact = [run for run in logs if run.path.name == name]
        fitting = exact or [run for run in logs if name and name in run.path.name]
        if not fitting:
            raise
        return workspace.handle(fitting[0])
    return name


def ask(
    session: Session,
    file: str,
    *,
    names: bool,
    history: bool,
    stats: bool,
    stability: bool,
    keys: Sequence[str],
    samples: int,
    window: int,
) -> None:
    """Show what the flags ask about a log: its rows for none.

    Raises ``NoRuns``, ``NoSuchRun`` and ``NoSuchMetric``.
    """
    file = log_called(session.workspace, file)
    from runwise import save  # noqa: PLC0415 - a report without curves needs none

    wanted = [name.strip() for one in keys for name in one.split(",") if name.strip()]
    workspace, reports = session.workspace, runwise.reports
    if names:
        session.show(reports.keys(workspace, file, patterns=wanted))
    elif history:
        output = save.piped(session)
        exact = output in ("csv", "json")
        document = reports.history(workspace, file, keys=wanted, points=samples, exact=exact)
        save.show(document, output, session)
    elif stats:
        session.show(reports.stats(workspace, file, keys=wanted))
    elif stability:
        session.show(reports.stability(workspace, file, keys=wanted, window=window))
    elif wanted:
        session.show(reports.summary(workspace, file, keys=wanted))
    else:
        session.show(reports.local(workspace, file))
