"""What charts and reports cost an agent, in o200k tokens."""

from __future__ import annotations

import math
import random

import pytest

from runwise_format import Document, render
from runwise_format.document import Chart, Line

RUNS = ["healthy", "spike", "overfit", "nan", "killed"]


def test_a_chart_of_three_curves_and_forty_places_costs_at_most_120(tokens):
    rng = random.Random(1)
    steps = range(0, 10_000, 20)
    levels = [math.exp(-step / 1500) for step in steps]
    curves = [
        Line("train/loss", steps, [0.31 + 2 * one + rng.gauss(0, 0.01) for one in levels]),
        Line("val/loss", steps[::10], [0.42 + 2 * one for one in levels[::10]]),
        Line("train/accuracy", steps, [0.95 - 0.6 * one + rng.gauss(0, 0.01) for one in levels]),
    ]
    text = render(Document("plot", "", "", [Chart("curves", curves)]))
    print(f"{tokens(text):6} tokens: a chart\n{text}")
    assert text.count("\n") == 3
    assert tokens(text) <= 120


@pytest.mark.parametrize("run", RUNS)
def test_the_plot_of_a_demo_run_costs_at_most_160(runwise, demo_root, tokens, run):
    text = runwise("plot", run, cwd=demo_root).stdout.decode()
    print(f"{tokens(text):6} tokens: plot {run}")
    assert tokens(text) <= 160


@pytest.mark.parametrize("run", RUNS)
def test_the_report_of_a_demo_run_costs_at_most_900(runwise, demo_root, tokens, run):
    text = runwise("report", run, cwd=demo_root).stdout.decode()
    print(f"{tokens(text):6} tokens: report {run}")
    assert "**Settings**" in text
    assert "```" in text
    assert tokens(text) <= 900


@pytest.mark.parametrize("command", ["plot", "report"])
@pytest.mark.parametrize("run", RUNS)
def test_budgets_hold_and_the_verdict_stays(runwise, demo_root, tokens, run, command):
    whole = runwise(command, run, cwd=demo_root).stdout.decode()
    for budget in ("100", "300", "1000"):
        done = runwise(command, run, "--max-tokens", budget, cwd=demo_root)
        assert done.returncode == 0, done.stderr
        text = done.stdout.decode()
        assert tokens(text) <= int(budget)
        assert text == whole or "dropped" in text
        assert run.split("fit")[0] in text
        if command == "report" and "critical" in whole:
            assert "critical" in text
