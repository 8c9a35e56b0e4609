"""Trackio's databases, written here from the description of their layout."""

from __future__ import annotations

import json
import math
import shutil
import sqlite3
import time
from contextlib import closing
from datetime import datetime, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runwise_parsers import find_runs, open_run
from runwise_parsers.alert import Alert
from runwise_parsers.sources.trackio import Trackio
from runwise_parsers.testing import REWRITTEN_CHECKS

SOURCES = [Trackio()]
RUN = "8161eacc6fde4860bffaa1f44db3581a"
OTHER = "86e0e5be8ad644e69e9bc160f924abd0"
BEGIN = 1_700_000_000.0

OF_A_RUN = """id INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT NOT NULL,
    timestamp TEXT NOT NULL, run_name TEXT NOT NULL"""
TABLES = f"""
CREATE TABLE metrics ({OF_A_RUN}, step INTEGER NOT NULL, metrics TEXT NOT NULL, log_id TEXT);
CREATE INDEX idx_metrics_run_step ON metrics(run_id, step);
CREATE INDEX idx_metrics_run_timestamp ON metrics(run_id, timestamp);
CREATE TABLE configs (id INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT NOT NULL,
    run_name TEXT NOT NULL, config TEXT NOT NULL, created_at TEXT NOT NULL, UNIQUE(run_id));
CREATE TABLE system_metrics ({OF_A_RUN}, metrics TEXT NOT NULL, log_id TEXT);
CREATE TABLE alerts ({OF_A_RUN}, title TEXT NOT NULL, text TEXT,
    level TEXT NOT NULL DEFAULT 'warn', step INTEGER, alert_id TEXT);
"""
BEFORE_24 = TABLES.replace("run_id TEXT NOT NULL,", "").replace("run_id", "run_name")


def when(clock):
    return datetime.fromtimestamp(clock, timezone.utc).isoformat()


