"""What a run logged, and what is wrong with it."""

from __future__ import annotations

import pytest

from runwise import reports
from runwise.workspace import Workspace
from runwise_format import render


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
        # This loss never falls: that, too, is found.
        assert found - {("plateau", 192)} == {("non_finite", 61_803), ("loss_spike", 31_415)}


def test_many_keys_of_equally_many_points_say_the_number_once(write_run):
    names = [f"layer_{layer}/{kind}" for layer in range(9) for kind in ("grad", "weight", "lr")]
    rows = [{"step": step, **dict.fromkeys(names, 0.5)} for step in range(50)]
    rows[0]["val/loss"] = 1.0
    write_run("a", rows)
    document = reports.keys(Workspace(), "a")
    assert items(document, "keys")["layer_3/grad"] == 50
    text = render(document)
    assert "50 points each unless said: layer_{0..8}/{grad,lr,weight}, val/loss 1" in text


def test_all_runs_are_checked_the_sickest_first(demo_runs):
    document = reports.check_runs(demo_runs)
    rows = next(one for one in document.blocks if one.key == "runs").rows
    assert document.verdict == "5 runs: 2 critical, 1 warning, 2 nothing found"
    assert rows[0][0] == "nan00001"
    assert rows[0][-1] == "non_finite train/loss step 640"
    assert {row[0] for row in rows[-2:]} == {"healthy1", "killed01"}


@pytest.mark.parametrize(
    ("runs", "fail_on", "code"),
    [
        (["healthy", "killed"], "info", 0), (["healthy", "spike"], "warning", 1),
        (["healthy", "spike"], "critical", 0), (["--all"], "critical", 1),
    ],
)  # fmt: skip
def test_several_runs_have_one_exit_code(ask, demo, runs, fail_on, code):
    assert ask("-C", demo, "check", *runs, "--fail-on", fail_on).exit_code == code


def test_one_run_that_cannot_be_judged_makes_all_unsure(write_run, training):
    write_run("short", training(5))
    write_run("long", training(500))
    workspace = Workspace()
    assert reports.outcome(reports.check_runs(workspace), "warning") == 2
    document = reports.check_runs(workspace, keys=["nobody"])
    assert document.verdict == "2 runs: 2 not judged"
    assert reports.outcome(document, "warning") == 2
