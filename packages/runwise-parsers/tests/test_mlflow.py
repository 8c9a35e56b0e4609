"""MLflow's databases and file stores, written here from the description of their layout."""

from __future__ import annotations

import json
import math
import os
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runwise_parsers import find_runs, open_run
from runwise_parsers.sources.mlflow import Mlflow
from runwise_parsers.testing import REWRITTEN_CHECKS

SOURCES = [Mlflow()]
RUN = "0123456789abcdef0123456789abcdef"
OTHER = "fedcba9876543210fedcba9876543210"
BEGIN = 1_700_000_000_000  # ms
LARGEST = 1.7976931348623157e308

TABLES = """
CREATE TABLE experiments (experiment_id INTEGER NOT NULL, name VARCHAR(256) NOT NULL,
    artifact_location VARCHAR(256), lifecycle_stage VARCHAR(32),
    CONSTRAINT experiment_pk PRIMARY KEY (experiment_id));
CREATE TABLE runs (run_uuid VARCHAR(32) NOT NULL, name VARCHAR(250), source_type VARCHAR(20),
    source_name VARCHAR(500), entry_point_name VARCHAR(50), user_id VARCHAR(256),
    status VARCHAR(9), start_time BIGINT, end_time BIGINT, lifecycle_stage VARCHAR(20),
    artifact_uri VARCHAR(200), experiment_id INTEGER, CONSTRAINT run_pk PRIMARY KEY (run_uuid));
CREATE TABLE tags ("key" VARCHAR(250) NOT NULL, value VARCHAR(8000), run_uuid VARCHAR(32),
    CONSTRAINT tag_pk PRIMARY KEY ("key", run_uuid));
CREATE TABLE params ("key" VARCHAR(250) NOT NULL, value VARCHAR(8000), run_uuid VARCHAR(32),
    CONSTRAINT param_pk PRIMARY KEY ("key", run_uuid));
CREATE TABLE metrics ("key" VARCHAR(250) NOT NULL, value FLOAT NOT NULL,
    timestamp BIGINT NOT NULL, run_uuid VARCHAR(32) NOT NULL, step BIGINT DEFAULT '0' NOT NULL,
    is_nan BOOLEAN DEFAULT '0' NOT NULL, CONSTRAINT metric_pk
    PRIMARY KEY ("key", timestamp, step, run_uuid, value, is_nan));
CREATE INDEX index_metrics_run_uuid ON metrics (run_uuid);
"""
SINCE_3 = """
CREATE TABLE latest_metrics ("key" VARCHAR(250) NOT NULL, value FLOAT NOT NULL, timestamp BIGINT,
    step BIGINT NOT NULL, is_nan BOOLEAN NOT NULL, run_uuid VARCHAR(32) NOT NULL,
    CONSTRAINT latest_metric_pk PRIMARY KEY ("key", run_uuid));
CREATE INDEX index_metrics_run_uuid_key_step ON metrics (run_uuid, "key", step);
"""


class Store:
    """A database that is written to as MLflow does."""

    def __init__(self, path, *, old=False, mode="DELETE"):
        self.path = path
        self.old = old
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.execute(f"PRAGMA journal_mode = {mode}")
        self.db.execute("PRAGMA synchronous = OFF")
        self.db.executescript(TABLES + ("" if old else SINCE_3))
        self.experiment(0, "Default")

    def experiment(self, number, name, stage="active"):
        self.db.execute("INSERT INTO experiments VALUES (?, ?, '', ?)", (number, name, stage))

    def run(self, run=RUN, name="one", status="FINISHED", *, tags=(), params=(), **more):
        row = {"start_time": BEGIN, "end_time": BEGIN + 60_000, "lifecycle_stage": "active"}
        row |= {"artifact_uri": "", "experiment_id": 0, **more}
        names = ", ".join(["run_uuid", "name", "status", *row])
        marks = ", ".join("?" * (3 + len(row)))
        self.db.execute(
            f"INSERT INTO runs ({names}) VALUES ({marks})", (run, name, status, *row.values())
        )
        for table, pairs in (("tags", dict(tags)), ("params", dict(params))):
            for key, value in pairs.items():
                self.db.execute(f"INSERT INTO {table} VALUES (?, ?, ?)", (key, value, run))
        return self

    def point(self, key, value, step=0, clock=None, run=RUN):
        nan = isinstance(value, float) and math.isnan(value)
        if isinstance(value, float) and math.isinf(value):
            value = math.copysign(LARGEST, value)
        when = BEGIN + 1000 * step if clock is None else clock
        point = (key, 0.0 if nan else value, when, run, step, int(nan))
        self.db.execute("INSERT INTO metrics VALUES (?, ?, ?, ?, ?, ?)", point)
        if not self.old:
            self.db.execute(
                "INSERT INTO latest_metrics VALUES (?1, ?2, ?3, ?5, ?6, ?4) ON CONFLICT DO UPDATE "
                "SET value = ?2, timestamp = ?3, step = ?5, is_nan = ?6 WHERE step <= ?5",
                point,
            )
        return self

    def rows(self, rows):
        self.db.execute("BEGIN")
        for step, row in rows:
            for key, value in row.items():
                self.point(key, value, step)
        self.db.execute("COMMIT")
        return self


@pytest.fixture
def store(tmp_path):
    made = Store(tmp_path / "mlflow.db")
    yield made
    made.db.close()


