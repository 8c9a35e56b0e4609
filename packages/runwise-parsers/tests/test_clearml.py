"""Offline sessions of ClearML, as they are written and as they break.

``runs/clearml`` was made by ``tools/fixtures/clearml_cases.py`` with clearml 2.1.
"""

from __future__ import annotations

import json
import os
import shutil
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runwise_parsers import find_runs, open_run
from runwise_parsers.clearml_log.events import name_of
from runwise_parsers.sources.clearml import Clearml
from runwise_parsers.testing import REWRITTEN_CHECKS, SOURCE_CHECKS

RUNS = Path(__file__).with_name("runs") / "clearml"
TRUTHS = json.loads((RUNS / "truth.json").read_text(encoding="utf-8"))
SESSION = "offline-0123456789abcdef0123456789abcdef"
NOW = 1_700_000_000.0
ANYTHING = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
FLUSHED = 7
"""Events in a line: all that were waiting when it was written."""


def event(kind: str, *, at: float = 0.0, **more) -> dict:
    known = {"timestamp": int((NOW + at) * 1000), "type": kind, "task": SESSION}
    return {**known, **more, "method": "get"}


def scalar(metric, variant, value, step, *, at: float | None = None) -> dict:
    when = step if at is None else at
    told = {"iter": step, "metric": metric, "variant": variant, "value": value}
    return event("training_stats_scalar", at=when, **told)


def printed(msg, *, at: float = 0.0, level: str = "info") -> dict:
    return event("log", at=at, level=level, worker="demo", msg=msg)


def lines_of(events) -> str:
    """Events as they are flushed, or lists of them as they were."""
    groups = [events[at : at + FLUSHED] for at in range(0, len(events), FLUSHED)]
    groups = events if events and isinstance(events[0], list) else groups
    return "".join(f"{json.dumps(group)}\n" for group in groups)


def task(**more) -> dict:
    return {
        "id": SESSION, "name": "first", "project_name": "toy/sub", "type": "training",
        "comment": "", "tags": ["b", "a"], "hyperparams": {}, "configuration": {},
        "script": {"binary": "python3", "entry_point": "train.py", "version_num": "abc123"},
        "offline_folder": "", **more,
    }  # fmt: skip


def save(folder: Path, events, log=(), *, called=SESSION, **more) -> Path:
    """A session as its directory."""
    run = folder / called
    (run / "data").mkdir(parents=True, exist_ok=True)
    (run / "task.json").write_text(json.dumps(task(**more)))
    (run / "metrics.jsonl").write_text(lines_of(list(events)))
    (run / "log.jsonl").write_text(lines_of(list(log)))
    return run


