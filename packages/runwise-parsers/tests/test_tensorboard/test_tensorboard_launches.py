"""Several files of one run, and steps that go back inside one."""

from __future__ import annotations

import pytest

from runwise_parsers import find_runs
from runwise_parsers.sources.tensorboard import Tensorboard

T0 = 1_700_000_000


def name(at: int) -> str:
    return f"events.out.tfevents.{T0 + at}.demo.7.0"


@pytest.fixture
def steps(tmp_path, opened):
    """The steps of a metric of the run in a folder, and the segments of its batches."""

    def steps(metric: str = "loss", folder=tmp_path):
        run = opened(folder)
        one = run.series([metric]).get(metric)
        listed = [] if one is None else one.steps.tolist()
        return listed, [batch.segment for batch in run.batches()], run

    return steps


def launch(log, at: int, tags: dict[str, range]):
    """A file of which each metric is its own step; the events of a second stand together."""
    one = log(clock=T0 + at)
    for step in sorted({step for some in tags.values() for step in some}):
        for tag, some in tags.items():
            if step in some:
                one.scalar(step, tag, step, clock=T0 + at + step / 100)
    return one


def test_a_training_that_counts_from_0_again_is_shifted_behind(log, tmp_path, steps):
    for at in (0, 100):
        launch(log, at, {"loss": range(50), "lr": range(0, 50, 10)}).save(tmp_path, name(at))
    listed, segments, run = steps()
    assert listed == list(range(100))
    assert segments == [0, 1]
    (gap,) = run.gaps
    assert gap.missing == f"the step count of {name(100)}"
    assert gap.remedy == "Its steps are shown 50 higher."
    assert run.info.last_step == 99
    assert run.series()["lr"].steps.tolist() == [*range(0, 50, 10), *range(50, 100, 10)]
    assert run.tail(1)["loss"].steps.tolist() == [99]
    assert run.window(["loss"], 48, 51)["loss"].values.tolist() == [48, 49, 0, 1]
    assert run.overview(4)["loss"].steps.tolist() == [0, 49, 50, 99]


def test_a_training_resumed_from_a_checkpoint_replays_its_last_steps(log, tmp_path, steps):
    launch(log, 0, {"loss": range(80), "val": range(0, 80, 10)}).save(tmp_path, name(0))
    launch(log, 100, {"loss": range(50, 90), "val": range(50, 90, 10)}).save(tmp_path, name(100))
    listed, segments, run = steps()
    assert listed == list(range(90))
    assert segments == [0, 1]
    assert run.series()["val"].steps.tolist() == list(range(0, 90, 10))
    assert [gap.missing for gap in run.gaps] == [f"33 points of {name(0)}"]
    assert run.tail(45)["loss"].steps.tolist() == list(range(45, 90))
    assert run.window(["loss"], 49, 51)["loss"].times.tolist() == [
        T0 + 0.49, T0 + 100.5, T0 + 100.51,
    ]  # fmt: skip


def test_files_are_ordered_by_the_time_in_their_names(log, tmp_path, steps):
    for at in (100, 0, 50):
        launch(log, at, {"loss": range(at, at + 50)}).save(tmp_path, name(at))
    assert steps()[0] == list(range(150))


def test_files_without_a_time_are_ordered_by_their_first_clock(log, tmp_path, steps):
    for letter, at in (("b", 0), ("a", 50)):
        launch(log, at, {"loss": range(at, at + 50)}).save(tmp_path, f"{letter}.tfevents.x")
    assert steps()[0] == list(range(100))


def test_a_last_evaluation_in_a_file_of_its_own_takes_nothing_back(log, tmp_path, steps):
    launch(log, 0, {"loss": range(0, 101, 10), "eval": range(50, 101, 50)}).save(tmp_path, name(0))
    launch(log, 50, {"eval": range(100, 101)}).save(tmp_path, name(50))
    listed, _, run = steps()
    assert listed == list(range(0, 101, 10))
    assert run.series()["eval"].steps.tolist() == [50, 100]


def test_two_writers_with_tags_of_their_own_ran_side_by_side(log, tmp_path, steps):
    launch(log, 0, {"train": range(50)}).save(tmp_path, name(0))
    launch(log, 1, {"val": range(0, 50, 10)}).save(tmp_path, name(1))
    listed, segments, run = steps("val")
    assert listed == list(range(0, 50, 10))
    assert set(segments) == {0}
    assert run.gaps == ()


def test_a_writer_may_say_from_where_on_older_files_are_void(log, tmp_path, steps, wire):
    launch(log, 0, {"loss": range(80), "rare": range(0, 80, 20)}).save(tmp_path, name(0))
    later = log(clock=T0 + 100)
    later.event(30, wire["part"](7, wire["part"](1, 1)), clock=T0 + 100)
    for step in range(35, 60):
        later.scalar(step, "loss", step, clock=T0 + 100 + step)
    later.save(tmp_path, name(100))
    listed, _, run = steps()
    assert listed == [*range(30), *range(35, 60)]
    assert run.series()["rare"].steps.tolist() == [0, 20]


def test_a_step_that_falls_inside_a_file_opens_a_segment(log, tmp_path, steps):
    one = log().curve("loss", [*range(30), *range(10, 40)])
    one.save(tmp_path)
    listed, segments, run = steps()
    assert listed == [*range(30), *range(10, 40)]
    assert segments == [0, 1]
    assert run.gaps == ()
    tail = run.tail(31)["loss"].steps.tolist()
    assert tail == [29, *range(10, 40)]