@pytest.fixture(params=["journal", "old", "wal", "wal and shm", "wal alone"])
def write_database(request, tmp_path_factory):
    """Write a database; as a killed writer leaves it, with what is not yet checkpointed."""

    def write(folder, rows):
        scratch = tmp_path_factory.mktemp("writer") / "mlflow.db"
        mode = "WAL" if "wal" in request.param else "DELETE"
        store = Store(scratch, old=request.param == "old", mode=mode)
        with closing(store.db) as db:
            if mode == "WAL":
                db.execute("PRAGMA wal_autocheckpoint = 0")
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            store.run().rows(rows)
            endings = {"wal and shm": ("", "-wal", "-shm"), "wal alone": ("", "-wal")}
            for ending in endings.get(request.param, ()):
                shutil.copy(f"{scratch}{ending}", folder / f"mlflow.db{ending}")
        if request.param not in endings:
            shutil.copy(scratch, folder / "mlflow.db")
        return folder / "mlflow.db"

    return write


def make_run(run, *, status=3, meta=None, tags=(), params=()):
    """Make the directory of a run of a file store."""
    run.mkdir(parents=True, exist_ok=True)
    known = {"run_id": run.name, "run_name": "one", "status": status, "start_time": BEGIN}
    known |= {"end_time": BEGIN + 60_000, "lifecycle_stage": "active", **(meta or {})}
    lines = [f"{key}: {'null' if value is None else value}\n" for key, value in known.items()]
    (run / "meta.yaml").write_text("".join(lines))
    for folder, pairs in (("tags", dict(tags)), ("params", dict(params)), ("metrics", {})):
        (run / folder).mkdir(exist_ok=True)
        for key, value in pairs.items():
            (run / folder / key).write_text(value)
    return run


def log_lines(run, name, *lines):
    path = run / "metrics" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines))


def write_files(folder, rows):
    shutil.rmtree(folder / "mlruns", ignore_errors=True)
    run = make_run(folder / "mlruns" / "0" / RUN)
    lines = {}
    for step, row in rows:
        for key, value in row.items():
            lines.setdefault(key, []).append(f"{BEGIN + 1000 * step} {value} {step}")
    for key, texts in lines.items():
        log_lines(run, key, *texts)
    return run


@pytest.mark.parametrize("check", REWRITTEN_CHECKS)
def test_databases_hold_the_contract(check, write_database, tmp_path):
    check(Mlflow(), write_database, tmp_path)


@pytest.mark.parametrize("check", REWRITTEN_CHECKS)
def test_file_stores_hold_the_contract(check, tmp_path):
    check(Mlflow(), write_files, tmp_path)


@pytest.fixture
def infos(tmp_path):
    """Find the runs below a folder, by their ids."""
    return lambda folder=tmp_path: {info.id: info for info in find_runs(folder, sources=SOURCES)}


@pytest.fixture
def opened(infos):
    return lambda run=RUN: open_run(infos()[run], sources=SOURCES)


@pytest.fixture
def files(tmp_path):
    """Make a run of a file store."""
    return lambda **more: make_run(tmp_path / "mlruns" / "0" / RUN, **more)


def curve(run, name, points):
    return points(run.series([name])[name])


def segments(run):
    return [
        (b.segment, {k: one.steps.tolist() for k, one in b.columns.items()}) for b in run.batches()
    ]


STATES = {"FINISHED": "finished", "FAILED": "failed", "KILLED": "killed", "RUNNING": "crashed"}


@pytest.mark.parametrize("status", [*STATES, "SCHEDULED"])
def test_a_status_is_said_in_the_words_of_all_sources(status, store, infos):
    store.run(status=status, end_time=None)
    assert infos()[RUN].state == STATES.get(status, "unknown")


@pytest.mark.parametrize("number", [3, 4, 5, 1, 2])
def test_a_file_store_says_the_status_by_a_number(number, files, infos):
    status = ["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"][number - 1]
    files(status=number, meta={"end_time": None})
    assert infos()[RUN].state == STATES.get(status, "unknown")


def test_a_run_is_running_while_its_clocks_are_fresh(store, files, infos, tmp_path):
    now = int(time.time() * 1000)
    store.run(status="RUNNING", start_time=now - 600_000, end_time=None).point("a", 1.0, clock=now)
    run = files(status=1, meta={"start_time": now - 600_000, "end_time": None})
    log_lines(run, "a", f"{now} 1.0 0")
    assert infos()[RUN].state == "running"
    (tmp_path / "mlflow.db").unlink()
    assert infos()[RUN].state == "running"
    log_lines(run, "a", f"{now - 200_000} 1.0 0")
    assert infos()[RUN].state == "crashed"


def test_a_run_is_described_by_its_row_and_its_tags(store, infos):
    store.experiment(7, "vision")
    tags = {
        "mlflow.runName": "brave-owl", "mlflow.note.content": "first\nsecond", "team": "blue",
        "mlflow.source.name": "train.py", "mlflow.source.git.commit": "abc123", "flag": "",
        "mlflow.user": "somebody", "mlflow.log-model.history": "[]",
    }  # fmt: skip
    store.run(name="old name", tags=tags, experiment_id=7, entry_point_name="main")
    store.point("loss", 0.5, 40).point("loss", 0.25, 90)
    info = infos()[RUN]
    assert (info.name, info.project, info.notes) == ("brave-owl", "vision", "first\nsecond")
    assert (info.commit, info.command) == ("abc123", "train.py main")
    assert sorted(info.tags) == ["flag", "team=blue"]
    assert (info.created, info.updated) == (BEGIN / 1000, BEGIN / 1000 + 90)
    assert (info.last_step, info.exit_code, info.source) == (90.0, None, "mlflow")


def test_a_file_store_describes_a_run_by_its_small_files(tmp_path, infos):
    exp = tmp_path / "mlruns" / "772879768246332599"
    folded = "file:///C:/a%20very/" + "x" * 90 + "\n  /folded"
    tags = {"mlflow.runName": "brave-owl", "team": "blue"}
    run = make_run(exp / RUN, tags=tags, meta={"artifact_uri": folded})
    (exp / "meta.yaml").write_text("name: vision\nexperiment_id: '772879768246332599'\n")
    log_lines(run, "loss", f"{BEGIN} 0.5 40", f"{BEGIN + 90_000} 0.25 90")
    info = infos()[RUN]
    assert (info.name, info.project, info.tags) == ("brave-owl", "vision", ("team=blue",))
    assert (info.state, info.last_step, info.updated) == ("finished", 90.0, BEGIN / 1000 + 90)
    assert info.segments == (run,)