def pack(run: Path, files=("metrics.jsonl", "task.json", "log.jsonl")) -> Path:
    """The archive of a session, as it is made when the task is closed."""
    path = run.with_name(f"{run.name}.zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in files:
            archive.write(run / name, name)
    return path


def sampled(rows) -> list[list[dict]]:
    """Rows as lines of events: numbers that are not finite as a bare word, as Python does."""
    return [
        [scalar(*(name if "/" in name else f"{name}/{name}").split("/"), value, step)
         for name, value in row.items()]
        for step, row in rows
    ]  # fmt: skip


def points_in(run, name: str) -> list[tuple[float, float]]:
    one = run.series([name])[name]
    return list(zip(one.steps, one.values, strict=True))


@pytest.fixture
def write_session():
    def write(folder, rows):
        return save(folder.parent, sampled(rows), called=folder.name) / "metrics.jsonl"

    return write


@pytest.fixture
def write_archive():
    def write(folder, rows):
        run = save(folder / "made", sampled(rows))
        path = shutil.move(pack(run), folder / f"{SESSION}.zip")
        shutil.rmtree(folder / "made")
        return Path(path)

    return write


@pytest.mark.parametrize("check", SOURCE_CHECKS)
def test_a_session_holds_the_contract(check, write_session, tmp_path):
    check(Clearml(), write_session, tmp_path)


@pytest.mark.parametrize("check", REWRITTEN_CHECKS)
def test_an_archive_holds_the_contract(check, write_archive, tmp_path):
    check(Clearml(), write_archive, tmp_path)


# --- what is a run ---


def test_a_session_and_its_archive_are_one_run_wherever_it_is_opened(tmp_path):
    run = save(tmp_path, [scalar("loss", "train", 1.0, 3)])
    pack(run)
    (info,) = find_runs(tmp_path)
    assert (info.id, info.path, info.last_step) == (SESSION, run, 3)
    for place in ("", "metrics.jsonl", "log.jsonl", "task.json"):
        assert points_in(open_run(run / place), "loss/train") == [(3, 1.0)]


def test_the_directory_is_read_where_its_archive_holds_less(tmp_path):
    run = save(tmp_path, [scalar("loss", "train", 1.0, 3)])
    path = pack(run, ["task.json", "log.jsonl"])
    (info,) = find_runs(tmp_path)
    assert points_in(open_run(info), "loss/train") == [(3, 1.0)]
    shutil.rmtree(run)
    (info,) = find_runs(tmp_path)
    assert (info.path, info.last_step) == (path, None)
    assert [gap.missing for gap in open_run(info).gaps] == ["metrics.jsonl"]


def test_a_session_under_another_name_is_known_by_its_task(tmp_path):
    save(tmp_path, [scalar("loss", "train", 1.0, 3)], called="copied")
    other = tmp_path / "other"
    other.mkdir()
    (other / "task.json").write_text('{"name": "a task of somebody else"}')
    (other / "log.jsonl").write_text("{}\n")
    assert [info.id for info in find_runs(tmp_path, sources=[Clearml()])] == ["copied"]


# --- names and curves ---


@pytest.mark.parametrize(
    ("title", "series", "name"),
    [
        ("loss", "train", "loss/train"),
        ("lr", "lr", "lr"),
        ("train/loss", "rank 0", "train/loss/rank 0"),
        ("loss", "", "loss"),
        ("", "loss", "loss"),
    ],
)
def test_a_metric_is_called_as_people_expect(title, series, name):
    assert name_of({"metric": title, "variant": series}) == name


def test_each_metric_keeps_its_steps_and_times(tmp_path):
    events = [scalar("loss", "train", 1 / (step + 1), step) for step in range(20)]
    events += [scalar("val", "val", value, value, at=40 * value) for value in (0, 1, 2)]
    run = open_run(save(tmp_path, events))
    assert points_in(run, "val") == [(0, 0), (1, 1), (2, 2)]
    assert run.series()["val"].times.tolist() == [NOW, NOW + 40, NOW + 80]
    assert {batch.segment for batch in run.batches()} == {0}


def test_a_metric_whose_steps_fall_begins_a_segment(tmp_path):
    run = open_run(save(tmp_path, [scalar("l", "l", 1.0, step) for step in (0, 1, 2, 0, 0, 1)]))
    assert [batch.segment for batch in run.batches()] == [0, 1]
    assert [step for step, _ in points_in(run, "l")] == [0, 1, 2, 0, 0, 1]


def test_a_single_value_plots_and_the_machine_are_no_curves(tmp_path):
    events = [
        scalar("Summary", "final", 0.5, -(2**31), at=0),
        event("plot", iter=1, metric="h", variant="s", plot_str='{"a": [{"b": 1}, {"c": 2}]}'),
        scalar(":monitor:machine", "cpu_usage", 12.5, 30),
        scalar("loss", "train", 1.0, 3),
    ]
    run = open_run(save(tmp_path, events))
    assert run.metrics() == ("loss/train",)
    assert run.summary() == {"final": 0.5, "loss/train": 1.0}
    assert list(run.system()) == [":monitor:machine/cpu_usage"]
    assert run.gaps == ()


def test_a_number_that_stands_for_nan_is_said_to(tmp_path):
    told = "2023-11-14 - clearml - INFO - NaN value encountered. Reporting it as '0.0'. Use ..."
    run = open_run(save(tmp_path, [scalar("loss", "train", 0.0, 3)], [printed(told)]))
    run.series()
    (gap,) = run.gaps
    assert (gap.missing, gap.because) == (
        "NaN that was logged", "ClearML wrote 0.0 in its place",
    )  # fmt: skip


def test_what_is_no_number_is_counted(tmp_path):
    run = open_run(save(tmp_path, [scalar("x", "x", value, 0) for value in ("word", 2.0, None)]))
    assert points_in(run, "x") == [(0, 2.0)]
    assert [gap.missing for gap in run.gaps] == ["2 points of x"]


def test_ten_thousand_metrics_and_names_nobody_expects(tmp_path):
    odd = ["a\nb", "\x1b[31mred", "损失", "dot.name", '}, {"a": 1']
    names = [*odd, *(f"m{number}" for number in range(10_000))]
    run = open_run(save(tmp_path, [scalar(name, "", 1.0, at) for at in (0, 1) for name in names]))
    assert set(run.metrics()) == set(names)
    last = list(run.batches())[-1]
    assert len(last.cursor) < 2048
    assert list(run.since(last.cursor)) == []


def test_what_is_new_is_read_without_what_is_old(tmp_path):
    events = [scalar("l", "l", 1.0, step) for step in range(200)]
    path = save(tmp_path, [events[:150]]) / "metrics.jsonl"
    run = open_run(path)
    cursor = list(run.batches())[-1].cursor
    old = path.read_bytes()
    new = lines_of([events[150:], [scalar("l", "l", 2.0, 3), scalar("m", "m", 5.0, 0)]])
    path.write_bytes(old[:500] + bytes(1000) + old[1500:] + new.encode())
    first, second = run.since(cursor)
    assert list(first.columns["l"].steps) == list(range(150, 200))
    assert (first.segment, second.segment) == (0, 1)
    assert list(second.columns) == ["l", "m"]
    assert run.summary() == {"l": 2.0, "m": 5.0}
    assert list(run.since(second.cursor)) == []


# --- how it went ---

TRACE = "Traceback (most recent call last):\n  File 'train.py', line 3\n"


@pytest.mark.parametrize(
    ("log", "state"),
    [
        ([printed("done")], "finished"),
        ([printed(f"{TRACE}ValueError: no", level="error")], "failed"),
        ([printed(f"oops\n{TRACE}KeyboardInterrupt", level="error")], "killed"),
        ([printed(f"{TRACE}ValueError: no", level="error"), printed("caught")], "finished"),
        (
            [printed(f"{TRACE}OSError", level="error"), printed("ClearML Monitor: off")],
            "failed",
        ),
    ],
)
def test_the_last_words_of_a_closed_task_say_how_it_ended(log, state, tmp_path):
    run = save(tmp_path, [scalar("loss", "train", 1.0, 3)], log)
    path = pack(run)
    assert open_run(run).info.state == state
    shutil.rmtree(run)
    assert open_run(path).info.state == state


@pytest.mark.parametrize(
    ("status", "state"), [("completed", "finished"), ("stopped", "killed"), ("failed", "failed")]
)
def test_a_status_is_said_in_wandbs_words(status, state, tmp_path):
    assert open_run(save(tmp_path, [], status=status)).info.state == state


def test_without_an_archive_a_task_runs_or_has_crashed(tmp_path):
    now = time.time()
    run = save(tmp_path, [scalar("loss", "train", 1.0, 3, at=now - NOW)])
    assert open_run(run).info.state == "running"
    for name in ("metrics.jsonl", "log.jsonl", "task.json"):
        os.utime(run / name, (now - 900, now - 900))
    assert open_run(run).info.state == "crashed"


def test_the_task_says_who_ran_what_where(tmp_path):
    run = save(tmp_path, [scalar("l", "l", 1, 5)], [printed("x", at=9)], comment="second try")
    info = open_run(run).info
    assert (info.name, info.project, info.job_type) == ("first", "toy/sub", "training")
    assert (info.tags, info.notes, info.commit) == (("a", "b"), "second try", "abc123")
    assert (info.command, info.host) == ("python3 train.py", "demo")
    assert (info.created, info.updated, info.last_step) == (NOW + 5, NOW + 9, 5)


def test_hyperparameters_have_types_and_the_environment_is_left_out(tmp_path):
    def param(kind, value):
        return {"type": kind, "value": value}

    hyperparams = {
        "General": {"lr": param("float", "0.1"), "model/depth": param("int", "3")},
        "Args": {"fast": param("bool", "True"), "n": param("int", "many")},
        "Environment": {"AWS_SECRET_ACCESS_KEY": param("str", "hunter2")},
    }
    configuration = {"net": {"name": "net", "value": "a = 1"}}
    run = save(tmp_path, [], hyperparams=hyperparams, configuration=configuration)
    assert open_run(run).config() == {
        "lr": 0.1, "model": {"depth": 3}, "Args": {"fast": True, "n": "many"},
        "configuration": {"net": "a = 1"},
    }  # fmt: skip


def test_the_console_is_what_both_streams_printed(tmp_path):
    log = [printed("one\r\ntwo\n"), printed("10%\r100%", level="error"), printed("last")]
    run = open_run(save(tmp_path, [], log))
    assert run.console(9) == ["one", "two", "100%", "last"]
    assert run.console(1) == ["last"]
    assert run.console(0) == []


# --- damage ---


def test_of_a_line_that_is_cut_the_events_that_are_whole_are_read(tmp_path):
    events = [scalar("loss", "train", step / 7, step) for step in range(FLUSHED)]
    run = save(tmp_path, events)
    data = (run / "metrics.jsonl").read_bytes()
    (run / "metrics.jsonl").write_bytes(data[: data.rfind(b"{") + 30])
    opened = open_run(run)
    got = points_in(opened, "loss/train")
    assert got == [(step, step / 7) for step in range(FLUSHED - 1)]
    assert [gap.missing for gap in opened.gaps] == ["the end of metrics.jsonl"]
    cursor = list(opened.batches())[-1].cursor
    (run / "metrics.jsonl").write_bytes(data)
    (batch,) = opened.since(cursor)
    assert list(batch.columns["loss/train"].steps) == [FLUSHED - 1]
    assert opened.gaps == ()


def test_of_a_line_that_is_damaged_one_event_is_lost(tmp_path):
    run = save(tmp_path, [scalar("loss", "train", float(step), step) for step in range(10)])
    text = (run / "metrics.jsonl").read_text()
    (run / "metrics.jsonl").write_text(text.replace('"iter": 3', '"iter": ?'))
    opened = open_run(run)
    assert [step for step, _ in points_in(opened, "loss/train")] == [0, 1, 2, 4, 5, 6, 7, 8, 9]
    assert [gap.missing for gap in opened.gaps] == ["1 event of metrics.jsonl"]


def test_a_carriage_return_ends_no_line(tmp_path):
    run = save(tmp_path, [scalar("loss", "train", float(step), step) for step in range(10)])
    path = run / "metrics.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"iter": 3,', b'"iter"\r 3,'))
    opened = open_run(run)
    last = list(opened.batches())[-1]
    assert [step for step, _ in points_in(opened, "loss/train")] == [0, 1, 2, 4, 5, 6, 7, 8, 9]
    assert list(opened.since(last.cursor)) == []


def test_an_archive_that_is_cut_gives_what_its_headers_allow(tmp_path):
    run = save(tmp_path, [scalar("loss", "train", step / 7, step) for step in range(3000)])
    path = pack(run)
    shutil.rmtree(run)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    opened = open_run(path)
    got = points_in(opened, "loss/train")
    assert got == [(step, step / 7) for step in range(len(got))]
    assert len(got) > 1000
    assert any("cut short" in gap.because for gap in opened.gaps)


def test_git_lfs_pointers_say_what_to_do(tmp_path):
    run = save(tmp_path, [scalar("loss", "train", 1.0, 3)])
    pointer = "version https://git-lfs.github.com/spec/v1\n"
    (run / "metrics.jsonl").write_text(pointer)
    opened = open_run(run)
    assert opened.series() == {}
    assert [gap.remedy for gap in opened.gaps] == ["Run git lfs pull."]
    path = tmp_path / f"{SESSION[:-1]}0.zip"
    path.write_text(pointer)
    assert [gap.remedy for gap in open_run(path).gaps] == ["Run git lfs pull."]


def test_directories_in_place_of_files_are_gaps(tmp_path):
    run = save(tmp_path, [scalar("loss", "train", 1.0, 3)])
    for name in ("metrics.jsonl", "log.jsonl"):
        (run / name).unlink()
        (run / name).mkdir()
    (info,) = find_runs(tmp_path)
    opened = open_run(info)
    assert (opened.series(), opened.console(), opened.config()) == ({}, [], {})
    assert {gap.because for gap in opened.gaps} == {"is a directory"}


def test_a_session_that_disappears_is_a_gap(tmp_path):
    run = save(tmp_path, [scalar("loss", "train", 1.0, 3)])
    opened = open_run(run)
    cursor = list(opened.batches())[-1].cursor
    shutil.rmtree(run)
    assert [batch.restart for batch in opened.since(cursor)] == [True]
    assert opened.gaps
    assert (opened.console(), opened.config()) == ([], {})


def ask_everything(folder: Path) -> None:
    for info in find_runs(folder, sources=[Clearml()]):
        run = open_run(info, sources=[Clearml()])
        batches = list(run.batches())
        assert list(run.since(batches[-1].cursor)) == [] if batches else run.series() == {}
        run.overview(3), run.tail(3), run.summary(), run.config(), run.console(), run.system()
        assert all(str(gap) for gap in run.gaps)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)
