"""Every command and flag of runwise 0.5.2, on every source it knew, with true numbers.

Runs of W&B as they lie offline and online, TensorBoard's event files, and JSON Lines below
``logs/``. What is true of them was written down by who logged them (``truth.json``), is in the
lines that the runs printed, or was written by this test.
"""

from __future__ import annotations

import csv
import inspect
import io
import json
import math
import os
import re
import shutil
import statistics
from contextlib import suppress
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import pytest
from click.testing import CliRunner

from runwise.main import main

FIXTURES = Path("packages/runwise-parsers/tests/runs")
ONLINE = {
    "define01": "run-20261120_130304-define01",
    "failed01": "run-20261120_130242-failed01",
    "config01": "run-20261120_130255-config01",
    "tagged01": "run-20261120_130258-tagged01",
}
TENSORBOARD = {"torch_classic": "torch_classic", "stable_baselines/PPO_1": "stable_baselines"}
KINDS = ("offline", "online", "legacy", "tensorboard", "jsonl")
AGENTS = ("CLAUDECODE", "GEMINI_CLI", "CURSOR_AGENT", "AIDER", "OPENCODE", "COPILOT_CLI")
WINDOW = 10

pytestmark = pytest.mark.usefixtures("own_cache")


@dataclass(frozen=True)
class Curve:
    """What was really logged of one metric."""

    steps: list[float]
    values: list[float]

    def at(self, step):
        """Return the value at a step, or the last one before it."""
        return [value for at, value in zip(self.steps, self.values, strict=True) if at <= step][-1]

    @property
    def finite(self):
        return [value for value in self.values if math.isfinite(value)]

    @property
    def points(self):
        return list(zip(self.steps, self.values, strict=True))


@dataclass(frozen=True)
class Project:
    """Two runs ``a`` and ``b`` that share the metric ``loss``, and all that is true of them."""

    kind: str
    root: Path
    a: str
    b: str
    newest: str
    loss: str
    truth: dict[str, dict[str, Curve]]

    @property
    def curve(self):
        return self.truth[self.a][self.loss]