def test_a_nested_run_belongs_to_the_group_of_its_parent(store, files, infos, tmp_path):
    store.run(name="parent").run(OTHER, "child", tags={"mlflow.parentRunId": RUN})
    assert infos()[OTHER].group == "parent"
    store.db.execute("DELETE FROM runs WHERE run_uuid = ?", (RUN,))
    assert infos()[OTHER].group == RUN
    (tmp_path / "mlflow.db").unlink()
    files(tags={"mlflow.runName": "above"})
    make_run(tmp_path / "mlruns" / "0" / OTHER, tags={"mlflow.parentRunId": RUN})
    assert infos()[OTHER].group == "above"


def test_deleted_runs_and_those_of_deleted_experiments_are_marked(store, infos):
    store.experiment(1, "gone", "deleted")
    store.run().run(OTHER, lifecycle_stage="deleted").run("a" * 32, experiment_id=1)
    assert {run: info.deleted for run, info in infos().items()} == {
        RUN: False, OTHER: True, "a" * 32: True,
    }  # fmt: skip


def test_a_file_store_keeps_deleted_experiments_in_its_trash(files, infos, tmp_path):
    files(meta={"lifecycle_stage": "deleted"})
    make_run(tmp_path / "mlruns" / "1" / OTHER)
    make_run(tmp_path / "mlruns" / ".trash" / "5" / ("a" * 32))
    expected = {RUN: True, OTHER: False, "a" * 32: True}
    assert {run: info.deleted for run, info in infos().items()} == expected
    assert {run: i.deleted for run, i in infos(tmp_path / "mlruns").items()} == expected


def test_numbers_that_are_not_finite_are_read_as_they_were_logged(store, opened, points):
    store.run()
    for step, value in enumerate([math.nan, math.inf, -math.inf, 1e308, -1.5]):
        store.point("x", value, step)
    run = opened()
    shown = ["nan", "inf", "-inf", "1e+308", "-1.5"]
    assert [value for _, value in curve(run, "x", points)] == shown
    for part in (run.tail(9), run.overview(9), run.window(["x"], 0, 9)):
        assert [value for _, value in points(part["x"])] == shown
    assert run.summary() == {"x": -1.5}


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "NaN"])
def test_a_file_store_writes_such_numbers_as_words(text, files, opened, points):
    log_lines(files(), "x", f"{BEGIN} {text} 3")
    assert curve(opened(), "x", points) == [(3.0, repr(float(text)))]


def test_parameters_are_numbers_where_their_text_is_exactly_one(store, files, opened, tmp_path):
    params = {"lr": "0.1", "layers": "12", "deep": "True", "v": "1.10", "m.act": "gelu", "e": ""}
    expected = {"lr": 0.1, "layers": 12, "deep": True, "v": "1.10", "m.act": "gelu", "e": ""}
    store.run(params=params)
    assert opened().config() == expected
    (tmp_path / "mlflow.db").unlink()
    files(params=params)
    assert opened().config() == expected


def test_points_of_one_step_stand_in_the_order_in_which_they_were_logged(store, opened, points):
    store.run().point("x", 3.0, 5, BEGIN + 2).point("x", 1.0, 5, BEGIN).point(
        "x", 2.0, 5, BEGIN + 1
    )
    assert curve(opened(), "x", points) == [(5.0, "3.0"), (5.0, "1.0"), (5.0, "2.0")]


def test_points_of_one_step_and_clock_stay_in_order_also_in_a_long_run(store, opened, points):
    store.run().rows((step, {"b": 1.0}) for step in range(21_000))
    for value in (3.0, 1.0, 2.0):
        store.point("x", value, 5, BEGIN)
    assert points(opened().series(["x"])["x"]) == [(5.0, "3.0"), (5.0, "1.0"), (5.0, "2.0")]


@pytest.mark.parametrize("layout", ["database", "files"])
def test_metrics_logged_one_after_the_other_are_no_restart(layout, store, files, opened):
    if layout == "database":
        store.run()
        for name in ("loss", "accuracy"):
            for step in range(5):
                store.point(name, step / 2, step)
        store.point("test", 0.5)
    else:
        store.db.execute("DROP TABLE runs")
        run = files()
        log_lines(run, "loss", *[f"{BEGIN + step} 1 {step}" for step in range(5)])
        log_lines(run, "accuracy", *[f"{BEGIN + 100 + step} 1 {step}" for step in range(5)])
        log_lines(run, "test", f"{BEGIN + 200} 1 0")
    run = opened()
    assert {segment for segment, _ in segments(run)} == {0}
    assert {name: one.steps.tolist() for name, one in run.tail(2).items()} == {
        "loss": [3.0, 4.0], "accuracy": [3.0, 4.0],
    }  # fmt: skip


def restarted(layout, store, files):
    """Make a run that goes back from step 4 to step 2 and logs two metrics."""
    steps = [0, 1, 2, 3, 4, 2, 3]
    if layout == "database":
        store.run()
        for place, step in enumerate(steps):
            store.point("a", place, step, BEGIN + place).point("b", -place, step, BEGIN + place)
    else:
        store.db.execute("DROP TABLE runs")
        for name in "ab":
            lines = [f"{BEGIN + place} {place} {step}" for place, step in enumerate(steps)]
            log_lines(files(), name, *lines)
    return steps


