"""What runwise sees here: runs, what of them cannot be read, what is missing or in the way."""

from __future__ import annotations

import platform
from collections import Counter
from importlib import metadata
from typing import TYPE_CHECKING

from runwise import words
from runwise.errors import short
from runwise_format import Column, Document, Fields, Notes, Table
from runwise_parsers.remote_shelf import BRINGS, install_command, is_installed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runwise.workspace import Workspace
    from runwise_parsers import RunInfo

PACKAGES = (
    "runwise-cli", "runwise-mcp", "runwise-parsers", "runwise-sampling", "runwise-detect",
    "runwise-format",
)  # fmt: skip
OLD = "runwise"
"""The distribution of the predecessor: it installs into the same folder as ours."""
EXTRAS = ("wandb", "remote", "plot")
UNREAD = 12


def doctor(workspace: Workspace) -> Document:
    """Return what there is to read, what of it cannot be read and why, and what is missing."""
    runs = (*workspace.runs, *workspace.deleted)
    sources = Counter(run.source for run in runs)
    unread = [(run, gap) for run in runs for gap in run.gaps]
    trouble = list(_trouble(workspace))
    return Document(
        kind="doctor",
        title=workspace.settings.project,
        verdict=_verdict(runs, len(unread), len(trouble)),
        blocks=[
            Notes("trouble", trouble, importance=95),
            Fields("versions", _versions(), importance=50),
            Fields("extras", dict(_extras()), importance=60, title="extras"),
            Fields("places", {str(n): str(p) for n, p in enumerate(workspace.settings.roots)},
                   quiet=True),
            Table("sources", [Column("source", role="name"), Column("runs")],
                  sources.most_common(), importance=70),
            Table(
                "unread",
                [Column("run", role="name"), Column("missing", role="text"),
                 Column("because", role="text"), Column("remedy", role="text")],
                [(short(run.id), gap.missing, gap.because, gap.remedy)
                 for run, gap in unread[:UNREAD]],
                importance=80,
                title="not read",
            ),
            Notes("remarks", list(workspace.settings.remarks), importance=40),
        ],
        more=workspace.command("list") if runs else "runwise demo",
        dropped=[words.count(len(unread) - UNREAD, "gap")] if len(unread) > UNREAD else [],
    )  # fmt: skip


def _verdict(runs: Sequence[RunInfo], unread: int, trouble: int) -> str:
    said = [words.count(len(runs), "run")]
    said += [f"{words.count(unread, 'part')} of them not read"] if unread else []
    said += [words.count(trouble, "problem") if trouble else "no problem"]
    return ", ".join(said)


def _trouble(workspace: Workspace) -> Iterator[str]:
    """Yield what stands in the way, each with what to do."""
    old = _version(OLD)
    if old:
        yield (
            f"runwise {old} is installed beside runwise-cli and owns the same folder: "
            "pip uninstall runwise, then pip install --force-reinstall runwise-cli"
        )
    if not workspace.runs:
        places = ", ".join(str(root.absolute()) for root in workspace.settings.roots)
        yield f"no runs under {short(places, 120)}: name another place with -C DIR"
    if workspace.catalogue.trouble:
        yield f"the cache is not used: {workspace.catalogue.trouble}"


def _versions() -> dict[str, str]:
    found = {name: _version(name) for name in PACKAGES}
    known = {name: version for name, version in found.items() if version}
    return {"python": platform.python_version(), **known}


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _extras() -> Iterator[tuple[str, str]]:
    for extra in EXTRAS:
        there = is_installed(extra) if extra in BRINGS or extra != "plot" else _plot()
        yield extra, "installed" if there else install_command(extra)


def _plot() -> bool:
    from importlib.util import find_spec  # noqa: PLC0415 - asked here alone

    return find_spec("matplotlib") is not None
