"""Directories of Sacred's FileStorageObserver, as it writes them and as they break.

``runs/sacred`` was made by ``tools/fixtures/sacred_cases.py`` with Sacred 0.8.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from datetime import datetime, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runwise_parsers import find_runs, open_run
from runwise_parsers.sources.sacred import Sacred
from runwise_parsers.testing import REWRITTEN_CHECKS

RUNS = Path(__file__).with_name("runs") / "sacred"
TRUTHS = json.loads((RUNS / "truth.json").read_text(encoding="utf-8"))
NOW = 1_700_000_000.0
ANYTHING = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def utc(seconds: float) -> str:
    """A time as Sacred writes it: UTC without saying so."""
    return datetime.fromtimestamp(seconds, timezone.utc).replace(tzinfo=None).isoformat()


def dump(path: Path, value) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, sort_keys=True, indent=2), encoding="utf-8")
    return path


def entry(**fields) -> dict:
    known = {
        "artifacts": [], "command": "main", "resources": [], "status": "RUNNING",
        "experiment": {"name": "mnist", "mainfile": "train.py", "repositories": []},
        "heartbeat": utc(NOW + 10), "start_time": utc(NOW), "host": {"hostname": "demo"},
        "meta": {"options": {}}, "result": None,
    }  # fmt: skip
    return known | fields


def column(points, *, seconds: float = 1.0) -> dict:
    """A metric's points ``(step, value)``, one step a second."""
    steps = [step for step, _ in points]
    times = [utc(NOW + step * seconds) for step in steps]
    return {"steps": steps, "timestamps": times, "values": [value for _, value in points]}


def save(folder: Path, curves, **fields) -> Path:
    """A run as the observer leaves it."""
    run = folder / "1"
    dump(run / "run.json", entry(**fields))
    dump(run / "config.json", {"lr": 0.1, "model": {"depth": 4}})
    (run / "cout.txt").write_bytes(b"started\n")
    if curves:
        dump(run / "metrics.json", {name: column(points) for name, points in curves.items()})
    return run


def points_in(run, name: str) -> list[tuple[float, float]]:
    one = run.series([name])[name]
    return list(zip(one.steps, one.values, strict=True))


@pytest.fixture
def write():
    def write(folder, rows):
        curves: dict[str, list] = {}
        for step, row in rows:
            for name, value in row.items():
                curves.setdefault(name, []).append((step, value))
        return save(folder, curves)

    return write


@pytest.mark.parametrize("check", REWRITTEN_CHECKS)
def test_the_source_holds_the_contract(check, write, tmp_path):
    check(Sacred(), write, tmp_path)


# --- what is a run ---


def test_numbered_directories_are_runs_and_each_of_their_files_leads_there(tmp_path):
    for number in ("101", "102", "110"):
        save(tmp_path, {"loss": [(0, 1.0)]}).rename(tmp_path / number)
    (tmp_path / "_sources").mkdir()
    assert sorted(info.id for info in find_runs(tmp_path)) == ["101", "102", "110"]
    for name in ("", "run.json", "metrics.json", "config.json", "cout.txt"):
        assert points_in(open_run(tmp_path / "102" / name), "loss") == [(0, 1.0)]


@pytest.mark.parametrize(
    "text",
    ["{}", '{"status": "done"}', '{"experiment": "a"}', "[]", "", '{"experiment"', "run: 1"],
)
def test_a_run_file_of_somebody_else_is_left_alone(text, tmp_path):
    (tmp_path / "run.json").write_text(text)
    assert list(find_runs(tmp_path, sources=[Sacred()])) == []


def test_an_entry_that_is_being_written_hides_nothing(tmp_path):
    run = save(tmp_path, {"loss": [(0, 1.0)]})
    for size in (0, 1, 40):
        (run / "run.json").write_bytes((run / "run.json").read_bytes()[:size])
        (info,) = find_runs(tmp_path)
        opened = open_run(info)
        assert (info.state, info.last_step) == ("unknown", 0)
        assert points_in(opened, "loss") == [(0, 1.0)]
        assert [gap.missing for gap in opened.gaps] == ["part of run.json"]


# --- curves ---


def test_points_that_were_logged_together_are_rows(tmp_path):
    points = [(step, step / 2) for step in range(5)]
    run = open_run(save(tmp_path, {"train.loss": points, "lr": points, "late": points[3:]}))
    assert set(run.tail(1)) == {"train.loss", "lr", "late"}
    assert run.series()["lr"].times.tolist() == [NOW + step for step in range(5)]


