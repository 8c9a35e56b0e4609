"""Every real log of the corpus gives what was found in it by other means.

The corpus is no part of the repository: where it is absent, these tests are skipped.
"""

from __future__ import annotations

import csv
import os
import re
from functools import cache
from pathlib import Path

import pytest

from runwise_parsers import Run, open_run

STATES = {"empty": "unknown", "unfinished": "crashed"}
LAST = re.compile(r"(?:last|best)\[(.*?)\]=(\S+?)@(\S+) n=(\d+)")


@cache
def corpus() -> Path | None:
    """The folder with ``index.tsv``: beside this repository, or where the environment says."""
    told = [Path(os.environ["RUNWISE_CORPUS"])] if "RUNWISE_CORPUS" in os.environ else []
    above = [parent / "shared/corpus" for parent in Path(__file__).resolve().parents]
    return next((place for place in [*told, *above] if (place / "index.tsv").is_file()), None)


@cache
def logs() -> dict[str, str]:
    """What is known of every W&B and JSON Lines log, by its path."""
    place = corpus()
    if place is None:
        return {}
    with (place / "index.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return {
        row["local"]: row["truth"]
        for row in rows
        if row["kind"] in ("wandb", "jsonl") and row["local"].endswith((".wandb", ".jsonl"))
    }


def facts(truth: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in truth.split("; ") if not part.startswith("last["))


def opened(log: str) -> Run:
    place = corpus()
    assert place is not None
    return open_run(place / log)


needs_corpus = pytest.mark.skipif(corpus() is None, reason="there is no ../shared/corpus")
each_log = pytest.mark.parametrize("log", sorted(logs()))


@needs_corpus
def test_the_corpus_holds_logs_of_both_kinds() -> None:
    suffixes = [Path(log).suffix for log in logs()]
    assert suffixes.count(".wandb") >= 20
    assert suffixes.count(".jsonl") >= 3


@needs_corpus
@each_log
def test_a_log_has_as_many_rows_and_metrics_as_were_counted(log: str) -> None:
    run, truth = opened(log), facts(logs()[log])
    names = [name for name in run.metrics() if not name.startswith("_")]
    if log.endswith(".wandb"):
        steps = run.series(["_step"]).get("_step", ())
        assert len(steps) == int(truth.get("nhist", 0))
        assert len(names) == int(truth["nkeys"])
    else:
        row_counts = [len(one) for one in run.series().values()]
        assert max(row_counts) <= int(truth["nrows"])
        # The index counts the key of the step as well.
        axes = [name for name in ("step", "current_steps", "epoch") if name not in names]
        held = [name for name in axes if run.series([name])]
        assert int(truth["nkeys"]) - len(names) in (0, len(held))


@needs_corpus
@each_log
def test_a_log_ends_in_the_values_that_were_found_there(log: str) -> None:
    run = opened(log)
    for name, value, step, count in LAST.findall(logs()[log]):
        one = run.series([name])[name]
        assert len(one) == int(count)
        if f"best[{name}]" in logs()[log]:
            assert min(one.values) == float(value)
        else:
            assert one.last == pytest.approx(float(value), rel=1e-12)
        if log.endswith(".wandb"):
            assert one.steps[-1] == float(step)


@needs_corpus
@each_log
def test_a_run_is_in_the_state_in_which_it_was_left(log: str) -> None:
    info, truth = opened(log).info, facts(logs()[log])
    state, code = truth.get("state", "unknown"), truth.get("exit")
    known = STATES.get(state, state)
    assert info.state == ("killed" if code == "255" else known)
    assert info.exit_code == (int(code) if code is not None else None)


@needs_corpus
@each_log
def test_tail_window_and_overview_hold_points_of_the_whole_curve(log: str) -> None:
    run = opened(log)
    for name, one in run.series().items():
        if name not in run.tail(10**6):
            continue
        last = run.tail(10**6)[name]
        assert list(map(repr, last.values)) == list(map(repr, one.values))
        break
    points = {
        (name, step, repr(value))
        for name, one in run.series().items()
        for step, value in zip(one.steps, one.values, strict=True)
    }
    for name, one in run.overview(50).items():
        shown = zip(one.steps, map(repr, one.values), strict=True)
        assert {(name, step, value) for step, value in shown} <= points
