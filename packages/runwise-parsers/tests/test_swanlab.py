"""SwanLab's logs of every generation, written from nothing but the formats' description."""

from __future__ import annotations

import json
import math
import os
import sqlite3
import struct
import time
import zlib
from datetime import datetime, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runwise_parsers import find_runs, open_run
from runwise_parsers.sources.swanlab import Swanlab
from runwise_parsers.sources.wandb import Wandb
from runwise_parsers.testing import CHECKSUM_CHECKS, REWRITTEN_CHECKS, SOURCE_CHECKS

START = 1_700_000_000.25
NAME = "run-20260102_030405-abcd1234"
FINISHED, CRASHED, ABORTED = 1, 2, 3


def varint(number: int) -> bytes:
    number &= (1 << 64) - 1
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def part(number: int, value: bytes | str | int) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def stamp(seconds: float) -> bytes:
    return part(1, int(seconds)) + part(2, int(seconds % 1 * 1e9))


def iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, tz=timezone.utc).isoformat()


def framed(records: list[bytes], version: int) -> bytes:
    out = bytearray(b":SWL\xd6\xe1" + bytes([version]))
    for record in records:
        at, first, last = 0, True, False
        while not last:
            room = 32_768 - len(out) % 32_768
            if room < 7:
                out += bytes(room)
                room = 32_768
            piece = record[at : at + room - 7]
            at += len(piece)
            last = at == len(record)
            body = bytes([(1 if first else 4) if last else (2 if first else 3)]) + piece
            out += struct.pack("<IH", zlib.crc32(body), len(piece)) + body
            first = False
    return bytes(out)


class Messages:
    """Writes what SwanLab 0.8 to 0.10 write: Protocol Buffers."""

    file, version = "run-abcd1234.swanlab", 2

    def __init__(self) -> None:
        self.records: list[bytes] = []
        self._count = 0

    def record(self, number: int, message: bytes, *, count: int | None = None, when=START):
        self._count += count is None
        head = part(1, self._count if count is None else count) + part(2, stamp(when))
        self.records.append(head + part(number, message))
        return self

    def start(self, created=START, **texts):
        known = {"project": 1, "name": 4, "notes": 5, "group": 7, "job_type": 8}
        message = b"".join(part(known[key], value) for key, value in texts.items() if key in known)
        message += b"".join(part(6, tag) for tag in texts.get("tags", ()))
        message += part(10, "abcd1234") + part(12, stamp(created))
        return self.record(10, message, count=-1, when=created)

    def column(self, key: str, kind: int = 1):
        return self.record(12, part(1, 1) + part(2, kind) + part(3, key) + part(6, 3))

    def scalar(self, key: str, step: int, value: float, when: float = START):
        zero = value == 0 and math.copysign(1, value) > 0
        number = b"" if zero else b"\x09" + struct.pack("<d", value)
        message = part(1, key) + (part(2, step) if step else b"") + part(3, 1)
        return self.record(13, message + part(4, stamp(when)) + part(5, number), when=when)

    def media(self, key: str, step: int, kind: int):
        item = part(1, part(1, "021-2cf24dba.txt") + part(2, "2cf2") + part(3, 5))
        return self.record(14, part(1, key) + part(2, step) + part(3, kind) + part(5, item))

    def line(self, text: str, when: float = START):
        return self.record(16, part(1, text) + part(3, stamp(when)) + part(4, 1), when=when)

    def end(self, state: int = FINISHED, error: str = "", when: float = START):
        message = part(1, state) + (part(2, error) if error else b"") + part(3, stamp(when))
        return self.record(11, message, count=-2, when=when)


