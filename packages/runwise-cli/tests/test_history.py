"""Curves: a grid of means for readers, points of the data for programs, and nothing lost."""

from __future__ import annotations

import csv
import io
import json
import math
from statistics import fmean

import pytest

from runwise import reports
from runwise.errors import BadSetting, NoPoints, NoSuchMetric
from runwise.window import Window
from runwise.workspace import Workspace
from runwise_format import render


@pytest.fixture
def block():
    def get(document, key):
        return next(one for one in document.blocks if one.key == key)

    return get


@pytest.fixture
def lines():
    """Return the notes of a document."""

    def get(document):
        return [line for one in document.blocks if one.key == "notes" for line in one.lines]

    return get


@pytest.fixture
def long_run(write_run):
    """100,000 steps with one spike and one NaN, and a metric logged every 500th."""
    rows = [{"step": step, "loss": 1 + math.sin(step / 9000) / 10} for step in range(100_000)]
    rows[61_234]["loss"] = 77.0
    rows[41_237]["loss"] = math.nan
    for step in range(0, 100_000, 500):
        rows[step]["val/loss"] = 2.0 + step / 1e6
    return write_run("long", rows)


def table(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_a_grid_holds_the_means_of_equal_stretches(write_run, block):
    values = [math.cos(step / 7) for step in range(1000)]
    write_run("a", [{"step": step, "loss": value} for step, value in enumerate(values)])
    found = block(reports.history(Workspace(), "a", points=50), "curve")
    assert [row[0] for row in found.rows] == list(range(0, 1000, 20))
    expected = [fmean(values[at : at + 20]) for at in range(0, 1000, 20)]
    assert [row[1] for row in found.rows] == pytest.approx(expected)


def test_few_points_are_shown_as_they_are(write_run, block):
    write_run("a", [{"step": 10 * step, "loss": 1 / (1 + step)} for step in range(30)])
    found = block(reports.history(Workspace(), "a"), "curve")
    assert found.rows == [(10 * step, 1 / (1 + step)) for step in range(30)]


@pytest.mark.parametrize("output", ["compact", "text", "md", "json", "csv"])
def test_the_spike_and_the_nan_survive_every_output(ask, long_run, output):
    shown = ask("history", "long", "-k", "loss", "-n", 50, "--format", output).stdout
    assert "61234" in shown
    assert "77" in shown
    assert "41237" in shown
    assert "nan" in shown.lower()


def test_a_rare_metric_keeps_all_its_points(ask, long_run):
    shown = table(ask("history", "long", "-k", "val/loss", "-n", 2000, "--format", "csv").stdout)
    assert [(row["step"], row["val/loss"]) for row in shown] == [
        (str(step), f"{2.0 + step / 1e6:.6g}") for step in range(0, 100_000, 500)
    ]


def test_each_metric_is_sampled_on_its_own_steps(ask, long_run):
    shown = table(ask("history", "long", "-n", 300, "--format", "csv").stdout)
    assert sum(row["val/loss"] != "" for row in shown) >= 200
    assert 300 <= len(shown) <= 500
    assert all(row["loss"] or row["val/loss"] for row in shown)


def test_a_pipe_gets_csv_and_notes_on_stderr(ask, write_run, training):
    write_run("a", [{**row, **{f"m{at}": 1.0 for at in range(9)}} for row in training(30)])
    result = ask("history", "a")
    assert result.stdout.splitlines()[0].startswith("step,train/loss")
    assert len(result.stdout.splitlines()) == 31
    assert "choose with -k" in result.stderr
    assert ask("-q", "history", "a").stderr == ""


@pytest.mark.parametrize(
    ("words", "environment"),
    [
        ((), {"CLAUDECODE": "1"}),
        ((), {"RUNWISE_FORMAT": "compact"}),
        (("--format", "compact"), {}),
    ],
)
def test_an_agent_gets_a_grid(ask, write_run, training, words, environment):
    write_run("a", training(30))
    shown = ask("history", "a", "-k", "train/loss", *words, **environment).stdout
    assert "steps 0..29 by 1\ntrain/loss_e" in shown


@pytest.mark.parametrize("suffix", ["csv", "json", "md"])
def test_a_file_holds_what_its_name_says(ask, write_run, training, tmp_path, suffix):
    write_run("a", training(30))
    target = tmp_path / f"curve.{suffix}"
    result = ask("history", "a", "-k", "lr", "--out", target)
    assert result.stdout == ""
    assert "wrote" in result.stderr
    text = target.read_text(encoding="utf-8")
    if suffix == "csv":
        assert table(text)[29] == {"step": "29", "lr": "0.001"}
    elif suffix == "json":
        assert json.loads(text)["curve"][29] == {"step": 29.0, "lr": 0.001}
    else:
        assert "| step | lr |" in text


def test_a_log_is_never_overwritten(ask, write_run, training):
    path = write_run("a", training(30))
    before = path.read_bytes()
    result = ask("history", "a", "--out", path)
    assert result.exit_code == 2
    assert "Name the file by its format" in result.stderr
    assert path.read_bytes() == before


def test_a_file_of_a_run_is_refused(ask, demo, tmp_path):
    from runwise.demo import copy_demo

    copy_demo(tmp_path / "runs")
    folder = next((tmp_path / "runs" / "wandb").glob("*healthy1"))
    result = ask(
        "-C", tmp_path / "runs", "history", "healthy", "--out", folder / "files" / "a.csv"
    )
    assert result.exit_code == 2
    assert "belongs to run healthy1" in result.stderr
    assert not (folder / "files" / "a.csv").exists()


def test_a_window_shows_the_rows_around_a_step(write_run, training, block):
    write_run("a", training(1000))
    found = reports.history(
        Workspace(), "a", keys=["lr"], window=Window(around=500, reach=3), exact=True
    )
    assert [row[0] for row in block(found, "curve").rows] == [497, 498, 499, 500, 501, 502, 503]
    found = reports.history(Workspace(), "a", keys=["lr"], window=Window(around=500))
    assert [row[0] for row in block(found, "curve").rows] == list(range(480, 521))


def test_from_to_and_last_cut_the_curve(write_run, training, block):
    write_run("a", training(100))

    def steps(window):
        found = reports.history(Workspace(), "a", keys=["lr"], window=window)
        return [row[0] for row in block(found, "curve").rows]

    assert steps(Window(first=10, last=12)) == [10, 11, 12]
    assert steps(Window(rows=2)) == [98, 99]
    assert steps(Window(last=50, rows=2)) == [49, 50]


def test_time_and_epoch_and_any_metric_can_be_the_axis(write_run, training, block):
    rows = [
        {**row, "epoch": row["step"] // 10, "tokens": 100 * row["step"]} for row in training(40)
    ]
    write_run("a", rows)

    def axis(x):
        found = reports.history(Workspace(), "a", keys=["train/loss"], x=x, exact=True)
        curve = block(found, "curve")
        return curve.columns[0].key, [row[0] for row in curve.rows][:4]

    assert axis("time") == ("time", [0, 2, 4, 6])
    assert axis("tokens") == ("tokens", [0, 100, 200, 300])
    assert axis("epoch") == ("epoch", [0, 0, 0, 0])


def test_a_method_returns_points_of_its_own_choice(write_run, training, block):
    write_run("a", training(1000))
    found = reports.history(Workspace(), "a", keys=["lr"], points=10, method="even")
    assert len(block(found, "curve").rows) == 10


def test_a_restart_shows_what_was_logged_last_and_csv_shows_all(ask, write_run, lines):
    first = [{"step": step, "loss": 1.0} for step in range(40)]
    again = [{"step": step, "loss": 2.0} for step in range(20, 60)]
    write_run("a", [*first, *again])
    document = reports.history(Workspace(), "a")
    shown = {row[0]: row[1] for one in document.blocks if one.key == "curve" for row in one.rows}
    assert shown == {**dict.fromkeys(range(20), 1.0), **dict.fromkeys(range(20, 60), 2.0)}
    assert "steps go back: 20 points logged again later; csv shows them" in lines(document)
    rows = table(ask("history", "a", "--format", "csv").stdout)
    assert [int(row["step"]) for row in rows] == [*range(40), *range(20, 60)]


def test_a_step_logged_twice_is_two_rows(ask, write_run):
    write_run("a", [{"step": 1, "loss": 1.0}, {"step": 1, "loss": 2.0}, {"step": 2, "loss": 3.0}])
    shown = ask("history", "a", "--format", "csv").stdout
    assert shown == "step,loss\n1,1\n1,2\n2,3\n"


def test_a_point_ends_the_curve(write_run, training, block):
    write_run("a", training(100))
    found = block(reports.history(Workspace(), "a@50%", keys=["lr"]), "curve")
    assert found.rows[-1][0] == 49


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([math.nan] * 40, "NaN"),
        ([0.5] * 40, "500"),
        ([0.5], "1,.5"),
        ([math.inf, 1.0, -math.inf], "inf"),
    ],
)
def test_odd_curves_are_drawn(write_run, values, shown):
    rows = [{"step": step, "loss": value} for step, value in enumerate(values, 1)]
    write_run("a", rows)
    assert shown in render(reports.history(Workspace(), "a", points=8))


