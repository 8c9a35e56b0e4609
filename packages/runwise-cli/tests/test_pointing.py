"""``--around`` takes a step, a share of the run, or what happened there."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def run(write_run):
    rows = [
        {"step": step, "loss": 3 - step / 50, "stage": 1 + step // 40}
        | {"val/loss": 1 + abs(step - 30) / 100}
        for step in range(120)
    ]
    write_run("curved", rows)


@pytest.mark.parametrize(
    ("point", "step", "said"),
    [
        ("30", 30, ""),
        ("3e1", 30, ""),
        ("@best:val/loss", 30, "lowest val/loss at step 30"),
        ("best:val/loss", 30, "lowest val/loss at step 30"),
        ("50%", 60, "50% of its steps is step 59.5"),
        ("@stage:2", 79, "stage 2 ended at step 79"),
        ("-5", None, ""),
    ],
)
def test_rows_around_a_point_and_where_that_is(answer, point, step, said):
    words = ("curved", "-k", "val/loss", "--around", point, "--window", 8)
    shown = answer("history", *words)
    steps = [row["step"] for row in shown["curve"]]
    assert (steps[len(steps) // 2] == step) if step else (max(steps) == 3)
    assert "; ".join(shown["notes"]) == said
    drawn = answer("plot", *words)
    places = drawn["loss_curves"]["curves"][0]["steps"]
    assert (min(places), max(places)) == (min(steps), max(steps))
    assert "; ".join(drawn["notes"]) == said


def test_better_is_what_the_project_says(ask, answer, tmp_path):
    schema = '{"schema_inline": {"groups": [{"name": "g", "metrics": {"loss": {"%s": true}}}]}}'
    (tmp_path / "runwise.json").write_text(schema % "higher_is_better", encoding="utf-8")
    assert ask("history", "curved", "-k", "loss", "--around", "best:loss").exit_code == 0
    notes = answer("history", "curved", "-k", "loss", "--around", "best:loss")["notes"]
    assert notes == ["highest loss at step 0"]


@pytest.mark.parametrize(
    ("point", "code", "said"),
    [
        ("soon", 2, "Write 5000, 50%, best:val/loss or stage:3."),
        ("nan", 2, "is no point of a run"),
        ("best:val/los", 1, "Near: val/loss"),
        ("stage:9", 1, "was 1, 2, 3"),
        ("9000", 1, "There are steps 0 to 119."),
    ],
)
def test_what_is_no_point_is_answered_with_what_is(ask, point, code, said):
    result = ask("history", "curved", "--around", point, "--window", 5)
    assert (result.exit_code, result.stdout) == (code, "")
    assert said in result.stderr


def test_of_several_runs_the_point_is_the_first_ones(ask, write_run):
    write_run("other", [{"step": step, "val/loss": 1.0} for step in range(200)])
    result = ask("plot", "curved", "other", "-k", "val/loss", "--around", "best:val/loss")
    assert "lowest val/loss at step 30" in result.stdout
