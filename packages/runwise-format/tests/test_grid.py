"""A curve at regular steps: a line for the steps, whole numbers of three digits."""

from __future__ import annotations

import math

import pytest

from runwise_format import Column, Document, Table, render
from runwise_format.grid import whole
from runwise_format.tokens import count_tokens


def curve(steps, *columns, label="step"):
    heads = [Column(label, role="step"), *(Column(f"m{at}") for at in range(len(columns)))]
    rows = list(zip(steps, *columns, strict=True))
    return render(Document("history", "", "", [Table("curve", heads, rows)]))


def test_regular_steps_become_one_line():
    text = curve(range(0, 100, 20), [2.31, 1.87, 1.5, 1.2, 1.1], [None, 1.9, None, 1.3, None])
    assert text == "steps 0..80 by 20\nm0_e-2,m1_e-2\n231,\n187,190\n150,\n120,130\n110,"


def test_an_axis_that_is_no_step_keeps_its_name():
    text = curve([0.0, 0.1, 0.2, 0.30000000000000004, 0.4], [5, 4, 3, 2, 1], label="epoch")
    assert text.startswith("epoch 0..0.4 by 0.1\nm0\n5\n4")


@pytest.mark.parametrize("steps", [[0, 1, 2, 4, 5], [0, 1, 2], [5, 4, 3, 2, 1], [1, 1, 1, 1, 1]])
def test_irregular_few_or_falling_steps_stay_a_column(steps):
    text = curve(steps, [0.5] * len(steps))
    assert text.startswith("step,m0")


def test_a_rest_of_a_stride_is_no_regular_grid():
    assert curve([0, 20, 40, 60, 79], [1, 2, 3, 4, 5]).startswith("step,m0")


@pytest.mark.parametrize(
    ("values", "power", "texts"),
    [
        ([0.2314, 0.1873, 0.0042], -3, ["231", "187", "4.2"]),
        ([3e-4, 2.85e-4, 3e-5], -6, ["300", "285", "30"]),
        ([1, 2, 999], 0, ["1", "2", "999"]),
        ([123456.0, 234567.5], 3, ["123", "235"]),
        ([-0.5, 0.25, 0.0], -3, ["-500", "250", "0"]),
        ([math.nan, math.inf, 0.25], -3, ["NaN", "inf", "250"]),
        ([0.9996], -2, ["100"]),
        ([0.0, 0.0], 0, ["0", "0"]),
        ([5e-324, 1.0], -2, None),
        ([5e-324, 5e-324], -300, None),
        ([1.7e308, -1.7e308], 306, ["170", "-170"]),
        ([], 0, []),
    ],
)
def test_columns_are_scaled_to_three_digits(values, power, texts):
    found, words = whole(values)
    assert found == power
    assert texts is None or words == texts


def test_one_spike_does_not_take_the_digits_of_the_others():
    power, words = whole([0.25] * 50 + [5000.0])
    assert (power, words[0], words[-1]) == (-3, "250", "5000000")


def test_a_value_never_loses_its_second_digit():
    values = [2.0 * 0.9**place for place in range(100)]
    power, words = whole(values)
    for value, word in zip(values, words, strict=True):
        assert float(word) * 10.0**power == pytest.approx(value, rel=0.06)


def test_an_empty_row_of_one_metric_is_still_a_row():
    text = curve(range(5), [0.5, None, 0.5, 0.5, 0.5])
    assert text.count("\n") == 6
    assert '\n""\n' in text


def test_a_budget_cuts_rows_and_the_line_of_steps_follows():
    heads = [Column("step", role="step"), Column("loss")]
    rows = [(step, 1 / (1 + step)) for step in range(0, 10_000, 10)]
    document = Document("history", "run", "1,000 rows", [Table("curve", heads, rows)])
    text = render(document, max_tokens=300)
    assert count_tokens(text) <= 300
    shown = text.count("\n") - 3
    assert f"steps 0..{10 * (shown - 1)} by 10\n" in text
    assert f"dropped: {1000 - shown} curve" in text
