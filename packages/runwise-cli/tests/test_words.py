"""Times and counts are said in few words, whatever the numbers are."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runwise.errors import RunwiseError, near, short, some
from runwise.words import ago, count, duration, step


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.02, "0.02s"), (2.5, "2.5s"), (99, "99s"), (100, "1min40s"), (3600, "1h"),
        (3725, "1h02min"), (36_000, "10h"), (86_400 * 3 + 7200, "3d02h"), (math.inf, "infs"),
    ],
)  # fmt: skip
def test_a_length_of_time_has_one_or_two_units(seconds, said):
    assert duration(seconds) == said


@given(st.floats())
def test_any_number_can_be_said(number):
    assert all(isinstance(say(number), str) for say in (duration, ago, step))


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0s ago"), (89, "89s ago"), (91, "2min ago"), (7200, "2h ago"), (-60, "in the future"),
     (math.nan, "at an unknown time")],
)  # fmt: skip
def test_an_age_has_one_unit(seconds, said):
    assert ago(seconds) == said


def test_steps_are_exact():
    assert step(5_000_000_000.0) == "5000000000"
    assert step(math.nan) == "nan"


def test_a_noun_follows_its_number():
    assert (count(0, "run"), count(1, "run"), count(2, "run")) == ("0 runs", "1 run", "2 runs")


def test_a_long_name_keeps_both_ends():
    assert short("a" * 30 + "b" * 30, 20) == "aaaaaa…bbbbbb"
    assert short("name") == "name"


def test_few_names_are_listed_and_the_rest_counted():
    assert some(["a", "b"]) == "a, b"
    assert some(map(str, range(9)), 2) == "0, 1 and 7 more"


def test_the_nearest_names_come_first_and_case_does_not_matter():
    assert near("LOSS", ["lr", "loss", "val/loss"])[:2] == ["loss", "val/loss"]
    assert near("zzz", ["lr", "loss"]) == []
    assert near("", ["lr", "loss"]) == []


def test_looking_for_a_very_long_name_ends():
    assert near("x" * 100_000, ["y" * 100_000, "loss"]) == []


def test_an_error_says_what_happened_and_then_what_to_do():
    error = RunwiseError("no run", "Make one.")
    assert str(error) == "no run\nMake one."
    assert (error.problem, error.remedy) == ("no run", "Make one.")


def test_an_error_quotes_nothing_that_steers_a_terminal():
    text = str(RunwiseError("no \x1b[31mred\x1b[0m\nrun\x07", "x" * 10_000))
    assert "\x1b" not in text
    assert "\x07" not in text
    assert text.count("\n") == 1
    assert len(text) < 450
