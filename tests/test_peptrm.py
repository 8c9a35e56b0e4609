"""A project with a schema of its own: ``examples/peptrm_config.json``, over a console and a log.

The training writes what small projects write: lines for whoever looks on, among them
``Val (Nine-Species) | Token: 7.6% | Gain: +0.6% | Pos: N=7% M=9%``, and a JSON Lines file.
"""

from __future__ import annotations

import inspect
import json
import os
import re
import shutil

import pytest
from click.testing import CliRunner

from runwise.main import main

AGENTS = ("CLAUDECODE", "GEMINI_CLI", "CURSOR_AGENT", "AIDER", "OPENCODE", "COPILOT_CLI")
STEPS, EVERY = 2000, 10
VALIDATED = 100
WORST, SPIKE, NOISE = 950, 0.38, 0.003
"""Where the loss jumps, how far, and how it wobbles: enough for us, not for the project."""


def rows():
    """Yield what the training knows at each step it logs."""
    for step in range(0, STEPS + 1, EVERY):
        ces = [2.5 - step / 4000, *(1.1 - step / 4000 - index / 10_000 for index in range(7))]
        row = {
            "_step": step,
            "optimizer_step": step // 2,
            "train/objective": sum(ces) / 8
            + NOISE * (step * 7919 % 13 - 6)
            + (SPIKE if step == WORST else 0.0),
            "train/loss": 5.0,
            "train/token": 0.3 + step / 4000,
            "lr": 1e-4,
            **{f"train/ce_step_{index}": ce for index, ce in enumerate(ces)},
        }
        if step % VALIDATED == 0:
            row |= {
                "val/Nine-Species/Token": round(0.05 + step / 50_000, 3),
                "val/Nine-Species/Gain": round(step / 50_000 - 0.02, 3),
                "val/Easy/Token": round(0.5 + step / 5000, 3),
            }
        yield row


def said(row):
    """Yield what the training prints of a row."""
    yield (
        f"Step {row['_step']} | Loss: {row['train/objective']:.4f} "
        f"| Token: {100 * row['train/token']:.1f}% | LR: {row['lr']:.2e}"
    )
    if "val/Easy/Token" in row:
        nine, gain = (100 * row[f"val/Nine-Species/{key}"] for key in ("Token", "Gain"))
        yield (
            f"Val (Nine-Species) | Token: {nine:.1f}% | Gain: {gain:+.1f}% "
            f"| Pos: N={nine - 1:.0f}% M={nine + 1:.0f}%"
        )
        yield f"Val (Easy) | Token: {100 * row['val/Easy/Token']:.1f}%"


@pytest.fixture
def written():
    return list(rows())


@pytest.fixture(autouse=True)
def project(house, tmp_path, monkeypatch, written, own_cache):
    """Write the project and go there: one run printed, one logged, and the settings."""
    assert own_cache
    for name in [*AGENTS, *(name for name in os.environ if name.startswith("CODEX_"))]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("RUNWISE_FORMAT", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "logs").mkdir()
    lines = [line for row in written for line in said(row)]
    (tmp_path / "logs/printed.log").write_text("\n".join([*lines, ""]), encoding="utf-8")
    text = "".join(json.dumps(row) + "\n" for row in written)
    (tmp_path / "logs/logged.jsonl").write_text(text, encoding="utf-8")
    shutil.copy(house / "examples/peptrm_config.json", tmp_path / "runwise.json")
    return tmp_path


@pytest.fixture
def ask():
    apart = "mix_stderr" in inspect.signature(CliRunner).parameters  # click before 8.2
    runner = CliRunner(mix_stderr=False) if apart else CliRunner()

    def call(*words):
        done = runner.invoke(main, [str(word) for word in words], prog_name="runwise")
        assert done.exit_code in (0, 1), done.output
        return done.stdout

    return call


@pytest.fixture
def answer(ask):
    return lambda *words: json.loads(ask(*words, "--format", "json"))


