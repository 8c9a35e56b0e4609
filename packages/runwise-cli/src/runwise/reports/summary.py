"""One run: how far it is, how old the data are, what is wrong, and its metrics."""

from __future__ import annotations

import time
from itertools import islice
from typing import TYPE_CHECKING

from runwise import words
from runwise.curves import Curve, Study, is_internal, read, study, up_to
from runwise.errors import some
from runwise.progress import TOTAL_STEPS, Progress, measure, planned
from runwise.reports import parts
from runwise_format import Column, Document, Fields, Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runwise.workspace import Workspace
    from runwise_format.cells import Cell
    from runwise_format.document import Block
    from runwise_parsers import RunInfo

IN_FULL = 8
OTHERS = 24
FULL_ROLES = ("train_loss", "val_loss", "score", "reward", "error", "loss", "gradient_norm")


def summary(
    workspace: Workspace,
    ref: str = "latest",
    *,
    keys: Sequence[str] = (),
    limit: int = IN_FULL,
    anomalies: bool = True,
    now: float | None = None,
) -> Document:
    """Return the summary of one run, or of what it was at a point (``REF@POINT``).

    Raises ``NoRuns``, ``NoSuchRun`` and ``NoSuchMetric``.
    """
    now = time.time() if now is None else now
    info, point, remark = workspace.resolve(ref)
    run = workspace.open(info)
    series = read(run, keys)  # first: a whole pass learns the configuration too
    config = run.config()
    whole = study(series)
    at = None
    if point is not None and whole.first_step is not None and whole.last_step is not None:
        at = point.on(whole.first_step, whole.last_step)
        series = up_to(series, at)
    known = study(series, workspace.settings.roles, planned(config, TOTAL_STEPS))
    progress = measure(info, config, known, now)
    judged = anomalies and bool(known.curves)
    verdict = _verdict(info, progress, known if judged else None, at, now)
    blocks: list[Block] = [_facts(info, progress, known if judged else None, now)]
    if judged:
        blocks.append(parts.problems(known.diagnosis))
    full, others, left = _shared_out(known, limit if not keys else len(known.curves))
    blocks += [_table(full), _others(others), _summary_only(run.summary(), known)]
    active = [parts.label(one) for one in workspace.active(info)]
    blocks.append(parts.notes(run.gaps, remark, f"also running: {some(active)}" if active else ""))
    return Document(
        kind="summary",
        title=parts.label(info),
        verdict=verdict,
        blocks=blocks,
        more=_more(info, left),
        dropped=[words.count(left, "metric")] if left else [],
    )


def _verdict(
    info: RunInfo, progress: Progress, judged: Study | None, at: float | None, now: float
) -> str:
    """Return the one sentence that would do if nothing else were read."""
    said = [f"{parts.label(info)} {parts.state(info)}", parts.far(progress)]
    if at is not None:
        said[1] = f"at step {words.step(at)}"
    elif info.created and info.updated and info.clocked:
        verb = "runs" if info.state == "running" else "ran"
        said.append(f"{verb} {words.duration(info.updated - info.created)}")
    said.append(parts.age(info, progress, now))
    sentence = ", ".join(part for part in said if part)
    return f"{sentence}; {parts.health(judged.diagnosis)}" if judged else sentence


def _facts(info: RunInfo, progress: Progress, judged: Study | None, now: float) -> Fields:
    """Return what the verdict says, as data."""
    items: dict[str, Cell] = {
        "id": info.id,
        "name": info.name,
        "source": info.source,
        "state": info.state,
        "exit_code": info.exit_code,
        "step": info.last_step,
        "done": progress.done,
        "total": progress.total,
        "unit": progress.unit,
        "progress": progress.share,
        "eta_seconds": progress.eta,
        "created": info.created,
        "updated": info.updated,
        "age_seconds": now - info.updated if info.updated is not None else None,
        "interval_seconds": progress.interval,
        "health": judged.diagnosis.health if judged else None,
        "path": str(info.path),
    }
    return Fields("run", items, quiet=True)


def _shared_out(known: Study, limit: int) -> tuple[list[Curve], list[Curve], int]:
    """Return the curves shown in full, those shown by value, and how many are left out."""
    ranked = known.with_role(*FULL_ROLES)
    named = [one for one in known.curves.values() if one.role not in FULL_ROLES]
    full = (ranked if len(known.curves) > limit else [*ranked, *named])[:limit]
    shown = {one.name for one in full}
    rest = [one for one in known.curves.values() if one.name not in shown]
    return full, rest[:OTHERS], max(0, len(rest) - OTHERS)


def _table(curves: Sequence[Curve]) -> Table:
    columns = [
        Column("name", "metric", "name"),
        Column("last", role="number"),
        Column("best", "best@step", role="number"),
        Column("trend", role="trend"),
    ]
    rows = [(one.name, one.last, one.best(), one.trend()) for one in curves]
    return Table("metrics", columns, rows, importance=80)


def _others(curves: Sequence[Curve]) -> Fields:
    return Fields("other_metrics", {one.name: one.last for one in curves}, importance=40)


def _summary_only(logged: Mapping[str, object], known: Study) -> Fields:
    """Return what the run put into its summary besides the metrics it logged."""
    found: dict[str, Cell] = {}
    for name, value in logged.items():
        if is_internal(name) or (name in known.curves and not isinstance(value, dict)):
            continue
        if isinstance(value, dict):
            for part, leaf in islice(value.items(), OTHERS):  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType, reportUnknownVariableType]
                if isinstance(leaf, (int, float, str)) and not str(part).startswith("_"):  # pyright: ignore[reportUnknownArgumentType]
                    found[f"{name}.{part}"] = leaf
        elif isinstance(value, (int, float, str)):
            found[name] = value
    return Fields("summary", dict(islice(found.items(), OTHERS)), importance=30, title="summary")


def _more(info: RunInfo, left: int) -> str:
    return f"runwise keys {info.id}" if left else f"runwise run {info.id} -k NAME"