@pytest.mark.parametrize("layout", ["database", "files"])
def test_a_step_that_falls_opens_one_segment_for_all_metrics(layout, store, files, opened):
    steps = restarted(layout, store, files)
    run = opened()
    first, second = {"a": steps[:5], "b": steps[:5]}, {"a": steps[5:], "b": steps[5:]}
    assert segments(run) == [(0, first), (1, second)]
    assert run.series(["b"])["b"].steps.tolist() == steps
    assert run.tail(2)["a"].steps.tolist() == [2.0, 3.0]
    assert run.tail(3)["a"].steps.tolist() == [4.0, 2.0, 3.0]
    assert run.window(["a"], 2, 3)["a"].steps.tolist() == [2.0, 3.0, 2.0, 3.0]
    assert run.summary()["a"] == 4


@pytest.mark.parametrize("layout", ["database", "files"])
def test_a_segment_goes_on_behind_a_cursor_and_another_fall_opens_the_next(
    layout, store, files, opened, tmp_path
):
    restarted(layout, store, files)
    cursor = list(opened().batches())[-1].cursor
    for name, step in (("a", 4), ("b", 4), ("a", 1), ("b", 1)):
        if layout == "database":
            store.point(name, 9, step, BEGIN + 100 - step)
        else:
            with (tmp_path / "mlruns/0" / RUN / "metrics" / name).open("a") as file:
                file.write(f"{BEGIN + 100 - step} 9 {step}\n")
    later = list(opened().since(cursor))
    assert [(batch.segment, batch.restart) for batch in later] == [(1, False), (2, False)]
    assert [batch.columns["b"].steps.tolist() for batch in later] == [[4.0], [1.0]]


def test_what_other_runs_log_is_not_seen(store, opened):
    store.run().run(OTHER)
    for step in range(4):
        store.point("a", 1.0, step).point("a", 2.0, step, run=OTHER)
    cursor = list(opened().batches())[-1].cursor
    store.point("a", 2.0, 9, run=OTHER)
    assert list(opened().since(cursor)) == []
    assert set(opened().series()["a"].values) == {1.0}


def test_a_run_whose_points_were_deleted_begins_anew(store, opened):
    store.run().point("a", 1.0, 0).point("a", 1.0, 1)
    cursor = list(opened().batches())[-1].cursor
    store.db.execute("DELETE FROM metrics")
    (batch,) = opened().since(cursor)
    assert (batch.restart, dict(batch.columns)) == (True, {})
    assert list(opened().since(batch.cursor)) == []


def test_a_locked_database_does_not_make_a_run_begin_anew(store, opened):
    store.run().point("a", 1.0, 0)
    run = opened()
    cursor = list(run.batches())[-1].cursor
    store.db.execute("BEGIN EXCLUSIVE")
    assert list(run.since(cursor)) == []
    assert [gap.because for gap in run.gaps] == ["another program has locked it"]
    assert (run.metrics(), run.config(), run.summary(), run.size()) == ((), {}, {}, 0)


def test_a_locked_database_is_listed_and_said_to_be_locked(store, tmp_path):
    store.run().db.execute("BEGIN EXCLUSIVE")
    (info,) = find_runs(tmp_path, sources=SOURCES)
    assert (info.state, info.gaps[0].because) == ("unknown", "another program has locked it")


@pytest.mark.parametrize("layout", ["database", "files"])
def test_what_was_measured_of_the_machine_is_a_group_of_its_own(layout, store, files, opened):
    name = "system/gpu_0_utilization_percentage"
    if layout == "database":
        store.run().point("loss", 1.0, 7)
        for step in range(50):
            store.point(name, 40.0, step, BEGIN + 500 + 10_000 * step)
    else:
        store.db.execute("DROP TABLE runs")
        log_lines(files(), "loss", f"{BEGIN} 1 7")
        log_lines(
            files(), name, *[f"{BEGIN + 500 + 10_000 * step} 40 {step}" for step in range(50)]
        )
    run = opened()
    assert run.metrics() == ("loss",)
    assert (set(run.series()), set(run.summary()), run.info.last_step) == ({"loss"}, {"loss"}, 7.0)
    assert run.system()[name].steps.tolist()[:2] == [0.5, 10.5]
    assert run.system()[name].times[0] == BEGIN / 1000 + 0.5
    assert run.system(["nothing"]) == {}
    assert len(run.series([name])[name]) == 50


OLDER = """
CREATE TABLE runs (run_uuid VARCHAR(32), name VARCHAR(250), status VARCHAR(20), start_time BIGINT,
    end_time BIGINT, experiment_id INTEGER, CONSTRAINT run_pk PRIMARY KEY (run_uuid));
CREATE TABLE metrics (key VARCHAR(250), value FLOAT, timestamp BIGINT, run_uuid VARCHAR(32),
    CONSTRAINT metric_pk PRIMARY KEY (key, timestamp, run_uuid));
"""


def test_the_tables_of_the_first_versions_are_read_and_their_points_counted(
    tmp_path, opened, points
):
    with closing(sqlite3.connect(tmp_path / "mlflow.db")) as db:
        db.executescript(OLDER)
        db.execute("INSERT INTO runs VALUES (?, 'one', 'FINISHED', ?, ?, 3)", (RUN, BEGIN, BEGIN))
        for place in range(5):
            db.execute("INSERT INTO metrics VALUES ('a', ?, ?, ?)", (place, BEGIN + place, RUN))
        db.commit()
        run = opened()
        assert (run.info.state, run.info.project, run.info.last_step) == ("finished", "3", 4.0)
        assert curve(run, "a", points) == [(float(at), repr(float(at))) for at in range(5)]
        assert (run.config(), run.summary(), run.metrics()) == ({}, {"a": 4.0}, ("a",))
        assert run.tail(1)["a"].steps.tolist() == [4.0]
        cursor = list(run.batches())[-1].cursor
        db.execute("INSERT INTO metrics VALUES ('a', 5, ?, ?)", (BEGIN + 9, RUN))
        db.commit()
        (batch,) = run.since(cursor)
        assert points(batch.columns["a"]) == [(5.0, "5.0")]


