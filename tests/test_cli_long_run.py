"""One bad value among a hundred thousand is found, with its step, at full resolution."""

from __future__ import annotations

import json
import math

import pytest

STEPS, SPIKE, NAN = 100_000, 31_415, 61_803


@pytest.fixture
def long_run(write_run):
    rows = [
        {"step": step, "train/loss": 0.3 + 2 * math.exp(-step / 20_000) + 0.01 * (step * 7 % 13)}
        for step in range(STEPS)
    ]
    rows[SPIKE]["train/loss"] = 40.0
    rows[NAN]["train/loss"] = math.nan
    return write_run("long", rows)


@pytest.mark.parametrize("words", [("latest",), ("check",)], ids=" ".join)
def test_one_nan_and_one_spike_are_reported_with_their_steps(runwise, long_run, words):
    done = runwise(*words, cwd=long_run.parent)
    text = done.stdout.decode()
    assert f"critical non_finite train/loss step {NAN}:" in text
    assert f"warning loss_spike train/loss step {SPIKE}:" in text
    assert text.count("\n! critical ") == 1
    assert text.count("\n! warning ") == 1


def test_the_benchmarks_spike_is_found_in_a_tracked_run(runwise, house):
    log = house / "benchmarks/data/100000x12.wandb"
    if not log.exists():
        pytest.skip("made by benchmarks/wandb_read.py")
    done = runwise("check", log, "-k", "train/loss,val/loss", "--format", "json")
    findings = json.loads(done.stdout)["findings"]
    found = {(one["metric"], one["step"]) for one in findings if one["severity"] != "info"}
    assert found == {("train/loss", 61_800.0), ("val/loss", 61_800.0)}
