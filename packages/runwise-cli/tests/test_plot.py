"""Charts of runs: what shares one, what was done to the numbers, and where they may be written."""

from __future__ import annotations

import json
import math
import sys
from array import array
from statistics import mean, stdev

import pytest

from runwise import reports
from runwise.bands import band
from runwise.errors import BadSetting, NoSuchMetric
from runwise.smoothing import smoothed
from runwise.window import Window
from runwise.workspace import Workspace
from runwise_format.document import Chart
from runwise_parsers import Series


@pytest.fixture
def charts():
    """Return the charts of a plot."""

    def get(*refs, **options):
        document = reports.plot(Workspace(), refs or ("latest",), **options)
        return [block for block in document.blocks if isinstance(block, Chart)]

    return get


def series(values, steps=None):
    return Series("loss", array("d", steps or range(len(values))), array("d", values))


def test_training_and_validation_loss_share_a_chart_and_nothing_else_does(write_run, charts):
    row = {"train/loss": 2.0, "val/loss": 2.1, "train/acc": 0.1, "val/acc": 0.2, "lr": 0.1}
    write_run("a", [{"step": step, **row} for step in range(20)])
    found = charts(panels=9)
    assert {one.title: [line.name for line in one.curves] for one in found} == {
        "loss": ["train/loss", "val/loss"], "acc": ["train/acc", "val/acc"], "lr": ["lr"],
    }  # fmt: skip
    assert found[0].title == "loss"


def test_of_several_runs_each_metric_has_a_chart_and_each_run_a_curve(write_run, training, charts):
    write_run("a", training(20))
    write_run("b", training(30))
    found = charts("a", "b", keys=["train/loss", "lr"])
    assert [one.title for one in found] == ["train/loss", "lr"]
    assert [line.name for line in found[0].curves] == ["a", "b"]
    assert [len(line.values) for line in found[0].curves] == [20, 30]


def test_a_run_that_lacks_a_metric_is_left_out_and_one_nobody_has_is_an_error(
    write_run, training, charts
):
    write_run("a", training(20))
    write_run("b", [{"step": step, "other": 1.0} for step in range(20)])
    assert [line.name for line in charts("a", "b", keys=["train/loss"])[0].curves] == ["a"]
    with pytest.raises(NoSuchMetric):
        charts("a", "b", keys=["nothing"])


def test_a_long_curve_keeps_its_ends_extremes_and_the_first_nan(write_run, charts):
    rows = [{"step": step, "loss": math.sin(step / 900)} for step in range(20_000)]
    rows[12_345]["loss"], rows[7_777]["loss"] = 77.0, math.nan
    write_run("a", rows)
    chart = charts(keys=["loss"])[0]
    steps = list(chart.curves[0].steps)
    assert len(steps) == 500
    assert {0, 19_999, 12_345, 7_777} <= set(steps)
    assert chart.note == "500 of 20000 points"


def test_smoothing_is_a_centred_mean_and_the_chart_says_so(write_run, charts):
    values = [float(step % 7) for step in range(50)]
    write_run("a", [{"step": step, "loss": value} for step, value in enumerate(values)])
    chart = charts(keys=["loss"], smooth=5)[0]
    assert chart.note == "smoothed: each point the mean of 5"
    drawn = list(chart.curves[0].values)
    assert drawn[20] == pytest.approx(mean(values[18:23]))
    assert (drawn[0], drawn[1]) == (values[0], pytest.approx(mean(values[:3])))


def test_smoothing_leaves_what_is_not_finite_where_it_is():
    found = smoothed(series([1.0, math.nan, 3.0, math.inf, 5.0]), 3).values
    assert math.isnan(found[1])
    assert found[2] == 3.0
    assert found[3] == math.inf


def test_smoothing_numbers_whose_sum_overflows():
    found = smoothed(series([1e308] * 9), 5).values
    assert list(found) == pytest.approx([1e308] * 9)


def test_a_band_is_mean_and_deviation_over_runs():
    curves = [series([1.0, 2.0, 3.0]), series([2.0, 4.0, 9.0]), series([3.0, 3.0, 3.0])]
    line = band("seeds", curves, 500)
    assert list(line.steps) == [0, 1, 2]
    assert list(line.values) == pytest.approx([2, 3, 5])
    spread = stdev([3.0, 9.0, 3.0])
    assert line.high[2] - line.values[2] == pytest.approx(spread)
    assert line.values[2] - line.low[2] == pytest.approx(spread)


def test_a_band_takes_the_value_in_between_and_ends_where_only_one_run_is_left():
    line = band("seeds", [series([0.0, 4.0], [0, 4]), series([2.0] * 7)], 500)
    assert list(line.steps) == [0, 1, 2, 3, 4]
    assert list(line.values) == pytest.approx([1.0, 1.5, 2.0, 2.5, 3.0])


def test_a_band_leaves_out_what_is_not_finite():
    line = band("seeds", [series([1.0, math.nan]), series([3.0, 5.0]), series([5.0, 7.0])], 500)
    assert list(line.values) == [3.0, 6.0]


def test_a_window_a_log_axis_and_time_are_in_the_chart(write_run, training, charts):
    write_run("a", training(50))
    chart = charts(keys=["train/loss"], x="time", log=True, window=Window(10, 19))[0]
    assert (chart.x_label, chart.log_y) == ("seconds", True)
    assert list(chart.curves[0].steps) == [2.0 * step for step in range(10)]