class Objects:
    """Writes what SwanLab 0.6 and 0.7 write: JSON."""

    file, version = "backup.swanlab", 1

    def __init__(self) -> None:
        self.records: list[bytes] = []

    def record(self, kind: str, **data):
        text = json.dumps({"model_type": kind, "data": data}, ensure_ascii=False)
        self.records.append(text.encode() + b"\n")
        return self

    def start(self, created=START, **texts):
        self.record("Header", backup_type="DEFAULT", create_time=iso(created))
        self.record("Project", name=texts.get("project"), workspace=None, public=None)
        notes, tags = texts.get("notes"), list(texts.get("tags", ()))
        return self.record("Experiment", name=texts.get("name"), description=notes, tags=tags)

    def column(self, key: str, kind: int = 1):
        error = None if kind == 1 else {"data_class": "str", "excepted": "float"}
        return self.record("Column", key=key, kid="0", cls="CUSTOM", error=error)

    def scalar(self, key: str, step: int, value: float, when: float = START):
        odd = "NaN" if math.isnan(value) else "INF" if value > 0 else "-INF"
        data = value if math.isfinite(value) else odd
        metric = {"index": step, "data": data, "create_time": iso(when)}
        return self.record("Scalar", metric=metric, key=key, step=step, epoch=1)

    def media(self, key: str, step: int, kind: int):
        metric = {"index": step, "data": ["hello"], "create_time": iso(START)}
        return self.record("Media", metric=metric, key=key, kid=kind, step=step, epoch=1)

    def line(self, text: str, when: float = START):
        return self.record("Log", create_time=iso(when), message=text, epoch=1, level="INFO")

    def end(self, state: int = FINISHED, error: str = "", when: float = START):
        if error:
            self.line(error, when)
        if state == ABORTED:
            self.line("swanlab: KeyboardInterrupt by user", when)
        return self.record("Footer", create_time=iso(when), success=state == FINISHED)


@pytest.fixture(params=[Messages, Objects], ids=["messages", "objects"])
def log(request):
    return request.param()


@pytest.fixture
def save(tmp_path):
    """Write a log, or bytes, into a run directory and return that."""

    def save(log, *, name: str = NAME, file: str = "", root=tmp_path):
        folder = root / "swanlog" / name
        folder.mkdir(parents=True, exist_ok=True)
        data = log if isinstance(log, bytes) else framed(log.records, log.version)
        (folder / (file or log.file)).write_bytes(data)
        return folder

    return save


@pytest.fixture(params=[Messages, Objects], ids=["messages", "objects"])
def write_log(request, save):
    def write(folder, rows):
        log = request.param().start(name="sample")
        for step, row in rows:
            log.line("x" * 400, START + step)
            for key, value in row.items():
                log.scalar(key, step, value, START + step)
        return save(log, root=folder) / log.file

    return write


@pytest.mark.parametrize("check", [*SOURCE_CHECKS, *CHECKSUM_CHECKS])
def test_the_source_holds_the_contract(check, write_log, tmp_path):
    check(Swanlab(), write_log, tmp_path)


class Dashboard:
    """Writes what mode "local" keeps besides a log: points as JSON lines, and the database."""

    def __init__(self, root) -> None:
        self.root = root / "swanlog"
        self.run = self.root / NAME
        (self.run / "files").mkdir(parents=True, exist_ok=True)
        (self.run / "files/swanlab-metadata.json").write_text("{}")

    def points(self, number: int, points: list[tuple[int, object]]) -> None:
        folder = self.run / "logs" / str(number)
        folder.mkdir(parents=True, exist_ok=True)
        for first in range(0, len(points), 1000):
            lines = [
                json.dumps({"index": step, "data": data, "create_time": iso(START + step)}) + "\n"
                for step, data in points[first : first + 1000]
            ]
            (folder / f"{first + 1000}.log").write_text("".join(lines))
        (folder / "_summary.json").write_text('{"num": 3}')

    def table(self, names: list[str], status: int = 1) -> None:
        path = self.root / "runs.swanlab"
        path.unlink(missing_ok=True)
        with sqlite3.connect(path) as database:
            database.executescript(
                "CREATE TABLE project (id INTEGER PRIMARY KEY, name TEXT);"
                "CREATE TABLE experiment (id INTEGER PRIMARY KEY, project_id INTEGER,"
                " run_id TEXT, name TEXT, description TEXT, status INTEGER, create_time TEXT,"
                " finish_time TEXT);"
                "CREATE TABLE tag (experiment_id INTEGER, name TEXT, folder TEXT);"
                "INSERT INTO project VALUES (7, 'demo');"
            )
            times = iso(START), iso(START + 60)
            run = (3, 7, NAME, "one", "a note", status, *times)
            database.execute("INSERT INTO experiment VALUES (?, ?, ?, ?, ?, ?, ?, ?)", run)
            tags = [(3, name, str(number)) for number, name in enumerate(names)]
            database.executemany("INSERT INTO tag VALUES (?, ?, ?)", tags)
        database.close()