@pytest.fixture(params=KINDS)
def project(request, house, demo_root, tmp_path, monkeypatch):
    """Make a project of one kind and go there."""
    for name in [*AGENTS, *(name for name in os.environ if name.startswith("CODEX_"))]:
        monkeypatch.delenv(name, raising=False)
    for name in ("RUNWISE_FORMAT", "RUNWISE_WANDB_DIR", "RUNWISE_LOGS_DIR", "WANDB_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    makers = {"tensorboard": _tensorboard, "jsonl": _jsonl, "legacy": _legacy}
    make = makers.get(request.param, _wandb)
    return make(request.param, house / FIXTURES, demo_root, tmp_path)


def _wandb(kind, fixtures, demo, root):
    """Return runs as wandb leaves them: offline the demo's too, and two whose truth is known."""
    if kind == "offline":
        shutil.copytree(demo, root, dirs_exist_ok=True)
    for folder in ONLINE.values():
        name = folder if kind == "online" else f"offline-{folder}"
        target = root / "wandb" / name
        shutil.copytree(fixtures / "wandb" / f"offline-{folder}", target)
        if kind == "online":
            (target / "files").mkdir()
            (target / "files/output.log").write_text("step 0\n", encoding="utf-8")
    if kind == "online":
        _link_latest(root, ONLINE["define01"])
    known = json.loads((fixtures / "wandb/truth.json").read_text(encoding="utf-8"))
    cases = {case["id"]: _curves(case) for case in known.values() if case["id"] in ONLINE}
    return Project(kind, root, "define01", "failed01", "define01", "train/loss", cases)


def _legacy(kind, _fixtures, _demo, root):
    """Write runs as W&B's clients did that 0.5 was made for: all in side files."""
    made = {}
    for place, (run, scale) in enumerate((("r08abcde", 2.0), ("r09abcde", 1.0))):
        files = root / f"wandb/run-20230101_12000{place}-{run}/files"
        files.mkdir(parents=True)
        rows = [
            {"_step": step, "_timestamp": 1_672_574_400 + 60 * place + step / 10,
             "train/loss": scale * (0.2 + 3 / (1 + step / 9)),
             **({"val/loss": scale * (0.5 + 3 / (1 + step / 15))} if step % 5 == 0 else {})}
            for step in range(120)
        ]  # fmt: skip
        metadata = {"displayName": f"exp-{place}", "notes": "lower rate", "exitcode": 0,
                    "tags": ["sweep", f"try-{place}"], "group": "g1"}  # fmt: skip
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (files / "wandb-history.jsonl").write_text(text, encoding="utf-8")
        (files / "wandb-summary.json").write_text(json.dumps(rows[-1]), encoding="utf-8")
        (files / "wandb-metadata.json").write_text(json.dumps(metadata), encoding="utf-8")
        (files / "config.yaml").write_text(f"lr:\n  value: {scale / 10}\n", encoding="utf-8")
        made[run] = _columns(rows)
    _link_latest(root, "run-20230101_120001-r09abcde")
    return Project(kind, root, "r09abcde", "r08abcde", "r09abcde", "train/loss", made)


def _link_latest(root, folder):
    """Link the newest run as wandb does; 0.5 needed that, we do not."""
    with suppress(OSError):  # Windows asks for a privilege
        (root / "wandb/latest-run").symlink_to(folder, target_is_directory=True)


def _columns(rows):
    """Return rows as curves."""
    names = dict.fromkeys(key for row in rows for key in row if not key.startswith("_"))
    return {
        key: Curve([row["_step"] for row in rows if key in row],
                   [row[key] for row in rows if key in row])
        for key in names
    }  # fmt: skip


def _tensorboard(kind, fixtures, _demo, root):
    known = json.loads((fixtures / "tensorboard/truth.json").read_text(encoding="utf-8"))
    for case in TENSORBOARD.values():
        shutil.copytree(fixtures / "tensorboard" / case, root / "tb" / case)
    a, b = (f"tb/{run_id}" for run_id in TENSORBOARD)
    cases = {f"tb/{run_id}": _curves(known[case]) for run_id, case in TENSORBOARD.items()}
    return Project(kind, root, a, b, b, "train/loss", cases)


def _jsonl(kind, _fixtures, _demo, root):
    """Write logs of no tracker, as 0.5 read them: ``logs/*.jsonl`` and ``logs/train_*.log``."""
    (root / "logs").mkdir()
    made = {}
    for place, (name, scale) in enumerate((("train_b.log", 2.0), ("train_a.jsonl", 1.0))):
        rows = [
            {"_step": step, "train/loss": scale * (0.2 + 3 / (1 + step / 40)), "lr": 1e-3}
            | ({"val/loss": scale * (0.5 + 3 / (1 + step / 60))} if step % 50 == 0 else {})
            for step in range(0, 1200, 10)
        ]
        rows[50]["train/loss"] += 0.01
        path = root / "logs" / name
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        os.utime(path, (1_700_000_000 + place, 1_700_000_000 + place))
        made[f"logs/{path.stem}"] = _columns(rows)
    return Project(kind, root, "logs/train_a", "logs/train_b", "logs/train_a", "train/loss", made)


def _curves(case):
    return {name: Curve(one["steps"], one["values"]) for name, one in case["keys"].items()}


@pytest.fixture
def ask():
    """Call the command in this process; nothing goes to stderr where it succeeds."""
    apart = "mix_stderr" in inspect.signature(CliRunner).parameters  # click before 8.2
    runner = CliRunner(mix_stderr=False) if apart else CliRunner()

    def call(*words, code=0):
        wide = {"COLUMNS": "120"}  # a narrow page drops trends
        done = runner.invoke(main, [str(word) for word in words], env=wide, prog_name="runwise")
        assert done.exit_code == code, done.output
        return done.stdout if code == 0 else done.stderr

    return call


@pytest.fixture
def answer(ask):
    """Ask for JSON and return it parsed."""
    return lambda *words: json.loads(ask(*words, "--format", "json"))


def only(*kinds):
    """Say of which projects a test is: not every source has what it asks about."""
    return pytest.mark.parametrize("project", kinds, indirect=True)


def table(text):
    """Return CSV as rows of numbers by column."""
    rows = list(csv.DictReader(io.StringIO(text)))
    return [{key: float(cell) for key, cell in row.items() if cell} for row in rows]


def close(value):
    return pytest.approx(value, rel=1e-6, abs=1e-12, nan_ok=True)


def printed(value):
    """Return a value as CSV has it, with six digits."""
    return pytest.approx(value, rel=1e-5, nan_ok=True)


# list


def test_list_has_every_run_once_with_its_last_value(project, answer):
    listed = answer("list", "-k", project.loss)["runs"]
    rows = {row["id"]: row for row in listed}
    assert len(rows) == len(listed)
    if project.kind != "offline":  # there the demo's runs lie beside them
        assert rows.keys() == project.truth.keys()
    for run, curves in project.truth.items():
        assert rows[run][project.loss] == close(curves[project.loss].values[-1])
        assert rows[run]["step"] == max(curve.steps[-1] for curve in curves.values())


@pytest.mark.parametrize("flag", ["-n", "--limit"])
def test_list_takes_a_limit(project, answer, flag):
    document = answer("list", flag, 1)
    assert [row["id"] for row in document["runs"]] == [project.newest]
    assert "older run" in document["dropped"][0]


def test_list_without_sparklines_and_as_markdown(project, ask):
    shown = ask("list", "--format", "text")
    bare = ask("list", "--format", "text", "--no-spark")
    assert re.search("[▁▂▃▄▅▆▇█]", shown)
    assert not re.search("[▁▂▃▄▅▆▇█]", bare)
    assert re.search(r"^\|.*\bstate\b.*\|$", ask("list", "--format", "md"), re.MULTILINE)


# latest, run


@pytest.mark.parametrize("flag", ["-k", "--keys"])
def test_latest_and_run_show_the_metrics_asked_for(project, answer, flag):
    for words, run in (
        (("latest",), project.newest),
        (("run", project.a), project.a),
        (("run", project.b), project.b),
    ):
        found = answer(*words, flag, project.loss)
        assert found["run"]["id"] == run
        assert [(row["name"], row["last"]) for row in found["metrics"]] == [
            (project.loss, close(project.truth[run][project.loss].values[-1]))
        ]


def test_latest_and_run_show_every_metric(project, answer):
    for run in (project.a, project.b):
        found = answer("run", run, "-n", 30)
        shown = {row["name"]: row["last"] for row in found["metrics"]} | found["other_metrics"]
        for name, curve in project.truth[run].items():
            assert shown[name] == close(curve.values[-1]), name


@pytest.mark.parametrize("words", [("latest",), ("run", "A")], ids=" ".join)
def test_a_summary_can_do_without_trends_and_anomalies(project, ask, answer, words):
    words = [project.a if word == "A" else word for word in words]
    assert re.search("[▁▂▃▄▅▆▇█]", ask(*words, "--format", "text"))
    assert not re.search("[▁▂▃▄▅▆▇█]", ask(*words, "--format", "text", "--no-spark"))
    plain = answer(*words, "--no-anomalies")
    assert plain["findings"] == []
    assert "health" not in plain["verdict"]
    assert "| metric | last |" in ask(*words, "--format", "md")


def test_a_run_that_is_not_there_is_an_error_that_names_those_that_are(project, ask):
    said = ask("run", "nobody9", code=1)
    assert "no run is called 'nobody9'" in said
    assert "Newest: " in said
    assert "runwise list" in said


# compare


def sides(project, rows):
    return {row["name"]: (row["A_last"], row["B_last"], row["change"]) for row in rows}


def test_compare_has_both_values_and_the_change(project, answer):
    found = sides(project, answer("compare", project.a, project.b)["metrics"])
    a, b = (project.truth[run][project.loss].values[-1] for run in (project.a, project.b))
    assert found[project.loss] == (close(a), close(b), close((b - a) / abs(a)))


@pytest.mark.parametrize("place", [1, 5, -2])
def test_compare_at_a_step_takes_the_values_logged_there(project, answer, place):
    a, b = (project.truth[run][project.loss] for run in (project.a, project.b))
    step = b.steps[place]
    refs = [f"{run}@{step:.0f}" for run in (project.a, project.b)]
    found = sides(project, answer("compare", *refs)["metrics"])[project.loss]
    assert found[:2] == (close(a.at(step)), close(b.values[place]))


def test_compare_with_one_side_at_a_step_takes_the_end_of_the_other(project, answer):
    a, b = (project.truth[run][project.loss] for run in (project.a, project.b))
    step = a.steps[len(a.steps) // 2]
    found = answer("compare", f"{project.a}@{step:.0f}", project.b)["metrics"]
    assert sides(project, found)[project.loss][:2] == (close(a.at(step)), close(b.values[-1]))


@pytest.mark.parametrize("flag", ["-f", "--filter"])
def test_compare_by_prefix_in_any_case(project, answer, flag):
    names = {
        row["name"] for row in answer("compare", project.a, project.b, flag, "TRAIN/")["metrics"]
    }
    assert project.loss in names
    assert all(name.startswith("train/") for name in names)


@pytest.mark.parametrize("flag", ["-g", "--group"])
def test_compare_in_groups_also_at_a_step(project, answer, flag):
    for at in ("", f"@{project.truth[project.b][project.loss].steps[3]:.0f}"):
        found = answer("compare", project.a + at, project.b + at, flag)
        assert project.loss in {row["name"] for row in found["metrics train"]}


@pytest.mark.parametrize("flag", ["-t", "--threshold"])
def test_compare_above_a_threshold(project, answer, flag):
    a, b = (project.truth[run][project.loss].values[-1] for run in (project.a, project.b))
    percent = 100 * abs(b - a) / abs(a)
    above = answer("compare", project.a, project.b, "-k", project.loss, flag, percent * 0.99)
    below = answer("compare", project.a, project.b, "-k", project.loss, flag, percent * 1.01)
    assert (len(above["metrics"]), len(below["metrics"])) == (1, 0)
    assert "below" in below["dropped"][0]


@pytest.mark.parametrize("flag", ["-d", "--diff"])
def test_compare_of_settings(project, ask, flag):
    assert "differ" in ask("compare", project.a, project.b, flag)


def test_a_comparison_is_a_valid_markdown_table(project, ask):
    text = ask("compare", project.a, project.b, "--format", "md")
    tables = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    assert tables
    for one in tables:
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in one.splitlines()}) == 1