def test_a_database_with_nothing_but_its_schema_holds_no_run(store, tmp_path):
    assert list(find_runs(tmp_path, sources=SOURCES)) == []
    with pytest.raises(LookupError):
        open_run(store.path, sources=SOURCES)


@pytest.mark.parametrize(
    "table", ["runs", "experiments", "tags", "params", "metrics", "latest_metrics"]
)
def test_a_missing_table_costs_what_stood_in_it(table, store, infos):
    store.run(params={"lr": "1"}, tags={"t": ""}).point("a", 1.0)
    store.db.execute(f"DROP TABLE {table}")
    found = infos()
    assert set(found) == (set() if table == "runs" else {RUN})
    for info in found.values():
        run = open_run(info, sources=SOURCES)
        assert set(run.series()) == (set() if table == "metrics" else {"a"})
        assert run.config() == ({} if table == "params" else {"lr": 1})
        assert run.gaps == ()


@pytest.mark.parametrize("many", [False, True])
def test_text_where_a_number_belongs_costs_its_row_and_is_counted(many, store, opened, points):
    store.run()
    if many:  # read by an index, not in order
        store.rows((step, {"b": 1.0}) for step in range(21_000))
    store.point("a", 1.0, 0).point("a", "broken", 1).point("a", 3.0, "later", BEGIN).point(
        "a", 4.0, 4
    )
    store.point("a", b"\x00", 5).point("b", 1.0, 21_000, "no clock")
    run = opened()
    assert curve(run, "a", points) == [(0.0, "1.0"), (4.0, "4.0")]
    assert len(run.series(["b"])["b"]) == (21_001 if many else 1)
    assert [gap.missing for gap in run.gaps] == ["3 points of mlflow.db"]


@pytest.mark.parametrize("runs", [1, 9])
def test_a_long_run_is_read_by_an_index_as_it_is_in_order(runs, store, opened, points):
    for other in range(1, runs):
        store.run(f"{other:032x}")
    rows = [(step, {"a": step / 7, "b": -step, **({"rare": step} if step % 999 == 0 else {})})
            for step in range(21_000)]  # fmt: skip
    store.run().rows(rows)
    cursor = list(opened().batches())[-1].cursor
    assert points(opened().series()["a"]) == [(float(s), repr(r["a"])) for s, r in rows]
    store.point("a", 5.0, 20_998, BEGIN + 10**9)  # goes back
    assert [batch.segment for batch in opened().since(cursor)] == [1]
    run = opened()
    whole = run.series()
    assert [len(whole[name]) for name in ("a", "b", "rare")] == [21_001, 21_000, 22]
    assert points(whole["a"]) == [(s, repr(r["a"])) for s, r in rows] + [(20_998.0, "5.0")]
    assert points(run.series(["rare"])["rare"]) == points(whole["rare"])
    assert [batch.segment for batch in run.batches()] == [0, 1]
    assert run.overview(100)["rare"].steps.tolist() == whole["rare"].steps.tolist()
    assert run.window(["rare"], 900, 2100)["rare"].steps.tolist() == [999.0, 1998.0]
    assert run.tail(1)["a"].values.tolist() == [5.0]


