"""Tables of real loggers against what was logged.

Made by ``tools/fixtures/csv_cases.py`` with Lightning 2, Keras 3.15 and Stable Baselines 2.9;
those of YOLO are written as its sources do. The truth is in ``truth.json``.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runwise_parsers import find_runs, open_run
from runwise_parsers.sources.csv import Csv

RUNS = Path(__file__).with_name("runs") / "csv"
TRUTHS = json.loads((RUNS / "truth.json").read_text(encoding="utf-8"))
WHOLE = sorted(set(TRUTHS) - {"lightning_killed"})


@pytest.fixture(scope="module")
def run_of():
    infos = {info.id: info for info in find_runs(RUNS, sources=[Csv()])}
    return lambda case: open_run(infos[case], sources=[Csv()])


def logged(case):
    return {
        name: list(zip(key["steps"], map(repr, map(float, key["values"])), strict=True))
        for name, key in TRUTHS[case]["keys"].items()
    }


def test_every_run_is_found_once():
    found = [info.id for info in find_runs(RUNS, sources=[Csv()])]
    assert sorted(found) == sorted(TRUTHS)
    assert {"keras", "stable_baselines", "lightning_trainer", "yolo_txt"} < set(found)


@pytest.mark.parametrize("case", WHOLE)
def test_curves_are_what_was_logged(case, run_of, points):
    run = run_of(case)
    assert {name: points(one) for name, one in run.series().items()} == logged(case)
    assert run.gaps == run.info.gaps == ()
    assert set(run.metrics()) == set(logged(case))


@pytest.mark.parametrize("case", WHOLE)
def test_the_last_values_and_the_last_step_are_what_was_logged(case, run_of):
    run, truth = run_of(case), logged(case)
    summary = {name: repr(value) for name, value in run.summary().items()}
    assert summary == {name: curve[-1][1] for name, curve in truth.items()}
    assert run.info.last_step == TRUTHS[case]["last_step"]
    assert (run.info.state, run.info.total_steps) == ("unknown", TRUTHS[case].get("total_steps"))


@pytest.mark.parametrize("case", [case for case in WHOLE if "config" in TRUTHS[case]])
def test_the_config_is_what_stands_beside_the_table(case, run_of):
    assert run_of(case).config() == TRUTHS[case]["config"]


def test_two_trainings_of_keras_in_one_file_are_two_segments(run_of):
    segments = [batch.segment for batch in run_of("keras").batches() if batch.columns]
    assert segments == [0, 1]
    assert TRUTHS["keras"]["segments"] == 2


def test_a_killed_logger_left_the_first_rows(run_of, points):
    (one,) = run_of("lightning_killed").series().values()
    assert points(one) == logged("lightning_killed")["loss"][: len(one)]
    assert len(one) == 200