def test_all_tags_go_back_together(log, tmp_path, opened):
    one = log()
    for step in [*range(30), *range(10, 40)]:
        one.scalar(step, "loss", step).scalar(step, "accuracy", step)
    run = opened(one.save(tmp_path))
    assert [batch.segment for batch in run.batches()] == [0, 1]


def test_tags_that_count_different_things_open_no_segments(log, tmp_path, steps):
    one = log()
    for step in range(1, 60):
        one.scalar(step, "loss", step).scalar(step * 32, "loss vs samples", step)
        one.scalar(step // 7, "seconds", step)
    one.save(tmp_path)
    listed, segments, run = steps()
    assert listed == list(range(1, 60))
    assert segments == [0]
    assert run.info.last_step == 8


def test_the_newest_step_is_that_of_most_tags(log, tmp_path, opened):
    one = log()
    for step in range(1, 60):
        for tag in ("loss", "accuracy", "lr"):
            one.scalar(step, tag, step)
        one.scalar(step * 32, "loss vs samples", step)
    assert opened(one.save(tmp_path)).info.last_step == 59


def test_reading_goes_on_where_it_stopped_in_every_file(log, tmp_path, opened, points):
    one = launch(log, 0, {"loss": range(80)})
    one.save(tmp_path, name(0))
    seen = list(opened(tmp_path).batches())
    two = launch(log, 1, {"val": range(0, 80, 10)})
    two.save(tmp_path, name(1))
    for step in range(80, 90):
        one.scalar(step, "loss", step)
    one.save(tmp_path, name(0))
    more = list(opened(tmp_path).since(seen[-1].cursor))
    assert not any(batch.restart for batch in more)
    new = [(n, s) for batch in more for n, one in batch.columns.items() for s in one.steps]
    assert sorted(new) == sorted(
        [*(("loss", s) for s in range(80, 90)), *(("val", s) for s in range(0, 80, 10))]
    )
    assert list(opened(tmp_path).since(more[-1].cursor)) == []


def test_a_launch_that_replays_what_was_handed_out_is_read_anew(log, tmp_path, opened):
    launch(log, 0, {"loss": range(80)}).save(tmp_path, name(0))
    seen = list(opened(tmp_path).batches())
    launch(log, 100, {"loss": range(50, 90)}).save(tmp_path, name(100))
    more = list(opened(tmp_path).since(seen[-1].cursor))
    assert [batch.restart for batch in more] == [True, False]
    assert [s for batch in more for s in batch.columns["loss"].steps] == list(range(90))


def test_a_launch_that_goes_on_behind_is_no_restart(log, tmp_path, opened):
    launch(log, 0, {"loss": range(80)}).save(tmp_path, name(0))
    seen = list(opened(tmp_path).batches())
    launch(log, 100, {"loss": range(80, 90)}).save(tmp_path, name(100))
    more = list(opened(tmp_path).since(seen[-1].cursor))
    assert [(batch.restart, batch.segment) for batch in more] == [(False, 1)]


def test_a_cursor_stays_small_however_many_files_there_are(log, tmp_path, opened):
    for at in range(90):
        launch(log, at, {"loss": range(at + 10, at + 12)}).save(tmp_path, name(at))
    batches = list(opened(tmp_path).batches())
    assert all(len(batch.cursor) < 2048 for batch in batches)
    assert list(opened(tmp_path).since(batches[-1].cursor)) == []
    launch(log, 90, {"loss": range(101, 103)}).save(tmp_path, name(90))
    (more,) = opened(tmp_path).since(batches[-1].cursor)
    assert (more.restart, more.columns["loss"].steps.tolist()) == (False, [101, 102])


def test_one_file_of_several_can_be_asked_for_alone(log, tmp_path, opened):
    for at in (0, 100):
        path = launch(log, at, {"loss": range(at, at + 50)}).save(tmp_path, name(at))
    run = opened(path)
    assert run.series()["loss"].steps.tolist() == list(range(100, 150))


def test_a_file_under_any_name_can_be_asked_for(log, tmp_path, opened):
    path = log().curve("loss", range(5)).save(tmp_path, "saved.bin")
    assert len(opened(path).series()["loss"]) == 5
    assert list(find_runs(tmp_path, sources=[Tensorboard()])) == []


def test_a_pointer_among_files_is_named_and_the_others_read(log, tmp_path, opened):
    launch(log, 0, {"loss": range(50)}).save(tmp_path, name(0))
    (tmp_path / name(100)).write_bytes(b"version https://git-lfs.github.com/spec/v1\n")
    run = opened(tmp_path)
    assert len(run.series()["loss"]) == 50
    assert [gap.missing for gap in run.gaps] == [name(100)]


def test_a_pass_that_is_recalled_goes_on_to_the_same_summary(log, tmp_path, opened):
    one = log().text(0, "args", "{}").curve("loss", range(20))
    one.save(tmp_path)
    before = opened(tmp_path)
    cursor = [batch.cursor for batch in before.batches()][-1]
    one.curve("loss", range(20, 30)).curve("late", range(3))
    one.save(tmp_path)
    going = opened(tmp_path)
    going.recall(before.told())
    list(going.since(cursor))
    anew = opened(tmp_path)
    assert going.summary() == anew.summary() == {"loss": 29.0, "late": 2.0}
    assert going.config() == anew.config() == {"args": {}}
    assert going.told() == anew.told()
