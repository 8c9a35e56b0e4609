"""JSON Lines logs that go on, go away, or are none at all."""

from __future__ import annotations

import json

import pytest

from runwise_parsers import find_runs, open_run
from runwise_parsers.sources.jsonl import Jsonl
from runwise_parsers.truth import joined, points_of

ROWS = [{"step": step, "loss": 1 / (step + 1), "lr": 0.5} for step in range(40)]


def opened(path):
    return open_run(path, sources=[Jsonl()])


def test_what_a_pass_learned_is_taken_up_where_it_stopped(jsonl):
    path = jsonl(b"oops\n" + b"".join(json.dumps(row).encode() + b"\n" for row in ROWS))
    run = opened(path)
    cursor = list(run.batches())[-1].cursor
    told = json.loads(json.dumps(run.told()))
    with path.open("a") as file:
        file.write('no row\n{"step": 40, "loss": 7}\n')
    again = opened(path)
    again.recall(told)
    assert [batch.columns["loss"].values.tolist() for batch in again.since(cursor)] == [[7]]
    whole = opened(path)
    assert joined(whole.batches()) == points_of(whole.series())
    assert again.summary() == whole.summary() == {"loss": 7, "lr": 0.5}
    assert again.gaps == whole.gaps
    assert "2 lines" in whole.gaps[0].missing


@pytest.mark.parametrize("told", [{}, {"last": 7}, {"last": {}, "unreadable": "many"}])
def test_what_nobody_told_is_not_taken_up(jsonl, told):
    run = opened(jsonl(ROWS))
    run.recall(told)
    assert set(run.summary()) == {"loss", "lr"}


def test_named_columns_are_followed_as_all_are(jsonl):
    path = jsonl(ROWS[:20])
    run = opened(path)
    cursor = list(run.since(None, ["loss"]))[-1].cursor
    jsonl(ROWS)
    (batch,) = opened(path).since(cursor, ["loss"])
    assert list(batch.columns) == ["loss"]
    assert batch.columns["loss"].steps.tolist() == list(range(20, 40))


def test_a_log_that_goes_away_while_it_is_read_is_a_gap(jsonl):
    path = jsonl(ROWS)
    run = opened(path)
    path.unlink()
    assert (run.series(), run.tail(3), run.overview(3), run.window(None, 0, 9)) == ({}, {}, {}, {})
    assert run.summary() == {}
    assert "no such file" in run.gaps[-1].because


def test_the_planned_end_is_read_from_the_rows(jsonl):
    rows = [{"current_steps": step, "total_steps": 900, "loss": 1} for step in (10, 20)]
    assert opened(jsonl(rows)).info.total_steps == 900
    rows = [{"step": step, "total_steps": step, "loss": 1} for step in (10, 20)]
    assert opened(jsonl(rows)).info.total_steps is None


def test_a_table_of_events_is_no_run_whatever_it_is_called(jsonl, tmp_path):
    event = {"event": "call", "name": "x", "ok": True}
    events = [
        {"timestamp": f"2026-04-27T20:31:{n}+00:00", "ms": n, **event} for n in range(10, 50)
    ]
    jsonl(events, "metrics.jsonl")
    jsonl([{"loss": n, "of": "train", "by": "me"} for n in range(9)], "a/metrics.jsonl")
    jsonl([{"event": "eval", "name": "x", "step": n, "loss": n} for n in range(9)], "b/log.jsonl")
    jsonl([{"loss": "NaN", "lr": 0.5} for n in range(9)], "c/log.jsonl")
    found = find_runs(tmp_path, sources=[Jsonl()])
    assert sorted(info.path.parent.name for info in found) == ["b", "c"]
    assert len(opened(tmp_path / "metrics.jsonl").series()["ms"]) == 40
