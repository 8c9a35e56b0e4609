"""What a pass learns does not depend on the pieces in which the history came."""

from __future__ import annotations

import math
import random
from array import array
from itertools import pairwise

import pytest

from runwise import learned as passes
from runwise.learned import Learned
from runwise_parsers import Batch, Series

ROWS = 3000


def series(first, last):
    """The rows from one to another: a loss with a spike and a NaN, a rarer one, internal ones."""
    steps = array("d", range(first, last))
    loss = array("d", (2 / (1 + at / 90) + 0.01 * math.sin(at * 1.7) for at in steps))
    for place, value in ((1700, 40.0), (2400, math.nan)):
        if first <= place < last:
            loss[place - first] = value
    rare = array("d", (at for at in steps if at % 50 == 0))
    clock = array("d", (1.7e9 + 2 * at for at in steps))
    found = {
        "train/loss": Series("train/loss", steps, loss, clock),
        "_step": Series("_step", steps, steps, clock),
        "val/loss": Series("val/loss", rare, array("d", (2 / (1 + at / 99) for at in rare))),
    }
    return {name: one for name, one in found.items() if len(one)}


def learn(cuts, kept_at=()):
    """Learn from batches between the cuts; where it is kept it goes on from what was written."""
    known = Learned({})
    for first, last in pairwise(cuts):
        known.add(Batch(series(first, last), 0, f"at {last}"))
        if last in kept_at:
            known = Learned.from_bytes(known.to_bytes())
    return known


def told(known):
    study = known.study()
    stats = {
        name: (one.stats.count, one.stats.min, one.stats.max_step, one.stats.nan_step, one.last)
        for name, one in study.curves.items()
    }
    return stats, repr(study.diagnosis), study.roles, known.cursor, known.mixed


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("many", [40, 2000, 500_000])
def test_whatever_the_batches_and_the_pauses_the_same_is_learned(monkeypatch, seed, many):
    monkeypatch.setattr(passes, "MANY", many)
    rng = random.Random(seed)
    cuts = sorted({0, ROWS, *(rng.randrange(ROWS) for _ in range(30))})
    whole = learn([0, ROWS])
    assert set(whole.study().curves) == {"train/loss", "val/loss"}
    assert "loss_spike" in told(whole)[1]
    assert told(learn(cuts)) == told(whole)
    assert told(learn(cuts, kept_at=rng.sample(cuts, 4))) == told(whole)


def test_what_was_kept_and_not_added_to_is_kept_as_it_was():
    once = learn([0, ROWS]).to_bytes()
    again = Learned.from_bytes(once)
    assert again.to_bytes() == once
    assert told(again) == told(learn([0, ROWS]))
    assert again.to_bytes() == once


def test_a_replaced_log_makes_everything_before_it_forgotten():
    known = learn([0, 1000])
    known.add(Batch(series(0, 500), 0, "anew", restart=True))
    assert told(known)[:3] == told(learn([0, 500]))[:3]


def test_a_new_segment_begins_a_sketch_of_its_own():
    known = learn([0, 1000])
    known.add(Batch(series(800, 1600), 1, "later"))
    curve = known.curve("train/loss")
    assert sorted(curve.segments) == [0, 1]
    assert curve.stats.count == 1800
    assert not known.mixed


def test_what_was_kept_by_other_detectors_is_not_believed(monkeypatch):
    data = learn([0, 100]).to_bytes()
    monkeypatch.setattr(passes, "known_kinds", lambda: ["one_more"])
    with pytest.raises(ValueError, match="other detectors"):
        Learned.from_bytes(data)
