"""Several processes that write one run at once: W&B's shared mode, or one run id for all."""

from __future__ import annotations

import pytest

from runwise_parsers import find_runs, open_run

START = 1.7e9
ZERO, ONE, TWO = (f"run-20260102_03040{number}-abc12345" for number in range(5, 8))


@pytest.fixture
def write(writer, save):
    """Write what one process of a shared run logs: rows without a step, labelled measurements."""

    def write(name, label, metric, count, *, begun=START, primary=False, code=0, shared=True):
        log = writer().start(created=begun, shared=shared, project="demo")
        if primary:
            log.record(26, b"\x2a\x04--lr" + b"\x32\x08train.py")
        log.stats(begun + 1, {f"cpu/l:{label}" if label else "cpu": 50})
        for number in range(count):
            step = None if shared else number
            log.row(step, {metric: 1 / (number + 1), "n": number}, clock=begun + 2 * number)
        log.printed(f"this is {label}\n")
        return save(log.end(code) if code is not None else log, name=name).parent

    return write


@pytest.fixture
def two(write):
    """A run of two processes, of which the primary one began later."""
    write(ZERO, "rank1", "eval", 40, begun=START)
    return write(ONE, "rank0", "loss", 60, begun=START + 5, primary=True)


def test_rows_of_shared_mode_are_counted_because_they_hold_no_step(write):
    run = open_run(write(ZERO, "rank0", "loss", 900) / ZERO)
    assert run.series(["loss"])["loss"].steps.tolist() == list(range(900))
    loss = run.series()["loss"]
    assert loss.steps.tolist() == list(range(900))
    assert loss.values.tolist() == [1 / (number + 1) for number in range(900)]
    assert loss.times.tolist() == [START + 2 * number for number in range(900)]
    assert run.tail(3)["loss"].steps.tolist() == [897, 898, 899]
    assert run.window(["loss"], 100, 102)["loss"].steps.tolist() == [100, 101, 102]
    shown = run.overview(10)["loss"].steps.tolist()
    assert (shown[0], shown[-1], len(shown)) == (0, 899, 10)
    assert "only the server numbers the rows" in run.gaps[0].because
    assert (run.info.parts, run.info.state) == ((), "finished")


def test_counting_goes_on_from_every_cursor(write, points):
    folder = write(ZERO, "rank0", "loss", 5_000)
    run = open_run(folder / ZERO)
    batches, truth = list(run.batches()), points(run.series()["loss"])
    assert len(batches) > 2
    for number, batch in enumerate(batches, start=1):
        rest = [point for one in run.since(batch.cursor) for point in points(one.columns["loss"])]
        assert rest == [p for one in batches[number:] for p in points(one.columns["loss"])]
        assert rest == truth[len(truth) - len(rest) :]


def test_two_writers_are_one_run_and_their_metrics_stand_side_by_side(two):
    (info,) = find_runs(two)
    assert (info.id, info.parts) == ("abc12345", ("rank0", "rank1"))
    assert (info.command, info.project, len(info.segments)) == ("train.py --lr", "demo", 2)
    run = open_run(info)
    series = run.series()
    assert series["loss"].steps.tolist() == list(range(60))
    assert series["eval"].steps.tolist() == list(range(40))
    assert not any("replayed" in gap.because or "again" in gap.because for gap in run.gaps)
    assert set(run.system()) == {"cpu/l:rank0", "cpu/l:rank1"}
    assert run.console() == ["this is rank0"]
    assert run.tail(2)["eval"].steps.tolist() == [38, 39]
    assert set(run.window(["eval"], 3, 4)) == {"eval"}


def test_what_two_writers_call_the_same_is_told_apart(two):
    (info,) = find_runs(two)
    run = open_run(info)
    assert run.series()["n"].values.tolist() == list(range(60))
    assert run.series()["n/l:rank1"].values.tolist() == list(range(40))
    assert set(run.series(["n/l:rank1"])) == {"n/l:rank1"}
    assert set(run.series(["n"])) == {"n"}
    assert {"n", "n/l:rank1"} <= set(run.metrics())
    assert (run.summary()["n"], run.summary()["n/l:rank1"]) == (59, 39)
    assert run.overview(10)["n/l:rank1"].steps[-1] == 39


