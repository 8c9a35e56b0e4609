"""A chart in every output: exact where programs read, cheap where agents do."""

from __future__ import annotations

import csv
import io
import json
import math

import pytest

from runwise_format import Document, Notes, render
from runwise_format.document import Chart, Line
from runwise_format.shape import digits
from runwise_format.thin import points, thinned

STEPS = range(0, 1000, 10)
LOSS = Line("train/loss", STEPS, [0.3 + 2 / (1 + step / 90) for step in STEPS])
LATE = Line("val/loss", [500, 700, 900], [1.0, math.nan, 0.5], "val_loss", "nats")


def document(*curves, **more):
    return Document("plot", "a", "run a", [Chart("curves", curves, **more), Notes("notes", ["n"])])


def test_curves_of_one_length_only():
    with pytest.raises(ValueError, match="not equally long"):
        Line("loss", [0, 1], [1.0])
    with pytest.raises(ValueError, match="not equally long"):
        Line("loss", [0], [1.0], low=[0.5])


def test_compact_says_each_curve_in_a_row_of_digits_over_common_steps():
    lines = render(document(LOSS, LATE)).splitlines()
    assert lines[1] == "curve,last,min,max,levels 0-9 in steps 0..990"
    assert lines[2].startswith("train/loss,.467,.467@990,2.3@0,976543")
    assert len(lines[2].rpartition(",")[2]) == 40
    assert lines[3] == "val/loss nats,.5,.5@900,1@500,___9xx0"


def test_digits_are_blank_where_a_curve_is_not_and_marked_where_it_is_not_finite():
    line = Line("loss", [40, 50, 60, 70], [3.0, 2.0, math.nan, 1.0])
    drawn = digits(line, 0, 99)
    assert drawn.startswith("_")
    assert drawn.endswith("_")
    assert drawn.strip("_") == "94xx0"


def test_a_level_curve_is_neither_high_nor_low():
    assert set(digits(Line("lr", range(10), [0.1] * 10), 0, 9)) == {"5"}


def test_csv_has_a_column_for_each_curve_and_its_band():
    band = Line("mean", [0, 10], [1.0, 2.0], low=[0.5, 1.5], high=[1.5, 2.5])
    text = render(document(LATE, band), "csv")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert list(rows[0]) == ["step", "val/loss", "mean", "mean_low", "mean_high"]
    assert [row["step"] for row in rows] == ["0", "10", "500", "700", "900"]
    assert rows[0] == {
        "step": "0", "val/loss": "", "mean": "1", "mean_low": "0.5", "mean_high": "1.5"
    }  # fmt: skip
    assert rows[3]["val/loss"] == "nan"


def test_json_has_every_point_exactly():
    found = json.loads(render(document(LOSS, LATE, log_y=True), "json"))["curves"]
    assert found["log_y"] is True
    assert found["curves"][0]["values"] == list(LOSS.values)
    assert found["curves"][1] == {
        "name": "val/loss", "role": "val_loss", "unit": "nats", "steps": [500, 700, 900],
        "values": [1.0, "NaN", 0.5], "low": [], "high": [],
    }  # fmt: skip


def test_markdown_shows_a_chart_as_code_that_no_name_can_end():
    text = render(document(Line("a```b", [0, 1], [1.0, 2.0]), title="`t`"), "md")
    fences = [line for line in text.splitlines() if set(line) == {"`"}]
    assert fences == ["````", "````"]


def test_text_keeps_charts_within_the_page():
    text = render(document(LOSS, LATE), "text")
    assert max(map(len, text.splitlines())) <= 100
    assert "0" in text


def test_a_budget_takes_points_first_and_says_how_many():
    long = Line("loss", range(5000), [1 / (1 + step) for step in range(5000)])
    for output in ("csv", "json"):
        text = render(document(long), output, max_tokens=1000)
        assert "points" in text
        assert "4999" in text, "the last point stays"


def test_thinning_keeps_ends_extremes_and_the_first_nan():
    values = [math.sin(step / 700) for step in range(10_000)]
    values[4321], values[7777], values[1234] = 99.0, -99.0, math.nan
    for level in range(1, 9):
        thin = thinned(document(Line("loss", range(10_000), values)), level)
        line = thin.blocks[0].curves[0]
        assert {0, 9999, 4321, 7777, 1234} <= set(line.steps)
        assert points(thin) == len(line.values) <= 1000
        assert thin.dropped == [f"{10_000 - points(thin)} points"]


def test_a_budget_takes_curves_where_they_are_drawn():
    curves = [Line(f"layer_{place}/norm", STEPS, LOSS.values) for place in range(30)]
    text = render(document(*curves), max_tokens=300)
    assert "layer_0/norm" in text
    assert "layer_29/norm" not in text
    assert "curves" in text.rpartition("dropped: ")[2]