@pytest.fixture
def dashboard(tmp_path):
    return Dashboard(tmp_path)


def write_local(folder, rows):
    """Write rows as mode "local" does; a run that is written anew loses its old files."""
    made = Dashboard(folder)
    names = list(dict.fromkeys(name for _, row in rows for name in row))
    for file in made.run.glob("logs/*/*"):
        file.unlink()
    for number, name in enumerate(names):
        curve = [(step, row[name]) for step, row in rows if name in row]
        odd = {"nan": "NaN", "inf": "INF", "-inf": "-INF"}
        made.points(number, [(step, odd.get(str(float(data)), data)) for step, data in curve])
    made.table(names)
    return made.run


@pytest.mark.parametrize("check", REWRITTEN_CHECKS)
def test_runs_of_mode_local_hold_the_contract(check, tmp_path):
    check(Swanlab(), write_local, tmp_path)


def test_what_the_run_says_about_itself_is_read(log, save):
    log.start(name="exp one", project="demo", notes="größe\nsecond", tags=["a", "b"])
    folder = save(log.scalar("loss", 12, 0.5, START + 9).end(when=START + 10))
    (folder / "files").mkdir()
    (folder / "files/swanlab-metadata.json").write_text(
        json.dumps({
            "runtime": {"hostname": "demo", "command": "train.py --lr 1"}, "git": {"commit": "f0"}
        })
    )  # fmt: skip
    info = open_run(folder).info
    assert (info.id, info.name, info.project) == ("abcd1234", "exp one", "demo")
    assert (info.notes, info.tags, info.host) == ("größe\nsecond", ("a", "b"), "demo")
    assert (info.command, info.commit) == ("train.py --lr 1", "f0")
    assert (info.created, info.updated) == (START, START + 10)
    assert (info.state, info.last_step, info.gaps) == ("finished", 12, ())


def test_group_and_job_type_of_newer_clients_are_read(save):
    info = open_run(save(Messages().start(group="ablation", job_type="eval"))).info
    assert (info.group, info.job_type) == ("ablation", "eval")


def test_metadata_of_older_clients_is_read(save):
    folder = save(Objects().start())
    (folder / "files").mkdir()
    metadata = {"hostname": "demo", "command": "train.py", "git_info": ["main", "f00d"]}
    (folder / "files/swanlab-metadata.json").write_text(json.dumps(metadata))
    info = open_run(folder).info
    assert (info.host, info.command, info.commit) == ("demo", "train.py", "f00d")


@pytest.mark.parametrize(
    ("state", "known"), [(FINISHED, "finished"), (CRASHED, "failed"), (ABORTED, "killed")]
)
def test_the_end_of_a_run_is_told_in_the_words_of_all_sources(log, save, state, known):
    log.start().scalar("a", 1, 1.0).end(state, "Traceback\n  line 3\nRuntimeError: oom")
    run = open_run(save(log))
    assert run.info.state == known
    assert "RuntimeError: oom" in run.console(5)