def test_metrics_may_count_steps_of_their_own(tmp_path):
    """Epochs beside iterations: neither is a restart, and both keep their times."""
    losses = [(step, 1 / (step + 1)) for step in range(100)]
    curves = {"loss": column(losses), "val": column([(0, 0.5), (1, 0.6), (2, 0.7)], seconds=40)}
    run = save(tmp_path, {"loss": losses})
    dump(run / "metrics.json", curves)
    opened = open_run(run)
    assert points_in(opened, "val") == [(0, 0.5), (1, 0.6), (2, 0.7)]
    assert opened.series()["val"].times.tolist() == [NOW, NOW + 40, NOW + 80]
    assert points_in(opened, "loss") == losses
    assert [batch.segment for batch in opened.batches()] == [0]


def test_a_metric_whose_steps_fall_begins_again(tmp_path):
    points = [(0, 1), (1, 2), (2, 3), (0, 4), (1, 5)]
    run = open_run(save(tmp_path, {"loss": points}))
    assert points_in(run, "loss") == points
    assert [batch.segment for batch in run.batches()] == [0, 1]


def test_a_step_that_is_logged_twice_keeps_both_points(tmp_path):
    run = open_run(save(tmp_path, {"loss": [(0, 1), (0, 2), (1, 3)], "lr": [(0, 9), (1, 8)]}))
    assert points_in(run, "loss") == [(0, 1), (0, 2), (1, 3)]
    assert points_in(run, "lr") == [(0, 9), (1, 8)]


def test_values_are_numbers_in_every_spelling(tmp_path):
    values = [float("nan"), float("inf"), {"py/object": "numpy.float64", "value": 0.5}, True, 7]
    run = open_run(save(tmp_path, {"x": list(enumerate(values))}))
    assert list(map(repr, run.series()["x"].values)) == ["nan", "inf", "0.5", "1.0", "7.0"]
    assert run.gaps == ()


def test_what_is_no_number_is_counted(tmp_path):
    run = open_run(save(tmp_path, {"x": [(0, "word"), (1, 2.0), (2, None)], "y": [(0, [1])]}))
    assert points_in(run, "x") == [(1, 2.0)]
    assert [str(gap) for gap in run.gaps] == [
        "3 points of x, y: there is no number. All other points were read."
    ]


def test_ten_thousand_metrics_and_names_nobody_expects(tmp_path):
    odd = ["a\nb", "\x1b[31mred", "损失", "", "dot.name"]
    names = [*odd, *(f"m{number}" for number in range(10_000))]
    opened = open_run(save(tmp_path, {name: [(0, 1.0), (1, 2.0)] for name in names}))
    (batch,) = opened.batches()
    assert set(batch.columns) == set(names)
    assert len(batch.cursor) < 2048
    assert list(opened.since(batch.cursor)) == []


# --- how it went ---


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("COMPLETED", "finished"),
        ("FAILED", "failed"),
        ("INTERRUPTED", "killed"),
        ("TIMEOUT", "killed"),
        ("DIED", "crashed"),
        ("QUEUED", "unknown"),
        ("MY_OWN_INTERRUPT", "unknown"),
        ("RUNNING", "crashed"),
    ],
)
def test_a_status_is_said_in_wandbs_words(status, state, tmp_path):
    run = save(tmp_path, {}, status=status, stop_time=utc(NOW + 90))
    info = open_run(run).info
    assert (info.state, info.created, info.updated) == (state, NOW, NOW + 90)


def test_a_fresh_heartbeat_in_a_fresh_file_means_running(tmp_path):
    now = time.time()
    run = save(tmp_path, {"loss": [(0, 1.0)]}, start_time=utc(now - 60), heartbeat=utc(now))
    assert open_run(run).info.state == "running"
    os.utime(run / "run.json", (now - 900, now - 900))
    assert open_run(run).info.state == "crashed"
    run = save(tmp_path, {}, start_time=utc(now), heartbeat=None)
    assert open_run(run).info.state == "running"


def test_the_entry_says_who_ran_what_where(tmp_path):
    experiment = {"name": "mnist", "mainfile": "train.py", "repositories": [{"commit": "abc123"}]}
    meta = {"comment": "second try", "options": {"UPDATE": ["lr=0.1", "depth=4"]}}
    info = open_run(save(tmp_path, {}, experiment=experiment, meta=meta)).info
    assert (info.project, info.name, info.host) == ("mnist", "mnist", "demo")
    assert (info.notes, info.commit) == ("second try", "abc123")
    assert info.command == "train.py main with lr=0.1 depth=4"


