"""The demo runs, logged once more by the writers of other tools: all read the same data."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from runwise import Workspace
from runwise.demo import demo_root

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PROJECT = "demo"


def runs() -> Iterator[tuple[str, dict[str, Any], list[tuple[int, dict[str, float]]]]]:
    """Yield name, settings, and rows of every demo run, the oldest first."""
    workspace = Workspace(demo_root())
    for info in reversed(workspace.runs):
        run = workspace.open(info)
        rows: dict[int, dict[str, float]] = {}
        for one in run.series(None).values():
            for step, value in zip(one.steps, one.values, strict=True):
                rows.setdefault(int(step), {})[one.name] = value
        yield info.name, dict(run.config()), sorted(rows.items())


def write_all(place: Path) -> None:
    """Log every run as JSON Lines, and with TensorBoard, MLflow and trackio."""
    for name, settings, rows in runs():
        _jsonl(place / "logs", name, rows)
        _tensorboard(place / "tb" / name, rows)
        _mlflow(place / "mlflow.db", name, settings, rows)
        _trackio(place / "trackio", name, settings, rows)


def _jsonl(folder: Path, name: str, rows: list[tuple[int, dict[str, float]]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps({"step": step, **row}) + "\n" for step, row in rows]
    (folder / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")


def _tensorboard(folder: Path, rows: list[tuple[int, dict[str, float]]]) -> None:
    from tensorboardX import SummaryWriter

    writer = SummaryWriter(str(folder))
    for step, row in rows:
        for key, value in row.items():
            writer.add_scalar(key, value, step)
    writer.close()


def _mlflow(
    base: Path, name: str, settings: dict[str, Any], rows: list[tuple[int, dict[str, float]]]
) -> None:
    import mlflow
    from mlflow.entities import Metric, Param

    mlflow.set_tracking_uri(f"sqlite:///{base}")
    mlflow.set_experiment(PROJECT)
    client = mlflow.MlflowClient()
    with mlflow.start_run(run_name=name) as run:
        values = [Metric(key, value, 1_700_000_000_000 + step, step)
                  for step, row in rows for key, value in row.items()]  # fmt: skip
        for begin in range(0, len(values), 500):
            client.log_batch(run.info.run_id, metrics=values[begin : begin + 500])
        params = [Param(key, str(value)) for key, value in settings.items()]
        client.log_batch(run.info.run_id, params=params[:90])


def _trackio(
    folder: Path, name: str, settings: dict[str, Any], rows: list[tuple[int, dict[str, float]]]
) -> None:
    """Write through trackio's own storage, which is what ``trackio.log`` ends in."""
    os.environ["TRACKIO_DIR"] = str(folder)
    from trackio.sqlite_storage import SQLiteStorage

    SQLiteStorage.bulk_log(
        project=PROJECT,
        run=name,
        metrics_list=[row for _, row in rows],
        steps=[step for step, _ in rows],
        config=settings,
    )
