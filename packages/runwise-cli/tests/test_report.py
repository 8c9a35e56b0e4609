"""Reports to send: one run with curves and settings, or several beside each other."""

from __future__ import annotations

import pytest

from runwise import reports
from runwise.errors import NoSuchMetric
from runwise.workspace import Workspace


def test_a_report_has_findings_metrics_curves_and_settings(demo, ask):
    text = ask("-C", demo, "report", "spike").stdout
    parts = ["### loss-spike", "loss_spike of train/loss", "**Metrics**", "```", "**Settings**"]
    places = [text.index(part) for part in (*parts, "more:")]
    assert places == sorted(places)


def test_a_report_of_several_runs_compares_them(demo, ask):
    text = ask("-C", demo, "report", "healthy", "overfit").stdout
    assert "| A | healthy (healthy1) | finished |" in text
    assert "overfitting of B val/loss" in text
    assert "*  A healthy" in text
    assert "+  B overfitting" in text
    assert "| batch_size | 128 | 64 |" in text


def test_the_ending_of_the_file_is_its_format(demo, ask, tmp_path):
    result = ask("-C", demo, "report", "healthy", "-o", tmp_path / "a.html")
    assert result.exit_code == 0
    assert (tmp_path / "a.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert ask("-C", demo, "report", "healthy", "-o", tmp_path / "a.md").exit_code == 0
    assert (tmp_path / "a.md").read_text(encoding="utf-8").startswith("### healthy (healthy1)")
    assert ask("-C", demo, "report", "healthy", "-o", tmp_path / "a.doc").exit_code == 2


def test_a_format_that_is_named_wins_over_the_ending(demo, ask, tmp_path):
    ask("-C", demo, "report", "healthy", "-o", tmp_path / "a.txt", "--format", "html")
    assert (tmp_path / "a.txt").read_text(encoding="utf-8").startswith("<!doctype html>")


@pytest.fixture
def write_table(tmp_path):
    """Write a run as Lightning does: a table, and settings beside it."""

    def write(name, settings):
        folder = tmp_path / name
        folder.mkdir()
        rows = [f"{step},{2 / (1 + step)}" for step in range(20)]
        (folder / "metrics.csv").write_text("\n".join(["step,train_loss", *rows]) + "\n")
        (folder / "hparams.yaml").write_text(settings)

    return write


def test_many_settings_are_counted_and_the_way_to_them_is_said(write_table):
    write_table("many", "".join(f"setting_{place}: {place}\n" for place in range(40)))
    document = reports.report(Workspace(), ["many"])
    assert "28 settings" in document.dropped
    assert document.more == "runwise config many"


def test_secrets_are_in_no_report(ask, write_table):
    write_table("secret", "api_key: abcdefgh12345678\n")
    for output in ("md", "html", "json"):
        text = ask("report", "secret", "--format", output).stdout
        assert "abcdefgh12345678" not in text
        assert "redacted" in text


def test_no_report_is_written_into_a_run(demo, ask):
    run = next((demo / "wandb").glob("*healthy1"))
    result = ask("-C", demo, "report", "healthy", "-o", run / "report.md")
    assert result.exit_code == 2
    assert not (run / "report.md").exists()


def test_a_metric_nobody_logged_is_an_error_with_the_nearest(demo):
    with pytest.raises(NoSuchMetric, match="train/los"):
        reports.report(Workspace(demo), ["healthy"], keys=["train/los"])
