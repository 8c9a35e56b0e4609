"""A long history read whole: in slices, by any processes, in any number of attempts."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runwise import reports
from runwise.bar import Bar
from runwise.index import catalogue as catalogues
from runwise.index import joining
from runwise.index.catalogue import Catalogue
from runwise.index.joining import Means
from runwise.index.merged import Merged
from runwise.index.store import Store
from runwise.index.workers import read_parts
from runwise.learned import Learned
from runwise.workspace import Workspace
from runwise_format import render
from runwise_parsers import open_run

NOW = 1_800_000_000.0
SPIKE, NAN = 31_415, 21_803


@pytest.fixture(autouse=True)
def all_runs_are_long(monkeypatch):
    monkeypatch.setattr(catalogues, "LARGE", 0)
    monkeypatch.setattr(joining, "SMALLEST", 1 << 18)


@pytest.fixture
def log(tmp_path):
    return written(tmp_path / "runs" / "metrics.jsonl", 0, 36_000)


def written(path, first, count):
    path.parent.mkdir(exist_ok=True)
    with path.open("a") as file:
        for step in range(first, first + count):
            loss = 0.3 + 2 * math.exp(-step / 20_000) + 0.01 * (step * 7 % 13)
            loss = 40.0 if step == SPIKE else math.nan if step == NAN else loss
            file.write(json.dumps({"step": step, "train/loss": loss, "lr": 0.1 / (step + 1)}))
            file.write("\n")
    return path


class Here(Executor):
    """Does the work at once, and counts it."""

    def __init__(self):
        self.done = 0

    def submit(self, fn, /, *args, **kwargs):
        self.done += 1
        future = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def answers(log, store=None, **means):
    workspace = Workspace(log.parent, catalogue=Catalogue(store, exact=True, means=Means(**means)))
    documents = [reports.summary(workspace, now=NOW), reports.check(workspace)]
    return [render(one, "json") for one in documents]


def merged(path, size, **means):
    found = Merged({})
    joining.SMALLEST = size
    assert joining.joined(open_run(path), found, Means(**means), joining.Shelf(None, ""))
    return found


def assert_sketches_are_those_of_one_pass(path, found):
    """Counts, extremes, places and buckets to the last bit; means and variances to 1e-9."""
    whole = Learned({})
    for batch in open_run(path).batches():
        whole.add(batch)
    whole.study()
    assert (found.segment, found.cursor) == (whole.segment, whole.cursor)
    assert found.metrics.keys() == whole.metrics.keys()
    for name, one in whole.metrics.items():
        other = found.metrics[name]
        assert (repr(other.last), other.last_step) == (repr(one.last), one.last_step)
        assert sorted(other.sketches) == sorted(one.sketches)
        for segment, sketch in one.sketches.items():
            assert exact(other.sketches[segment]) == exact(sketch)
            for what in ("mean", "variance"):
                ours, theirs = (getattr(s.stats, what) for s in (other.sketches[segment], sketch))
                assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-300, nan_ok=True)


def exact(sketch):
    stats = sketch.stats
    names = [name for name in type(stats).__dataclass_fields__ if name != "moments"]
    buckets = [[repr(getattr(one, name)) for name in BUCKET] for one in sketch.buckets]
    told = [repr(getattr(stats, name)) for name in names]
    return stats.total, sketch.missing, sketch.width, told, buckets


BUCKET = ("first_step", "first", "last_step", "last", "min_step", "min", "max_step", "max",
          "finite", "marks")  # fmt: skip


def test_slices_add_up_to_what_one_pass_learns(log):
    assert_sketches_are_those_of_one_pass(log, merged(log, 1 << 18))


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(-3, 30), st.floats(width=32), st.booleans()), min_size=5, max_size=60
    ),
    st.integers(10_000, 300_000),
)
def test_any_history_adds_up(rows, size):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "metrics.jsonl"
        step, out = 0, []
        for moved, value, both in rows:
            step += moved
            row = {"step": step, "loss": value, "text": "x" * 12_000}
            out.append(json.dumps({**row, "acc": step / 3} if both else row) + "\n")
        path.write_text("".join(out))
        assert_sketches_are_those_of_one_pass(path, merged(path, size))


def test_the_answer_does_not_depend_on_who_reads(log):
    here = Here()
    expected = answers(log, executor=here)
    assert here.done > 3
    assert "non_finite" in expected[0]
    assert "loss_spike" in expected[1]
    with ThreadPoolExecutor(3) as threads, ProcessPoolExecutor(2) as processes:
        assert answers(log, executor=threads) == expected
        assert answers(log, executor=processes) == expected
    assert answers(log) == answers(log, workers=3) == expected


def test_trouble_in_slices_gets_its_exact_step(log):
    found = answers(log)[1]
    steps = {(one["kind"], one["step"]) for one in json.loads(found)["findings"]}
    assert {("loss_spike", SPIKE), ("non_finite", NAN)} <= steps


def test_a_place_that_would_cost_another_pass_is_said_to_be_about_right(tmp_path):
    """Steps fall in the file, so that no window of it can be found without reading it."""
    path = written(tmp_path / "runs" / "metrics.jsonl", 0, 32_000)
    written(path, 20_000, 9_000)
    found = json.loads(answers(path)[1])["findings"]
    spikes = [one for one in found if one["kind"] == "loss_spike"]
    assert [abs(one["step"] - SPIKE) < 200 for one in spikes] == [True]
    assert "(approximate step)" in spikes[0]["message"]


def test_a_second_question_reads_nothing(log, tmp_path):
    store = Store(tmp_path / "cache")
    first = answers(log, store, executor=Here())
    here = Here()
    assert answers(log, store, executor=here) == first
    assert here.done == 0


def test_a_log_that_grew_costs_only_what_is_new(log, tmp_path, monkeypatch):
    store = Store(tmp_path / "cache")
    answers(log, store)
    written(log, 36_000, 50)
    read = []
    real = Learned.add
    monkeypatch.setattr(Learned, "add", lambda self, one: (read.append(one), real(self, one)))
    here = Here()
    grown = answers(log, store, executor=here)
    assert here.done == 0
    assert [list(batch.columns["lr"].steps) for batch in read] == [list(range(36_000, 36_050))]
    assert grown == answers(log)


def test_what_comes_later_is_watched_by_itself(log):
    found = merged(log, 1 << 18)
    found.judge(open_run(log))
    kinds = {one.kind: one.count for one in found.diagnosis().findings}
    assert (kinds["loss_spike"], kinds["non_finite"]) == (1, 1)
    cursor = found.cursor
    with log.open("a") as file:
        file.write('{"step": 36000, "train/loss": NaN, "lr": 0.1}\n')
    for batch in open_run(log).since(cursor):
        found.add(batch)
    groups = {one.kind: one for one in found.diagnosis().findings}
    assert (groups["non_finite"].count, groups["loss_spike"].count) == (2, 1)
    assert groups["non_finite"].first.onset_step == NAN
    assert groups["non_finite"].last.onset_step == 36_000
    found.forget()
    assert found.diagnosis().findings == ()


def test_what_was_read_before_an_interruption_is_not_read_again(log, tmp_path):
    store = Store(tmp_path / "cache")
    total = Here()
    expected = answers(log, executor=total)

    def interrupt(done, all_there_is):
        if done > all_there_is / 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        answers(log, store, progress=interrupt)
    kept = store.count()[1]
    assert kept > 2
    rest = Here()
    assert answers(log, store, executor=rest) == expected
    assert rest.done == total.done // 2 - kept  # two questions were asked without a store
    assert store.count()[1] == 1


def test_slices_of_a_log_that_was_replaced_meanwhile_are_not_used(log, tmp_path):
    store = Store(tmp_path / "cache")

    def interrupt(done, _):
        raise KeyboardInterrupt(done)

    with pytest.raises(KeyboardInterrupt):
        answers(log, store, progress=interrupt)
    text = log.read_text().replace('"lr": 0.1,', '"lr": 0.7,')
    log.unlink()
    log.write_text(text)
    assert answers(log, store) == answers(log)


def test_what_a_killed_worker_leaves_is_read_all_the_same(log):
    expected = answers(log)
    with ProcessPoolExecutor(1) as pool:
        kill = pool.submit(os.kill, pool.submit(os.getpid).result(), signal.SIGKILL)
        assert kill.exception() is not None
        assert answers(log, executor=pool) == expected


def test_a_worker_killed_in_the_middle_loses_nothing(log):
    import multiprocessing

    slices = open_run(log).slices(1 << 18).slices
    expected = list(read_parts(slices, 1))
    parts = read_parts(slices, 2)
    found = [next(parts)]
    for child in multiprocessing.active_children():
        os.kill(child.pid, signal.SIGKILL)
    found += parts
    assert found == expected
    assert multiprocessing.active_children() == []


def test_processes_end_when_nobody_wants_more(log):
    import multiprocessing

    parts = read_parts(open_run(log).slices(1 << 18).slices, 2)
    next(parts)
    assert multiprocessing.active_children()
    parts.close()
    assert multiprocessing.active_children() == []


def test_progress_rises_to_all_there_is(log):
    seen = []
    merged(log, 1 << 18, workers=2, progress=lambda done, total: seen.append((done, total)))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1] == (log.stat().st_size,) * 2


def test_a_run_that_cannot_be_cut_is_read_in_one(tmp_path):
    path = tmp_path / "metrics.jsonl"
    path.write_text("".join(f'{{"loss": {1 / (n + 1)}}}\n' for n in range(30_000)))
    here = Here()
    assert '"last": 0.0' in answers(path, executor=here)[0] or here.done == 0
    assert here.done == 0


def test_a_file_that_goes_while_it_is_read_is_a_gap_and_no_error(log):
    class Deletes(Here):
        def submit(self, fn, /, *args, **kwargs):
            log.unlink(missing_ok=True)
            return ThreadPoolExecutor(1).submit(fn, *args, **kwargs)

    workspace = Workspace(log.parent, catalogue=Catalogue(exact=True, means=Means(1, Deletes())))
    text = render(reports.summary(workspace, now=NOW), "compact")
    assert "no such file" in text


def test_a_bar_is_shown_on_a_terminal_only(capsys, monkeypatch):
    bar = Bar("reading")
    bar(1, 2)
    bar(2, 2)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    bar = Bar("reading")
    bar(1, 2)
    shown = capsys.readouterr().err
    assert "reading" in shown
    assert shown.rfind("\033[?25h") > shown.rfind("\033[?25l")  # the cursor, whatever comes
    bar(2, 2)
    assert capsys.readouterr().err.endswith("\r\033[K")


INTERRUPTED = """
import os, signal, sys
from runwise.index import catalogue, joining
from runwise.main import main
from runwise import bar
catalogue.LARGE, joining.SMALLEST = 0, 1 << 18
def call(self, done, total):
    os.killpg(os.getpgid(0), signal.SIGINT)
