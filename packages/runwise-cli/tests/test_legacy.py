"""The Python API of runwise 0.5: the same names, the same shapes, true numbers."""

from __future__ import annotations

import csv
import io
import math

import pytest

import runwise
from runwise import (
    Anomaly,
    AnomalyConfig,
    MetricSchema,
    RunAnalyzer,
    RunwiseConfig,
    calculate_slope,
    calculate_windowed_slopes,
    detect_anomalies,
    format_anomalies,
    sparkline,
    sparkline_with_stats,
    trend_indicator,
)


@pytest.fixture
def analyzer(demo):
    return RunAnalyzer(RunwiseConfig.auto_detect(demo))


@pytest.fixture
def healthy(analyzer):
    return analyzer.find_run("healthy1")


def test_runs_are_objects_with_the_fields_of_0_5(analyzer, healthy):
    assert [run.name for run in analyzer.list_runs()] == [
        "killed", "nan", "loss-spike", "overfitting", "healthy",
    ]  # fmt: skip
    assert analyzer.get_latest_run().run_id == "killed01"
    assert (healthy.state, healthy.final_step, healthy.is_resumed) == ("finished", 998, False)
    assert healthy.metrics["train/loss"] == pytest.approx(0.2435, abs=1e-4)
    assert healthy.config["lr"] == 0.1
    assert healthy.date.startswith("2026-11-")
    assert analyzer.find_run("nobody") is None


def test_what_was_text_is_text(analyzer, healthy):
    other = analyzer.find_run("overfit1")
    assert "healthy" in analyzer.summarize_run(healthy)
    assert "▁" not in analyzer.summarize_run(healthy, include_sparklines=False)
    assert "train/loss" in analyzer.summarize_run(healthy, keys=["train/loss"])
    assert "overfitting" in analyzer.format_run_list([healthy, other])
    assert "killed" not in analyzer.format_run_list([healthy, other])
    assert "lr" in analyzer.get_config(healthy)
    assert "demo" in analyzer.get_run_context(healthy)
    assert "train/loss" in analyzer.compare_runs(healthy, other)
    assert "label_noise" in analyzer.compare_runs(healthy, other, show_config_diff=True)
    assert "@100" in analyzer.compare_runs_at_step(healthy, other, 100, 200)
    assert "train/loss" in analyzer.get_history_stats(healthy, ["train/loss"])
    assert "train/loss" in analyzer.get_stability_analysis(healthy, ["train/loss"])
    assert "val/loss" in analyzer.list_available_keys(healthy)
    assert "killed01" in analyzer.get_live_status()


def test_curves_are_csv_and_rows_are_dicts(analyzer, healthy):
    rows = list(csv.reader(io.StringIO(analyzer.get_history(healthy, ["train/loss"], 50))))
    assert rows[0] == ["step", "train/loss"]
    assert len(rows) == 51
    assert rows[-1][0] == "998"
    data = analyzer.get_history_data(healthy, ["train/loss", "val/loss"], samples=20)
    assert all("_step" in row for row in data)
    assert sum("val/loss" in row for row in data) == 20
    stable = list(csv.reader(io.StringIO(analyzer.get_stability_csv(healthy, ["train/loss"]))))
    assert len(stable) > 10


def test_the_best_run_is_the_best_and_the_ranking_is_true(analyzer):
    best, ranked = analyzer.find_best_run("val/loss")
    truth = {
        run.name: min(row["val/loss"] for row in analyzer.get_history_data(run, ["val/loss"], 1000)
                      if math.isfinite(row["val/loss"]))
        for run in analyzer.list_runs()
    }  # fmt: skip
    assert best.name == min(truth, key=truth.get)
    assert [value for _, value in ranked] == sorted(truth.values())
    assert "highest" in analyzer.format_best_run("val/accuracy", higher_is_better=True)
    assert analyzer.find_best_run("nothing") == (None, [])


def test_local_logs_are_found_by_path_name_or_part(write_run, training, tmp_path):
    write_run("train_a", training(300), tmp_path / "logs")
    analyzer = RunAnalyzer(RunwiseConfig.auto_detect(tmp_path))
    assert [path.name for path in analyzer.list_local_logs()] == ["train_a.jsonl"]
    for name in ("logs/train_a.jsonl", "train_a.jsonl", "train"):
        assert analyzer.find_local_log(name).name == "train_a.jsonl", name
    assert analyzer.find_local_log("nothing") is None
    assert len(analyzer.parse_local_log("train_a.jsonl")) == 300
    assert "train/loss" in analyzer.summarize_local_log("train_a.jsonl")
    assert analyzer.get_local_history("train_a.jsonl", ["train/loss"]).startswith(
        "step,train/loss"
    )
    assert "train/loss" in analyzer.get_local_history_stats("train_a.jsonl", ["train/loss"])
    assert "lr" in analyzer.list_local_log_keys("train_a.jsonl")
    assert "train/loss" in analyzer.get_local_stability_analysis("train_a.jsonl", ["train/loss"])


def test_a_configuration_survives_being_saved(tmp_path):
    schema = MetricSchema(loss_key="objective", num_steps=3)
    config = RunwiseConfig(project_name="digits", schema=schema, downsample_interval=50)
    config.save(tmp_path / "runwise.json")
    again = RunwiseConfig.auto_detect(tmp_path)
    assert (again.project_name, again.downsample_interval) == ("digits", 50)
    assert again.schema == schema


def test_sparklines_leave_out_what_is_no_number():
    assert sparkline([1, 2, None, math.nan, 3, 4], width=4) == "▁▃▆█"
    assert sparkline([], 5) == ""
    assert sparkline([5, 5, 5], 3) == "▄▄▄"
    assert sparkline_with_stats([4, 3, 2, 1], 4) == "█▆▃▁ ↓ (4 → 1)"
    assert trend_indicator([1, 2, 3, 4, 5, 6]) == "↑"
    assert trend_indicator([]) == "→"


def test_slopes_are_per_step_and_not_per_row():
    slope, per_1000, word = calculate_slope([5.0, 4.0, 3.0], [0, 100, 200])
    assert (slope, per_1000, word) == (-0.01, -10.0, "improving")
    assert calculate_slope([1.0]) == (0.0, 0.0, "stable")
    assert calculate_windowed_slopes([1.0, 2.0, 3.0, 4.0], window=2) == [(1, 1000.0), (3, 1000.0)]


def test_anomalies_carry_their_step_and_the_words_of_0_5():
    rows = [{"_step": step, "loss": 2 / (1 + step / 50)} for step in range(400)]
    assert detect_anomalies(rows) == []
    rows[200]["loss"] = "NaN"
    found = detect_anomalies(rows, AnomalyConfig())
    assert (found[0].type, found[0].severity, found[0].step) == ("nan", "critical", 200)
    assert "(step 200)" in found[0].compact()
    assert format_anomalies(found).startswith("!! ")
    assert format_anomalies([]) == ""
    assert Anomaly("spike", "warning", "x").compact() == "! x"


def test_the_names_of_0_5_are_all_there():
    for name in (
        "RunAnalyzer", "RunwiseConfig", "MetricSchema", "sparkline", "sparkline_with_stats",
        "trend_indicator", "calculate_slope", "calculate_windowed_slopes", "Anomaly",
        "AnomalyConfig", "detect_anomalies", "format_anomalies", "__version__",
    ):  # fmt: skip
        assert getattr(runwise, name) is not None
    with pytest.raises(AttributeError):
        runwise.nonsense  # noqa: B018 - asking is the test
