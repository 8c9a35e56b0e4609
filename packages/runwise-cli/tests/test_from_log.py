"""Runs whose tracker recorded no metrics, read from what they printed."""

from __future__ import annotations

import math
import time

import pytest

HEADER = b":W&B\xe1\xbe\x00"


def lines(rows, scale=1.0):
    """Return what a training loop prints: a line each step, a validation line each tenth."""
    said = ["Loading data", "Model has 1,234,567 parameters"]
    for step in range(rows):
        loss = scale * (2.0 / (1 + step / 20))
        said.append(f"Step: {step} | Loss: {loss:.4f} | LR: {1e-3:.2e}")
        if step % 10 == 9:
            said.append(f"Val (Easy) | Token: {50 + step / 10:.1f}% | Seq: {step / 10:.1f}%")
    return said


@pytest.fixture
def killed_run(tmp_path):
    """Write a W&B run that was killed before anything was flushed; only its text is left."""

    def write(name, printed, number=0):
        folder = tmp_path / "wandb" / f"run-20261119_1200{number:02}-{name}"
        (folder / "files").mkdir(parents=True)
        (folder / f"run-{name}.wandb").write_bytes(HEADER)
        text = "\n".join([*printed, ""])
        (folder / "files" / "output.log").write_text(text, encoding="utf-8")
        return folder

    return write


def test_history_is_what_was_printed_and_says_so(ask, killed_run):
    killed_run("field001", lines(100))
    result = ask("history", "field001", "-k", "Loss", "-n", "200", "--format", "csv")
    rows = result.stdout.splitlines()
    assert rows[0] == "step,Loss"
    assert rows[1:3] == ["0,2", "1,1.9048"]
    assert len(rows) == 101
    assert "printed in output.log" in result.stderr


def test_validation_lines_are_metrics_by_the_name_of_their_set(answer, killed_run):
    killed_run("field001", lines(100))
    names = answer("keys", "field001")["keys"]
    assert any("Easy" in name and "Token" in name for name in names)


def test_a_spike_and_a_nan_in_a_printed_loss_are_found(ask, killed_run):
    printed = lines(400)
    spiky = [line.replace("Loss: 0.1923", "Loss: 50.0000") for line in printed]
    assert spiky != printed
    killed_run("field001", spiky)
    assert "loss_spike" in ask("check", "field001").stdout
    broken = [line.replace("Loss: 0.1923", "Loss: nan") for line in printed]
    killed_run("field002", broken, 1)
    assert "non_finite" in ask("check", "field002").stdout


def test_printed_runs_are_compared_listed_and_ranked(ask, answer, killed_run):
    killed_run("field001", lines(200))
    killed_run("field002", lines(200, scale=0.5), 1)
    assert "field002" in ask("best", "Loss").stdout.splitlines()[0]
    compared = ask("compare", "field001", "field002", "-k", "Loss").stdout
    assert ".183,.0913" in compared
    assert "compare field001 field002" in compared
    rows = answer("list")["runs"]
    assert {row["metric"] for row in rows} == {"Loss"}
    assert all(row["step"] == 199 for row in rows)


def test_recorded_metrics_win_unless_the_text_is_asked_for(ask, answer, demo):
    recorded = answer("-C", demo, "stats", "healthy", "-k", "train/loss")
    assert recorded["stats"][0]["count"] == 500
    printed = ask("-C", demo, "stats", "healthy", "--from-log")
    assert "printed in output.log" in printed.stdout + printed.stderr


def test_a_text_without_metrics_is_one_clear_error_when_asked_for(ask, killed_run):
    killed_run("field001", ["Hello", "World"])
    result = ask("history", "field001", "--from-log")
    assert result.exit_code == 1
    assert "printed no metrics" in result.stderr
    assert ask("run", "field001").exit_code == 0


def test_a_printed_name_becomes_the_recorded_one_of_that_name_and_value():
    from runwise_parsers.same_metric import same_metrics

    recorded = {"train/loss": 0.3674, "val/loss": 0.9, "epoch": 3, "flag": True}
    assert same_metrics({"loss": 0.37}, recorded) == {"loss": "train/loss"}
    assert same_metrics({"loss": 0.5}, recorded) == {}
    assert same_metrics({"loss": math.nan}, recorded) == {}
    assert same_metrics({"epoch": 3.0}, recorded) == {}


def test_the_index_gives_the_same_as_reading_anew(ask, killed_run):
    folder = killed_run("field001", lines(20_000))
    first = ask("run", "field001").stdout
    assert ask("run", "field001").stdout == first
    assert ask("run", "field001", "--no-cache").stdout == first
    with (folder / "files" / "output.log").open("a", encoding="utf-8") as log:
        log.write("Step: 20000 | Loss: 7.5000 | LR: 1.00e-03\n")
    grown = ask("run", "field001").stdout
    assert "7.5" in grown
    assert ask("run", "field001", "--no-cache").stdout == grown


def test_a_text_log_is_all_text_already(ask, tmp_path):
    lines = [f"step {step}: loss {1 / (1 + step)}\n" for step in range(50)]
    (tmp_path / "train.log").write_text("".join(lines))
    result = ask("-C", tmp_path, "stats", "latest", "--from-log")
    assert result.exit_code == 0
    assert "loss,50" in result.output


def test_a_run_that_begins_to_record_is_watched_on(killed_run, demo):
    from runwise.filters.grammar import terms_of
    from runwise.following import MET, Wish, follow
    from runwise.workspace import Workspace

    begun = time.strftime("run-%Y%m%d_%H%M%S-healthy1")  # its name is all that says when
    written = killed_run("healthy1", lines(50))
    folder = written.rename(written.with_name(begun))
    (whole,) = demo.glob("wandb/*healthy1/*.wandb")

    def flushed(_seconds):
        (folder / "run-healthy1.wandb").write_bytes(whole.read_bytes())

    wish = Wish(terms_of(["train/loss<0.3"]), timeout=60.0)
    events = list(follow(Workspace(), "healthy1", wish, wait=flushed))
    assert events[-1].code == MET