@pytest.fixture
def without(project):
    """Take a key of the schema away, or of the settings themselves."""

    def take(*keys):
        path = project / "runwise.json"
        tree = json.loads(path.read_text(encoding="utf-8"))
        for key in keys:
            del (tree["schema_inline"] if key in tree["schema_inline"] else tree)[key]
        path.write_text(json.dumps(tree), encoding="utf-8")

    return take


RUNS = ("logs/printed", "logs/logged")


def test_the_printed_line_of_the_issue_is_read_as_it_was_written(answer, written):
    assert list(said(written[130]))[1] == (
        "Val (Nine-Species) | Token: 7.6% | Gain: +0.6% | Pos: N=7% M=9%"
    )
    last = written[-1]
    found = answer("run", "logs/printed", "-k", "val/*")["metrics"]
    values = {row["name"]: row["last"] for row in found}
    assert values["val/Nine-Species/Token"] == pytest.approx(100 * last["val/Nine-Species/Token"])
    assert values["val/Nine-Species/Gain"] == pytest.approx(100 * last["val/Nine-Species/Gain"])
    assert values["val/Easy/Token"] == pytest.approx(100 * last["val/Easy/Token"])


def test_the_newest_line_of_each_validation_set_is_shown_live(answer, written):
    lines = answer("live", "logs/printed")["lines"]
    assert lines[-2:] == list(said(written[-1]))[1:]


def test_groups_have_names_formats_and_percentages_whatever_was_printed(answer, written):
    last = written[-1]
    for run in RUNS:
        document = answer("run", run)
        training = {row["display"]: row["shown"] for row in document["group_0"]}
        assert training["Loss"] == f"{last['train/objective']:.4f}", run
        assert training["Token accuracy"] == f"{last['train/token']:.1%}", run
        assert training["Learning rate"] == "1.00e-04", run
        held_out = {row["display"]: row["shown"] for row in document["group_1"]}
        assert held_out == {"Nine species": f"{last['val/Nine-Species/Token']:.1%}"}, run


def test_a_group_may_be_left_out(answer, without):
    without("groups")
    assert not any(key.startswith("group_") for key in answer("run", "logs/logged"))


def test_the_better_end_is_the_schemas(answer, without, written):
    best = max(row["val/Nine-Species/Token"] for row in written if "val/Easy/Token" in row)
    document = answer("best", "val/Nine-Species/Token")
    assert "highest" in document["verdict"]
    values = {row["id"]: row["best"]["value"] for row in document["runs"]}
    assert values["logs/logged"] == pytest.approx(best)
    around = answer("history", "logs/logged", "--around", "best:val/Nine-Species/Token", "-k",
                    "val/Nine-Species/Token")  # fmt: skip
    assert any(f"step {STEPS}" in note for note in around["notes"])
    without("groups")
    assert "lowest" in answer("best", "val/Nine-Species/Token")["verdict"]


def test_a_comparison_knows_the_better_end_too(project, answer, without):
    text = (project / "logs/logged.jsonl").read_text(encoding="utf-8")
    rows = [json.loads(line) for line in text.splitlines()]
    for row in rows:
        if "val/Nine-Species/Token" in row:
            row["val/Nine-Species/Token"] += 0.01
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (project / "logs/sooner.jsonl").write_text(text, encoding="utf-8")

    def compared():
        words = ("compare", "logs/logged", "logs/sooner", "-k", "val/Nine-Species/Token")
        (row,) = answer(*words)["metrics"]
        return row["better_end"], row["is"]

    assert compared() == ("max", "better")
    without("groups")
    assert compared() == (None, None)


def test_the_loss_is_the_one_the_schema_names(answer, without):
    without("primary_metric", "primary_metric_name", "groups")
    metrics = {row["id"]: row["metric"] for row in answer("list")["runs"]}
    assert metrics["logs/logged"] == "train/objective"
    without("loss_key")
    metrics = {row["id"]: row["metric"] for row in answer("list")["runs"]}
    assert metrics["logs/logged"] == "train/loss"