def test_rows_on_a_damaged_page_are_lost_and_the_others_are_read(store, opened):
    store.run().rows((step, {"a": 1.0}) for step in range(3000))
    store.db.close()
    data = bytearray(store.path.read_bytes())
    # The pages of a table end in its newest rows; this is one of those in the middle.
    leaf = next(at for at in range(len(data) // 8192 * 4096, len(data), 4096) if data[at] == 13)
    data[leaf : leaf + 4096] = b"\xff" * 4096
    store.path.write_bytes(data)
    run = opened()
    steps = run.series()["a"].steps.tolist()
    assert 2000 < len(steps) < 3000
    assert steps == sorted(set(steps))
    assert steps[-1] == 2999.0
    assert "damaged" in run.gaps[0].because


def test_a_database_of_several_runs_is_opened_by_naming_one(store, infos, tmp_path):
    store.run(name="first").run(OTHER, "second").point("a", 1.0, run=OTHER)
    for path in (store.path, tmp_path):
        with pytest.raises(LookupError, match=r"2 runs are in .*: first, second"):
            open_run(path, sources=SOURCES)
    assert open_run(infos()[OTHER], sources=SOURCES).metrics() == ("a",)


def test_a_run_in_database_and_file_store_is_told_once(store, files, infos, tmp_path):
    store.run(name="of the database").point("a", 1.0)
    log_lines(files(), "a", f"{BEGIN} 1.0 0")
    make_run(tmp_path / "mlruns" / "0" / OTHER)
    found = list(find_runs(tmp_path, sources=SOURCES))
    assert sorted((info.id, info.name) for info in found) == [
        (RUN, "of the database"), (OTHER, "one"),
    ]  # fmt: skip


def test_what_stands_among_artifacts_is_no_run(store, tmp_path):
    store.run(artifact_uri=str(tmp_path / "mlruns" / "0" / RUN / "artifacts"))
    kept = tmp_path / "mlruns" / "0" / RUN / "artifacts"
    kept.mkdir(parents=True)
    (kept / "metrics.jsonl").write_text('{"step": 0, "loss": 1}\n{"step": 1, "loss": 2}\n')
    assert [info.source for info in find_runs(tmp_path)] == ["mlflow"]


def test_a_store_without_a_database_and_without_runs_is_left_to_others(tmp_path):
    kept = tmp_path / "mlruns" / "0" / RUN / "artifacts"
    kept.mkdir(parents=True)
    (kept / "metrics.jsonl").write_text('{"step": 0, "loss": 1}\n{"step": 1, "loss": 2}\n')
    assert [info.source for info in find_runs(tmp_path)] == ["jsonl"]


@pytest.fixture
def stored(tmp_path):
    """Make the artifacts of a run somewhere."""

    def stored(folder):
        place = tmp_path / folder / "0" / RUN / "artifacts"
        (place / "model").mkdir(parents=True)
        (place / "model" / "MLmodel").write_text("flavors: {}\n")
        (place / "report.json").write_text('{"f1": 0.5}')
        return place

    return stored


@pytest.mark.parametrize(
    ("uri", "folder"),
    [
        ("{here}/mlruns/0/{run}/artifacts", "mlruns"),
        ("file://{here}/mlruns/0/{run}/artifacts", "mlruns"),
        ("mlruns/0/{run}/artifacts", "mlruns"),
        ("./mlruns/0/{run}/artifacts", "mlruns"),
        ("mlflow-artifacts:/0/{run}/artifacts", "mlartifacts"),
        ("file:///C:/Users/me/mlruns/0/{run}/artifacts", "mlruns"),
        ("s3://bucket/0/{run}/artifacts", "mlartifacts"),
    ],
)
def test_artifacts_are_found_where_they_are_said_to_be_or_beside_the_database(
    uri, folder, store, stored, opened
):
    tmp_path = stored(folder).parents[3]
    store.run(artifact_uri=uri.format(here=tmp_path, run=RUN))
    run = opened()
    assert [(one.name, one.size) for one in run.artifacts()] == [
        ("model/MLmodel", 12), ("report.json", 11),
    ]  # fmt: skip
    assert run.read_artifact("model/MLmodel") == b"flavors: {}\n"
    assert run.read_artifact("report.json", 4) == b'{"f1'
    assert run.gaps == ()


def test_a_file_store_holds_its_artifacts(files, stored, opened):
    run = files(meta={"artifact_uri": "file:///elsewhere/artifacts"})
    stored("mlruns")
    assert [one.name for one in opened().artifacts()] == ["model/MLmodel", "report.json"]
    assert opened().read_artifact("report.json") == b'{"f1": 0.5}'
    shutil.rmtree(run / "artifacts")
    assert opened().artifacts() == []


@pytest.mark.parametrize(
    "name",
    ["", "..", "../meta.yaml", "/etc/hostname", "nothing", "model", "model/../../../x", "link",
     "a\0b", "n" * 5000, "loop"],
)  # fmt: skip
def test_no_name_leads_out_of_the_artifacts(name, store, stored, opened, tmp_path):
    place = stored("mlruns")
    (place.parent / "meta.yaml").write_text("secret")
    (tmp_path / "mlruns" / "0" / "x").write_text("secret")
    (place / "link").symlink_to(place.parent / "meta.yaml")
    (place / "loop").symlink_to("loop")
    store.run(artifact_uri="mlruns/0/" + RUN + "/artifacts")
    run = opened()
    with pytest.raises(LookupError):
        run.read_artifact(name)
    assert [one.name for one in run.artifacts()] == ["model/MLmodel", "report.json"]


@pytest.mark.parametrize("kind", ["another folder", "a link", "up and down", "of another run"])
def test_a_database_cannot_make_a_folder_its_artifacts_that_is_none(kind, store, opened, tmp_path):
    secret = tmp_path / "home" / "artifacts"
    secret.mkdir(parents=True)
    (secret / "key").write_text("secret")
    uri = str(secret)
    if kind == "a link":
        (tmp_path / "mlruns" / "0" / RUN).mkdir(parents=True)
        (tmp_path / "mlruns" / "0" / RUN / "artifacts").symlink_to(secret)
        uri = f"mlruns/0/{RUN}/artifacts"
    elif kind == "up and down":
        uri = f"mlruns/0/{RUN}/artifacts/../../../../home/artifacts"
    elif kind == "of another run":
        uri = str(secret.rename(tmp_path / "home" / OTHER))
    store.run(artifact_uri=uri)
    assert opened().artifacts() == []
    with pytest.raises(LookupError):
        opened().read_artifact("key")


def test_artifacts_that_are_elsewhere_are_a_gap_and_none_at_all_are_not(store, opened, tmp_path):
    store.run(artifact_uri=f"s3://bucket/0/{RUN}/artifacts")
    run = opened()
    assert run.artifacts() == []
    assert "s3://bucket" in run.gaps[0].because
    (tmp_path / "mlruns").mkdir()
    uri = f"{tmp_path}/mlruns/0/{RUN}/artifacts"
    store.db.execute("UPDATE runs SET artifact_uri = ?", (uri,))
    assert (opened().artifacts(), opened().gaps) == ([], ())


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names here")
def test_pipes_are_not_waited_for(store, stored, files, opened, tmp_path):
    os.mkfifo(stored("mlruns") / "pipe")
    os.mkfifo(tmp_path / "pipe.db")
    store.run(artifact_uri=f"mlruns/0/{RUN}/artifacts")
    with pytest.raises(LookupError):
        opened().read_artifact("pipe")
    store.path.unlink()
    run = files()
    for name in ("metrics/m", "params/p", "tags/t"):
        os.mkfifo(run / name)
    assert (opened().series(), opened().config()) == ({}, {})


def test_names_of_metrics_are_paths_in_a_file_store(files, opened, points):
    log_lines(files(), "train/loss/total", f"{BEGIN} 0.5 1")
    run = opened()
    assert run.metrics() == ("train/loss/total",)
    assert curve(run, "train/loss/total", points) == [(1.0, "0.5")]
    assert run.series()["train/loss/total"].times.tolist() == [BEGIN / 1000]


@pytest.mark.parametrize(
    ("text", "expected", "gap"),
    [
        ("1700000000000 0.5\n1700000000001 0.25\n", [(0.0, "0.5"), (1.0, "0.25")], None),
        ("1700000000000 0.5 3\r\n1700000000001 1 4\r\n", [(3.0, "0.5"), (4.0, "1.0")], None),
        ("1700000000000 0.5 3 more\n1700000000001 1 4\n", [(3.0, "0.5"), (4.0, "1.0")], None),
        ("1700000000000 0.5 3\n\n1700000000001 1 4\n", [(3.0, "0.5"), (4.0, "1.0")], None),
        ("1700000000000 0.5 3\noops\n1 2 x\n5 inf\n", [(3.0, "0.5"), (1.0, "inf")], "2 points"),
        ("1700000000000 0.5 3\n1700000000001 1 12", [(3.0, "0.5")], "the last line"),
        ("1700000000000 0.5 nan\ninf 1 2\n", [], "2 points"),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:0\n", [], "2 points"),
        ("", [], None),
    ],
)
def test_lines_of_a_metric(text, expected, gap, files, opened):
    (files() / "metrics" / "x").write_bytes(text.encode())
    run = opened()
    shown = [(step, repr(value)) for one in run.series().values()
             for step, value in zip(one.steps, one.values, strict=True)]  # fmt: skip
    assert shown == expected
    assert [one.missing[: len(gap or "")] for one in run.gaps] == ([gap] if gap else [])


def test_points_of_one_millisecond_stay_in_their_order(files, opened, points):
    log_lines(files(), "x", f"{BEGIN} 1 5", f"{BEGIN} 2 5", f"{BEGIN} 3 2", f"{BEGIN - 9} 4 3")
    run = opened()
    assert curve(run, "x", points) == [(5.0, "1.0"), (5.0, "2.0"), (2.0, "3.0"), (3.0, "4.0")]
    assert segments(run) == [(0, {"x": [5.0, 5.0]}), (1, {"x": [2.0, 3.0]})]


def test_logged_models_data_sets_and_traces_are_no_runs(files, infos, tmp_path):
    files()
    exp = tmp_path / "mlruns" / "0"
    model = make_run(exp / "models" / f"m-{OTHER}")
    log_lines(model, "loss", f"{BEGIN} 1 0 {RUN} data 123")
    make_run(exp / "datasets" / "d" / OTHER)
    make_run(exp / "traces" / OTHER)
    (exp / "tags").mkdir()
    (exp / "tags" / "mlflow.experimentKind").write_text("x")
    (exp / "meta.yaml").write_text("name: vision\n")
    version = tmp_path / "mlruns" / "models" / "name" / "version-1"
    (version / "tags").mkdir(parents=True)
    (version / "meta.yaml").write_text("name: name\n")
    for place in (tmp_path, tmp_path / "mlruns", exp):
        assert set(infos(place)) == {RUN}


def test_a_run_directory_is_that_run_wherever_it_stands(tmp_path, infos, points):
    run = make_run(tmp_path / "kept" / "best", meta={"run_id": RUN})
    log_lines(run, "a", f"{BEGIN} 1 0")
    assert set(infos()) == {RUN}
    for path in (run, tmp_path / "kept"):
        assert curve(open_run(path, sources=SOURCES), "a", points) == [(0.0, "1.0")]


def test_a_run_without_its_description_says_so(tmp_path, infos):
    run = make_run(tmp_path / "mlruns" / "0" / RUN)
    log_lines(run, "a", f"{BEGIN} 1 0")
    (run / "meta.yaml").unlink()
    for info in (infos()[RUN], open_run(run, sources=SOURCES).info):
        assert (info.state, info.last_step) == ("unknown", 0.0)
        assert "meta.yaml" in info.gaps[0].missing


def test_a_store_reached_by_a_link_is_read_once(tmp_path, infos):
    make_run(tmp_path / "real" / "mlruns" / "0" / RUN)
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "mlruns").symlink_to(tmp_path / "real" / "mlruns")
    assert len(list(find_runs(tmp_path, sources=SOURCES))) == 1
    assert set(infos(tmp_path / "work")) == {RUN}


def test_links_in_a_run_directory_are_not_followed(files, opened, tmp_path):
    run = files()
    (tmp_path / "secret").write_text(f"{BEGIN} 1 0\n")
    (run / "metrics" / "x").symlink_to(tmp_path / "secret")
    (run / "params" / "p").symlink_to(tmp_path / "secret")
    assert (opened().series(), opened().config()) == ({}, {})


ODD = ["line\nbreak", "\x1b[2Jclear", "naïve 损失", "q'uote\"", "%00", "a" * 250, "k;DROP TABLE x"]


@pytest.mark.parametrize("layout", ["database", "files"])
def test_names_may_be_anything(layout, store, files, opened):
    if layout == "database":
        store.run(name=ODD[1])
        for name in ODD:
            store.point(name, 1.0)
    else:
        store.db.execute("DROP TABLE runs")
        for name in ODD:
            log_lines(files(tags={"mlflow.runName": ODD[1]}), name, f"{BEGIN} 1 0")
    run = opened()
    assert sorted(run.metrics()) == sorted(ODD)
    assert sorted(run.series()) == sorted(ODD)
    assert set(run.series([ODD[0], "no\udcffname"])) == {ODD[0]}
    assert run.info.name == ODD[1]


def test_ten_thousand_metrics_are_read(store, opened):
    names = [f"layer_{at}/norm" for at in range(10_000)]
    store.run().rows((step, dict.fromkeys(names, 1.0)) for step in range(3))
    run = opened()
    assert run.metrics() == tuple(names)
    batches = list(run.batches())
    assert sum(len(one) for batch in batches for one in batch.columns.values()) == 30_000
    assert max(len(batch.cursor) for batch in batches) < 2048
    assert len(run.tail(1)) == len(run.overview(10)) == 10_000


def test_a_thousand_metric_files_are_read(files, opened):
    run = files()
    for at in range(1000):
        log_lines(run, f"layer_{at}/norm", f"{BEGIN} 1 0", f"{BEGIN + 1} 1 1")
    assert len(opened().series()) == 1000
    assert max(len(batch.cursor) for batch in opened().batches()) < 2048


@pytest.mark.parametrize("name", ["mlruns.db", "store.sqlite", "backend.sqlite3", "any.db"])
def test_a_database_is_known_by_its_tables_whatever_it_is_called(name, store, infos, tmp_path):
    store.run()
    store.db.close()
    store.path.rename(tmp_path / name)
    assert set(infos()) == {RUN}


@pytest.mark.parametrize("statement", ["CREATE TABLE runs (id)", "CREATE TABLE metrics (a, b)"])
def test_a_database_of_another_program_is_left_alone(statement, tmp_path):
    with closing(sqlite3.connect(tmp_path / "app.db")) as db:
        db.execute(statement)
    assert list(find_runs(tmp_path, sources=SOURCES)) == []


@pytest.mark.parametrize(
    ("data", "because"),
    [
        (b"version https://git-lfs.github.com/spec/v1\n", "it is a git-LFS pointer, not the log"),
        (os.urandom(8192), "it is no SQLite database, or encrypted"),
    ],
)
def test_a_database_that_cannot_be_read_is_listed_with_the_reason(data, because, tmp_path):
    (tmp_path / "mlflow.db").write_bytes(data)
    (info,) = find_runs(tmp_path, sources=SOURCES)
    assert (info.id, info.state, info.gaps[0].because) == ("mlflow.db", "unknown", because)
    run = open_run(tmp_path / "mlflow.db", sources=SOURCES)
    assert (run.series(), run.tail(1), run.artifacts(), run.gaps[0].because) == (
        {}, {}, [], because,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["mlflow.db", "mlruns", "meta.yaml"])
def test_a_folder_in_place_of_a_file_and_a_file_in_place_of_a_folder_are_no_runs(name, tmp_path):
    path = tmp_path / name
    if name == "mlruns":
        path.write_text("")
    else:
        path.mkdir()
    (tmp_path / "empty.db").touch()
    assert list(find_runs(tmp_path, sources=SOURCES)) == []


settled = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))


