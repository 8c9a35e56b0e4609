"""Every report on every run there is in this repository: what schemas, budgets and costs go by.

    for label, document in documents(places()):

A run is taken as it is; whatever a report refuses about it (no such metric, nothing logged) is
passed over, for errors are no documents.
"""

from __future__ import annotations

import inspect
import os
import re
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from runwise import RunwiseError, Workspace, reports
from runwise.agents.listing import clients_here
from runwise.agents.places import Places

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from runwise_format import Document

NO_REPORTS = frozenset({"outcome"})
"""What ``runwise.reports`` offers beside reports: a number for the shell."""
HOUSE = Path(__file__).resolve().parent.parent
DEMO = HOUSE / "packages/runwise-cli/src/runwise/demo_runs"
FIXTURES = HOUSE / "packages/runwise-parsers/tests/runs"
MOST_RUNS = 8
AT_A_POINT = ("check", "history", "keys", "stability", "stats", "summary")
OF_A_RUN = (
    "artifacts", "check", "config", "console", "history", "keys", "live", "notes", "plot",
    "report", "stability", "stats", "summary",
)  # fmt: skip


def places() -> list[Path]:
    """Return the directories that hold the demo runs and those of every tracker."""
    return [DEMO, *sorted(path for path in FIXTURES.iterdir() if path.is_dir())]


def documents(roots: Sequence[Path]) -> Iterator[tuple[str, Document]]:
    """Yield what was asked and the answer, for every report that has one."""
    for label, ask in _questions(roots):
        try:
            yield label, ask()
        except RunwiseError:
            continue


def _questions(roots: Sequence[Path]) -> Iterator[tuple[str, Callable[[], Document]]]:
    yield "sources", reports.sources
    yield "cache", reports.cache
    yield "kinds", reports.kinds
    yield "explain loss_spike", lambda: reports.explain("loss_spike")
    nobody = Path("nowhere")
    yield "agents", lambda: clients_here(Places(nobody, nobody, "linux", {"PATH": ""}))
    for root in roots:
        yield from _of_project(root.name, Workspace(root))
    if os.environ.get("RUNWISE_CACHE_DIR"):  # never the cache of whoever runs this
        yield "cache clear", reports.cache_cleared


def _of_project(place: str, project: Workspace) -> Iterator[tuple[str, Callable[[], Document]]]:
    refs = [project.handle(info) for info in project.runs][:MOST_RUNS]
    yield f"{place}: list", lambda: reports.list_runs(project)
    yield f"{place}: check --all", lambda: reports.check_runs(project)
    yield f"{place}: index", lambda: reports.index(project)
    if hasattr(reports, "find"):
        yield f"{place}: find", lambda: reports.find(project, "a")
    for metric in ("loss", "train/loss", "val/loss"):
        yield f"{place}: best {metric}", lambda metric=metric: reports.best(project, metric)
    for name in sorted(set(reports.__all__) - _named()):
        yield f"{place}: {name}", lambda name=name: _newcomer(getattr(reports, name), project)
    for ref in refs:
        yield from _of_run(f"{place}: {ref}", project, ref)
    for name in AT_A_POINT:
        report = getattr(reports, name)
        point = f"{refs[0]}@50%" if refs else "latest@50%"
        yield f"{place}: {name} {point}", lambda report=report, point=point: report(project, point)
    for pair in pairwise(refs):
        yield from _of_pair(f"{place}: {pair[0]}", project, pair)
    yield f"{place}: compare three", lambda: reports.compare(project, refs[:3])


def _named() -> set[str]:
    """Return the reports that this file asks with words of its own."""
    words = set(re.findall(r"reports\.(\w+)", Path(__file__).read_text(encoding="utf-8")))
    return words | {*OF_A_RUN, *NO_REPORTS}


def _newcomer(report: Callable[..., Document], project: Workspace) -> Document:
    """Ask a report that this file does not know yet: about a run, a project, or nothing."""
    needed = [
        one for one in inspect.signature(report).parameters.values() if one.default is one.empty
    ]
    return report(*[project, "latest"][: len(needed)])


def _of_run(
    label: str, project: Workspace, ref: str
) -> Iterator[tuple[str, Callable[[], Document]]]:
    for name in OF_A_RUN:
        if report := getattr(reports, name, None):
            asked = [ref] if name in ("plot", "report") else ref
            yield f"{label}: {name}", lambda report=report, asked=asked: report(project, asked)
    yield f"{label}: history for programs", lambda: reports.history(project, ref, exact=True)
    yield f"{label}: history --system", lambda: reports.history(project, ref, system=True)
    yield f"{label}: stability --rolling", lambda: reports.rolling_rows(project, ref)
    for file in _files(project, ref):
        yield f"{label}: artifacts {file}", lambda file=file: reports.artifact(project, ref, file)


def _files(project: Workspace, ref: str) -> list[str]:
    try:
        info, *_ = project.resolve(ref)
    except RunwiseError:
        return []
    return [one.name for one in project.open(info).artifacts()][:2]


def _of_pair(
    label: str, project: Workspace, pair: Sequence[str]
) -> Iterator[tuple[str, Callable[[], Document]]]:
    yield f"{label}: compare", lambda: reports.compare(project, pair)
    yield f"{label}: compare --config", lambda: reports.compare(project, pair, config_only=True)
    if hasattr(reports, "report"):
        yield f"{label}: report of two", lambda: reports.report(project, pair)
