"""What a run logged, and what is wrong with it."""

from __future__ import annotations

import pytest

from runwise import reports
from runwise.workspace import Workspace


def items(document, key):
    return next(one for one in document.blocks if one.key == key).items


def test_every_metric_has_its_number_of_points(demo_runs):
    document = reports.keys(demo_runs, "spike")
    assert items(document, "keys")["train/loss"] == 500
    assert items(document, "keys")["val/loss"] == 21
    assert document.verdict == "loss-spike (spike001): 7 metrics, up to 500 points each"


def test_internal_keys_are_shown_on_request(demo_runs):
    assert "_step" not in items(reports.keys(demo_runs, "spike"), "keys")
    assert "_runtime" in items(reports.keys(demo_runs, "spike", internal=True), "keys")


def test_patterns_choose_keys(demo_runs):
    assert list(items(reports.keys(demo_runs, "spike", patterns=["val/*"]), "keys")) == [
        "val/accuracy", "val/loss",
    ]  # fmt: skip


def test_points_are_counted_up_to_a_step(demo_runs):
    document = reports.keys(demo_runs, "spike@50%")
    assert items(document, "keys")["train/loss"] == 250
    assert "up to step 499" in document.verdict


def test_a_run_without_metrics_has_no_keys_and_nowhere_to_go(tmp_path):
    (tmp_path / "empty.jsonl").write_text("")
    document = reports.keys(Workspace(), "empty.jsonl")
    assert document.verdict == "empty: 0 metrics"
    assert document.more == ""


@pytest.mark.parametrize(
    ("run", "fail_on", "code"),
    [
        ("healthy", "info", 0), ("nan", "critical", 1), ("nan", "info", 1),
        ("spike", "warning", 1), ("spike", "critical", 0),
    ],
)  # fmt: skip
def test_the_outcome_depends_on_what_is_grave_enough(demo_runs, run, fail_on, code):
    assert reports.outcome(reports.check(demo_runs, run), fail_on) == code


def test_a_run_that_cannot_be_judged_is_neither_healthy_nor_sick(write_run, training):
    write_run("short", training(5))
    document = reports.check(Workspace(), "short")
    assert "not judged" in document.verdict
    assert reports.outcome(document, "warning") == 2


def test_findings_beyond_the_limit_are_counted(demo_runs):
    document = reports.check(demo_runs, "nan", limit=1)
    assert len(items(document, "findings")) == 1
    assert document.dropped == ["2 findings"]
    assert reports.outcome(document, "critical") == 1


def test_only_the_metrics_asked_for_are_checked(demo_runs):
    document = reports.check(demo_runs, "nan", keys=["grad_norm"])
    assert [item.metric for item in items(document, "findings")] == ["grad_norm"]


def test_a_run_can_be_checked_up_to_a_point(demo_runs):
    assert "nothing found" in reports.check(demo_runs, "spike@600").verdict
    assert "1 warning" in reports.check(demo_runs, "spike@700").verdict


def test_deductions_and_health_add_up(demo_runs):
    document = reports.check(demo_runs, "nan")
    assert items(document, "run")["health"] + sum(items(document, "deductions").values()) == 100


def test_one_nan_and_one_spike_in_a_hundred_thousand_steps_are_found(write_run):
    rows = [{"step": step, "loss": 1.0 + 0.01 * (step * 7 % 13)} for step in range(100_000)]
    rows[61_803]["loss"] = float("nan")
    rows[31_415]["loss"] = 40.0
    write_run("long", rows)
    for document in (reports.check(Workspace(), "long"), reports.summary(Workspace(), "long")):
        found = {(item.kind, item.step) for item in items(document, "findings")}
        assert found == {("non_finite", 61_803), ("loss_spike", 31_415)}
