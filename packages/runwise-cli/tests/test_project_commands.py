"""Commands about a project: what can be read, first settings, what waits for a server."""

from __future__ import annotations

import json
import shutil

import pytest


def test_doctor_says_what_can_be_read_and_what_cannot(ask, answer, demo, tmp_path):
    shutil.copytree(demo / "wandb", tmp_path / "wandb")
    (log,) = tmp_path.glob("wandb/*healthy1/*.wandb")
    log.write_bytes(b"")
    known = answer("doctor")
    assert {row["source"]: row["runs"] for row in known["sources"]} == {"wandb": 5}
    assert known["unread"][0]["because"] == "the log is empty"
    assert known["extras"].keys() == {"wandb", "remote", "plot"}
    assert "runwise-cli" in known["versions"]


def test_doctor_answers_where_there_is_nothing(ask):
    result = ask("doctor")
    assert result.exit_code == 0
    assert "no runs under" in result.stdout
    assert "runwise demo" in result.stdout


def test_doctor_warns_of_the_predecessor(ask, monkeypatch, tmp_path, write_run, training):
    write_run("a", training(3))
    folder = tmp_path / "site" / "runwise-0.5.2.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: runwise\nVersion: 0.5.2\n")
    monkeypatch.syspath_prepend(str(folder.parent))
    assert "runwise 0.5.2 is installed" in ask("doctor").stdout


def test_init_writes_settings_that_work(ask, write_run, training, tmp_path):
    write_run("a", training(50))
    assert ask("init", "--auto", "--name", "digits").exit_code == 0
    tree = json.loads((tmp_path / "runwise.json").read_text(encoding="utf-8"))
    assert tree["project_name"] == "digits"
    assert tree["schema_inline"]["loss_key"] == "train/loss"
    assert tree["schema_inline"]["groups"][0]["metrics"]["train/accuracy"]["format"] == ".1%"
    shown = ask("latest").stdout
    assert "Training:" in shown
    assert "Accuracy,98.0%" in shown


def test_init_never_overwrites_unasked(ask, tmp_path):
    (tmp_path / "runwise.json").write_text("{broken", encoding="utf-8")
    result = ask("init")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--force" in result.stderr
    assert ask("init", "--force", "--name", "x").exit_code == 0
    assert json.loads((tmp_path / "runwise.json").read_text())["project_name"] == "x"


@pytest.mark.parametrize(
    "name", ["lightning", "transformers", "ultralytics", "classification", "regression", "rl"]
)
def test_each_template_is_accepted_as_it_is(ask, write_run, training, name):
    write_run("a", training(50))
    assert ask("init", "--template", name).exit_code == 0
    assert ask("latest").exit_code == 0


def test_a_template_nobody_knows_is_answered_with_the_nearest(ask):
    result = ask("init", "--template", "lighning")
    assert result.exit_code == 2
    assert "Did you mean lightning?" in result.stderr


def test_init_auto_needs_runs_with_metrics(ask):
    result = ask("init", "--auto")
    assert result.exit_code == 1
    assert "no runs under" in result.stderr


def test_sync_names_what_waits_and_says_that_reading_needs_none(ask, demo):
    shown = ask("-C", demo, "sync").stdout
    assert shown.startswith("5 offline runs not sent to W&B")
    assert "runwise reads them as they lie" in shown


def test_sync_of_what_is_no_offline_run_says_so(ask, write_run, training):
    write_run("a", training(3))
    result = ask("sync", "a")
    assert result.exit_code == 1
    assert "no offline W&B run" in result.stderr
    assert "nothing to sync" in ask("sync", "--all").stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_printed_for_each_shell(ask, shell):
    result = ask("completion", shell)
    assert result.exit_code == 0
    assert "_RUNWISE_COMPLETE" in result.stdout


def test_a_run_alone_is_a_command(ask, demo):
    assert ask("-C", demo, "healthy").stdout == ask("-C", demo, "run", "healthy").stdout
    assert ask("-C", demo, "anomalies", "nan").stdout == ask("-C", demo, "check", "nan").stdout
    assert "Did you mean list?" in ask("-C", demo, "lst").stderr


def test_the_spellings_of_0_5_answer_as_their_reports_do(ask, write_run, training, tmp_path):
    write_run("train_a", training(300), tmp_path / "logs")
    (tmp_path / "runwise.json").write_text('{"downsample_interval": 100}', encoding="utf-8")
    assert "train_a" in ask("local").stdout
    rows = ask("local", "logs/train_a.jsonl").stdout.splitlines()
    assert [row.split(",")[0] for row in rows[2:6]] == ["0", "100", "200", "299"]
    for flag, command in (("--keys", "keys"), ("--stats", "stats"), ("--stability", "stability")):
        assert ask("local", "train_a", flag).stdout == ask(command, "train_a").stdout, flag
    curve = ask("local", "train_a", "--history", "-k", "lr", "-n", "50").stdout
    assert curve.splitlines()[0] == "step,lr"
    assert ask("tb").stdout.startswith("0 of 1 run")
