"""A run whose process lives and whose rows do not come."""

from __future__ import annotations

import os

from runwise import Workspace, reports
from runwise_format import render

NOW = 1_700_000_000.0


def hung(write_run, training, monkeypatch, silence):
    """Write a run of a row every half second, the last one ``silence`` seconds ago."""
    rows = training(200)
    begin = NOW - silence - 100
    path = write_run("hung", [{**row, "time": begin + row["step"] / 2} for row in rows])
    os.utime(path, (NOW, NOW))
    monkeypatch.setattr("time.time", lambda: NOW)


def test_a_running_run_that_logs_nothing_any_more_is_stalled(write_run, training, monkeypatch):
    hung(write_run, training, monkeypatch, 80.0)
    for document in (reports.summary(Workspace(), now=NOW), reports.check(Workspace())):
        text = render(document, "compact")
        assert "hung running" in text
        assert "warning stall" in text
        assert "warning stall time step 199: nothing has been logged for 80" in text


def test_a_row_that_is_a_little_late_is_no_stall(write_run, training, monkeypatch):
    hung(write_run, training, monkeypatch, 10.0)
    assert "nothing found" in render(reports.summary(Workspace(), now=NOW), "compact")