def test_following_several_writers_gives_each_new_row_once(write, two, points):
    (info,) = find_runs(two)
    run = open_run(info)
    batches = list(run.batches())
    assert all(len(batch.cursor) < 2048 for batch in batches)
    for number, batch in enumerate(batches, start=1):
        rest = list(run.since(batch.cursor))
        assert [points(one.columns["n"]) for one in rest if "n" in one.columns] == [
            points(one.columns["n"]) for one in batches[number:] if "n" in one.columns
        ]
    assert {batch.segment for batch in batches} == {0, 1}
    cursor = batches[-1].cursor
    assert list(run.since(cursor)) == []


def test_each_writer_may_go_on_logging_while_the_run_is_followed(writer, save):
    logs = {name: writer().start(created=START, shared=True) for name in (ZERO, ONE)}
    for number in range(40):
        for place, (name, log) in enumerate(logs.items()):
            log.stats(START, {f"cpu/l:{name[-10]}": 1}).row(None, {f"m{place}": number})
    folders = [save(log, name=name) for name, log in logs.items()]
    (info,) = find_runs(folders[0].parent)
    cursor = list(open_run(info).batches())[-1].cursor
    for number in range(40, 43):
        for place, (name, log) in enumerate(logs.items()):
            log.row(None, {f"m{place}": number})
            save(log, name=name)
        batches = list(open_run(info).since(cursor))
        assert [batch.restart for batch in batches] == [False, False]
        new = [batch.columns[f"m{place}"] for place, batch in enumerate(batches)]
        assert [one.steps.tolist() for one in new] == [[number], [number]]
        cursor = batches[-1].cursor


def test_a_writer_that_joins_begins_everything_again(write, two):
    (info,) = find_runs(two)
    cursor = list(open_run(info).batches())[-1].cursor
    write(TWO, "rank2", "late", 3, begun=START + 9)
    (info,) = find_runs(two)
    assert info.parts == ("rank0", "rank1", "rank2")
    batches = list(open_run(info).since(cursor))
    assert [batch.restart for batch in batches] == [True, False, False]


def test_a_log_of_one_writer_that_was_replaced_begins_everything_again(write, two):
    (info,) = find_runs(two)
    cursor = list(open_run(info).batches())[-1].cursor
    write(ZERO, "rank1", "other", 10)
    batches = list(open_run(info).since(cursor))
    assert [batch.restart for batch in batches][:2] == [True, False]
    assert sum(len(batch.columns.get("loss", ())) for batch in batches) == 60


def test_a_writer_that_failed_makes_the_run_a_failed_one(write):
    write(ZERO, "rank0", "loss", 20, primary=True)
    root = write(ONE, "rank1", "eval", 5, begun=START + 1, code=1)
    (info,) = find_runs(root)
    assert (info.state, info.exit_code) == ("failed", 1)
    assert open_run(info).console() == ["this is rank1"]


def test_a_writer_that_ends_without_a_word_does_not_make_a_finished_run_crash(write):
    write(ZERO, "rank0", "loss", 20, primary=True)
    root = write(ONE, "rank1", "eval", 5, begun=START + 1, code=None)
    (info,) = find_runs(root)
    assert (info.state, info.exit_code) == ("finished", 0)


def test_a_writer_that_is_resumed_goes_on_in_its_own_curve(write):
    write(ZERO, "rank0", "loss", 20, primary=True)
    write(ONE, "rank1", "eval", 20)
    root = write(TWO, "rank1", "eval", 10, begun=START + 900)
    (info,) = find_runs(root)
    assert info.parts == ("rank0", "rank1")
    eval_ = open_run(info).series()["eval"]
    assert eval_.steps.tolist() == list(range(30))