@pytest.mark.parametrize("value", [None, 7, [], "text", {"name": 5}, [None], {"options": []}])
def test_an_entry_of_other_shapes_is_read_as_far_as_it_goes(value, tmp_path):
    fields = dict.fromkeys(
        ("experiment", "meta", "host", "artifacts", "fail_trace", "heartbeat", "status"), value
    )
    opened = open_run(save(tmp_path, {"loss": [(0, 1.0)]}, **fields))
    opened.console(), opened.artifacts(), opened.summary()
    assert opened.info.created == NOW
    assert points_in(opened, "loss") == [(0, 1.0)]


def test_config_result_and_info_are_kept_and_long_lists_are_not(tmp_path):
    run = save(tmp_path, {"loss": [(0, 1.0)]}, result={"acc": 0.5, "all": [1, 2]})
    dump(run / "info.json", {"device": "cuda", "losses": [1.0] * 1000, "n": {"a": 1}})
    opened = open_run(run)
    assert opened.config() == {"lr": 0.1, "model": {"depth": 4}}
    assert opened.summary() == {
        "loss": 1.0, "result": {"acc": 0.5}, "info": {"device": "cuda", "n": {"a": 1}},
    }  # fmt: skip


def test_the_console_ends_in_the_error_that_ended_the_run(tmp_path):
    trace = [
        "Traceback (most recent call last):\n",
        '  File "t.py"\n    f()\n',
        "ValueError: no\n",
    ]
    run = save(tmp_path, {}, status="FAILED", fail_trace=trace)
    (run / "cout.txt").write_bytes(b"one\r\ntwo\n10%\r90%\r100%\nla\xffst")
    opened = open_run(run)
    assert opened.console(7) == [
        "two", "100%", "la\ufffdst", "Traceback (most recent call last):", '  File "t.py"',
        "    f()", "ValueError: no",
    ]  # fmt: skip
    assert opened.console(1) == ["ValueError: no"]
    assert opened.console(0) == []
    (run / "cout.txt").unlink()
    assert opened.console(1) == ["ValueError: no"]


def test_stored_files_are_listed_and_none_outside_the_run_is_read(tmp_path):
    (tmp_path / "secret").write_text("key")
    names = ["model.txt", "gone.txt", "../secret", str(tmp_path / "secret"), "link", "a\0b"]
    run = save(tmp_path, {}, artifacts=names)
    (run / "model.txt").write_text("weights")
    (run / "link").symlink_to(tmp_path / "secret")
    opened = open_run(run)
    assert [(one.name, one.size) for one in opened.artifacts()] == [
        ("model.txt", 7), *((name, None) for name in names[1:]),
    ]  # fmt: skip
    assert opened.read_artifact("model.txt", 3) == b"wei"
    for name in (*names[1:], "config.json"):
        with pytest.raises(LookupError):
            opened.read_artifact(name)


# --- damage ---


@pytest.mark.parametrize("part", [0.3, 0.6, 0.95])
def test_of_metrics_that_are_cut_what_stands_before_the_cut_is_read(part, tmp_path):
    truth = {name: [(step, step / 7) for step in range(50)] for name in ("a", "b", "c")}
    run = save(tmp_path, truth)
    data = (run / "metrics.json").read_bytes()
    (run / "metrics.json").write_bytes(data[: int(len(data) * part)])
    opened = open_run(run)
    got = {name: points_in(opened, name) for name in opened.series()}
    assert all(points == truth[name][: len(points)] for name, points in got.items())
    assert sum(map(len, got.values())) >= 150 * part - 50
    assert [gap.missing for gap in opened.gaps] == ["part of metrics.json"]


def test_behind_a_damaged_number_none_is_sure(tmp_path):
    run = save(tmp_path, {"a": [(step, step + 0.25) for step in range(9)], "b": [(0, 1.0)]})
    text = (run / "metrics.json").read_text()
    (run / "metrics.json").write_text(text.replace("4.25,", "4.2?5"))
    opened = open_run(run)
    assert points_in(opened, "a") == [(step, step + 0.25) for step in range(4)]
    assert points_in(opened, "b") == [(0, 1.0)]


