"""The everyday reports on runs and words that are out of order: an answer or one clear error."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from runwise.main import main

ASK = [
    ("history", "odd"), ("history", "odd", "-n", "8"), ("history", "odd", "--last", "1"),
    ("history", "odd", "--x", "time"), ("history", "odd", "--x", "loss"), ("stats", "odd"),
    ("history", "odd", "--method", "even"), ("stability", "odd"), ("stability", "odd", "-w", "2"),
    ("stability", "odd", "--csv"), ("compare", "odd", "plain"), ("compare", "plain", "odd", "-g"),
    ("compare", "odd@50%", "plain@3"), ("compare", "odd", "plain", "odd", "-t", "1"),
    ("compare", "odd", "plain", "-d"), ("best", "loss"), ("config", "odd"), ("notes", "odd"),
    ("check", "--all"), ("check", "odd", "plain"), ("keys", "odd"),
]  # fmt: skip
NAN, INF = math.nan, math.inf
CURVES = {
    "nothing but NaN": [NAN] * 40,
    "nothing but infinities": [INF, -INF] * 20,
    "one point": [0.5],
    "two points": [0.5, NAN],
    "constant": [3.0] * 300,
    "constant but one": [3.0] * 299 + [4.0],
    "huge": [1.7e308, -1.7e308] * 20,
    "tiny": [5e-324, 0.0] * 20,
    "zeros": [0.0] * 40,
}
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]")


@pytest.fixture
def ask(tmp_path, monkeypatch):
    """Call the command line where the runs are; nothing but answers and errors may come."""
    monkeypatch.chdir(tmp_path)

    def call(*words):
        result = CliRunner().invoke(main, list(words), prog_name="runwise")
        assert result.exception is None or isinstance(result.exception, SystemExit), words
        assert result.exit_code in (0, 1, 2)
        return result

    return call


def rows_of(values, steps=None):
    places = range(len(values)) if steps is None else steps
    return [{"step": at, "loss": value} for at, value in zip(places, values, strict=True)]


@pytest.fixture
def answers(ask, write_run):
    """Ask everything about a run, and look at what is printed."""

    def check(rows, output):
        write_run("odd", rows)
        write_run("plain", rows_of([1 / (1 + at) for at in range(100)]))
        for words in ASK:
            result = ask(*words, "--format", output)
            assert not CONTROL.search(result.output), words
            if output == "json" and result.exit_code == 0:
                json.loads(result.stdout, parse_constant=pytest.fail)
        return ask

    return check


@pytest.mark.parametrize("output", ["compact", "text", "json", "csv", "md"])
@pytest.mark.parametrize("values", CURVES.values(), ids=CURVES)
def test_odd_values_are_answered(answers, values, output):
    answers(rows_of(values), output)


@pytest.mark.parametrize(
    "steps",
    [
        [*range(30), *range(10, 40)],
        [*range(30), *range(30)],
        list(range(60, 0, -1)),
        [7] * 60,
        [at / 64 for at in range(60)],
        [-30 + at for at in range(60)],
        [10**15 + at for at in range(60)],
        [at**4 for at in range(60)],
    ],
    ids=["back", "twice", "falling", "one", "fractions", "negative", "huge", "uneven"],
)
@pytest.mark.parametrize("output", ["compact", "csv"])
def test_odd_steps_are_answered(answers, steps, output):
    answers(rows_of([math.sin(at) for at in range(60)], steps), output)


@pytest.mark.parametrize("output", ["compact", "text", "json", "csv", "md"])
def test_names_out_of_a_log_stay_names(answers, output):
    names = ["\x1b[31mred", "a\nb", "=1+1", "a|b", "x,y", 'q"q', "<b>", "step", "名前", "y" * 5000]
    answers([{"step": at, "loss": 1.0, **dict.fromkeys(names, 0.5)} for at in range(40)], output)


def test_an_empty_log_says_why_and_what_to_do(ask, write_run):
    write_run("metrics", [])
    for command in ("history", "stats", "stability"):
        result = ask(command, "metrics.jsonl", "--format", "compact")
        assert "no metric logged" in result.stdout
        assert "runwise run" in result.stdout


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (2, ("history", "-n", "7")), (2, ("history", "-n", "0")), (2, ("history", "-n", "-5")),
        (2, ("history", "--around", "5", "--window", "0")), (2, ("history", "--window", "5")),
        (2, ("history", "--last", "0")), (2, ("history", "--from", "9", "--to", "3")),
        (1, ("history", "--from", "5000")), (2, ("history", "--method", "magic")),
        (2, ("history", "--x", "time")), (2, ("history", "--x", "epoch")),
        (1, ("history", "--x", "lss")), (2, ("history", "--out", "curve.xlsx")),
        (1, ("history", "-k", "lss")), (1, ("stats", "-k", "lss")), (2, ("stability", "-w", "0")),
        (2, ("stability", "-w", "-3")), (2, ("stability", "--csv", "-n", "3")),
        (1, ("best", "lss")), (2, ("compare", "plain")), (2, ("compare",)),
        (1, ("compare", "plain", "nobody")), (1, ("compare", "plain", "plain", "-f", "test/")),
        (2, ("compare", "plain", "plain", "-t", "-1")), (1, ("config", "nobody")),
        (1, ("notes", "nobody")), (1, ("check", "plain", "nobody")),
    ],
    ids=lambda value: value if isinstance(value, int) else " ".join(value),
)  # fmt: skip
def test_what_cannot_be_answered_is_one_short_error(ask, write_run, tokens, code, words):
    write_run("plain", rows_of([1 / (1 + at) for at in range(100)]))
    result = ask(*words)
    assert result.exit_code == code
    assert result.stdout == ""
    assert tokens(result.stderr) <= 70, result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file nobody can read")
def test_a_log_that_cannot_be_read_spoils_no_answer_about_all_runs(ask, write_run, tmp_path):
    write_run("plain", rows_of([1 / (1 + at) for at in range(100)]))
    (tmp_path / "metrics.jsonl").symlink_to("/proc/self/mem")
    result = ask("best", "loss", "--format", "compact")
    assert result.stdout.startswith("plain has the lowest loss of 1 run, 1 without it")
    assert "metrics.jsonl: input/output error" in result.stdout
    result = ask("check", "--all", "--format", "compact")
    assert result.exit_code == 2
    assert "1 not judged" in result.stdout
    assert "metrics.jsonl: input/output error" in result.stdout
