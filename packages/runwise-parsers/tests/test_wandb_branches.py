"""Runs that branch off: forks of others, and runs that go back in themselves."""

from __future__ import annotations

import pytest

from runwise_parsers import find_runs, open_run

FIRST, SECOND, THIRD = (
    f"offline-run-20260102_03040{number}-abc12345" for number in range(5, 8)
)  # directories of one run


@pytest.fixture
def part_of(writer, save):
    """Write one directory of a run: steps ``first`` to ``last``, each with its own loss."""

    def part_of(name, created, first, last, *, loss, **texts):
        log = writer().start(created=created, **texts)
        for step in range(first, last + 1):
            log.row(step, {"loss": loss + step}, clock=created + step)
        return save(log.end(), name=name).parent

    return part_of


def test_a_fork_is_a_run_of_its_own_that_says_where_it_came_from(writer, save, layout):
    parent = save(writer(layout).start("parent01").rows(9).end(), "parent01")
    log = writer(layout).start("forked01", branch=("parent01", 3.0)).rows(5, first=4)
    save(log.end(), "forked01")
    infos = {info.id: info for info in find_runs(parent.parent)}
    assert infos["forked01"].forked_from == "parent01@3"
    assert infos["parent01"].forked_from == ""
    run = open_run(infos["forked01"])
    assert run.series()["loss"].steps.tolist() == [4, 5, 6, 7, 8]
    assert (run.gaps, run.info.last_step) == ((), 8)


def test_a_fork_of_a_client_that_notes_it_in_the_config_alone_is_one_too(writer, save):
    branch = {"_wandb": {"branch_point": {"run_id": "parent01", "step": 50}}}
    folder = save(writer("old").start(config=branch).rows(3, first=51))
    assert open_run(folder).info.forked_from == "parent01@50"


def test_rows_behind_a_rewind_are_superseded_wherever_it_goes_on(part_of):
    part_of(FIRST, 1.7e9, 0, 9, loss=100)
    root = part_of(SECOND, 1.7e9 + 99, 8, 12, loss=200, branch=("abc12345", 4.0))
    (info,) = find_runs(root)
    assert (info.forked_from, info.last_step, len(info.segments)) == ("", 12, 2)
    run = open_run(info)
    curve = [100, 101, 102, 103, 104, 208, 209, 210, 211, 212]
    assert run.series()["loss"].values.tolist() == curve
    assert run.tail(7)["loss"].values.tolist() == curve[-7:]
    assert run.overview(50)["loss"].values.tolist() == curve
    assert run.window(["loss"], 4, 9)["loss"].values.tolist() == [104, 208, 209]
    (gap,) = run.gaps
    assert gap.missing == "5 rows of segment 1"
    assert gap.because == "the run was rewound to step 4"


def test_a_rewind_to_the_first_step_is_no_run_that_counts_anew(part_of):
    part_of(FIRST, 1.7e9, 0, 5, loss=100)
    root = part_of(SECOND, 1.7e9 + 99, 1, 3, loss=200, branch=("abc12345", 0.0))
    (info,) = find_runs(root)
    assert open_run(info).series()["loss"].values.tolist() == [100, 201, 202, 203]
    assert info.last_step == 3


def test_a_run_rewound_twice_shows_what_was_logged_last(part_of):
    part_of(FIRST, 1.7e9, 0, 9, loss=100)
    part_of(SECOND, 1.7e9 + 99, 6, 12, loss=200, branch=("abc12345", 5.0))
    root = part_of(THIRD, 1.7e9 + 200, 3, 4, loss=300, branch=("abc12345", 2.0))
    (info,) = find_runs(root)
    run = open_run(info)
    assert run.series()["loss"].values.tolist() == [100, 101, 102, 303, 304]
    assert [gap.missing for gap in run.gaps] == ["7 rows of segment 1", "7 rows of segment 2"]


def test_a_rewound_run_that_logged_nothing_since_has_lost_its_end(part_of):
    part_of(FIRST, 1.7e9, 0, 9, loss=100)
    root = part_of(SECOND, 1.7e9 + 99, 1, 0, loss=0, branch=("abc12345", 4.0))
    (info,) = find_runs(root)
    assert info.last_step == 4
    assert open_run(info).series()["loss"].steps.tolist() == [0, 1, 2, 3, 4]


def test_a_cursor_from_before_a_rewind_begins_again(part_of):
    part_of(FIRST, 1.7e9, 0, 9, loss=100)
    root = part_of(SECOND, 1.7e9 + 99, 10, 9, loss=0)  # resumed, and nothing logged yet
    (info,) = find_runs(root)
    cursor = list(open_run(info).batches())[-1].cursor
    part_of(THIRD, 1.7e9 + 200, 6, 7, loss=300, branch=("abc12345", 5.0))
    (info,) = find_runs(root)
    batches = list(open_run(info).since(cursor))
    assert batches[0].restart
    losses = [batch.columns["loss"] for batch in batches if "loss" in batch.columns]
    values = [value for one in losses for value in one.values]
    assert values == [100, 101, 102, 103, 104, 105, 306, 307]


def test_a_cursor_behind_a_rewind_goes_on(part_of):
    part_of(FIRST, 1.7e9, 0, 9, loss=100)
    root = part_of(SECOND, 1.7e9 + 99, 5, 6, loss=200, branch=("abc12345", 4.0))
    (info,) = find_runs(root)
    cursor = list(open_run(info).batches())[-1].cursor
    part_of(SECOND, 1.7e9 + 99, 5, 8, loss=200, branch=("abc12345", 4.0))
    # The end record moved, so the log is another one from there on.
    batches = list(open_run(next(iter(find_runs(root)))).since(cursor))
    assert batches[0].restart
    cursor = batches[-1].cursor
    part_of(THIRD, 1.7e9 + 200, 9, 11, loss=300)
    batches = list(open_run(next(iter(find_runs(root)))).since(cursor))
    assert [batch.restart for batch in batches] == [False]
    assert batches[0].columns["loss"].values.tolist() == [309, 310, 311]


@pytest.mark.parametrize(
    "point", [b"", b"\x0a\x7f", b"\x0a\x03abc\x11\x00", b"\x0a\x01x\x1a\x05epoch"]
)
def test_a_branch_point_that_makes_no_sense_is_none(writer, save, point):
    log = writer().start().rows(2)
    log.record(17, b"\x0a\x08abc12345\xba\x01" + bytes([len(point)]) + point, aside=True)
    info = open_run(save(log.rows(2, first=2))).info
    assert info.forked_from in ("", "abc@0")
    assert info.last_step == 3
