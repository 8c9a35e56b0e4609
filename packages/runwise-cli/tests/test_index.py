"""The index: the same answers, only sooner, and whatever happens to its file."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from array import array
from contextlib import suppress

import pytest

from runwise import reports
from runwise.errors import NoSuchMetric
from runwise.index import catalogue as catalogues
from runwise.index.catalogue import Catalogue, key_of
from runwise.index.store import Store
from runwise.index.witness import stamp
from runwise.reports import reading
from runwise.workspace import Workspace
from runwise_format import render
from runwise_parsers import Batch, Series, find_runs, open_run

NOW = 1_800_000_000.0


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "cache")


@pytest.fixture(autouse=True)
def everything_is_kept(monkeypatch):
    """Also what is small enough to be read again at once."""
    monkeypatch.setattr(catalogues, "WORTH", 0)
    monkeypatch.setattr(reading, "SHORT", 0)


@pytest.fixture
def answers(tmp_path):
    """Ask everything that the index has a part in, with a store or without."""

    def ask(store=None, folder=tmp_path / "runs"):
        workspace = Workspace(folder, catalogue=Catalogue(store))
        if not workspace.runs:
            return []
        documents = [reports.list_runs(workspace, now=NOW)]
        for info in workspace.runs:
            ref = workspace.handle(info)
            documents.append(reports.summary(workspace, ref, now=NOW))
            documents.append(reports.check(workspace, ref))
            documents.append(reports.stats(workspace, ref))
            documents.append(reports.compare(workspace, [ref, f"{ref}@50%"]))
        for metric in ("train/loss", "lr"):
            with suppress(NoSuchMetric):
                documents.append(reports.best(workspace, metric))
        return [render(one, output) for one in documents for output in ("compact", "json")]

    return ask


def line(step, *, loss=None):
    value = 2 / (1 + step / 50) if loss is None else loss
    return json.dumps({"step": step, "train/loss": value, "lr": 0.001}) + "\n"


def lines(first, count, **more):
    return "".join(line(step, **more) for step in range(first, first + count))


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "runs" / "metrics.jsonl"
    path.parent.mkdir()
    path.write_text(lines(0, 3000))
    return path


def counted(store, log, monkeypatch):
    """The batches that a question about the run in ``log`` reads."""
    read = []
    real = catalogues.Learned.add
    monkeypatch.setattr(
        catalogues.Learned, "add", lambda self, batch: (read.append(batch), real(self, batch))
    )
    workspace = Workspace(log.parent, catalogue=Catalogue(store))
    reports.summary(workspace, now=NOW)
    return read


def test_a_second_question_reads_nothing(store, log, answers, monkeypatch):
    first = answers(store)
    assert counted(store, log, monkeypatch) == []
    assert answers(store) == first == answers()


def test_a_log_that_grew_costs_only_what_is_new(store, log, answers, monkeypatch):
    answers(store)
    with log.open("a") as file:
        file.write(lines(3000, 10))
    read = counted(store, log, monkeypatch)
    assert [list(batch.columns["lr"].steps) for batch in read] == [list(range(3000, 3010))]
    assert answers(store) == answers()


def test_roles_that_somebody_set_are_part_of_what_was_learned(store, log, tmp_path, answers):
    answers(store)
    (tmp_path / "runs" / "runwise.json").write_text('{"schema_inline": {"loss_key": "lr"}}')
    assert answers(store) == answers()


def test_how_trouble_is_looked_for_is_part_of_what_was_learned(store, log, tmp_path, answers):
    with log.open("a") as file:
        file.write(line(3000, loss=9.0) + lines(3001, 50))
    spiky = answers(store)
    assert "loss_spike" in "".join(spiky)
    settings = tmp_path / "runs" / "runwise.json"
    settings.write_text('{"anomaly_detection": {"loss_spike": false}}')
    calm = answers(store)
    assert "loss_spike" not in "".join(calm)
    assert calm == answers()
    settings.unlink()
    assert answers(store) == spiky


def changes(log, rng):
    """What may happen to a log between two questions."""
    data = log.read_text()
    kept = log.stat()
    act = rng.choice(
        ["append", "torn", "rotate", "truncate", "replace", "inside", "touch", "gone"]
    )
    if act == "append":
        with log.open("a") as file:
            file.write(lines(rng.randrange(10_000), rng.randrange(1, 400)))
    elif act == "torn":
        with log.open("a") as file:
            file.write(line(20_000)[: rng.randrange(1, 30)])
    elif act == "rotate":
        log.rename(log.with_suffix(f".{rng.randrange(10**6)}"))
        log.write_text(lines(0, rng.randrange(1, 2000), loss=1.5))
    elif act == "truncate":
        log.write_text(data[: rng.randrange(len(data) + 1)])
    elif act == "replace":  # same size, same times: only the bytes differ
        log.write_text(data.replace("0.001", "0.002"))
        os.utime(log, ns=(kept.st_atime_ns, kept.st_mtime_ns))
    elif act == "inside":  # the ends are as before
        middle = len(data) // 2
        log.write_text(data[:middle] + data[middle:].replace("0.001", "0.003", 1))
    elif act == "gone":
        log.write_text("")
    else:
        log.touch()
    return act


def harms(store, rng):
    """What may happen to the cache meanwhile."""
    act = rng.choice(["", "", "", "deleted", "damaged", "emptied", "half"])
    files = [path for path in store.path.parent.glob("*") if path.stat().st_size]
    if not files:
        return act
    path = rng.choice(files)
    if act == "deleted":
        shutil.rmtree(store.path.parent)
    elif act == "damaged":
        data = bytearray(path.read_bytes())
        for _ in range(200):
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        path.write_bytes(data)
    elif act == "emptied":
        path.write_bytes(b"")
    elif act == "half":
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return act


def test_after_any_hundred_mishaps_the_answers_are_those_without_it(tmp_path, log, answers):
    rng = random.Random(0)
    for number in range(100):
        done = [changes(log, rng) for _ in range(rng.randrange(3))]
        store = Store(tmp_path / "cache")
        harm = harms(store, rng)
        assert answers(store) == answers(), f"round {number}: {done}, the cache {harm or 'whole'}"


def test_a_cache_of_another_version_is_begun_anew(store, log, answers):
    answers(store)
    with sqlite3.connect(store.path) as other:
        other.execute("PRAGMA user_version = 99")
    other.close()
    assert answers(store) == answers()
    assert store.count()[:2] == (1, 1)


def test_two_that_write_at_once_both_answer_and_one_of_them_is_kept(store, log, answers, tmp_path):
    other = Store(tmp_path / "cache")
    expected = answers()
    assert answers(store) == answers(other) == expected
    with log.open("a") as file:
        file.write(lines(3000, 100))
    assert answers(other) == answers(store) == answers()


def test_a_cache_somebody_is_writing_to_is_done_without(log, answers, tmp_path):
    first = Store(tmp_path / "cache")
    answers(first)
    holder = sqlite3.connect(first.path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with log.open("a") as file:
        file.write(lines(3000, 100))
    store = Store(tmp_path / "cache")
    assert answers(store) == answers()
    assert "locked" in store.trouble
    holder.close()


KILLED = """
import os, signal, sys
from pathlib import Path
from runwise.index.store import Store
store = Store(Path(sys.argv[1]))
store.keep_body("first", b"1" * 1000)
connection = store._connected()
connection.execute("INSERT INTO kept VALUES ('half', x'', 0, x'', zeroblob(9000000))")
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_writer_killed_in_the_middle_leaves_the_last_whole_state(tmp_path):
    done = subprocess.run([sys.executable, "-c", KILLED, tmp_path / "cache"], check=False)
    assert done.returncode == -9
    store = Store(tmp_path / "cache")
    assert store.body("first") == b"1" * 1000
    assert store.body("half") == b""
    assert store.trouble == ""


