"""What users of runwise 0.5 wished for in its field test: each wish has a test of its name."""

from __future__ import annotations

import csv
import inspect
import io
import json
import os
import shutil

import pytest
from click.testing import CliRunner

from runwise.main import main

FIXTURES = "packages/runwise-parsers/tests/runs/wandb"
HEADER = b":W&B\xe1\xbe\x00"
AGENTS = ("CLAUDECODE", "GEMINI_CLI", "CURSOR_AGENT", "AIDER", "OPENCODE", "COPILOT_CLI")

pytestmark = pytest.mark.usefixtures("own_cache", "here")


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Nothing but the test's own directory decides what is read and how answers look."""
    ours = ("RUNWISE_FORMAT", "RUNWISE_PROJECT_ROOT", "RUNWISE_WANDB_DIR", "WANDB_DIR")
    for name in [*ours, *AGENTS, *(name for name in os.environ if name.startswith("CODEX_"))]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def ask():
    """Call the command in this process, and return what it said where it should."""
    apart = "mix_stderr" in inspect.signature(CliRunner).parameters  # click before 8.2
    runner = CliRunner(mix_stderr=False) if apart else CliRunner()

    def call(*words, code=0):
        done = runner.invoke(main, [str(word) for word in words], prog_name="runwise")
        assert done.exit_code == code, done.output
        return done.stderr if code and not done.stdout else done.stdout

    return call


@pytest.fixture
def answer(ask):
    return lambda *words: json.loads(ask(*words, "--format", "json"))


@pytest.fixture
def demo(demo_root, tmp_path):
    """Go to a copy of the demo: five runs of wandb, offline."""
    shutil.copytree(demo_root, tmp_path, dirs_exist_ok=True)


@pytest.fixture
def tagged(house, tmp_path):
    """Copy a run with tags and notes, and one without."""
    for run in ("offline-run-20261120_130258-tagged01", "offline-run-20261120_130304-define01"):
        shutil.copytree(house / FIXTURES / run, tmp_path / "wandb" / run)
    truth = json.loads((house / FIXTURES / "truth.json").read_text(encoding="utf-8"))
    return truth["tags_and_notes"]


@pytest.fixture
def printing_run(tmp_path):
    """Write a W&B run of which only what it printed is left, and perhaps a summary."""

    def write(lines, summary=None):
        folder = tmp_path / "wandb/run-20261119_120000-field001"
        (folder / "files").mkdir(parents=True)
        (folder / "run-field001.wandb").write_bytes(HEADER)
        (folder / "files/output.log").write_text("".join(f"{line}\n" for line in lines), "utf-8")
        if summary:
            (folder / "files/wandb-summary.json").write_text(json.dumps(summary), "utf-8")

    return write


