"""The same metric under the names that two trackers give it."""

from __future__ import annotations

import json

import pytest

from runwise import Workspace, reports
from runwise.reports.spellings import _paired
from runwise_format import render


@pytest.mark.parametrize(
    ("theirs", "ours", "pairs"),
    [
        (["train/loss", "eval/loss"], ["loss", "eval_loss"],
         {"train/loss": "loss", "eval/loss": "eval_loss"}),
        (["val_loss"], ["validation.loss"], {"val_loss": "validation.loss"}),
        (["loss"], ["loss", "train/loss"], {}),
        (["train/loss", "train/train_loss"], ["loss"], {"train/loss": "loss"}),
        (["train_loss", "train.loss"], ["loss"], {}),
        (["test/loss"], ["val/loss"], {}),
    ],
)  # fmt: skip
def test_a_name_is_taken_for_another_only_where_there_is_no_doubt(theirs, ours, pairs):
    assert _paired(theirs, ours) == pairs


def test_runs_of_two_trackers_are_compared_by_what_their_names_mean(write_run, tmp_path):
    write_run("mine", [{"step": step, "loss": 2 / (1 + step)} for step in range(50)])
    rows = [{"step": s, "epoch": s / 10, "loss": 1 / (1 + s), "grad_norm": 1.0} for s in range(50)]
    folder = tmp_path / "theirs"
    folder.mkdir()
    state = {"global_step": 49, "max_steps": 50, "log_history": rows}
    (folder / "trainer_state.json").write_text(json.dumps(state))
    write_run("logged", [{"step": s, "train/loss": 2 / (1 + s)} for s in range(50)])
    text = render(reports.compare(Workspace(), ["logged", "theirs"]), "compact")
    assert "B better in 1 of 1 metric" in text
    assert "B's loss as train/loss: other trackers spell it so" in text
    rows.append({"step": 49, "epoch": 4.9, "train_loss": 0.7})
    (folder / "trainer_state.json").write_text(json.dumps(state))
    again = render(reports.compare(Workspace(), ["logged", "theirs"]), "compact")
    assert "B's loss as train/loss: other trackers spell it so" in again  # not the run's mean
    same = render(reports.compare(Workspace(), ["logged", "mine"]), "compact")
    assert "no metric in common" in same  # one tracker: two names are two metrics