bar.Bar.__call__ = call
import runwise.index.workers as workers
workers.cores = lambda: 2
main(["run", sys.argv[1], "--exact"])
"""


def test_ctrl_c_ends_all_processes_without_a_traceback(log):
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, str(log)],
        start_new_session=True,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stdout == b""
    assert b"Traceback" not in done.stderr
    assert b"Aborted!" in done.stderr


ORPHANED = """
import os, signal, sys
from runwise.index import joining, workers
from runwise_parsers import open_run
parts = workers.read_parts(open_run(sys.argv[1]).slices(1 << 18).slices, 2)
next(parts)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_workers_end_with_the_process_that_started_them(log):
    """Their standard output is a pipe that is at its end when the last of them has ended."""
    done = subprocess.run(
        [sys.executable, "-c", ORPHANED, str(log)], capture_output=True, check=False, timeout=60
    )
    assert done.returncode == -signal.SIGKILL


THREADED = """
import sys, threading
from runwise.index import workers
from runwise_parsers import open_run

if __name__ == "__main__":
    waiting = threading.Event()
    other = threading.Thread(target=waiting.wait)
    other.start()
    slices = open_run(sys.argv[1]).slices(1 << 18).slices
    same = list(workers.read_parts(slices, 2)) == list(workers.read_parts(slices, 1))
    print(workers._method(), same)
    waiting.set()
"""


def test_beside_other_threads_processes_are_started_afresh(log, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(THREADED)
    done = subprocess.run(
        [sys.executable, script, log], capture_output=True, check=False, timeout=60
    )
    assert (done.stdout, done.stderr) == (b"spawn True\n", b"")