NAMES = ["timestamp", "type", "iter", "metric", "variant", "value", "msg", "level", "worker"]
TOLD = ["id", "name", "tags", "hyperparams", "configuration", "script", "status", "comment"]


@given(
    told=st.dictionaries(st.sampled_from(TOLD), JSON),
    events=st.lists(st.dictionaries(st.sampled_from(NAMES), JSON), max_size=4),
    more=JSON,
)
@ANYTHING
def test_whatever_json_stands_in_the_files_all_questions_are_answered(
    told, events, more, tmp_path
):
    scalars = [{**scalar("a", "b", 1.0, 0), **one} for one in events]
    run = save(tmp_path, [*scalars, *events, more], [*events, more], **told)
    pack(run)
    ask_everything(tmp_path)
    (run / "task.json").unlink()
    ask_everything(tmp_path)


@given(data=st.lists(st.binary(max_size=80), min_size=3, max_size=3), kept=st.integers(0, 900))
@ANYTHING
def test_any_bytes_are_read_without_an_exception(data, kept, tmp_path):
    run = save(tmp_path, [scalar("a", "b", 1.0, step) for step in range(9)], [printed("x")])
    for name, more in zip(("task.json", "metrics.jsonl", "log.jsonl"), data, strict=True):
        path = run / name
        path.write_bytes(path.read_bytes()[:kept] + more)
    ask_everything(tmp_path)


