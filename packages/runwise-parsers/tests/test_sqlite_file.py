"""SQLite files are read in whatever state a writer left them, and nothing beside them changes."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runwise_parsers.sqlite_file import Database, modified
from runwise_parsers.sqlite_head import MAGIC, schema_text
from runwise_parsers.truth import state_of

COUNT = "SELECT count(*) FROM t"
ENDLESS = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c"
WRITER = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("PRAGMA journal_mode = " + sys.argv[2])
db.execute("PRAGMA wal_autocheckpoint = 0")
db.execute("CREATE TABLE IF NOT EXISTS t (a)")
for line in sys.stdin:
    for statement in line.split(";"):
        db.execute(statement)
    print("done", flush=True)
"""


class Writer:
    """A process that has a database open and does as it is told."""

    def __init__(self, path, mode):
        command = [sys.executable, "-c", WRITER, str(path), mode]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.process = subprocess.Popen(command, **pipes)

    def do(self, *statements):
        self.process.stdin.write(";".join(statements) + "\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "done\n"
        return self

    def insert(self, rows):
        return self.do(*[f"INSERT INTO t VALUES ({row})" for row in range(rows)])

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.end()

    def end(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "runs"
    folder.mkdir()
    return folder


@pytest.fixture
def start(folder):
    writers = []

    def start(mode="WAL"):
        writers.append(Writer(folder / "x.db", mode))
        return writers[-1]

    yield start
    for writer in writers:
        if writer.process.poll() is None:
            writer.end()


@pytest.fixture
def read(folder):
    """Read a statement's first cell; what is beside the file must be as it was."""

    def read(sql=COUNT, *, name="x.db"):
        before = state_of(folder)
        with closing(Database(folder / name)) as db:
            rows = db.rows(sql)
            gaps = list(db.gaps)
        assert state_of(folder) == before
        return (rows[0][0] if rows else None), gaps

    return read


def make(path, *statements):
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for statement in statements:
            db.execute(statement)
    return path


@pytest.mark.parametrize("mode", ["WAL", "DELETE", "TRUNCATE", "PERSIST"])
def test_a_database_that_nobody_has_open_is_read(mode, start, read):
    start(mode).insert(5).end()
    assert read() == (5, [])


@pytest.mark.parametrize("mode", ["WAL", "DELETE"])
def test_a_database_that_is_being_written_to_is_read_as_far_as_it_is_committed(mode, start, read):
    writer = start(mode).insert(5)
    assert read() == (5, [])
    writer.insert(3)
    assert read() == (8, [])
    writer.do("BEGIN", "INSERT INTO t VALUES (1)")
    assert read() == (8, [])
    writer.do("COMMIT")
    assert read() == (9, [])


def test_what_a_killed_writer_had_not_yet_moved_into_the_database_is_read(start, read, folder):
    start().insert(5).kill()
    assert (folder / "x.db-wal").stat().st_size > 0
    assert (folder / "x.db-shm").exists()
    assert read() == (5, [])


def test_a_wal_without_its_shm_is_read_from_a_copy_that_is_removed(
    start, read, folder, tmp_path, monkeypatch
):
    start().insert(5).kill()
    (folder / "x.db-shm").unlink()
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    assert read() == (5, [])
    assert list(scratch.iterdir()) == []


def test_of_a_pair_too_large_to_copy_the_database_is_read_and_the_rest_is_said(start, folder):
    start().insert(5).do("PRAGMA wal_checkpoint").insert(2).kill()
    (folder / "x.db-shm").unlink()
    os.truncate(folder / "x.db", (1 << 30) + 4096)  # sparse
    with closing(Database(folder / "x.db")) as db:
        assert db.rows(COUNT) == [(5,)]
    assert [gap.missing for gap in db.gaps] == ["the newest rows of x.db"]
    assert "x.db-wal" in db.gaps[0].because
    assert sorted(path.name for path in folder.iterdir()) == ["x.db", "x.db-wal"]


def test_a_wal_that_is_none_is_said_and_the_database_is_read(start, read, folder):
    start().insert(5).do("PRAGMA wal_checkpoint").kill()
    (folder / "x.db-wal").write_bytes(b"x" * 5000)
    count, gaps = read()
    assert count == 5
    assert gaps[0].because == "x.db-wal, where they stand, is damaged"


@pytest.mark.parametrize("size", [0, 1])
def test_what_lies_beside_an_emptied_database_stays_there(size, start, read, folder):
    start().insert(5).kill()
    os.truncate(folder / "x.db", size)
    count, _ = read()
    assert count is None
    assert (folder / "x.db-wal").stat().st_size > 0


def test_a_transaction_that_was_cut_is_not_taken_back_but_said(start, read, folder):
    writer = start("DELETE").insert(5)
    writer.do("PRAGMA cache_size = 1", "BEGIN").insert(5000)
    assert (folder / "x.db-journal").stat().st_size > 0
    writer.kill()
    before = (folder / "x.db").read_bytes()
    _, gaps = read()
    assert "a transaction was cut" in gaps[0].because
    assert (folder / "x.db").read_bytes() == before


def test_a_locked_database_is_said_to_be_locked(start, read):
    start("DELETE").insert(5).do("BEGIN EXCLUSIVE")
    count, gaps = read()
    assert count is None
    assert [gap.because for gap in gaps] == ["another program has locked it"]


def test_after_a_lock_was_met_nothing_more_is_waited_for(start, folder):
    start("DELETE").insert(5).do("BEGIN EXCLUSIVE")
    with closing(Database(folder / "x.db")) as db:
        assert [db.rows(COUNT) for _ in range(200)] == [[]] * 200
        assert db.failed
        assert len(db.gaps) == 1


def test_a_database_in_a_folder_that_may_not_be_written_to_is_read(start, read, folder):
    start().insert(5).end()
    folder.chmod(0o555)
    try:
        assert read() == (5, [])
    finally:
        folder.chmod(0o755)


def test_a_database_that_is_replaced_while_it_is_open_is_read_anew(folder):
    first = make(folder / "x.db", "PRAGMA journal_mode = WAL", "CREATE TABLE t (a)")
    other = make(folder / "y.db", "PRAGMA journal_mode = WAL", "CREATE TABLE t (a)",
                 "INSERT INTO t VALUES (1), (2)")  # fmt: skip
    with closing(Database(first)) as db:
        assert db.rows(COUNT) == [(0,)]
        shutil.copy(other, first)
        assert db.rows(COUNT) == [(2,)]


@pytest.mark.parametrize(
    "data", [b"\0" * 8192, b"\x8f\xa3" * 4096, MAGIC, MAGIC + b"\0" * 4096, b"plain text\n" * 99]
)
def test_a_file_that_is_no_database_is_said_to_be_none(data, read, folder):
    (folder / "x.db").write_bytes(data)
    count, gaps = read()
    assert count is None
    assert len(gaps) == 1


@pytest.mark.parametrize("kind", ["a folder", "nothing"])
def test_what_is_no_file_is_said_to_be_unreadable(kind, read, folder):
    if kind == "a folder":
        (folder / "x.db").mkdir()
    count, gaps = read()
    assert count is None
    assert len(gaps) == 1


def test_rows_before_a_damaged_page_are_read_and_the_damage_is_said(folder):
    path = folder / "x.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE t (a, b)")
        db.executemany("INSERT INTO t VALUES (?, ?)", ((row, "x" * 100) for row in range(2000)))
        db.commit()
    data = bytearray(path.read_bytes())
    middle = len(data) // 2 // 4096 * 4096
    data[middle : middle + 4096] = b"\xff" * 4096
    path.write_bytes(data)
    with closing(Database(path)) as db:
        rows = db.rows("SELECT a FROM t ORDER BY rowid")
        assert 500 < len(rows) < 1500
        assert [row for (row,) in rows] == list(range(len(rows)))
        assert db.failed
        assert "damaged" in db.gaps[0].because


def test_text_that_is_no_utf8_is_shown_with_its_bad_bytes_replaced(read, folder):
    make(folder / "x.db", "CREATE TABLE t (a)", "INSERT INTO t VALUES (CAST(x'66ff6f' AS TEXT))")
    assert read("SELECT a FROM t") == ("f\ufffdo", [])


def test_a_view_or_a_virtual_table_is_no_table(folder):
    make(folder / "x.db", "CREATE TABLE t (a, B)", f"CREATE VIEW v AS {ENDLESS}")
    with closing(Database(folder / "x.db")) as db:
        assert db.columns_of("t") == {"a", "B"}
        assert db.has("t", "a")
        assert not db.has("v", "x")
        assert not db.has("t", "a", "c")
        assert not db.has("nothing")


def test_a_statement_that_does_not_end_is_ended(folder):
    make(folder / "x.db", "CREATE TABLE t (a)")
    with closing(Database(folder / "x.db", longest=0.01)) as db:
        assert db.rows(f"SELECT max(x) FROM ({ENDLESS})") == []
        assert db.gaps[0].because == "reading them took too long"
        assert db.rows(COUNT) == [(0,)]


def test_columns_of_numbers_ask_what_a_text_means(folder):
    make(folder / "x.db", "CREATE TABLE t (a, b)", "INSERT INTO t VALUES (1, 'two'), (3, NULL)")
    with closing(Database(folder / "x.db")) as db:
        sql = "SELECT a, b FROM t ORDER BY a"
        first, second = db.columns(
            sql, count=2, number=lambda cell: {"two": 2.0}.get(cell, cell or 9)
        )
        assert (first.tolist(), second.tolist()) == ([1.0, 3.0], [2.0, 9.0])


def test_what_no_file_can_hold_is_not_found(folder):
    make(folder / "x.db", "CREATE TABLE t (a)")
    with closing(Database(folder / "x.db")) as db:
        assert db.rows("SELECT a FROM t WHERE a = ?", "\udcff") == []
        assert db.rows("SELECT a FROM t WHERE a = ?", 1 << 80) == []
        assert db.gaps == []


def test_a_database_was_written_to_when_its_wal_was(start, folder):
    writer = start().insert(1)
    os.utime(folder / "x.db", (1000, 1000))
    assert modified(folder / "x.db") == pytest.approx((folder / "x.db-wal").stat().st_mtime)
    writer.end()
    assert modified(folder / "nothing.db") is None


def test_the_names_of_tables_stand_in_the_first_pages_also_of_large_schemas(folder):
    tables = [f"CREATE TABLE table_{at} ({', '.join(f'column_{n}' for n in range(40))})"
              for at in range(60)]  # fmt: skip
    path = make(folder / "x.db", "CREATE TABLE latest_metrics (a)", *tables)
    assert path.read_bytes()[100] == 5  # the first page only points to others
    assert b"latest_metrics" in schema_text(path)


@pytest.mark.parametrize("data", [b"", MAGIC, b"SQLite", b"text " * 9000, MAGIC + b"\xff" * 9000])
def test_a_file_without_a_schema_has_no_names_of_tables(data, folder):
    (folder / "x.db").write_bytes(data)
    assert b"CREATE" not in schema_text(folder / "x.db")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names here")
def test_a_pipe_with_the_name_of_a_database_is_not_waited_for(folder):
    os.mkfifo(folder / "x.db")
    assert schema_text(folder / "x.db") == b""
    assert schema_text(folder / "nothing.db") == b""


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.binary(max_size=600), st.sampled_from([b"", MAGIC]), st.binary(max_size=100))
def test_any_bytes_give_no_rows_and_no_error(folder, data, magic, wal):
    (folder / "x.db").write_bytes(magic + data)
    (folder / "x.db-wal").write_bytes(wal)
    schema_text(folder / "x.db")
    before = state_of(folder)
    with closing(Database(folder / "x.db")) as db:
        db.has("metrics", "key")
        db.rows(COUNT)
        assert all(str(gap) for gap in db.gaps)
    assert state_of(folder) == before