# config, notes, keys


@pytest.mark.parametrize("command", ["config", "notes", "keys"])
def test_without_a_run_it_is_the_newest(project, ask, command):
    assert ask(command) == ask(command, project.newest)


def test_keys_are_all_that_was_logged_with_their_points(project, answer):
    for run, curves in project.truth.items():
        found = answer("keys", run)["keys"]
        assert {name: found[name] for name in curves} == {
            n: len(c.steps) for n, c in curves.items()
        }


def test_notes_name_the_run(project, answer):
    assert answer("notes", project.a)["run"]["id"] == project.a


@only("offline", "online")
def test_settings_and_notes_are_as_they_were_given(project, house, answer):
    """Of W&B's runs; the others here have none."""
    known = json.loads((house / FIXTURES / "wandb/truth.json").read_text(encoding="utf-8"))
    settings, told = known["nested_config"]["config"], known["tags_and_notes"]
    shown = {key: str(v) if isinstance(v, list) else v for key, v in settings.items()}
    assert answer("config", "config01")["config"] == shown
    differing = answer("compare", "config01", "tagged01", "-d")["config"]
    assert {"lr": settings["lr"]}.items() <= {
        row["name"]: row["values"]["A"] for row in differing
    }.items()
    said = answer("notes", "tagged01")
    assert said["text"] == told["notes"].split("\n")
    assert said["run"]["tags"] == ", ".join(told["tags"])
    assert said["run"]["group"] == told["group"]