@pytest.fixture
def staged(write_run):
    """Write two runs with a curriculum of three stages; return their rows."""
    made = {}
    for name, rate in (("a", 100), ("b", 50)):
        made[name] = [
            {"step": step, "stage": 1 + step // 40, "val/loss": 1 / (1 + step / rate)}
            for step in range(120)
        ]
        write_run(name, made[name])
    return made


def printed(rows, spike=None, nan=None):
    """Return lines as a training loop prints them."""
    losses = [2 / (1 + step / 20) for step in range(rows)]
    if spike is not None:
        losses[spike] = 50.0
    if nan is not None:
        losses[nan] = float("nan")
    return [f"step {step} loss: {loss:.4f} lr: 1.00e-03" for step, loss in enumerate(losses)]


@pytest.mark.usefixtures("demo")
def test_names_in_list(answer, ask):
    rows = answer("list")["runs"]
    assert [row["name"] for row in rows] == [
        "killed",
        "nan",
        "loss-spike",
        "overfitting",
        "healthy",
    ]
    assert "loss-spike" in ask("list", "--format", "text")


@pytest.mark.usefixtures("demo")
def test_run_by_name(ask, answer):
    assert answer("run", "loss-spike")["run"]["id"] == "spike001"
    assert ask("loss-spike") == ask("run", "spike001")
    guessed = ask("run", "SPIKE")
    assert guessed.startswith("loss-spike (spike001)")
    for words in (("config",), ("notes",), ("history", "-k", "lr"), ("compare", "healthy")):
        assert "spike" in ask(*words, "loss-spike", "--format", "text")


@pytest.mark.usefixtures("demo")
def test_find(answer, ask):
    found = {text: {row["id"] for row in answer("find", text)["runs"]} for text in
             ("spike", "UNFILTERED", "schedule=constant", "logistic")}  # fmt: skip
    assert found["spike"] == {"spike001"}
    assert found["UNFILTERED"] == {"nan00001"}
    assert found["schedule=constant"] == {"overfit1"}
    assert len(found["logistic"]) == 5
    assert "nothing of 5 runs says 'mamba'" in ask("find", "mamba", code=1)


def test_console_fallback_with_mapped_keys(printing_run, ask, answer):
    lines = printed(200)
    printing_run(lines, {"train/loss": 2 / (1 + 199 / 20), "_step": 199})
    rows = list(csv.DictReader(io.StringIO(ask("history", "field001", "-k", "train/loss"))))
    assert len(rows) == 200
    for row, line in zip(rows, lines, strict=True):
        assert f"step {row['step']} loss: {float(row['train/loss']):.4f} " in line
    document = answer("run", "field001")
    assert any("printed in output.log" in note for note in document["notes"])


def test_single_point_indicator(write_run, ask):
    write_run("eval_only", [{"step": 0, "val/loss": 0.5, "val/accuracy": 0.8}])
    said = ask("run", "eval_only")
    assert "a single point of each metric: no trend data" in said
    assert "val/loss,.5" in said


def test_explained_absences(printing_run, demo_root, ask, tmp_path):
    printing_run(["Loading data", "Model has 1,234,567 parameters"])
    said = ask("run", "field001")
    assert "no metric logged" in said
    assert "the log" in said  # what is missing of it, and why
    shutil.copytree(demo_root, tmp_path, dirs_exist_ok=True)
    assert "The writer was killed while it wrote." in ask("run", "killed")
    missing = ask("history", "killed", "-k", "val/los", code=1)
    assert "no metric 'val/los'" in missing
    assert "Near: val/loss" in missing


@pytest.mark.usefixtures("demo")
def test_init_auto(ask, answer, tmp_path):
    ask("init", "--auto", "--name", "digits")
    schema = json.loads((tmp_path / "runwise.json").read_text("utf-8"))["schema_inline"]
    assert schema["loss_key"] == "train/loss"
    assert schema["primary_metric"] == "val/accuracy"
    assert {"train/loss", "val/loss"} <= {
        n for group in schema["groups"] for n in group["metrics"]
    }
    assert answer("list")["runs"][0]["metric"] == "val/accuracy"
    assert "Training:" in ask("run", "healthy")


def test_filters_by_tag(tagged, answer, ask):
    for tag in tagged["tags"]:
        assert [row["id"] for row in answer("list", f"tag:{tag}")["runs"]] == [tagged["id"]]
    assert [row["id"] for row in answer("list", "!tag:sweep")["runs"]] == ["define01"]
    assert [row["id"] for row in answer("best", "train/loss", "tag:sweep")["runs"]] == ["tagged01"]
    assert "0 of 2 runs tag:none" in ask("list", "tag:none")


@pytest.mark.usefixtures("demo")
def test_comparison_as_csv_and_json(ask, answer):
    rows = {row["name"]: row for row in answer("compare", "healthy", "overfitting")["metrics"]}
    assert (rows["val/loss"]["A_last"], rows["val/loss"]["B_last"]) == (0.1741, 0.998)
    text = ask("compare", "healthy", "overfitting", "--format", "csv")
    values = {row["name"]: row for row in csv.DictReader(io.StringIO(text))}
    assert values.keys() == rows.keys()
    assert (float(values["val/loss"]["A"]), float(values["val/loss"]["B"])) == (0.1741, 0.998)


def test_compare_at_stage(staged, answer):
    for stage in (1, 2, 3):
        document = answer("compare", f"a@stage:{stage}", f"b@stage:{stage}", "-k", "val/loss")
        (row,) = document["metrics"]
        ends = {
            name: [one["val/loss"] for one in rows if one["stage"] == stage][-1]
            for name, rows in staged.items()
        }
        assert (row["A_last"], row["B_last"]) == (ends["a"], ends["b"])


def test_anomalies_from_console_logs(printing_run, answer, ask):
    printing_run(printed(400, spike=300, nan=380))
    found = json.loads(ask("anomalies", "field001", "--format", "json", code=1))["findings"]
    kinds = {one["kind"]: one["step"] for one in found}
    assert kinds["loss_spike"] == 300
    assert kinds["non_finite"] == 380
    assert any(row["health"] < 100 for row in answer("list")["runs"])
