"""Whole blocks are looked at by shortcuts: what is learned is the same as record by record."""

from __future__ import annotations

import json
import math
import random
from array import array

import pytest

from runwise_detect import Monitor
from runwise_detect.alignment import blocks

ROWS = 6000


def calm(rng):
    """A run in which all goes well, each metric at each step."""
    rows = []
    clock = 0.0
    for step in range(ROWS):
        clock += 0.2 + 0.05 * rng.random()
        fall = 1 / (1 + step / 700)
        rows.append(
            {
                "train/loss": 2 * fall + 0.1 * rng.gauss(0, 1) * fall + 0.5,
                "val/loss": 2.1 * fall + 0.55 + 0.01 * rng.gauss(0, 1),
                "grad_norm": math.exp(rng.gauss(0, 0.4)),
                "lr": 3e-4 * 0.5 * (1 + math.cos(math.pi * step / ROWS)),
                "tokens_per_sec": 5e4 * (1 + 0.05 * rng.gauss(0, 1)),
                "_runtime": clock,
            }
        )
    return rows


def harmed(rng):
    """The same, with trouble of many kinds at random places."""
    rows = calm(rng)
    for _ in range(rng.randrange(1, 12)):
        at, length = rng.randrange(ROWS), rng.choice([1, 2, 8, 50, 700])
        name = rng.choice(list(rows[0]))
        act = rng.choice(["high", "low", "nan", "gone", "stuck", "zero", "huge", "negative"])
        for row in rows[at : at + length]:
            value = row.get(name, 1.0)
            if act == "gone":
                row.pop(name, None)
                continue
            row[name] = {
                "high": value * 40, "low": value / 3e6, "nan": math.nan, "stuck": 1.25,
                "zero": 0.0, "huge": 1e200, "negative": -value,
            }[act]  # fmt: skip
    return rows


def by_record(rows):
    monitor = Monitor()
    for step, row in enumerate(rows):
        monitor.update(step, row)
    return monitor


def by_block(rows, size):
    monitor = Monitor()
    for start in range(0, len(rows), size):
        piece = list(enumerate(rows[start : start + size], start))
        names = dict.fromkeys(name for _, row in piece for name in row)
        curves = {
            name: (
                array("d", (step for step, row in piece if name in row)),
                array("d", (row[name] for _, row in piece if name in row)),
            )
            for name in names
        }
        for steps, columns in blocks(curves):
            monitor.extend(steps, columns, clean=True)
    return monitor


def told(monitor):
    return [str(finding) for finding in monitor.findings], monitor.finish().health


@pytest.mark.parametrize("seed", range(12))
def test_a_block_teaches_what_its_records_teach(seed):
    rows = (calm if seed < 2 else harmed)(random.Random(seed))
    one = by_record(rows)
    for size in (ROWS, 501):
        other = by_block(rows, size)
        assert told(other) == told(one)
        kept = json.loads(json.dumps(other.state_dict()))
        assert kept == json.loads(json.dumps(one.state_dict()))