@only("legacy")
def test_settings_and_notes_of_old_clients_are_read_from_side_files(project, answer):
    assert answer("config", project.a)["config"] == {"lr": 0.1}
    (row,) = answer("compare", project.a, project.b, "--diff")["config"]
    assert row == {"name": "lr", "values": {"A": 0.1, "B": 0.2}}
    said = answer("notes", "exp-1")
    assert (said["run"]["id"], said["text"]) == (project.a, ["lower rate"])
    assert (said["run"]["tags"], said["run"]["group"]) == ("sweep, try-1", "g1")
    assert {row["id"] for row in answer("find", "try-0")["runs"]} == {project.b}
    assert {row["id"] for row in answer("list", "tag:sweep")["runs"]} == {project.a, project.b}


# best


@pytest.mark.parametrize("flag", ["-n", "--limit"])
def test_best_is_by_the_best_value_of_each_curve(project, answer, flag):
    truth = {run: min(curves[project.loss].finite) for run, curves in project.truth.items()}
    found = answer("best", project.loss, flag, 30)["runs"]
    values = {row["id"]: row["best"]["value"] for row in found if row["id"] in truth}
    assert values == {run: close(value) for run, value in truth.items()}
    assert list(values.values()) == [close(one) for one in sorted(truth.values())]
    assert len(answer("best", project.loss, flag, 1)["runs"]) == 1


