"""Text logs that real loops printed hold what ``truth.json`` says of them."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from runwise_parsers import find_runs, open_run

RUNS = Path(__file__).parent / "runs/console"
TRUTHS = json.loads((RUNS / "truth.json").read_text(encoding="utf-8"))
BY_EPOCH = ("transformers_dicts",)


def test_each_log_is_found_once_and_called_like_its_folder():
    assert sorted(run.id for run in find_runs(RUNS)) == sorted(TRUTHS)


@pytest.mark.parametrize("case", TRUTHS)
def test_metrics_have_the_points_that_were_printed(case):
    truth = TRUTHS[case]["keys"]
    series = open_run(RUNS / case / "train.log").series()
    # The epoch orders the rows, and the Trainer keeps its count of operations to itself.
    assert set(series) == set(truth) - {"epoch", "total_flos"}
    for name, one in series.items():
        printed = truth[name]["values"]
        assert len(one) == len(printed)
        for got, value in zip(one.values, printed, strict=True):
            assert math.isnan(got) == math.isnan(value)
            # Postfixes and dicts are printed with three or four digits.
            assert math.isnan(value) or got == pytest.approx(value, rel=6e-3, abs=5e-4)
        if case not in BY_EPOCH:
            assert one.steps.tolist() == truth[name]["steps"]


@pytest.mark.parametrize("case", ["own_loop", "killed"])
def test_the_total_and_the_times_are_those_of_the_lines(case):
    run = open_run(RUNS / case)
    assert run.info.total_steps == 100
    assert run.info.clocked
    assert run.series(["loss"])["loss"].times is not None


def test_half_a_line_at_the_end_is_no_row():
    assert open_run(RUNS / "killed").info.last_step == 24
