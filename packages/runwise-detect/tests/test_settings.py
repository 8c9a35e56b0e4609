from __future__ import annotations

import pytest

from runwise_detect import Monitor, known_detectors
from runwise_detect.detectors.loss_spike import LossSpike
from runwise_detect.presets import PRESETS
from runwise_detect.settings import detectors, schema
from runwise_detect.thresholds import THRESHOLDS, translated


def by_kind(settings):
    return {detector.name: detector for detector in detectors(settings)}


def spikes(losses, settings):
    monitor = Monitor(detectors(settings))
    monitor.extend(range(len(losses)), {"train/loss": losses})
    return sum(finding.kind == "loss_spike" for finding in monitor.findings)


def test_without_settings_there_is_one_detector_of_each_kind():
    assert list(by_kind({})) == list(known_detectors())


def test_a_kind_can_be_switched_off_and_set():
    found = by_kind({"plateau": False, "loss_spike": {"window": 32, "times": 2}, "stall": True})
    assert "plateau" not in found
    assert "stall" in found
    assert (found["loss_spike"].window, found["loss_spike"].times) == (32, 2)


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"loss_spkie": {}}, "kind 'loss_spkie' is unknown; did you mean 'loss_spike'"),
        ({"loss_spike": {"alhpa": 1}}, "loss_spike: setting 'alhpa' is unknown; did you mean"),
        ({"loss_spike": {"alpha": 3}}, "loss_spike: alpha must be 1e-09 to 0.9, not 3"),
        ({"loss_spike": {"window": 2.5}}, "loss_spike: window must be an integer, not 2.5"),
        ({"loss_spike": {"times": True}}, "loss_spike: times must be a number, not True"),
        ({"loss_spike": 3}, "loss_spike: settings must be a mapping, or false, not 3"),
        ({"preset": "finetuning"}, "preset 'finetuning' is unknown; did you mean 'finetune'"),
        ({"metrics": []}, "metrics: must map names or globs to settings"),
        ({"metrics": {"a": 1}}, "metrics: 'a' must map kinds to settings, not 1"),
        ({"metrics": {"a": {"platau": False}}}, "kind 'platau' is unknown; did you mean"),
        ({"metrics": {"a": {"plateau": {"flat": 2}}}}, "plateau: flat must be 1e-06 to 1, not 2"),
        ({"spike_threshold": "high"}, "spike_threshold: 'high' is not a value it can have"),
        ({"gradient_explode_multiplier": 0}, "gradient_explode_multiplier: 0 is not a value"),
    ],
)
def test_a_wrong_setting_is_named_with_what_is_right(settings, problem):
    with pytest.raises(ValueError) as error:  # noqa: PT011  # the message is compared below
        detectors(settings)
    assert problem in str(error.value)


def test_settings_of_a_metric_win_over_those_of_its_kind(level):
    losses = [*level(100), 2.3, *level(20)]
    assert spikes(losses, {"loss_spike": {"times": 1}}) == 1
    assert spikes(losses, {"metrics": {"train/*": {"loss_spike": {"times": 9}}}}) == 0
    assert spikes(losses, {"metrics": {"val/*": {"loss_spike": {"times": 9}}}}) == 1


def test_the_most_specific_pattern_wins_in_any_order(level):
    losses = [*level(100), 2.3, *level(20)]
    for patterns in (["*", "train/l*", "train/loss"], ["train/loss", "train/l*", "*"]):
        wishes = dict(zip(["*", "train/l*", "train/loss"], [9, 9, 1], strict=True))
        metrics = {name: {"loss_spike": {"times": wishes[name]}} for name in patterns}
        assert spikes(losses, {"metrics": metrics}) == 1


def test_a_kind_can_be_switched_off_for_a_metric(level):
    losses = [*level(100), 9.0, float("nan")]
    settings = {"metrics": {"train/loss": {"loss_spike": False, "non_finite": False}}}
    monitor = Monitor(detectors(settings))
    monitor.extend(range(len(losses)), {"train/loss": losses})
    assert monitor.findings == []


def test_a_state_is_taken_up_with_the_same_settings_for_a_metric(level):
    settings = {"metrics": {"train/loss": {"loss_spike": {"times": 9}}}}
    before, after = Monitor(detectors(settings)), Monitor(detectors(settings))
    before.extend(range(100), {"train/loss": level(100)})
    after.load_state_dict(before.state_dict())
    assert after.update(100, {"train/loss": 2.3}) == []


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_valid_and_can_be_overruled(name):
    plain, changed = by_kind({"preset": name}), by_kind({"preset": name, "plateau": {}})
    assert "loss_spike" in plain
    assert "plateau" in changed


def test_every_setting_has_bounds_and_says_what_it_is():
    for kind, settings in schema().items():
        for name, about in settings.items():
            assert about["about"], f"{kind}.{name}"
            assert about["low"] <= about["default"] <= about["high"], f"{kind}.{name}"


# Values of a threshold of 0.5, from what makes it less sensitive to what makes it more so, and
# whether a lower setting of ours is the more sensitive one.
DIRECTIONS = {
    "spike_threshold": ((7.0, 3.5, 1.0), ("loss_spike", "times"), True),
    "overfit_ratio_threshold": ((3.0, 1.5, 1.2), ("overfitting", "rise"), True),
    "plateau_min_steps": ((5000, 500, 200), ("plateau", "warmup"), True),
    "plateau_improvement_threshold": ((0.001, 0.01, 0.1), ("plateau", "flat"), False),
    "gradient_vanish_threshold": ((1e-9, 1e-7, 1e-5), ("vanishing_gradient", "least"), False),
    "gradient_sustained_steps": ((50, 10, 2), ("vanishing_gradient", "patience"), True),
    "gradient_explode_multiplier": ((100, 10, 3), ("exploding_gradient", "decades"), True),
    "throughput_drop_threshold": ((0.9, 0.4, 0.1), ("throughput_drop", "drop"), False),
}


@pytest.mark.parametrize("name", DIRECTIONS)
def test_a_threshold_of_runwise_05_moves_sensitivity_in_its_direction(name):
    values, (kind, setting), lower_is_sharper = DIRECTIONS[name]
    ours = [getattr(by_kind({name: value})[kind], setting) for value in values]
    assert ours == sorted(ours, reverse=lower_is_sharper)
    assert len(set(ours)) == len(ours)


def test_every_threshold_of_runwise_05_is_understood():
    both = {"spike_window", "overfit_baseline_steps"}
    assert set(THRESHOLDS) == set(DIRECTIONS) | both
    assert translated({"spike_window": 10, "overfit_baseline_steps": [100, 500]}) == {
        "loss_spike": {"window": 10, "warmup": 10},
        "overfitting": {"skip": 100},
    }


def test_a_setting_out_of_bounds_is_refused_by_the_detector_itself():
    with pytest.raises(ValueError, match="loss_spike: warmup must be 5 to window, not 30"):
        LossSpike(window=20, warmup=30)