# --- sessions of the real ClearML ---


@pytest.fixture(params=sorted(TRUTHS))
def real(request):
    (info,) = find_runs(RUNS / request.param)
    return TRUTHS[request.param], open_run(info)


def test_a_real_run_gives_what_was_logged(real, points):
    truth, run = real
    logged = {
        name: list(zip(key["steps"], map(repr, map(float, key["values"])), strict=True))
        for name, key in truth["keys"].items()
    }
    assert {name: points(one) for name, one in run.series().items()} == logged
    assert all(one.times is not None for one in run.series().values())
    assert {batch.segment for batch in run.batches()} <= {0}
    assert [gap.missing for gap in run.gaps] == truth.get("gaps", [])


def test_a_real_run_is_described_as_it_ended(real):
    truth, run = real
    info = run.info
    assert info.state in {truth["state"], *truth.get("or_state", ())}
    assert (info.id, info.name, info.project, info.host) == (truth["id"], "toy", "toy", "demo")
    assert (info.tags, info.command) == (("base", "toy"), "python train.py")
    steps = [step for key in truth["keys"].values() for step in key["steps"]]
    assert info.last_step == max(steps, default=None)
    assert run.config() == truth.get("config", {})
    assert truth.get("console", "") in "\n".join(run.console(9))
    assert truth.get("summary", {}).items() <= run.summary().items()