def test_git_lfs_pointers_say_what_to_do(tmp_path):
    run = save(tmp_path, {"a": [(0, 1.0)]})
    (run / "metrics.json").write_text("version https://git-lfs.github.com/spec/v1\n")
    opened = open_run(run)
    assert opened.series() == {}
    assert [gap.remedy for gap in opened.gaps] == ["Run git lfs pull."]


def test_directories_in_place_of_files_are_gaps(tmp_path):
    run = save(tmp_path, {"a": [(0, 1.0)]})
    for name in ("metrics.json", "config.json", "cout.txt"):
        (run / name).unlink()
        (run / name).mkdir()
    opened = open_run(run)
    assert (opened.series(), opened.console()) == ({}, [])
    assert [gap.because for gap in opened.gaps] == ["is a directory"] * 2


def test_a_run_that_disappears_is_a_gap(tmp_path):
    run = save(tmp_path, {"a": [(0, 1.0)]})
    opened = open_run(run)
    cursor = list(opened.batches())[-1].cursor
    shutil.rmtree(run)
    assert [batch.restart for batch in opened.since(cursor)] == [True]
    assert opened.gaps[0].because == "no such file or directory"
    assert (opened.console(), opened.artifacts(), opened.config()) == ([], [], {})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)
COLUMN = st.dictionaries(st.sampled_from(["steps", "timestamps", "values"]), st.lists(JSON) | JSON)


@given(metrics=st.dictionaries(st.text(max_size=3), COLUMN | JSON), more=JSON)
@ANYTHING
def test_whatever_json_stands_in_the_files_all_questions_are_answered(metrics, more, tmp_path):
    run = save(tmp_path, {}, result=more, meta=more)
    for name, value in {"metrics": metrics, "config": more, "info": more}.items():
        dump(run / f"{name}.json", value)
    opened = open_run(run)
    batches = list(opened.batches())
    assert list(opened.since(batches[-1].cursor)) == [] if batches else opened.series() == {}
    opened.overview(3), opened.tail(3), opened.summary(), opened.config(), opened.gaps


@given(data=st.lists(st.binary(max_size=80), min_size=3, max_size=3), kept=st.integers(0, 900))
@ANYTHING
def test_any_bytes_are_read_without_an_exception(data, kept, tmp_path):
    run = save(tmp_path, {"a": [(0, 1.0), (1, 2.0)], "b": [(0, 3.0)]})
    for name, more in zip(("run.json", "metrics.json", "config.json"), data, strict=True):
        (run / name).write_bytes((run / name).read_bytes()[:kept] + more)
    for info in find_runs(tmp_path, sources=[Sacred()]):
        opened = open_run(info)
        opened.series(), opened.overview(3), opened.summary(), opened.config(), opened.gaps
        opened.console(), opened.artifacts()


# --- runs of the real Sacred ---


@pytest.fixture(params=sorted(TRUTHS))
def real(request):
    infos = {info.id: info for info in find_runs(RUNS)}
    return TRUTHS[request.param], open_run(infos[TRUTHS[request.param]["id"]])


def test_every_real_run_is_found_once():
    assert sorted(info.id for info in find_runs(RUNS)) == sorted(
        truth["id"] for truth in TRUTHS.values()
    )


def test_a_real_run_gives_what_was_logged(real, points):
    truth, run = real
    logged = {
        name: list(zip(key["steps"], map(repr, map(float, key["values"])), strict=True))
        for name, key in truth["keys"].items()
    }
    assert {name: points(one) for name, one in run.series().items()} == logged
    assert all(one.times is not None for one in run.series().values())
    assert {batch.segment for batch in run.batches()} <= {0}
    assert run.gaps == ()


def test_a_real_run_is_described_as_it_ended(real):
    truth, run = real
    info, summary = run.info, run.summary()
    fresh = {"running"} if truth["case"] == "killed" else set()  # for 90 seconds, nobody knows
    assert info.state in {truth["state"], *fresh}
    assert (info.project, info.host) == ("toy", "demo")
    assert info.last_step == (truth["last_step"] if truth["keys"] else None)
    assert info.command == "train.py main"
    assert run.config() == truth.get("config", {"seed": 0})
    assert {name: summary[name] for name in ("result", "info") if name in truth} == {
        name: truth[name] for name in ("result", "info") if name in truth
    }
    assert truth.get("console", "") in "\n".join(run.console(5))
    assert [one.name for one in run.artifacts()] == truth.get("artifacts", [])