@settled
@given(st.binary(max_size=300), st.binary(max_size=200), st.sampled_from(["", "\n"]))
def test_any_bytes_in_the_files_of_a_run_give_an_answer(tmp_path, metric, meta, end):
    run = make_run(tmp_path / "mlruns" / "0" / RUN)
    (run / "metrics" / "x").write_bytes(f"{BEGIN} 1 0\n".encode() + metric + end.encode())
    (run / "meta.yaml").write_bytes(meta)
    (run / "params" / "p").write_bytes(meta)
    (info,) = find_runs(tmp_path, sources=SOURCES)
    opened = open_run(info, sources=SOURCES)
    assert opened.series()["x"].values[0] == 1.0
    opened.tail(3), opened.overview(3), opened.config(), opened.summary(), opened.gaps


@settled
@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 5)), max_size=40), st.data())
def test_every_point_is_handed_out_once_wherever_reading_stopped(tmp_path_factory, logged, data):
    with closing(Store(tmp_path_factory.mktemp("s") / "mlflow.db").run().db) as db:
        path = Path(db.execute("PRAGMA database_list").fetchone()[2])
        for place, (name, step) in enumerate(logged):
            point = (name, place, place, RUN, step)
            db.execute("INSERT INTO metrics VALUES (?, ?, ?, ?, ?, 0)", point)
    info = next(find_runs(path, sources=SOURCES))
    batches = list(open_run(info, sources=SOURCES).batches())
    seen = [(n, v) for b in batches for n, one in b.columns.items() for v in one.values]
    assert sorted(seen) == sorted((name, float(at)) for at, (name, _) in enumerate(logged))
    for batch in batches:
        for one in batch.columns.values():
            assert list(one.steps) == sorted(one.steps)
    if batches:
        at = data.draw(st.integers(0, len(batches) - 1))
        rest = list(open_run(info, sources=SOURCES).since(batches[at].cursor))
        assert [(b.segment, b.columns) for b in rest] == [
            (b.segment, b.columns) for b in batches[at + 1 :]
        ]


