"""The command line: what goes to stdout, to stderr, and back as an exit code."""

from __future__ import annotations

import json
import re

import pytest

from runwise import __version__
from runwise.session import Session, chosen_output

COMMANDS = (
    "best", "check", "compare", "config", "demo", "history", "keys", "latest", "list", "notes",
    "run", "stability", "stats",
)  # fmt: skip
ANSI = re.compile(r"\x1b")


def test_the_version_is_printed(ask):
    assert ask("--version").stdout == f"runwise {__version__}\n"


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_fits_a_screen_and_names_every_command_and_an_example(ask, flag):
    lines = ask(flag).stdout.splitlines()
    assert len(lines) <= 55
    assert all(len(line) <= 80 for line in lines)
    besides = "\n".join(lines[lines.index("Besides (runwise COMMAND -h):") :])
    for command in COMMANDS:
        explained = any(re.match(rf"  {command}\s+\w.*\.$", line) for line in lines)
        assert explained or re.search(rf"\b{command}\b", besides), command
    assert "Example: runwise run" in "\n".join(lines)


def test_the_command_alone_is_the_help(ask):
    alone = ask()
    assert (alone.exit_code, alone.stderr) == (0, "")
    assert alone.stdout == ask("--help").stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help_with_one_example_on_one_screen(ask, command):
    result = ask(command, "-h")
    assert result.exit_code == 0
    assert result.stdout.count("Example: ") == 1
    assert len(result.stdout.splitlines()) <= 30


@pytest.mark.parametrize("words", [("list",), ("run", "nan"), ("latest",), ("keys", "nan")])
def test_answers_go_to_stdout_and_end_with_zero(ask, demo, words):
    result = ask("-C", demo, *words)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.endswith("\n")


def test_options_mean_the_same_before_and_after_the_command(ask, demo):
    before = ask("-C", demo, "--format", "text", "--no-spark", "keys", "nan").stdout
    after = ask("keys", "nan", "--no-spark", "--format", "text", "-C", demo).stdout
    assert before == after


def test_what_stands_after_the_command_wins(ask, demo):
    result = ask(
        "--format", "text", "-C", "nowhere", "keys", "nan", "--format", "json", "-C", demo
    )
    assert json.loads(result.stdout)["kind"] == "keys"


def test_a_run_that_does_not_exist_ends_with_one_on_stderr(ask, demo):
    result = ask("-C", demo, "run", "nope")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: no run is called 'nope'\nNewest: killed01 (killed), ")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["lst"], "Did you mean list?"),
        (["frobnicate"], "Try: runwise --help"),
        (["list", "-n", "0"], "0 is not in the range"),
        (["list", "-n", "many"], "many"),
        (["list", "--max-tokens", "0"], "0 is not in the range"),
        (["list", "--fromat", "text"], "--format"),
        (["list", "--format", "txet"], "did you mean text?"),
        (["check", "--fail-on", "all"], "--fail-on"),
        (["run", "a", "b"], "unexpected extra argument"),
        (["-C", "nowhere", "list"], "-C nowhere is not a directory"),
    ],
)
def test_a_wrong_invocation_ends_with_two_on_stderr(ask, write_run, training, words, said):
    write_run("a", training(3))
    result = ask(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_what_was_typed_comes_back_harmless_and_short(ask):
    result = ask("\x1b[31m" + "x" * 10_000)
    assert result.exit_code == 2
    assert not ANSI.search(result.stderr)
    assert len(result.stderr) < 400


@pytest.mark.parametrize(
    ("run", "words", "code"),
    [("healthy", [], 0), ("nan", [], 1), ("spike", ["--fail-on", "critical"], 0)],
)
def test_check_speaks_by_its_exit_code(ask, demo, run, words, code):
    assert ask("-C", demo, "check", run, *words).exit_code == code


def test_check_of_a_run_too_short_to_judge_ends_with_two(ask, write_run, training):
    write_run("a", training(3))
    result = ask("check")
    assert (result.exit_code, result.stderr) == (2, "")


def test_keys_can_be_named_with_commas_and_repeatedly(answer, demo):
    found = answer("-C", demo, "run", "nan", "-k", "lr, val/loss", "-k", "val/acc*,lr")
    assert [row["name"] for row in found["metrics"]] == ["lr", "val/loss", "val/accuracy"]


def test_the_environment_chooses_the_output(ask, demo):
    assert ask("-C", demo, "list", RUNWISE_FORMAT="json").stdout.startswith('{"kind":"list"')
    result = ask("-C", demo, "list", "--format", "compact", RUNWISE_FORMAT="json")
    assert result.stdout.startswith("5 runs")


@pytest.mark.parametrize(
    ("environment", "terminal", "output"),
    [
        ({}, True, "text"), ({}, False, "compact"), ({"CLAUDECODE": "1"}, True, "compact"),
        ({"CODEX_SANDBOX": "1"}, True, "compact"), ({"CLAUDECODE": ""}, True, "text"),
        ({"RUNWISE_FORMAT": "text", "CLAUDECODE": "1"}, False, "text"),
    ],
)  # fmt: skip
def test_an_agent_gets_the_compact_output_even_on_a_terminal(environment, terminal, output):
    assert chosen_output(environment, terminal=terminal) == output


def test_more_words_go_to_stderr_and_quiet_takes_them_back(ask, demo):
    result = ask("-C", demo, "keys", "nan", "-v")
    assert "looked in " in result.stderr
    assert re.search(r"\d\.\d\d s\n$", result.stderr)
    assert result.stdout == ask("-C", demo, "keys", "nan").stdout
    assert ask("-C", demo, "keys", "nan", "-v", "-q").stderr == ""


def test_a_budget_is_kept(ask, demo):
    whole = ask("-C", demo, "run", "nan").stdout
    part = ask("-C", demo, "run", "nan", "--max-tokens", "100").stdout
    assert len(part) < len(whole)
    assert "critical" in part
    assert "dropped:" in part


def test_json_is_exact_and_has_no_bare_nan(answer, demo):
    found = answer("-C", demo, "run", "nan")
    loss = found["metrics"][0]
    assert (loss["name"], loss["last"], loss["best"]) == (
        "train/loss", "NaN", {"value": 0.139, "step": 618.0},
    )  # fmt: skip
    assert found["run"]["total"] == 1000.0
    assert found["findings"][0]["severity"] == "critical"


def test_the_demo_shows_a_list_a_sick_run_and_where_to_go(ask):
    result = ask("demo")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "5 runs: 4 finished, 1 crashed" in result.stdout
    assert "critical non_finite train/loss step 640" in result.stdout
    assert "Next: runwise -C " in result.stdout
    assert result.stdout.rstrip().endswith("In your own project: runwise latest")


def test_the_demo_can_be_kept_and_is_not_overwritten(ask, tmp_path):
    assert ask("demo", "--out", "kept dir").exit_code == 0
    assert "runwise -C 'kept dir' check spike" in ask("demo", "--out", "other").stdout.replace(
        "other", "'kept dir'"
    )
    assert ask("-C", "kept dir", "check", "spike").exit_code == 1
    result = ask("demo", "--out", "kept dir")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "already there" in result.stderr


def test_the_demo_cannot_be_kept_in_a_file(ask, tmp_path):
    (tmp_path / "file").write_text("")
    result = ask("demo", "--out", "file")
    assert result.exit_code == 2
    assert "cannot write" in result.stderr


def test_a_session_without_stdout_says_nothing(monkeypatch, demo_runs):
    from runwise import reports

    monkeypatch.setattr("sys.stdout", None)
    Session().show(reports.list_runs(demo_runs))
