"""What the tests of this package share: one report with everything in it."""

from __future__ import annotations

import math

import pytest

from runwise_format import Column, Document, Fields, Findings, Notes, Table, Trend
from runwise_format.cells import At
from runwise_format.document import Diff, Problem, Tree


@pytest.fixture
def report() -> Document:
    return Document(
        kind="summary",
        title="train-mlp (a1b2)",
        verdict="crashed at step 5000, train/loss is NaN since 4210",
        blocks=[
            Findings(
                "findings",
                [
                    Problem(
                        "critical", "non_finite", "train/loss", 4210, "3 NaN.", "Clip.", count=7
                    ),
                    Problem("info", "plateau", "val/acc", None, "flat since 3000"),
                ],
            ),
            Table(
                "metrics",
                [
                    Column("name", role="name"),
                    Column("last"),
                    Column("best"),
                    Column("trend", role="trend"),
                ],
                [
                    [
                        "train/loss",
                        math.nan,
                        At(0.34812, 4200),
                        Trend((2.3, 1.2, 0.9, 0.5, 0.4, math.nan), "down"),
                    ],
                    ["val/acc", 0.8731, At(0.88, 4000), Trend((0.1, 0.5, 0.8, 0.87), "flat")],
                    ['odd "name", really', 123456.7, None, Trend(())],
                ],
            ),
            Table(
                "history",
                [Column("step", role="step"), Column("lr"), Column("age", role="time")],
                [[500 * row, 3e-5 - 2.5e-6 * row, 600.0 * row] for row in range(4)],
                title="history",
            ),
            Fields(
                "rest",
                {
                    "train/accuracy": 0.9,
                    "train/lr": 3e-5,
                    "train/grad/norm": 1.2,
                    "train/grad/max": 12.25,
                    "epoch": 4,
                    "host": "my, box",
                    "unknown": None,
                },
                labels={"epoch": "epoch now"},
            ),
            Notes("notes", ["line 51: not JSON"]),
            Tree("config", {"optimizer": {"lr": 0.009000000000000001, "name": "adam"}, "seed": 7}),
            Diff("diff", ["run-a", "run-b"], [("lr", [0.1, 0.1000001]), ("size", [32, None])]),
        ],
        more="runwise keys a1b2",
    )
