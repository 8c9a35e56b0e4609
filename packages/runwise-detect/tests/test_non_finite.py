from __future__ import annotations

import math

from runwise_detect import Monitor


def test_each_metric_is_reported_once_with_its_first_bad_step_and_its_count(watch):
    (finding,) = watch([2.0, 1.5, math.nan, math.nan, math.inf])
    assert (finding.onset_step, finding.count, finding.status) == (2, 3, "open")
    assert finding.baseline == 1.5
    assert finding.message == "it is NaN; the last finite value was 1.5"


def test_a_metric_that_comes_back_has_recovered(watch):
    (finding,) = watch([2.0, -math.inf, 2.0])
    assert (finding.status, finding.end_step, finding.worst) == ("recovered", 1, -math.inf)


def test_it_is_critical_in_losses_and_gradients_and_a_warning_elsewhere():
    names = ["loss", "val_loss", "box_loss", "grad_norm", "grad_norm/layer0", "val_acc", "foo"]
    found = Monitor().update(0, dict.fromkeys(names, math.nan))
    critical = {finding.metric for finding in found if finding.severity == "critical"}
    assert critical == set(names[:5])
    assert {finding.metric for finding in found} - critical == {"val_acc", "foo"}


def test_a_resumed_run_may_be_reported_again():
    monitor = Monitor()
    steps, losses = [0, 1, 2, 1, 2, 3], [1.0, 1.0, math.nan, 1.0, 1.0, math.nan]
    monitor.extend(steps, {"loss": losses})
    assert [(f.onset_step, f.status) for f in monitor.findings] == [(2, "closed"), (3, "open")]


def test_the_sum_of_huge_finite_values_is_no_finding(watch):
    assert watch([1e308] * 20, name="loss") == []
    assert Monitor().extend(range(20), {"foo": [1.7e308] * 20}) == []


def test_a_loss_string_that_says_nan_is_ignored(watch):
    assert watch(["NaN"] * 50) == []
