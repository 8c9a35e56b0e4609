"""Data that several tests of runwise-sampling share."""

from __future__ import annotations

import json
import math
import random
from array import array

import pytest
from hypothesis import strategies as st


@pytest.fixture
def noisy_loss():
    """20,000 points of a falling loss: many blocks, and a last one that is not full."""
    rng = random.Random(0)
    return array("d", (2 / (1 + step / 1000) + rng.gauss(0, 0.02) for step in range(20_000)))


@pytest.fixture(scope="session")
def points():
    """A strategy: points in any order of steps, with repeated steps and values, and NaN."""
    steps = st.integers(-20, 1000) | st.floats(-1e6, 1e6)
    values = (
        st.floats(-1e6, 1e6)
        | st.integers(-3, 3)
        | st.sampled_from([math.nan, math.inf, -math.inf, 0.0, -0.0])
    )
    return st.lists(st.tuples(steps, values), max_size=60)


@pytest.fixture
def write_rows(tmp_path):
    """A function that writes a JSON Lines file of rows, or lines as they are, and says where."""

    def write(rows):
        path = tmp_path / "log.jsonl"
        lines = (row if isinstance(row, str) else json.dumps(row) for row in rows)
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return path

    return write