def test_the_primary_metric_is_the_column_of_the_list(ask, answer, written):
    rows = {row["id"]: row["last"] for row in answer("list")["runs"]}
    last = written[-1]["val/Nine-Species/Token"]
    assert rows == {"logs/logged": last, "logs/printed": pytest.approx(100 * last)}
    assert "Nine-species token accuracy" in ask("list").splitlines()[1]


def test_the_steps_of_the_model_are_broken_down(answer, without, written):
    last = written[-1]
    document = answer("run", "logs/logged")
    assert document["per_step"] == {
        f"step{index}": pytest.approx(last[f"train/ce_step_{index}"]) for index in range(8)
    }
    gain = (last["train/ce_step_7"] - last["train/ce_step_0"]) / last["train/ce_step_0"]
    (note,) = document["per_step_notes"]
    assert f"{gain:+.1%}" in note
    assert "the steps between hardly differ" in note
    without("num_steps")
    assert "per_step" not in answer("run", "logs/logged")


def test_fewer_steps_are_what_is_asked_for(project, answer):
    path = project / "runwise.json"
    text = path.read_text(encoding="utf-8").replace('"num_steps": 8', '"num_steps": 3')
    path.write_text(text, encoding="utf-8")
    assert list(answer("run", "logs/logged")["per_step"]) == ["step0", "step1", "step2"]


def test_validation_sets_have_sections_with_what_no_group_has(answer, without, written):
    last = written[-1]
    for run, scale in (("logs/logged", 1), ("logs/printed", 100)):
        document = answer("run", run)
        nine, easy = document["validation_0"], document["validation_1"]
        assert nine["Gain"] == pytest.approx(scale * last["val/Nine-Species/Gain"])
        assert "Token" not in nine  # it is under HELD OUT
        assert easy == {"Token": pytest.approx(scale * last["val/Easy/Token"])}
    without("validation_sets")
    assert "validation_0" not in answer("run", "logs/logged")


def test_rows_of_a_local_file_are_as_far_apart_as_the_project_wants(answer, without):
    steps = [row["step"] for row in answer("local", "logged.jsonl")["curve"]]
    assert steps == [0, 500, 1000, 1500, 2000]
    without("downsample_interval")
    assert [row["step"] for row in answer("local", "logged.jsonl")["curve"]] == [0, 1000, 2000]


def test_progress_is_counted_in_the_steps_that_the_schema_names(project, answer, without):
    """Of a log with a plan beside it: the trainer's steps are not the tracker's."""
    folder = project / "lightning_logs/version_0"
    folder.mkdir(parents=True)
    (folder / "hparams.yaml").write_text("max_steps: 1000\n", encoding="utf-8")
    lines = ["step,optimizer_step,loss", *(f"{at},{at // 2},0.5" for at in range(0, 1000, 10))]
    (folder / "metrics.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")
    done = answer("run", "lightning_logs/version_0")["run"]
    assert (done["done"], done["total"], done["progress"]) == (495, 1000, 0.495)
    without("step_key")
    assert answer("run", "lightning_logs/version_0")["run"]["done"] == 990


def test_thresholds_of_the_project_decide_what_is_a_spike(answer, without):
    def kinds():
        return {one["kind"] for one in answer("check", "logs/logged")["findings"]}

    quiet = kinds()
    without("anomaly_detection")
    assert "loss_spike" not in quiet
    assert "loss_spike" in kinds()


def test_every_setting_is_shown_with_its_origin(ask):
    shown = ask("config", "--show-settings")
    for key in ("project_name", "downsample_interval", "schema_inline.primary_metric"):
        assert re.search(rf"^{re.escape(key)},.*,runwise.json$", shown, re.MULTILINE), key
