"""Following a run: what is new, and why nobody waits any longer."""

from __future__ import annotations

import json
import os
import time

import pytest

from runwise.filters.grammar import terms_of
from runwise.following import ENDED, MET, TIMED_OUT, End, Wish, follow
from runwise.watch_lines import json_of, line_of
from runwise.watching import Found, Rows
from runwise.workspace import Workspace


@pytest.fixture
def growing(tmp_path):
    """A log that gets rows each time somebody waits, on a clock of its own."""

    class Growing:
        def __init__(self):
            self.path = tmp_path / "train.jsonl"
            self.now = time.time()
            self.waits = 0
            self.planned = []

        def write(self, *rows):
            with self.path.open("a", encoding="utf-8") as file:
                for row in rows:
                    file.write(json.dumps({"time": self.now, **row}) + "\n")
            os.utime(self.path, (self.now, self.now))

        def wait(self, seconds):
            self.now += seconds
            if self.waits < len(self.planned):
                self.write(*self.planned[self.waits])
            self.waits += 1

        def events(self, wish, interval=1.0, said=lambda event: event):
            clock = lambda: self.now  # noqa: E731
            steps = follow(Workspace(), "train", wish, interval, clock=clock, wait=self.wait)
            return [said(event) for event in steps]

    return Growing()


def rows(begin, end):
    return [{"step": at, "loss": 2 / (1 + at / 10)} for at in range(begin, end)]


def test_a_condition_is_met_in_the_look_after_its_row_is_written(growing):
    growing.write(*rows(0, 5))
    growing.planned = [rows(at, at + 5) for at in range(5, 50, 5)]
    events = growing.events(Wish(terms_of(["loss<0.6"])))
    assert events[-1] == End(MET, "loss<0.6")
    assert growing.waits == 4
    assert [event.rows for event in events if isinstance(event, Rows)] == [5, 5, 5, 5]


def test_a_condition_that_held_between_two_looks_is_met(growing):
    growing.write(*rows(0, 5))
    growing.planned = [[{"step": 5, "loss": 0.1}, {"step": 6, "loss": 2.0}]]
    assert growing.events(Wish(terms_of(["loss<0.2"])))[-1].code == MET


def test_a_condition_that_holds_already_needs_no_waiting(growing):
    growing.write(*rows(0, 50))
    assert growing.events(Wish(terms_of(["loss<1"])))[-1].code == MET
    assert growing.waits == 0


def test_a_writer_that_was_killed_ends_it(growing, monkeypatch):
    growing.write(*rows(0, 5))
    monkeypatch.setattr(time, "time", lambda: growing.now)
    events = growing.events(Wish(terms_of(["loss<0.001"])), interval=10.0)
    assert events[-1] == End(ENDED, "the run went silent")
    assert 9 <= growing.waits <= 32


def test_without_a_condition_the_end_of_the_run_is_what_was_waited_for(growing, monkeypatch):
    growing.write(*rows(0, 5))
    monkeypatch.setattr(time, "time", lambda: growing.now)
    assert growing.events(Wish(), interval=30.0)[-1].code == MET


def test_time_runs_out(growing):
    growing.write(*rows(0, 5))
    growing.planned = [rows(at, at + 1) for at in range(5, 40)]
    events = growing.events(Wish(terms_of(["loss<0.001"]), timeout=3.5))
    assert events[-1] == End(TIMED_OUT, "the time is up")
    assert growing.waits == 4


def test_a_finding_ends_it_and_is_told_once(growing):
    growing.write(*rows(0, 60))
    growing.planned = [rows(60, 80), [{"step": 80, "loss": "NaN"}], rows(81, 90)]
    events = growing.events(Wish(severity="critical"))
    assert [event.group.kind for event in events if isinstance(event, Found)] == ["non_finite"]
    assert events[-1] == End(MET, "critical non_finite of loss")


def test_a_run_that_was_deleted_ends_it(growing):
    growing.write(*rows(0, 5))
    grown = growing.wait
    growing.wait = lambda seconds: (grown(seconds), growing.path.unlink(missing_ok=True))
    assert growing.events(Wish(terms_of(["loss<0.001"])))[-1].code == ENDED


def test_events_are_lines_for_readers_and_json_for_programs(growing):
    growing.write(*rows(0, 60))
    growing.planned = [[{"step": 60, "loss": "NaN", "val/loss": 0.5}]]
    told = growing.events(Wish(severity="critical"), said=lambda e: (e, line_of(e), json_of(e)))
    events, lines, plain = zip(*told, strict=True)
    assert lines[0] == "train running, step 59"
    assert lines[1] == "step 60 loss NaN val/loss .5"
    assert lines[-1] == "end: critical non_finite of loss"
    assert "\x1b[36mval/loss .5" in line_of(events[1], colour=True)
    parsed = [json.loads(line) for line in plain]
    assert [event["event"] for event in parsed] == ["run", "rows", "finding", "end"]
    assert parsed[1]["metrics"] == {"loss": "NaN", "val/loss": 0.5}


def test_what_a_log_says_is_harmless_in_lines_of_json(growing):
    growing.write(*({"step": at, "lo\u202ess\x1b[31m": 1.0} for at in range(5)))
    growing.planned = [[{"step": 5, "lo\u202ess\x1b[31m": 2.0}]]
    told = growing.events(Wish(timeout=1.0), said=json_of)
    assert not any("\u202e" in line or "u001b" in line for line in told)


def test_the_command_ends_with_the_code_of_what_happened(ask, write_run, training):
    write_run("done", training(40))
    assert ask("watch", "done", "--until", "train/loss<1").exit_code == MET
    result = ask("watch", "done", "--until", "train/loss<0.0001", "-i", "0.05")
    assert result.exit_code == ENDED
    assert result.stdout.splitlines()[-1] == "end: the run went silent"


@pytest.mark.parametrize(
    "words", [("--timeout", "soon"), ("--until", "loss"), ("-i", "0"), ("--until-finding", "bad")]
)
def test_a_wish_nobody_understands_is_a_usage_error(ask, write_run, training, words):
    write_run("done", training(40))
    result = ask("watch", "done", *words)
    assert result.exit_code == 2
    assert result.stdout == ""