@pytest.mark.parametrize(
    ("runs", "options", "said"),
    [
        (1, {"smooth": 0}, "--smooth 0"),
        (1, {"band": True}, "two runs or more"),
        (13, {}, "13 runs"),
    ],
)
def test_what_cannot_be_drawn_is_refused(write_run, charts, runs, options, said):
    write_run("a", [{"step": 0, "loss": 1.0}])
    with pytest.raises(BadSetting, match=said):
        charts(*["a"] * runs, **options)


def test_a_run_without_metrics_is_an_answer_and_no_figure(ask, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "metrics.csv").write_text("step,loss\n")
    for output in ("compact", "text", "md", "html", "csv", "json"):
        assert ask("plot", "empty", "--format", output).exit_code == 0
    assert "nothing to draw" in ask("plot", "empty").stdout
    result = ask("plot", "empty", "--png", tmp_path / "a.png")
    assert result.exit_code == 2
    assert "nothing to draw" in result.stderr


def test_agents_get_rows_of_digits_and_people_a_picture(demo, ask):
    compact = ask("-C", demo, "plot", "healthy").stdout
    assert "levels 0-9 in steps 0..998" in compact
    text = ask("-C", demo, "plot", "healthy", "--format", "text").stdout
    assert "└─┬" in text


def test_json_holds_the_points(demo, answer):
    found = answer("-C", demo, "plot", "spike", "-k", "train/loss")
    curve = found["loss_curves"]["curves"][0]
    assert len(curve["steps"]) == len(curve["values"]) == 500
    assert max(curve["values"]) == pytest.approx(1.719, abs=1e-3)
    assert curve["role"] == "train_loss"


def test_colour_is_asked_for_and_forbidden_by_variables(demo, ask):
    words = ("-C", demo, "plot", "healthy", "--format", "text")
    assert "\x1b[" not in ask(*words).stdout
    assert "\x1b[36m" in ask(*words, FORCE_COLOR="1").stdout
    assert "\x1b[" not in ask(*words, FORCE_COLOR="1", NO_COLOR="1").stdout
    assert "\x1b[" not in ask(*words, FORCE_COLOR="0").stdout


def test_the_width_is_that_of_the_variable(demo, ask):
    text = ask("-C", demo, "plot", "healthy", "--format", "text", COLUMNS="60").stdout
    chart = [line for line in text.splitlines() if "│" in line or "└" in line]
    assert 50 <= max(map(len, chart)) <= 60


def test_a_locale_of_plain_ascii_gets_plain_ascii(demo, ask):
    text = ask("-C", demo, "plot", "healthy", "--format", "text", LC_ALL="C").stdout
    assert text.isascii()
    assert "+-+--" in text


def test_a_page_is_written_and_said(demo, ask, tmp_path):
    result = ask("-C", demo, "plot", "healthy", "--html", tmp_path / "page.html")
    assert result.exit_code == 0
    assert result.stdout == ""
    assert "wrote" in result.stderr
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert text.count("<figure>") == 4


@pytest.mark.parametrize("kind", ["html", "png"])
def test_nothing_is_written_into_a_run(demo, ask, kind):
    run = next((demo / "wandb").glob("*healthy1"))
    before = sorted(run.rglob("*"))
    result = ask("-C", demo, "plot", "healthy", f"--{kind}", run / f"page.{kind}")
    assert result.exit_code == 2
    assert "belongs to run healthy1" in result.stderr
    assert sorted(run.rglob("*")) == before


def test_nor_into_a_run_named_by_its_path_elsewhere(demo, ask, tmp_path):
    run = next((demo / "wandb").glob("*healthy1"))
    result = ask("plot", run, "--html", run / "page.html")
    assert result.exit_code == 2
    assert not (run / "page.html").exists()


def test_without_matplotlib_a_figure_says_what_to_install(demo, ask, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    result = ask("-C", demo, "plot", "healthy", "--png", tmp_path / "a.png")
    assert result.exit_code == 2
    assert "pip install 'runwise-cli[plot]'" in result.stderr
    assert not (tmp_path / "a.png").exists()


def test_names_that_steer_terminals_are_names(write_run, ask):
    name = "a\x1b[31mb\n| c"
    write_run("a", [{"step": step, name: float(step)} for step in range(20)])
    for output in ("text", "compact", "md", "csv", "json", "html"):
        text = ask("plot", "a", "--format", output).stdout
        assert "\x1b" not in text
    assert json.loads(ask("plot", "a", "--format", "json").stdout)["kind"] == "plot"


@pytest.mark.parametrize("command", ["plot", "report"])
def test_help_is_a_screen_with_one_example(ask, command):
    text = ask(command, "-h").stdout
    assert text.count("Example: ") == 1
    assert len(text.splitlines()) <= 30


def test_a_part_of_a_run_is_drawn(demo, answer):
    found = answer("-C", demo, "plot", "healthy", "-k", "train/loss", "--from", 100, "--to", 200)
    steps = found["loss_curves"]["curves"][0]["steps"]
    assert (min(steps), max(steps)) == (100, 200)
