"""Sketches of runwise-sampling, judged by runwise-detect as they come."""

from __future__ import annotations

import math
import random

import pytest

from runwise_detect import analyze
from runwise_detect.sketched import is_sketched
from runwise_sampling import Sketch


def sketched(curves, buckets=512):
    made = {}
    for name, (steps, values) in curves.items():
        made[name] = Sketch(buckets)
        made[name].extend(steps, values)
    return made


def run(length, **troubles):
    """A loss that falls, with what is asked for: a value at a step, or a level from a step on."""
    rng = random.Random(5)
    loss = [0.5 + 2 / (1 + step / 200) + 0.05 * rng.random() for step in range(length)]
    for step, value in troubles.get("values", {}).items():
        loss[step] = value
    if "jump" in troubles:
        loss[troubles["jump"] :] = [value + 1.2 for value in loss[troubles["jump"] :]]
    return {"train/loss": (range(length), loss)}


def found(curves, **options):
    diagnosis = analyze(curves, **options)
    return {
        group.kind: (group.first.onset_step, group.first.approximate)
        for group in diagnosis.findings
        if group.severity != "info"
    }


def test_a_sketch_is_known_by_what_it_has():
    assert is_sketched(Sketch())
    assert is_sketched([Sketch(), Sketch()])
    assert not is_sketched(([1, 2], [0.5, 0.25]))


def test_a_sketch_that_lost_nothing_is_judged_like_the_curve():
    curves = run(400, values={300: 9.0, 350: math.nan})
    exact, told = analyze(curves), analyze(sketched(curves))
    assert [(g.kind, g.count, g.first.onset_step, g.first.approximate) for g in told.findings] == [
        ("non_finite", 1, 350, False),
        ("loss_spike", 1, 300, False),
    ]
    assert [group.kind for group in exact.findings] == [group.kind for group in told.findings]
    assert exact.health == told.health


@pytest.mark.parametrize("length", [1_500, 20_000])
def test_trouble_is_found_in_its_bucket_and_said_to_be_approximate(length):
    at, jump = length // 2, 3 * length // 4
    curves = run(length, values={at: 30.0, at + 100: math.nan}, jump=jump)
    sketches = sketched(curves)
    width = sketches["train/loss"].width
    exact, told = found(curves), found(sketches)
    assert {"loss_spike", "non_finite", "regression"} <= exact.keys() & told.keys()
    for kind in ("loss_spike", "non_finite", "regression"):
        assert abs(told[kind][0] - exact[kind][0]) <= 8 * width
        assert told[kind][1]
        assert not exact[kind][1]


def test_an_exact_window_gives_a_jump_its_exact_place():
    curves = run(20_000, values={12_345: 30.0, 15_001: math.nan})
    steps, values = curves["train/loss"]

    def window(names, first, last):
        kept = [step for step in steps if first <= step <= last]
        return {name: (kept, [values[step] for step in kept]) for name in names}

    told = found(sketched(curves), window=window)
    assert told["loss_spike"] == (12_345, False)
    assert told["non_finite"] == (15_001, False)


def test_a_healthy_run_stays_healthy_as_a_sketch():
    assert analyze(sketched(run(20_000))).health == analyze(run(20_000)).health == 100


def test_segments_of_a_resumed_run_are_a_list():
    first, second = sketched(run(900)), sketched(run(900))
    curve = [first["train/loss"], second["train/loss"]]
    assert found({"train/loss": curve}) == {}
