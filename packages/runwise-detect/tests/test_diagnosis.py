from __future__ import annotations

import math

from runwise_detect import analyze


def test_a_run_with_nothing_found_is_healthy(level):
    diagnosis = analyze({"loss": (range(100), level(100))})
    assert (diagnosis.health, diagnosis.deductions, diagnosis.reason) == (100, (), None)


def test_deductions_and_health_add_up_to_100(level):
    losses = [*level(60), 9.0, *level(40), 9.0, *level(40)]
    losses[-1] = math.nan
    accuracy = [math.nan] * len(losses)
    steps = range(len(losses))
    diagnosis = analyze({"loss": (steps, losses), "val_acc": (steps, accuracy)})
    assert [(g.kind, g.metric, g.count) for g in diagnosis.findings] == [
        ("non_finite", "loss", 1),
        ("non_finite", "val_acc", 1),
        ("loss_spike", "loss", 2),
    ]
    assert [reason for reason, _ in diagnosis.deductions] == [
        "critical non_finite of loss",
        "warning non_finite of val_acc",
        "warning loss_spike of loss x2",
    ]
    assert diagnosis.health is not None
    assert diagnosis.health + sum(points for _, points in diagnosis.deductions) == 100
    assert diagnosis.health < 20


def test_a_recovered_trouble_costs_half(level):
    spoilt = [*level(50), math.nan]
    lasting = analyze({"loss": (range(51), spoilt)}).health
    over = analyze({"loss": (range(52), [*spoilt, 2.0])}).health
    assert (lasting, over) == (28, 64)


def test_too_short_a_run_is_not_scored_but_its_findings_are_told():
    diagnosis = analyze({"loss": (range(5), [1.0, math.nan, 1.0, 1.0, 1.0])})
    assert diagnosis.health is None
    assert diagnosis.reason == "5 records are too few to judge; 30 are needed"
    assert len(diagnosis.findings) == 1


def test_a_run_without_a_loss_is_not_scored(level):
    diagnosis = analyze({"accuracy": (range(100), level(100))})
    assert diagnosis.health is None
    assert diagnosis.reason == "none of the metrics is known to be a loss"


def test_nothing_at_all_is_not_healthy():
    assert analyze({}).health is None


def test_a_group_knows_its_first_its_last_and_its_worst(level):
    losses = [*level(100), 5.0, *level(40), 50.0, *level(40), 7.0]
    (group,) = analyze({"loss": (range(len(losses)), losses)}).findings
    assert (group.count, group.severity) == (3, "warning")
    assert [f.onset_step for f in (group.first, group.worst, group.last)] == [100, 141, 182]