def test_best_can_be_the_highest(project, answer):
    truth = {run: max(curves[project.loss].finite) for run, curves in project.truth.items()}
    found = answer("best", project.loss, "--max", "-n", 30)["runs"]
    values = {row["id"]: row["best"]["value"] for row in found if row["id"] in truth}
    assert values == {run: close(value) for run, value in truth.items()}
    assert list(values.values()) == [close(one) for one in sorted(truth.values(), reverse=True)]


# history


@pytest.mark.parametrize("flag", ["-k", "--keys"])
def test_history_is_csv_of_what_was_logged(project, ask, flag):
    rows = table(ask("history", project.a, flag, project.loss))
    assert [(row["step"], row[project.loss]) for row in rows] == [
        (step, printed(value)) for step, value in project.curve.points
    ]


@pytest.mark.parametrize("flag", ["-n", "--samples"])
def test_samples_are_points_of_the_data_with_ends_and_extremes(project, ask, flag):
    rows = table(ask("history", project.a, "-k", project.loss, flag, 12))
    taken = dict(project.curve.points)
    assert len(rows) == 12
    for row in rows:
        assert row[project.loss] == printed(taken[row["step"]])
    steps = {row["step"] for row in rows}
    finite = {step: value for step, value in taken.items() if math.isfinite(value)}
    low, high = min(finite, key=finite.get), max(finite, key=finite.get)
    assert {project.curve.steps[0], project.curve.steps[-1], low, high} <= steps


def test_history_without_keys_is_csv_from_its_first_byte(project, ask):
    said = ask("history", project.a)
    assert said.startswith("step,")
    for row in table(said):
        for name, value in row.items():
            if name != "step":
                logged = dict(project.truth[project.a][name].points)
                assert value == printed(logged[row["step"]])


@only("legacy", "tensorboard", "jsonl")
def test_what_is_logged_rarely_is_not_lost_by_sampling(project, ask):
    rare = project.truth[project.a]["val/loss"]
    rows = table(ask("history", project.a, "-k", f"{project.loss},val/loss", "--samples", 30))
    kept = {row["step"]: row["val/loss"] for row in rows if "val/loss" in row}
    assert len(rows) <= 2 * 30
    assert len(kept) == min(30, len(rare.steps))
    for step, value in kept.items():
        assert value == printed(dict(rare.points)[step])


def test_a_metric_that_was_not_logged_is_an_error_that_names_others(project, ask):
    said = ask("history", project.a, "-k", "nope", code=1)
    assert "no metric 'nope'" in said
    assert "runwise keys" in said


# stats, stability


@pytest.mark.parametrize("words", [("-k", "LOSS"), ("--keys", "LOSS"), ()], ids=" ".join)
def test_stats_are_of_all_points(project, answer, words):
    words = [project.loss if word == "LOSS" else word for word in words]
    rows = {row["name"]: row for row in answer("stats", project.a, *words)["stats"]}
    one, every, values = rows[project.loss], project.curve.values, project.curve.finite
    low, high = min(values), max(values)
    assert one["count"] == len(values)
    assert (one["min"]["value"], one["max"]["value"]) == (close(low), close(high))
    assert one["min"]["step"] == project.curve.steps[every.index(low)]
    assert one["mean"] == close(statistics.fmean(values))
    assert one["std"] == close(statistics.pstdev(values))
    assert one["last"] == close(every[-1])
    assert one.get("nan", 0) == sum(map(math.isnan, every))