def test_a_run_without_an_end_is_running_only_while_its_clocks_are_fresh(log, save):
    now = time.time()
    log.start(now - 300)
    for step in range(200):
        log.scalar("a", step, 1.0, now - 100 + step / 2)
    folder = save(log)
    assert open_run(folder).info.state == "running"
    os.utime(folder / log.file, (now - 9_000, now - 9_000))
    assert open_run(folder).info.state == "crashed"


def test_a_slow_run_whose_client_holds_a_buffer_back_is_running(save):
    now = time.time()
    log = Messages().start(now - 2_000)
    for step in range(100):
        log.scalar("loss", step, 1.0, now - 2_000 + 10 * step)
    folder = save(log)
    newest = now - 2_000 + 990
    os.utime(folder / log.file, (newest, newest))
    assert open_run(folder).info.state == "running"
    copy = Messages().start(now - 90_000).scalar("loss", 0, 1.0, now - 89_990)
    assert open_run(save(copy, name="run-20260102_030405-copy0001")).info.state == "crashed"


def test_config_is_read_in_the_order_in_which_it_was_set(log, save):
    folder = save(log.start())
    (folder / "files").mkdir()
    (folder / "files/config.yaml").write_text(
        "lr:\n  desc: ''\n  sort: 1\n  value: 0.1\nmodel:\n  desc: ''\n  sort: 0\n"
        "  value:\n    depth: 3\nplain: 7\n"
    )
    config = open_run(folder).config()
    assert list(config.items()) == [("model", {"depth": 3}), ("lr", 0.1), ("plain", 7)]


@pytest.mark.parametrize("name", ["config.yaml", "swanlab-metadata.json"])
@pytest.mark.parametrize("text", ["", "[1]", "{", "\x00\xff", "a: &a [*a]", "3: {value: 1}"])
def test_broken_side_files_are_as_absent(log, save, name, text):
    folder = save(log.start().scalar("a", 0, 1.0))
    (folder / "files").mkdir()
    (folder / "files" / name).write_bytes(text.encode("latin-1"))
    run = open_run(folder)
    assert (run.info.id, len(run.series()["a"])) == ("abcd1234", 1)
    assert isinstance(run.config(), dict)


def test_any_number_comes_back_as_it_was_logged(log, save):
    values = [0.0, -0.0, 1e300, -1e-300, 0.1, math.nan, math.inf, -math.inf, 5.0]
    for step, value in enumerate(values):
        log.scalar("x", step, value, START + step)
    one = open_run(save(log)).series()["x"]
    assert list(map(repr, one.values)) == list(map(repr, values))
    assert one.times.tolist() == [START + step for step in range(len(values))]


@given(
    names=st.lists(
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200),
        min_size=1, max_size=4, unique=True,
    ),
    steps=st.lists(st.integers(0, 2**40), min_size=1, max_size=8),
)  # fmt: skip
@settings(deadline=None)
def test_names_and_steps_of_any_kind_are_read_back(names, steps, tmp_path_factory):
    root = tmp_path_factory.mktemp("any")
    names = [name for name in names if not name.startswith("__swanlab__.")]
    for kind in (Messages, Objects):
        log = kind()
        for step in steps:
            for place, name in enumerate(names):
                log.scalar(name, step, step + place / 4)
        (root / log.file).write_bytes(framed(log.records, log.version))
        series = open_run(root / log.file, sources=[Swanlab()]).series()
        read = {name: one.steps.tolist() for name, one in series.items()}
        assert read == dict.fromkeys(names, steps)