def test_a_job_that_writes_into_a_shared_run_later_comes_behind_it(write):
    write(ZERO, "train-x1", "loss", 20, primary=True)
    root = write(ONE, "eval-x2", "loss", 10, begun=START + 900)
    (info,) = find_runs(root)
    assert info.parts == ()
    assert open_run(info).series()["loss"].steps.tolist() == list(range(30))


def test_writers_that_only_measure_their_machines_are_parts_too(writer, save):
    for name, label, rows in ((ZERO, "rank0", 5), (ONE, "rank1", 0)):
        log = writer().start(created=START + rows, shared=True)
        for number in range(9):
            log.stats(START + 10 * number, {f"cpu/l:{label}": number})
        for number in range(rows):
            log.row(None, {"loss": 1.0}, clock=START + number)
        root = save(log.end(), name=name).parent
    (info,) = find_runs(root)
    assert sorted(info.parts) == ["rank0", "rank1"]
    run = open_run(info)
    assert set(run.series()) == {"loss"}
    assert {name: len(one) for name, one in run.system().items()} == {
        "cpu/l:rank0": 9, "cpu/l:rank1": 9,
    }  # fmt: skip


def test_processes_with_one_id_and_overlapping_clocks_are_no_resume(write):
    write(ZERO, "", "loss", 50, shared=False)
    root = write(ONE, "", "acc", 50, begun=START + 3, shared=False)
    (info,) = find_runs(root)
    assert info.parts == ("writer 1", "writer 2")
    assert info.last_step == 49
    run = open_run(info)
    assert run.series()["loss"].steps.tolist() == list(range(50))
    assert run.series()["acc"].steps.tolist() == list(range(50))
    assert run.series()["n/l:writer 2"].steps.tolist() == list(range(50))
    assert set(run.system()) == {"cpu", "cpu/l:writer 2"}
    assert run.gaps == ()


def test_a_run_resumed_within_seconds_is_a_resume_all_the_same(write):
    write(ZERO, "", "loss", 50, shared=False)
    root = write(ONE, "", "loss", 50, begun=START + 95, shared=False)
    (info,) = find_runs(root)
    assert (info.parts, info.last_step) == ((), 99)
    assert open_run(info).series()["loss"].steps.tolist() == list(range(100))


def test_labels_are_taken_from_the_printed_lines_where_nothing_was_measured(writer, save):
    for name, label in ((ZERO, "node-a"), (ONE, "node-b")):
        log = writer().start(created=START, shared=True).row(None, {label: 1.0}, clock=START + 50)
        files = save(log.end(), name=name) / "files"
        files.mkdir()
        (files / f"output_{label}.log").write_text(f"from {label}\n")
    silent = writer().start(created=START + 1, shared=True).row(None, {"c": 1.0})
    root = save(silent, name=TWO).parent
    (info,) = find_runs(root)
    assert info.parts == ("node-a", "node-b", "writer 3")
    assert set(open_run(info).series()) == {"node-a", "node-b", "c"}


def test_a_writer_whose_log_cannot_be_read_costs_only_its_part(write, two):
    (two / ZERO / "run-abc12345.wandb").write_bytes(
        b"version https://git-lfs.github.com/spec/v1\n"
    )
    (info,) = find_runs(two)
    run = open_run(info)
    assert set(run.series()) >= {"loss"}
    assert "git-LFS pointer" in str(run.gaps)


def test_many_writers_are_read_again_rather_than_given_a_long_cursor(write):
    for number in range(90):
        root = write(f"run-20260102_0304{number:02d}-abc12345", f"rank{number}", f"m{number}", 3)
    (info,) = find_runs(root)
    assert len(info.parts) == 90
    batches = list(open_run(info).batches())
    assert len(batches[-1].cursor) < 2048
    again = list(open_run(info).since(batches[-1].cursor))
    assert again[0].restart
    assert len(again) == len(batches)