RUNS = Path(__file__).with_name("runs") / "mlflow"
TRUTHS = json.loads((RUNS / "truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def made():
    """The runs that MLflow itself made, by case: ``tools/fixtures/mlflow_cases.py``."""
    found = {info.id: info for info in find_runs(RUNS, sources=SOURCES)}
    assert len(found) == len(TRUTHS)
    return {case: found[truth["id"]] for case, truth in TRUTHS.items()}


@pytest.mark.parametrize("case", TRUTHS)
def test_runs_of_mlflow_are_told_as_they_were_logged(case, made, points):
    truth, info = TRUTHS[case], made[case]
    assert (info.state, info.name, info.project) == (
        truth["state"], truth["name"], truth["project"],
    )  # fmt: skip
    assert (info.group, info.deleted) == (truth.get("group", ""), truth.get("deleted", False))
    assert (list(info.tags), info.notes) == (truth.get("tags", []), truth.get("notes", ""))
    assert info.last_step == (truth.get("highest", truth["last_step"]) if truth["keys"] else None)
    run = open_run(info, sources=SOURCES)
    assert run.config() == truth.get("config", {})
    logged = {
        name: list(
            zip(map(float, key["steps"]), map(repr, map(float, key["values"])), strict=True)
        )
        for name, key in truth["keys"].items()
    }
    machine = {name for name in logged if name.startswith("system/")}
    assert {name: points(one) for name, one in run.series().items()} == {
        name: curve for name, curve in logged.items() if name not in machine
    }
    assert set(run.system()) == machine
    assert {one.name for one in run.artifacts()} == set(truth.get("artifacts", ()))
    for name, text in truth.get("artifacts", {}).items():
        assert run.read_artifact(name) == text.encode()
    for name, value in truth.get("latest", {}).items():
        assert run.summary()[name] == value