@pytest.mark.parametrize("flag", ["-w", "--window"])
def test_stability_is_a_slope_per_step_and_rolling_deviations(project, answer, flag):
    found = answer("stability", project.a, "-k", project.loss, flag, WINDOW)["stability"][0]
    values = project.curve.finite
    points = [point for point in project.curve.points if math.isfinite(point[1])]
    stds = [statistics.pstdev(values[at : at + WINDOW]) for at in range(len(values) - WINDOW + 1)]
    slopes = [
        (after[1] - before[1]) / (after[0] - before[0])
        for before, after in combinations(points, 2)
    ]
    assert found["final_std"] == close(stds[-1])
    assert found["mean_std"] == close(statistics.fmean(stds))
    assert found["slope"] == pytest.approx(1000 * statistics.median(slopes), rel=1e-6)


@pytest.mark.parametrize("flag", ["-n", "--samples"])
def test_stability_as_csv_is_the_rolling_window(project, ask, flag):
    words = ("stability", project.a, "-k", project.loss, "-w", WINDOW, "--csv", flag, 20)
    rows = table(ask(*words))
    points = [point for point in project.curve.points if math.isfinite(point[1])]
    places = {step: place for place, (step, _) in enumerate(points)}
    assert 8 <= len(rows) <= 20
    for row in rows:
        end = places[row["step"]] + 1
        window = [value for _, value in points[end - WINDOW : end]]
        assert row[f"{project.loss}_mean"] == pytest.approx(statistics.fmean(window), rel=1e-5)
        assert row[f"{project.loss}_std"] == pytest.approx(statistics.pstdev(window), rel=1e-4)


def test_stability_needs_no_keys(project, answer):
    names = {row["name"] for row in answer("stability", project.a, "-w", WINDOW)["stability"]}
    assert project.loss in names


# live, sync, find, watch


def test_live_has_the_newest_values(project, answer):
    found = answer("live")
    assert found["run"]["id"] == project.newest
    newest = project.truth[project.newest][project.loss].values[-1]
    assert found["metrics"][project.loss] == close(newest)


def test_sync_names_the_offline_runs(project, answer):
    waiting = {row["id"] for row in answer("sync")["runs"]}
    assert ({"define01", "failed01", "healthy1"} <= waiting) == (project.kind == "offline")
    if project.kind != "offline":
        assert not waiting


@only("online", "legacy", "tensorboard", "jsonl")
def test_sync_of_all_has_nothing_to_do_where_nothing_is_offline(project, ask):
    assert ask("sync", "--all") == ""


@pytest.mark.parametrize("flag", ["-n", "--limit"])
def test_find_looks_into_ids_and_names(project, answer, flag):
    part = project.a[-6:].upper()
    found = answer("find", part, flag, 1)["runs"]
    assert [row["id"] for row in found] == [project.a]


@only("offline", "online", "legacy")
@pytest.mark.parametrize("flag", ["-i", "--interval"])
def test_watch_ends_with_a_run_that_has_ended(project, ask, flag):
    said = ask("watch", project.a, flag, 0.1)
    assert f"step {project.curve.steps[-1]:.0f}" in said
    assert "the run is finished" in said


def test_watch_says_that_a_run_ended_before_what_it_waited_for(project, ask):
    ask("watch", project.b, "-i", 0.05, "--until", f"{project.loss}<-1e9", code=3)


# local, tb, init


def test_local_lists_the_logs_and_tb_the_event_files(project, answer):
    logs = [row["id"] for row in answer("local")["runs"]]
    events = [row["id"] for row in answer("tb")["runs"]]
    every = sorted(project.truth)
    assert sorted(logs) == (every if project.kind == "jsonl" else [])
    assert sorted(events) == (every if project.kind == "tensorboard" else [])
    for words, shown in ((("local",), logs), (("tb",), events)):
        assert answer(*words)["more"].startswith("runwise run" if shown else "runwise list")


