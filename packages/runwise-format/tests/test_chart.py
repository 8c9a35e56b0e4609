"""Charts in a terminal: axes with round numbers, curves that can be told apart, nothing breaks."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runwise_format.chart import chart
from runwise_format.document import Line
from runwise_format.layout import width_of
from runwise_format.style import Style

STEPS = range(100)
FALLING = Line("train/loss", STEPS, [2 / (1 + step / 9) for step in STEPS])
RISING = Line("val/accuracy", STEPS[::10], [1 - 1 / (1 + step) for step in STEPS[::10]])
ASCII = Style(ascii=True)
COLOURED = Style(colour=True)


def test_a_chart_has_axes_and_a_legend():
    assert chart([FALLING], 40, 8) == [
        "2 ┤ ⢣",
        "  │ ⠘⢄",
        "  │  ⠈⢆",
        "1 ┤    ⠓⢤⡀",
        "  │      ⠈⠑⠢⠤⢄⣀⡀",
        "  │            ⠈⠉⠉⠙⠒⠒⠒⠒⠢⠤⠤⠤⠤⠤⠤⠤⠤⢄⣀⣀⣀⣀⣀⣀⣀",
        "  └─┬─────────────────┬─────────────────",
        "    0                50             step",
        "──  train/loss  last 0.167  min 0.167@99",
    ]


def test_in_ascii_every_curve_has_a_sign_of_its_own():
    drawn = chart([FALLING, RISING], 60, 10, style=ASCII)
    text = "\n".join(drawn)
    assert text.isascii()
    assert drawn[-2].startswith("*  train/loss")
    assert drawn[-1].startswith("+  val/accuracy")
    assert {"*", "+"} <= set("".join(drawn[:8]))


def test_without_colour_several_curves_are_signs_and_one_is_dots():
    assert any("⠀" < sign <= "⣿" for sign in "".join(chart([FALLING], 60, 10)))
    assert not any("⠀" < sign <= "⣿" for sign in "".join(chart([FALLING, RISING], 60, 10)))


def test_with_colour_each_curve_has_its_colour_in_chart_and_legend():
    drawn = chart([FALLING, RISING], 60, 10, style=COLOURED)
    assert drawn[-2].startswith("\x1b[36m──\x1b[0m  train/loss")
    assert drawn[-1].startswith("\x1b[33m──\x1b[0m  val/accuracy")
    assert all(code in "".join(drawn[:8]) for code in ("\x1b[36m", "\x1b[33m"))


def test_what_is_not_finite_is_marked_at_its_step_and_counted():
    values = [math.nan if step == 50 else 1.0 + step for step in STEPS]
    drawn = chart([Line("loss", STEPS, values)], 107, 8, style=ASCII)
    rule = next(line for line in drawn if "+-" in line)
    assert rule.count("x") == 1
    body = rule[rule.index("+-") + 2 :]
    assert body.index("x") == pytest.approx(50 / 99 * (len(body) - 1), abs=1)
    assert drawn[-1].endswith("1 not finite")


def test_a_logarithmic_axis_says_powers_and_what_lies_between():
    values = [10 ** (-step / 33) for step in STEPS]
    drawn = chart([Line("loss", STEPS, values)], 60, 14, log=True, style=ASCII)
    marked = [line.split("+")[0].strip() for line in drawn if "+" in line[:8]]
    assert marked[:4] == ["1", "0.1", "0.01", "0.001"]
    ups = [line.index("*") for line in drawn[:11] if "*" in line]
    assert ups == sorted(ups), "an exponential is a straight line"


def test_zero_has_no_place_on_a_logarithmic_axis():
    drawn = chart([Line("loss", [0, 1, 2], [0.0, 1.0, 100.0])], 40, 8, log=True)
    assert drawn[-1].endswith("last 100  min 0@0  max 100@2")


def test_a_band_is_shaded_and_the_curve_lies_over_it():
    line = Line("seeds", STEPS, FALLING.values, low=[v - 0.3 for v in FALLING.values],
                high=[v + 0.3 for v in FALLING.values])  # fmt: skip
    drawn = "\n".join(chart([line], 60, 12))
    assert "░" in drawn
    assert any("⠀" < sign <= "⣿" for sign in drawn)
    assert "░" not in "\n".join(chart([line], 60, 12, style=ASCII))


def test_a_narrow_legend_leaves_out_extremes_before_it_breaks():
    for width, ends in ((60, True), (30, False)):
        legend = chart([FALLING], width, 8)[-1]
        assert len(legend) <= width
        assert ("max 2@0" in legend) is ends
        assert "last 0.167" in legend


def test_no_points_are_no_chart():
    assert chart([]) == []
    assert chart([Line("loss", [], [])]) == []


@pytest.mark.parametrize(
    "values",
    [
        [1e308, -1e308, 1.0], [5e-324, 0.0], [math.inf, 1.0], [math.nan] * 3, [7.0],
        [-1.0, -2.0], [1.0, 1.0 + 1e-16], [float(2**1000), -math.inf],
    ],
)  # fmt: skip
@pytest.mark.parametrize("log", [False, True])
def test_odd_values_make_a_chart(values, log):
    for style in (Style(), ASCII, COLOURED):
        drawn = chart([Line("loss", range(len(values)), values)], 50, 9, log=log, style=style)
        assert len(drawn) == 10


@given(
    st.lists(st.tuples(st.floats(), st.floats(width=32)), min_size=1, max_size=30),
    st.integers(20, 200),
    st.integers(1, 30),
    st.booleans(),
)
def test_any_numbers_make_a_chart_of_the_size_asked_for(points, width, height, log):
    points.sort(key=lambda point: point[0])
    line = Line("loss", [step for step, _ in points], [value for _, value in points])
    drawn = chart([line, line], width, height, log=log, style=ASCII)
    assert len(drawn) == max(5, height) + 2
    assert all(width_of(row) <= max(width, 40) for row in drawn[:-2])
    assert not re.search(r"[^ -~]", "".join(drawn))