def test_fractional_steps_have_a_round_grid(write_run, block):
    write_run("a", [{"step": step / 64, "loss": 1.0} for step in range(640)])
    rows = block(reports.history(Workspace(), "a", points=50), "curve").rows
    assert [row[0] for row in rows[:3]] == [0.0, 0.5, 1.0]
    assert len(rows) == 20


def test_a_run_without_history_says_why_and_what_to_do(write_run, tmp_path, lines):
    write_run("metrics", [])
    document = reports.history(Workspace(), str(tmp_path / "metrics.jsonl"))
    assert "no metric logged" in document.verdict
    assert "runwise run" in document.more
    assert lines(document)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"points": 7}, BadSetting),
        ({"points": -1}, BadSetting),
        ({"method": "evne"}, BadSetting),
        ({"x": "epoch"}, BadSetting),
        ({"x": "los"}, NoSuchMetric),
        ({"keys": ["trian/loss"]}, NoSuchMetric),
        ({"window": Window(first=500)}, NoPoints),
    ],
)
def test_what_cannot_be_shown_is_refused(write_run, training, options, error):
    write_run("a", training(100))
    with pytest.raises(error):
        reports.history(Workspace(), "a", **options)


@pytest.mark.parametrize(
    "settings",
    [{"around": 5, "reach": 0}, {"around": 5, "reach": -1}, {"reach": 5}, {"rows": 0},
     {"first": 5, "last": 4}, {"around": 5, "reach": math.nan}],
)  # fmt: skip
def test_an_empty_window_is_refused(settings):
    with pytest.raises(BadSetting):
        Window(**settings)


def test_a_misspelt_metric_names_the_nearest(ask, write_run, training):
    write_run("a", training(20))
    result = ask("history", "a", "-k", "trian/loss")
    assert result.exit_code == 1
    assert "train/loss" in result.stderr


def test_no_clock_is_no_time_axis(ask, write_run):
    write_run("a", [{"step": step, "loss": 1.0} for step in range(20)])
    result = ask("history", "a", "--x", "time")
    assert result.exit_code == 2
    assert "keeps no clock" in result.stderr