def plain(value):
    """Return a value as Trackio makes it fit for JSON."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


class Project:
    """A database that is written to as Trackio does."""

    def __init__(self, path, *, old=False, mode="WAL", as_text=False):
        self.path = path
        self.old = old
        self.as_text = as_text
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.execute(f"PRAGMA journal_mode = {mode}")
        self.db.execute("PRAGMA synchronous = OFF")
        self.db.executescript(BEFORE_24 if old else TABLES)

    def _add(self, table, run, name, clock, **cells):
        row = {"timestamp": clock if isinstance(clock, str) else when(clock), "run_name": name}
        row |= ({} if self.old else {"run_id": run}) | cells
        marks = ", ".join("?" * len(row))
        self.db.execute(
            f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", tuple(row.values())
        )
        return self

    def json(self, value):
        text = value if isinstance(value, (str, bytes)) else json.dumps(value)
        return text if self.as_text or isinstance(text, bytes) else text.encode()

    def log(self, step, row, run=RUN, name="first", clock=None):
        data = {k: plain(v) for k, v in row.items()} if isinstance(row, dict) else row
        clock = BEGIN + step if clock is None else clock
        return self._add("metrics", run, name, clock, step=step, metrics=self.json(data))

    def config(self, config, run=RUN, name="first"):
        row = {"run_name": name, "config": self.json(config), "created_at": when(BEGIN)}
        row |= {} if self.old else {"run_id": run}
        marks = ", ".join("?" * len(row))
        self.db.execute(
            f"INSERT INTO configs ({', '.join(row)}) VALUES ({marks})", tuple(row.values())
        )
        return self

    def system(self, clock, row, run=RUN, name="first"):
        return self._add("system_metrics", run, name, clock, metrics=self.json(row))

    def alert(self, title, run=RUN, name="first", **cells):
        return self._add("alerts", run, name, BEGIN + 5, title=title, **cells)


@pytest.fixture
def project(tmp_path):
    made = Project(tmp_path / "demo.db", mode="DELETE")
    yield made
    made.db.close()


@pytest.fixture(params=["wal", "wal and shm", "wal alone", "old", "text"])
def write(request, tmp_path_factory):
    """Write a database; as a killed writer leaves it, with what is not yet checkpointed."""

    def write(folder, rows):
        scratch = tmp_path_factory.mktemp("writer") / "demo.db"
        made = Project(scratch, old=request.param == "old", as_text=request.param == "text")
        with closing(made.db) as db:
            db.execute("PRAGMA wal_autocheckpoint = 0")
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            db.execute("BEGIN")
            for step, row in rows:
                made.log(step, row)
            db.execute("COMMIT")
            kept = {"wal and shm": ("", "-wal", "-shm"), "wal alone": ("", "-wal")}
            for ending in kept.get(request.param, ()):
                shutil.copy(f"{scratch}{ending}", folder / f"demo.db{ending}")
        if request.param not in kept:
            shutil.copy(scratch, folder / "demo.db")
        return folder / "demo.db"

    return write


@pytest.mark.parametrize("check", REWRITTEN_CHECKS)
def test_databases_hold_the_contract(check, write, tmp_path):
    check(Trackio(), write, tmp_path)


@pytest.fixture
def infos(tmp_path):
    """Find the runs below a folder, by their ids."""
    return lambda: {info.id: info for info in find_runs(tmp_path, sources=SOURCES)}


@pytest.fixture
def opened(infos):
    return lambda run=RUN: open_run(infos()[run], sources=SOURCES)


def test_a_run_is_described_by_its_rows_and_its_config(project, infos):
    own = {"_Username": "me", "_Created": when(BEGIN - 9), "_Group": "ablation"}
    project.config({"lr": 0.1, "model": {"depth": 3}, **own})
    project.log(0, {"loss": 1.0}).log(7, {"loss": 0.5})
    info = infos()[RUN]
    assert (info.source, info.name, info.project) == ("trackio", "first", "demo")
    assert (info.group, info.created, info.updated) == ("ablation", BEGIN - 9, BEGIN + 7)
    assert (info.last_step, info.segments, info.gaps) == (7.0, (project.path,), ())
    assert open_run(info, sources=SOURCES).config() == {"lr": 0.1, "model": {"depth": 3}}


def test_a_run_that_says_nothing_about_its_end_is_unknown_unless_it_is_writing(project, infos):
    project.log(0, {"loss": 1.0})
    assert infos()[RUN].state == "unknown"
    project.log(1, {"loss": 1.0}, clock=time.time())
    assert infos()[RUN].state == "running"


def test_every_run_of_a_project_is_told_the_oldest_first(project, infos):
    project.log(0, {"a": 1}, OTHER, "second", clock=BEGIN + 50).log(0, {"a": 2})
    project.config({}, "c" * 32, "third")
    found = list(infos().values())
    assert [(info.name, info.last_step) for info in found] == [
        ("first", 0.0), ("second", 0.0), ("third", None),
    ]  # fmt: skip
    runs = [open_run(info, sources=SOURCES) for info in found]
    assert [run.summary() for run in runs] == [{"a": 2.0}, {"a": 1.0}, {}]
    with pytest.raises(LookupError, match="3 runs are in"):
        open_run(project.path, sources=SOURCES)


def test_two_runs_of_one_name_are_two(project, infos):
    project.log(0, {"a": 1}).log(0, {"a": 2}, OTHER, "first")
    assert {run: open_run(i, sources=SOURCES).summary() for run, i in infos().items()} == {
        RUN: {"a": 1.0}, OTHER: {"a": 2.0},
    }  # fmt: skip


def test_before_there_were_ids_the_name_was_the_run(tmp_path, infos, opened):
    made = Project(tmp_path / "demo.db", old=True, mode="DELETE", as_text=True)
    with closing(made.db):
        made.config({"lr": 1}).log(3, {"a": 1}).log(0, {"a": 2}, name="second")
        made.system(BEGIN, {"gpu": 1.0}).alert("look")
    assert sorted(infos()) == ["first", "second"]
    run = opened("first")
    assert (run.config(), run.summary(), run.info.last_step) == ({"lr": 1}, {"a": 1.0}, 3.0)
    assert ([one.title for one in run.alerts()], list(run.system())) == (["look"], ["gpu"])
    assert opened("second").alerts() == []


def test_the_tables_of_the_first_versions_are_enough(tmp_path, opened):
    with closing(sqlite3.connect(tmp_path / "demo.db")) as db:
        db.execute(
            "CREATE TABLE IF NOT EXISTS metrics (id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp "
            "TEXT DEFAULT CURRENT_TIMESTAMP, run_name TEXT NOT NULL, step INTEGER NOT NULL, "
            "metrics TEXT NOT NULL)"
        )
        for step in range(40):
            row = (step, json.dumps({"loss": math.nan if step == 3 else step}))
            db.execute("INSERT INTO metrics (run_name, step, metrics) VALUES ('a', ?, ?)", row)
        db.commit()
    run = opened("a")
    assert repr(run.series()["loss"].values[3]) == "nan"
    assert run.overview(5)["loss"].steps.tolist()[::4] == [0.0, 39.0]
    assert run.window(["loss"], 2, 4)["loss"].steps.tolist() == [2.0, 3.0, 4.0]
    assert (run.config(), run.alerts(), run.system(), run.gaps) == ({}, [], {}, ())


def test_values_are_numbers_texts_of_such_truths_and_nested(project, opened):
    row = {
        "a": 1,
        "b": math.inf,
        "c": {"d": {"e": 2.5}},
        "t": True,
        "s": "text",
        "l": [1],
        "n": None,
    }
    project.log(0, row).log(1, {"c.d.e": 3, "b": -math.inf, "big": 10**400})
    run = opened()
    shown = {name: one.values.tolist() for name, one in run.series().items()}
    assert shown == {
        "a": [1.0], "b": [math.inf, -math.inf], "c.d.e": [2.5, 3.0], "t": [1.0], "big": [math.inf],
    }  # fmt: skip
    assert run.series(["c.d.e"])["c.d.e"].times.tolist() == [BEGIN, BEGIN + 1]
    assert set(run.series(["c"])) == set()
    assert sorted(run.metrics()) == sorted(shown)


def test_media_are_named_and_not_read_as_numbers(project, opened):
    picture = {"_type": "trackio.image", "file_path": "a.png", "width": 64}
    project.log(
        0, {"loss": 1.0, "img": picture, "eval": {"table": {"_type": "trackio.table"}, "f": 2}}
    )
    run = opened()
    assert set(run.series()) == {"loss", "eval.f"}
    assert [gap.missing for gap in run.gaps] == ["media img (image), eval.table (table)"]


def test_a_step_that_falls_opens_a_segment(project, opened):
    for place, step in enumerate([0, 1, 2, 1, 2]):
        project.log(step, {"a": place}, clock=BEGIN + place)
    run = opened()
    batches = list(run.batches())
    assert [(b.segment, b.columns["a"].values.tolist()) for b in batches] == [
        (0, [0.0, 1.0, 2.0]), (1, [3.0, 4.0]),
    ]  # fmt: skip
    project.log(2, {"a": 5}).log(0, {"a": 6})
    later = list(opened().since(batches[-1].cursor))
    assert [(b.segment, b.columns["a"].values.tolist()) for b in later] == [(1, [5.0]), (2, [6.0])]
    assert run.tail(2)["a"].values.tolist() == [5.0, 6.0]
    assert run.window(["a"], 2, 2)["a"].values.tolist() == [2.0, 4.0, 5.0]


def test_what_other_runs_log_is_not_seen(project, opened):
    for step in range(3):
        project.log(step, {"a": 1}).log(step, {"a": 2}, OTHER, "second")
    cursor = list(opened().batches())[-1].cursor
    project.log(9, {"a": 2}, OTHER, "second")
    assert list(opened().since(cursor)) == []
    assert opened().series()["a"].values.tolist() == [1.0, 1.0, 1.0]
    assert opened().tail(2)["a"].steps.tolist() == [1.0, 2.0]


def test_a_run_that_was_deleted_begins_anew_and_a_lock_is_no_deletion(project, opened):
    project.log(0, {"a": 1}).config({})
    run = opened()
    cursor = list(run.batches())[-1].cursor
    project.db.execute("BEGIN EXCLUSIVE")
    assert list(run.since(cursor)) == []
    project.db.execute("DELETE FROM metrics")
    project.db.execute("COMMIT")
    (batch,) = run.since(cursor)
    assert (batch.restart, dict(batch.columns)) == (True, {})
    assert list(run.since(batch.cursor)) == []
    project.log(0, {"a": 7})
    assert [one.columns["a"].values.tolist() for one in run.since(batch.cursor)] == [[7.0]]


def test_rows_that_are_none_are_counted_and_the_others_read(project, opened):
    project.log(0, {"a": 1}).log(1, b"[1]").log(2, b'{"a": ').log(3, b"\xff\x00").log(4, {"a": 5})
    project.log(5, '{"a": NaN, "b\\ud800": 1}')
    project.db.execute("UPDATE metrics SET step = 'five' WHERE id = 5")
    run = opened()
    assert list(map(repr, run.series()["a"].values)) == ["1.0", "nan"]
    assert [gap.missing for gap in run.gaps] == ["4 rows of demo.db"]


def test_a_row_without_a_clock_leaves_the_curve_without_times(project, opened):
    project.log(0, {"a": 1, "b": 1}).log(1, {"a": 2}, clock="yesterday")
    one = opened().series()
    assert (one["a"].times, one["a"].steps.tolist()) == (None, [0.0, 1.0])


def test_what_was_measured_of_the_machine_is_a_group_of_its_own(project, opened):
    project.config({"_Created": when(BEGIN)}).log(0, {"loss": 1})
    for tick in range(3):
        project.system(BEGIN + 10 * tick + 5, {"gpu/0/util": 40 + tick, "cpu": 1})
    run = opened()
    assert run.metrics() == ("loss",)
    found = run.system(["gpu/0/util"])
    assert set(found) == {"gpu/0/util"}
    one = found["gpu/0/util"]
    assert one.steps.tolist() == [5.0, 15.0, 25.0]
    assert (one.values.tolist(), one.times[0]) == ([40.0, 41.0, 42.0], BEGIN + 5)


def test_alerts_are_told_in_their_order(project, opened):
    project.log(0, {"a": 1}).alert("first", text="why", level="ERROR", step=12).alert("second")
    project.alert("not mine", OTHER)
    assert opened().alerts() == [
        Alert("first", "why", "error", 12.0, BEGIN + 5),
        Alert("second", "", "warn", None, BEGIN + 5),
    ]


def test_a_long_run_is_sampled_and_read_in_pieces(project, opened, points):
    project.db.execute("BEGIN")
    for step in range(9000):
        project.log(step, {"a": step / 3, **({"rare": step} if step % 1000 == 0 else {})})
        project.log(step, {"a": -1}, OTHER, "second")
    project.db.execute("COMMIT")
    run = opened()
    batches = list(run.batches())
    assert len(batches) > 1
    assert points(run.series(["a"])["a"]) == [(float(s), repr(s / 3)) for s in range(9000)]
    shown = run.overview(100)["a"]
    assert 90 <= len(shown) <= 102
    assert (shown.steps[0], shown.steps[-1]) == (0.0, 8999.0)
    assert max(b - a for a, b in zip(shown.steps, shown.steps[1:], strict=False)) < 200
    assert run.window(["rare"], 1500, 3500)["rare"].steps.tolist() == [2000.0, 3000.0]
    assert run.size() > 9000


def test_rows_on_a_damaged_page_are_lost_and_the_others_are_read(project, opened):
    project.db.execute("BEGIN")
    for step in range(3000):
        project.log(step, {"a": step, "text": "x" * 60})
    project.db.execute("COMMIT")
    project.db.close()
    data = bytearray(project.path.read_bytes())
    middle = range(len(data) // 8192 * 4096, len(data), 4096)
    leaf = next(at for at in middle if data[at] == 13)
    data[leaf : leaf + 4096] = b"\xff" * 4096
    project.path.write_bytes(data)
    run = opened()
    steps = run.series()["a"].steps.tolist()
    assert 2000 < len(steps) < 3000
    assert (steps, steps[-1]) == (sorted(set(steps)), 2999.0)
    assert "damaged" in run.gaps[0].because


@pytest.mark.parametrize("table", ["metrics", "configs", "system_metrics", "alerts"])
def test_a_missing_table_costs_what_stood_in_it(table, project, infos):
    project.config({"lr": 1}).log(0, {"a": 1}).system(BEGIN, {"gpu": 1}).alert("look")
    project.db.execute(f"DROP TABLE {table}")
    if table == "metrics":
        assert infos() == {}
        return
    run = open_run(infos()[RUN], sources=SOURCES)
    assert run.summary() == {"a": 1.0}
    assert run.config() == ({} if table == "configs" else {"lr": 1})
    assert set(run.system()) == (set() if table == "system_metrics" else {"gpu"})
    assert len(run.alerts()) == (0 if table == "alerts" else 1)
    assert run.gaps == ()


@pytest.mark.parametrize(
    "statements",
    [
        "CREATE TABLE metrics (id, name, value)",
        "CREATE TABLE runs (id, run_name, metrics)",
        "CREATE TABLE users (id)",
        "CREATE VIEW metrics AS SELECT 1 AS run_name, 2 AS id, 3 AS step, 4 AS metrics",
    ],
)
def test_a_database_of_another_program_is_left_alone(statements, tmp_path):
    with closing(sqlite3.connect(tmp_path / "app.db")) as db:
        db.execute(statements)
    assert list(find_runs(tmp_path, sources=SOURCES)) == []


@pytest.mark.parametrize(
    "data", [b"", b"x" * 5000, b"SQLite format 3\0", b"version https://git-lfs"]
)
def test_a_file_that_is_no_database_is_left_alone(data, tmp_path):
    (tmp_path / "demo.db").write_bytes(data)
    (tmp_path / "folder.db").mkdir()
    assert list(find_runs(tmp_path, sources=SOURCES)) == []


def test_a_database_whose_first_rows_are_still_in_its_wal_is_known_by_its_lock(tmp_path):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    made = Project(scratch / "demo.db")
    with closing(made.db):
        made.log(0, {"a": 1})
        (tmp_path / "runs").mkdir()
        for ending in (".db", ".db-wal", ".db-shm"):
            shutil.copy(scratch / f"demo{ending}", tmp_path / "runs")
    assert b"CREATE TABLE" not in (tmp_path / "runs" / "demo.db").read_bytes()
    assert list(find_runs(tmp_path / "runs", sources=SOURCES)) == []
    (tmp_path / "runs" / "demo.lock").touch()
    (info,) = find_runs(tmp_path / "runs", sources=SOURCES)
    assert open_run(info, sources=SOURCES).summary() == {"a": 1.0}


def test_a_locked_database_is_listed_with_the_reason(project, tmp_path):
    project.log(0, {"a": 1}).db.execute("BEGIN EXCLUSIVE")
    (info,) = find_runs(tmp_path, sources=SOURCES)
    assert (info.id, info.gaps[0].because) == ("demo.db", "another program has locked it")
    run = open_run(info, sources=SOURCES)
    assert (run.series(), run.config(), run.alerts(), run.size()) == ({}, {}, [], 0)


ODD = ["line\nbreak", "\x1b[2Jclear", "naïve 损失", "q'uo\"te", "a" * 250, "k;DROP TABLE metrics"]


def test_names_may_be_anything(project, infos):
    for name in ODD:
        project.log(0, dict.fromkeys(ODD, 1.0), name, name)
    assert set(infos()) == set(ODD)
    for info in infos().values():
        assert info.name == info.id
        assert set(open_run(info, sources=SOURCES).series()) == set(ODD)


def test_ten_thousand_metrics_are_read(project, opened):
    names = [f"layer_{at}/norm" for at in range(10_000)]
    for step in range(3):
        project.log(step, dict.fromkeys(names, 1.0))
    run = opened()
    assert run.metrics() == tuple(names)
    assert len(run.tail(1)) == 10_000
    assert max(len(batch.cursor) for batch in run.batches()) < 2048


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.tuples(st.integers(-3, 3) | st.none() | st.text(max_size=3), st.binary(max_size=40))
    )
)
def test_any_cells_give_an_answer(tmp_path_factory, cells):
    made = Project(tmp_path_factory.mktemp("t") / "demo.db", mode="DELETE")
    with closing(made.db) as db:
        made.log(0, {"a": 1.0})
        for step, data in cells:
            if step is not None:
                made.log(0, data)
                db.execute("UPDATE metrics SET step = ? WHERE id = last_insert_rowid()", (step,))
    (info,) = find_runs(made.path, sources=SOURCES)
    run = open_run(info, sources=SOURCES)
    assert run.series()["a"].values[0] == 1.0
    run.tail(3), run.overview(3), run.window(None, 0, 1), run.summary(), run.gaps


def test_reading_leaves_no_lock_file_and_no_shm(project, tmp_path):
    project.log(0, {"a": 1})
    project.db.execute("PRAGMA journal_mode = WAL")
    project.db.close()
    for info in find_runs(tmp_path, sources=SOURCES):
        open_run(info, sources=SOURCES).series()
    assert list(tmp_path.iterdir()) == [project.path]


RUNS = Path(__file__).with_name("runs") / "trackio"
TRUTHS = json.loads((RUNS / "truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def made():
    """The runs that Trackio itself made, by case: ``tools/fixtures/trackio_cases.py``."""
    found = {info.id: info for info in find_runs(RUNS, sources=SOURCES)}
    assert len(found) == len(TRUTHS)
    return {case: found[truth["id"]] for case, truth in TRUTHS.items()}


@pytest.mark.parametrize("case", TRUTHS)
def test_runs_of_trackio_are_told_as_they_were_logged(case, made, points):
    truth, info = TRUTHS[case], made[case]
    assert (info.state, info.name, info.project) == ("unknown", truth["name"], "demo")
    assert info.group == truth.get("group", "")
    run = open_run(info, sources=SOURCES)
    assert run.config() == truth["config"]
    logged = {
        name: list(
            zip(map(float, key["steps"]), map(repr, map(float, key["values"])), strict=True)
        )
        for name, key in truth["keys"].items()
    }
    got = {name: points(one) for name, one in run.series().items()}
    written = 10**6 if truth.get("exact", True) else 20  # it died before it wrote the others
    assert got == {name: [p for p in one if p[0] < written] for name, one in logged.items()}
    assert {name: one.last for name, one in run.system().items()} == truth.get("system", {})
    alerts = [{"title": a.title, "text": a.text, "level": a.level} for a in run.alerts()]
    assert alerts == truth.get("alerts", [])
    assert all(name in run.gaps[0].missing for name in truth["media"] if name != "s")