def test_each_metric_may_have_steps_of_its_own(log, save):
    for step in range(100, 400):
        log.scalar("train/loss", step, 1.0)
        if step % 100 == 99:
            log.scalar("val/loss", step // 100, 0.5)
    run = open_run(save(log))
    assert {batch.segment for batch in run.batches()} == {0}
    assert run.series()["train/loss"].steps.tolist() == list(range(100, 400))
    assert run.series()["val/loss"].steps.tolist() == [1, 2, 3]
    assert set(run.tail(1)) == {"val/loss"}


def test_a_metric_whose_step_falls_opens_a_segment(log, save):
    for step in (0, 1, 2, 1, 2, 3, 0):
        log.scalar("loss", step, float(step))
    run = open_run(save(log))
    batches = list(run.batches())
    assert [batch.segment for batch in batches] == [0, 1, 2]
    assert [batch.columns["loss"].steps.tolist() for batch in batches] == [
        [0, 1, 2], [1, 2, 3], [0],
    ]  # fmt: skip
    for number, batch in enumerate(batches, start=1):
        rest = list(run.since(batch.cursor))
        assert [one.segment for one in rest] == [one.segment for one in batches[number:]]
        assert [one.columns["loss"] for one in rest] == [
            one.columns["loss"] for one in batches[number:]
        ]
    assert run.window(["loss"], 1, 2)["loss"].steps.tolist() == [1, 2, 1, 2]


def test_system_metrics_stand_apart(log, save):
    for step in range(3):
        log.scalar("loss", step, 1.0, START + step)
        log.scalar("__swanlab__.cpu.pct", step, 40.0 + step, START + 10 * step)
        log.scalar("__swanlab__.gpu.0.mem.pct", step, 80.0, START + 10 * step)
    run = open_run(save(log.start()))
    assert set(run.series()) == set(run.metrics()) == set(run.summary()) == {"loss"}
    assert set(run.system()) == {"cpu.pct", "gpu.0.mem.pct"}
    cpu = run.system(["cpu.pct"])["cpu.pct"]
    assert (cpu.steps.tolist(), cpu.values.tolist()) == ([0, 10, 20], [40, 41, 42])
    assert cpu.times.tolist() == [START, START + 10, START + 20]


def test_what_is_no_number_is_mentioned(log, save):
    log.column("bad", 4).media("img", 3, 2).scalar("a", 0, 1.0)
    run = open_run(save(log))
    assert set(run.series()) == {"a"}
    assert "img" in run.gaps[0].missing


def test_printed_lines_are_returned_and_those_of_the_console_if_they_are_more(log, save):
    for number in range(900):
        log.line(f"line {number}")
    folder = save(log.start())
    assert open_run(folder).console(3) == ["line 897", "line 898", "line 899"]
    assert len(open_run(folder).console(700)) == 700
    (folder / "console").mkdir()
    (folder / "console/2026-01-02.log").write_text("\n".join(map(str, range(2_000))))
    (folder / "console/error.log").write_text("")
    assert open_run(folder).console(1_000) == [str(number) for number in range(1_000, 2_000)]
    assert open_run(folder).console(0) == []


def test_a_resumed_run_is_one_run_whose_steps_go_on(log, save):
    for step in range(5):
        log.scalar("loss", step, float(step), START + step)
    save(log.start(START).end())
    again = type(log)().start(START + 99)
    for step in range(3):
        again.scalar("loss", step, 100.0 + step, START + 99 + step)
    folder = save(again.end(), name="run-20260102_040506-abcd1234")
    (info,) = find_runs(folder.parent)
    assert (len(info.segments), info.last_step) == (2, 7)
    run = open_run(info)
    assert run.series()["loss"].steps.tolist() == list(range(8))
    assert [batch.segment for batch in run.batches()] == [0, 1]
    assert run.tail(4)["loss"].values.tolist() == [4, 100, 101, 102]
    assert run.overview(50)["loss"].steps.tolist() == list(range(8))
    assert run.window(None, 4, 5)["loss"].steps.tolist() == [4, 5]
    assert "5 higher" in run.gaps[0].remedy


def test_rows_that_a_resumed_run_replays_are_counted_and_not_shown(log, save):
    for step in range(10):
        log.scalar("loss", step, float(step), START + step)
    save(log.start(START))
    again = type(log)().start(START + 99)
    for step in range(6, 12):
        again.scalar("loss", step, 100.0 + step, START + 99 + step)
    folder = save(again.end(), name="run-20260102_040506-abcd1234")
    (info,) = find_runs(folder.parent)
    run = open_run(info)
    curve = [0, 1, 2, 3, 4, 5, 106, 107, 108, 109, 110, 111]
    assert run.series()["loss"].values.tolist() == curve
    assert run.tail(8)["loss"].values.tolist() == curve[-8:]
    assert [gap.missing for gap in run.gaps] == ["4 rows of segment 1"]


def test_ten_thousand_metrics_are_read_whole(log, save):
    for step in range(3):
        for number in range(10_000):
            log.scalar(f"layer/{number}", step, step + number / 8)
    run = open_run(save(log))
    series = run.series()
    assert len(series) == 10_000
    assert series["layer/9999"].values.tolist() == [step + 9_999 / 8 for step in range(3)]
    assert len(list(run.batches())[-1].cursor) < 2048
    assert run.tail(1)["layer/0"].steps.tolist() == [2]
    shown = run.overview(5)["layer/7"].steps.tolist()
    assert (shown[0], shown[-1]) == (0, 2)


def test_a_log_of_no_more_than_its_header_is_empty_and_may_grow(log, save):
    data = framed(log.start().scalar("a", 0, 1.0).records, log.version)
    for size in range(8):
        run = open_run(save(data[:size], file=log.file))
        assert (run.info.state, run.series(), list(run.since(None))) == ("unknown", {}, [])
        assert "empty" in run.gaps[0].because
    assert set(open_run(save(data, file=log.file)).series()) == {"a"}


def test_records_that_make_no_sense_are_counted(save):
    log = Messages().start().scalar("a", 0, 1.0)
    log.records += [b"\x08\x01\x12\x7f", b"\xff" * 30, b"", b"\x08\x05"]
    run = open_run(save(log.scalar("a", 1, 2.0)))
    assert run.series()["a"].values.tolist() == [1, 2]
    assert [gap.because for gap in run.gaps] == ["they cannot be understood"]


def test_json_that_is_no_record_is_passed_over(save):
    log = Objects().start().scalar("a", 0, 1.0)
    log.records += [b"{", b'{"model_type": 3}', b'{"data": []}', b'{"model_type": "Scalar"}\n']
    log.record("Scalar", metric={"data": "text", "index": 1}, key="a", step=1)
    run = open_run(save(log.scalar("a", 2, 2.0)))
    assert run.series()["a"].values.tolist() == [1, 2]


@given(data=st.binary(max_size=600))
@settings(deadline=None)
def test_any_bytes_behind_the_header_raise_nothing(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("any")
    for kind in (Messages, Objects):
        whole = framed([data[:100], data[100:]], kind.version)
        for damaged in (whole, whole[:7] + data):
            (folder / kind.file).write_bytes(damaged)
            run = open_run(folder / kind.file, sources=[Swanlab()])
            for answer in (run.series(), run.overview(3), run.tail(3), run.system()):
                assert isinstance(answer, dict)
            assert isinstance(run.console(), list)


def test_a_file_of_something_else_is_a_gap(log, save):
    folder = save(b"PK\x03\x04 whatever its name says", file=log.file)
    (info,) = find_runs(folder.parent)
    assert "does not begin like a SwanLab log" in info.gaps[0].because
    assert open_run(info).series() == {}


def test_a_directory_in_place_of_the_log_is_a_gap(log, save, tmp_path):
    (tmp_path / "swanlog" / NAME / log.file).mkdir(parents=True)
    (info,) = find_runs(tmp_path)
    assert info.gaps
    assert open_run(info).series() == {}


def test_a_log_that_is_a_git_lfs_pointer_gives_the_points_beside_it(log, save, dashboard):
    dashboard.points(0, [(0, 0.5), (1, 0.25)])
    dashboard.table(["loss"])
    save(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", file=log.file)
    (info,) = find_runs(dashboard.root)
    assert "git-LFS pointer" in info.gaps[0].because
    assert open_run(info).series()["loss"].values.tolist() == [0.5, 0.25]


def test_a_run_of_mode_local_is_told_from_the_database(dashboard):
    dashboard.points(0, [(step, 1 / (step + 1)) for step in range(2_500)])
    dashboard.points(1, [(0, "NaN"), (5, "INF")])
    dashboard.points(2, [(0, ["hello"])])
    dashboard.points(3, [(0, 55.0), (1, 56.0)])
    dashboard.table(["train/loss", "acc", "sample", "__swanlab__.cpu.pct"])
    (info,) = find_runs(dashboard.root)
    assert (info.id, info.name, info.project, info.notes) == ("abcd1234", "one", "demo", "a note")
    assert (info.state, info.created, info.last_step) == ("finished", START, 2_499)
    run = open_run(info)
    series = run.series()
    assert set(series) == {"train/loss", "acc"}
    assert series["train/loss"].steps.tolist() == list(range(2_500))
    assert list(map(repr, series["acc"].values)) == ["nan", "inf"]
    assert run.system()["cpu.pct"].values.tolist() == [55, 56]
    assert "sample" in run.gaps[0].missing


@pytest.mark.parametrize(("status", "state"), [(1, "finished"), (-1, "failed"), (0, "crashed")])
def test_the_database_says_how_a_run_of_mode_local_ended(dashboard, status, state):
    dashboard.points(0, [(0, 1.0)])
    dashboard.table(["a"], status)
    assert open_run(dashboard.run).info.state == state


def test_without_the_database_metrics_are_called_by_their_numbers(dashboard):
    dashboard.points(0, [(0, 1.0)])
    (dashboard.run / "logs/train%2Floss").mkdir()
    text = '{"index": 2, "data": 3}\n{"index": '
    (dashboard.run / "logs/train%2Floss/1000.log").write_text(text)
    run = open_run(dashboard.run)
    assert set(run.series()) == {"0", "train/loss"}
    assert run.info.state == "unknown"
    assert [gap.missing for gap in run.gaps] == ["the names of the metrics", "1 line in logs"]


def test_a_run_that_keeps_nothing_here_says_so(dashboard):
    (info,) = find_runs(dashboard.root)
    assert [gap.missing for gap in open_run(info).gaps] == []
    run = open_run(info)
    run.series()
    assert [gap.missing for gap in run.gaps] == ["the history"]


def test_the_directories_are_not_taken_for_those_of_wandb(log, save, dashboard):
    folder = save(log.start().scalar("a", 0, 1.0))
    (folder / "files/config.yaml").write_text("a:\n  value: 1\n")
    bare = dashboard.root / "run-20260102_030405-bare0001/files"
    bare.mkdir(parents=True)
    for name in ("config.yaml", "swanlab-metadata.json"):
        (bare / name).write_text("{}")
    for root in (folder.parent, folder, bare.parent):
        found = list(find_runs(root))
        assert {info.source for info in found} <= {"swanlab"}
        assert list(find_runs(root, sources=[Wandb()])) == []
    assert len(list(find_runs(folder.parent))) == 2


def test_going_on_with_what_was_told_gives_the_same_as_reading_everything_again(log, save):
    log.start().column("text", 4).media("text", 0, 4)
    for step in range(30):
        log.scalar("loss", step, 1 / (step + 1))
    folder = save(log.scalar("early", 0, 7.0))
    run = open_run(folder)
    cursor = list(run.batches())[-1].cursor
    told = json.loads(json.dumps(run.told()))
    for step in range(30, 40):
        log.scalar("loss", step, 1 / (step + 1))
    save(log)
    later = open_run(folder)
    later.recall(told)
    (batch,) = later.since(cursor)
    fresh = open_run(folder)
    fresh.series()
    assert batch.columns["loss"].steps.tolist() == list(range(30, 40))
    assert (later.summary(), later.metrics()) == (fresh.summary(), fresh.metrics())
    assert later.gaps == fresh.gaps