def test_a_folder_that_cannot_be_made_is_said_and_done_without(tmp_path, log, answers):
    (tmp_path / "file").write_text("")
    store = Store(tmp_path / "file" / "cache")
    assert answers(store) == answers()
    assert "is not used" in store.trouble


@pytest.fixture
def small_disk(tmp_path):
    """A real file system of 256 kB."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", place]
    if shutil.which("mount") is None or subprocess.run(command, check=False).returncode:
        pytest.skip("nobody may mount a file system here")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def test_a_full_disk_is_done_without(log, answers, small_disk):
    store = Store(small_disk / "cache")
    store.keep_body("small", b"1")
    assert store.trouble == ""
    store.keep_body("large", random.Random(0).randbytes(400_000))
    assert "full" in store.trouble
    assert answers(store) == answers()
    again = Store(small_disk / "cache")
    assert answers(again) == answers()


def test_a_folder_nobody_may_write_to_is_read_and_no_more(log, answers, small_disk):
    answers(Store(small_disk / "cache"))
    mounted = ["mount", "-o", "remount,ro", small_disk]
    if subprocess.run(mounted, check=False).returncode:
        pytest.skip("it cannot be mounted again read-only")
    with log.open("a") as file:
        file.write(lines(3000, 100))
    store = Store(small_disk / "cache")
    assert answers(store) == answers()


def test_it_stays_within_its_bound_and_forgets_what_was_used_least(tmp_path, monkeypatch):
    store = Store(tmp_path / "cache", limit=300_000)
    clock = iter(range(1000))
    monkeypatch.setattr("runwise.index.store.time.time", lambda: float(next(clock)))
    for number in range(20):
        store.keep_body(f"run {number}", random.Random(number).randbytes(40_000))
    assert store.size() <= 2 * store.limit  # the write-ahead log is emptied now and then
    assert store.body("run 19")
    assert not store.body("run 0")


def test_asking_an_empty_cache_makes_no_file(store):
    assert store.body("anything") == b""
    assert store.glances(["anything"]) == {}
    assert not store.path.exists()


def test_a_stamp_notices_another_file_in_the_place_of_one(tmp_path):
    path = tmp_path / "log"
    path.write_text("one")
    before, times = stamp([path]), path.stat()
    path.unlink()
    path.write_text("two")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert stamp([path]) != before
    assert stamp([tmp_path / "nothing"]) == b""


def test_a_wandb_log_that_grows_anyhow_is_told_as_if_read_whole(demo, tmp_path, answers):
    for number, log in enumerate(sorted(demo.glob("**/*.wandb"))):
        data = log.read_bytes()
        rng = random.Random(number)
        grown = tmp_path / f"runs{number}" / "wandb" / log.parent.name / log.name
        grown.parent.mkdir(parents=True)
        store = Store(tmp_path / "cache")
        for size in [*sorted(rng.randrange(len(data)) for _ in range(10)), len(data), len(data)]:
            grown.write_bytes(data[:size])
            folder = tmp_path / f"runs{number}"
            assert answers(store, folder) == answers(None, folder), f"{log.name} at {size}"


def test_of_a_wandb_run_that_trains_only_new_records_are_read(
    demo, tmp_path, answers, monkeypatch
):
    log = next(demo.glob("**/*spike*.wandb"))
    data = log.read_bytes()
    newest = open_run(log).info.updated
    monkeypatch.setattr("time.time", lambda: newest)
    grown = tmp_path / "runs" / "wandb" / log.parent.name / log.name
    grown.parent.mkdir(parents=True)
    store = Store(tmp_path / "cache")
    before: list[float] = []
    for size in (len(data) // 2, len(data) * 3 // 4):
        grown.write_bytes(data[:size])
        os.utime(grown, (newest, newest))
        read = counted(store, tmp_path / "runs" / "x", monkeypatch)
        steps = [step for batch in read for step in batch.columns["train/loss"].steps]
        assert steps
        assert not set(steps) & set(before)
        assert answers(store) == answers()
        before += steps


def test_runs_read_in_advance_are_read_whole_however_large(log, store, tmp_path, monkeypatch):
    monkeypatch.setattr(catalogues, "LARGE", 1000)
    monkeypatch.setenv("RUNWISE_CACHE_DIR", str(tmp_path / "cache"))
    sampled = reports.summary(Workspace(log.parent, catalogue=Catalogue()), now=NOW)
    assert "in a sample" in sampled.verdict
    reports.index(Workspace(log.parent))
    known = reports.summary(Workspace(log.parent, catalogue=Catalogue(store)), now=NOW)
    assert "health 100" in known.verdict


def test_what_was_learned_holds_from_whatever_directory_it_is_asked(
    store, log, monkeypatch, tmp_path
):
    monkeypatch.chdir(log.parent)
    reports.summary(Workspace(catalogue=Catalogue(store)), now=NOW)
    monkeypatch.chdir(tmp_path)
    assert counted(store, log, monkeypatch) == []


def test_metrics_on_axes_of_their_own_are_noticed_also_after_a_break():
    batch = {"loss": Series("loss", array("d", [100.0, 200.0]), array("d", [1.0, 2.0]))}
    learned = catalogues.Learned({})
    learned.add(Batch(batch, 0, "a"))
    again = catalogues.Learned.from_bytes(learned.to_bytes())
    other = {"reward": Series("reward", array("d", [1.0, 2.0]), array("d", [1.0, 2.0]))}
    again.add(Batch(other, 0, "b"))
    assert again.mixed


def test_what_was_learned_holds_wherever_a_run_is_met_from(write_run, tmp_path):
    path = write_run("sweep/lr_1/metrics", [{"step": n, "loss": 1.0} for n in range(9)])
    places = (tmp_path, tmp_path / "sweep", path.parent, path)
    met = [next(iter(find_runs(place))) for place in places]
    assert len({run.id for run in met}) > 1
    assert len({key_of(run) for run in met}) == 1