@only("tensorboard")
@pytest.mark.parametrize("flag", ["-d", "--log-dir"])
def test_tb_looks_where_it_is_told(project, answer, flag):
    found = {
        row["id"] for row in answer("-C", project.root, "tb", flag, "tb/torch_classic")["runs"]
    }
    assert len(found) == 1
    assert next(iter(found)).endswith("torch_classic")


@only("tensorboard")
@pytest.mark.parametrize("flag", ["-r", "--run"])
def test_tb_summarises_a_run(project, answer, flag):
    found = answer("tb", flag, project.a)
    shown = {row["name"]: row["last"] for row in found["metrics"]} | found["other_metrics"]
    for name, curve in project.truth[project.a].items():
        assert shown[name] == close(curve.values[-1])


@only("jsonl")
def test_local_shows_rows_so_many_steps_apart(project, answer):
    Path("runwise.json").write_text('{"downsample_interval": 200}', encoding="utf-8")
    found = answer("local", "logs/train_a.jsonl")
    assert [row["step"] for row in found["curve"]] == [0, 200, 400, 600, 800, 1000, 1190]
    for row in found["curve"]:
        assert row[project.loss] == close(project.curve.at(row["step"]))
    assert found["latest"][project.loss] == close(project.curve.values[-1])


@only("jsonl")
@pytest.mark.parametrize("file", ["logs/train_a.jsonl", "train_a.jsonl", "train_a"])
def test_local_finds_a_log_by_path_name_or_part(project, ask, file):
    assert ask("local", file, "--keys") == ask("keys", project.a)


@only("jsonl")
@pytest.mark.parametrize("flag", ["-k", "--metrics"])
def test_local_has_the_reports_of_other_runs(project, ask, flag):
    name = project.loss
    for ours, theirs in (
        (("--history", flag, name, "-n", 20), ("history", "-k", name, "-n", 20)),
        (("--history", flag, name, "--samples", 20), ("history", "-k", name, "--samples", 20)),
        (("--stats", flag, name), ("stats", "-k", name)),
        (("--stability", flag, name, "-w", 20), ("stability", "-k", name, "-w", 20)),
        (
            ("--stability", flag, name, "--window", 20),
            ("stability", "-k", name, "--window", 20),
        ),
    ):
        command, *rest = theirs
        assert ask("local", "train_a.jsonl", *ours) == ask(command, project.a, *rest), ours


def test_init_writes_a_name_and_overwrites_when_forced(project, ask):
    ask("init", "--name", "first")
    assert "--force" in ask("init", "--name", "second", code=2)
    ask("init", "--name", "second", "--force")
    assert json.loads(Path("runwise.json").read_text(encoding="utf-8"))["project_name"] == "second"
    assert project.newest in ask("latest", "--format", "json")


@only("offline")
def test_the_printed_losses_of_the_demo_are_the_logged_ones(project, demo_root, ask):
    """What the runs printed was formatted by the training itself, not read from its log."""
    assert project.root.joinpath("wandb").is_dir()
    checked = 0
    for run in ("healthy1", "overfit1", "spike001"):
        (log,) = demo_root.glob(f"wandb/*{run}/files/output.log")
        rows = {row["step"]: row for row in table(ask("history", run, "-k", "val/loss"))}
        for step, value in re.findall(r"step (\d+): .*val ([\d.]+)", log.read_text("utf-8")):
            assert rows[float(step)]["val/loss"] == pytest.approx(float(value), abs=6e-5)
            checked += 1
    assert checked > 50


@pytest.mark.parametrize(
    "words",
    ["list", "latest", "run x", "compare a b", "config", "notes", "best loss", "history", "stats",
     "stability -k loss", "keys", "live", "find x", "watch", "local", "local x", "tb", "tb -r x"],
)  # fmt: skip
def test_where_no_run_is_each_command_names_the_next(ask, tmp_path, words):
    said = ask("-C", tmp_path, *words.split(), code=1)
    assert "no runs under" in said
    assert "runwise demo" in said
