"""What trackers keep beside metrics: the machine, alerts, stored files, where a run came from."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def ask(house, runwise):
    """Ask about the runs that a real tracker wrote for the tests of the parsers."""

    def ask(tracker, *words, code=0):
        runs = house / "packages/runwise-parsers/tests/runs" / tracker
        done = runwise("-C", runs, "--no-cache", *words)
        assert done.returncode == code, done.stderr.decode()
        return done.stdout.decode() or done.stderr.decode()

    return ask


def test_the_machine_has_keys_statistics_and_curves_of_its_own(ask):
    assert "memory_percent" in ask("wandb", "keys", "measured", "--system")
    assert "memory_percent" not in ask("wandb", "keys", "measured")
    assert "name,count,min@s," in ask("wandb", "stats", "measured", "--system")
    rows = json.loads(
        ask("wandb", "history", "measured", "--system", "-k", "cpu", "--format", "json")
    )
    assert rows["curve"][0]["cpu"] > 0
    assert rows["curve"][0]["time"] < rows["curve"][-1]["time"] < 60
    refused = ask("wandb", "history", "measured", "--system", "-k", "cpus", code=1)
    assert "no metric 'cpus'" in refused
    assert "cpu" in refused


def test_a_run_that_measured_no_machine_says_so(ask):
    assert ask("wandb", "keys", "nested01", "--system").endswith(": 0 metrics\n")


def test_alerts_are_told_with_their_steps(ask):
    text = ask("wandb", "check", "measured", code=2)
    assert "alert warn step 3: rose: by 100 % or so" in text


def test_a_fork_says_where_it_came_from(ask):
    assert "forked_from parent01@9" in ask("wandb", "notes", "forked01")


def test_stored_files_are_listed_and_small_texts_read(ask):
    runs = json.loads(ask("mlflow", "list", "-n", "50", "--format", "json"))["runs"]
    ref = next(run["id"] for run in runs if run["name"] == "finished")
    assert "report.json,11" in ask("mlflow", "artifacts", ref)
    assert "report.json of finished" in ask("mlflow", "artifacts", ref, "report.json")
    assert "no artifact 'rapport.json'" in ask("mlflow", "artifacts", ref, "rapport.json", code=1)
    assert "is no text file" in ask("mlflow", "artifacts", ref, "model.bin", code=1)
    outside = ask("mlflow", "artifacts", ref, "../../../truth.json", code=1)
    assert "no artifact" in outside


def test_a_run_without_stored_files_says_so(ask):
    assert "0 artifacts" in ask("wandb", "artifacts", "measured")
    assert "stored no artifacts" in ask("wandb", "artifacts", "measured", "a.txt", code=1)
