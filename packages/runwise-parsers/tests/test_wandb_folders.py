"""W&B run directories as they lie around: copied, linked, incomplete, unreadable, resumed."""

from __future__ import annotations

import json
import shutil

import pytest

from runwise_parsers import find_runs, open_run


def test_offline_and_online_directories_are_runs(writer, save, tmp_path):
    save(writer().start("one").rows(2), "one")
    save(writer().start("two").rows(2), "two", name="run-20260102_030405-two")
    assert {info.id for info in find_runs(tmp_path)} == {"one", "two"}


def test_a_link_to_the_latest_run_is_no_second_run(writer, save, tmp_path):
    folder = save(writer().start().rows(3).end())
    (folder.parent / "latest-run").symlink_to(folder.name)
    found = list(find_runs(tmp_path))
    assert [info.segments for info in found] == [(folder,)]
    assert open_run(folder.parent / "latest-run").info.id == "abc12345"


@pytest.mark.parametrize("rows", [0, 3])
@pytest.mark.parametrize("name", ["latest-run", "latest-run.3525"])
def test_a_copy_of_the_latest_run_is_no_second_run(writer, save, tmp_path, rows, name):
    folder = save(writer().start().rows(rows) if rows else b":W&B\xe1\xbe\x00")
    shutil.copytree(folder, folder.parent / name)
    assert [info.segments for info in find_runs(tmp_path)] == [(folder,)]


def test_a_copy_that_holds_more_than_the_run_itself_is_read(writer, save):
    folder = save(writer().start().rows(3))
    save(writer().start().rows(9), name="latest-run")
    runs = list(find_runs(folder.parent))
    assert [info.last_step for info in runs] == [8]


def test_a_link_that_leads_nowhere_is_passed_over(writer, save, tmp_path):
    folder = save(writer().start().rows(3))
    (folder.parent / "latest-run").symlink_to("offline-run-gone")
    assert [info.id for info in find_runs(tmp_path)] == ["abc12345"]


def test_a_log_that_is_a_git_lfs_pointer_says_so(save, tmp_path):
    save(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12345\n")
    (info,) = find_runs(tmp_path)
    assert "git-LFS pointer" in info.gaps[0].because
    run = open_run(info)
    assert (run.series(), run.overview(5), run.tail(5), run.config()) == ({}, {}, {}, {})
    assert "git lfs pull" in str(run.gaps[0])


def test_a_directory_in_place_of_the_log_is_a_gap(tmp_path):
    log = tmp_path / "wandb/offline-run-20260102_030405-abc12345/run-abc12345.wandb"
    log.mkdir(parents=True)
    (info,) = find_runs(tmp_path)
    assert info.gaps
    assert open_run(info).series() == {}


def test_a_file_of_something_else_is_a_gap(save, tmp_path):
    save(b"PK\x03\x04 this is a zip file, whatever its name says")
    (info,) = find_runs(tmp_path)
    assert "does not begin like a W&B log" in info.gaps[0].because
    assert open_run(info).series() == {}


def test_side_files_say_what_the_log_does_not(writer, save):
    folder = save(writer("old").start("abc12345").rows(3))
    files = folder / "files"
    files.mkdir()
    (files / "config.yaml").write_text(
        "wandb_version: 1\n_wandb:\n  value: {}\nlr:\n  desc: null\n  value: 0.5\n"
        "model:\n  value:\n    depth: 3\nodd:\n  value: !!python/object:os.system {a: 1}\n"
    )
    (files / "wandb-summary.json").write_text('{"_wandb": {"runtime": 6}, "best": 0.9, "loss": 7}')
    metadata = {
        "host": "demo",
        "program": "train.py",
        "args": ["--lr", "1"],
        "git": {"commit": "f00d"},
    }
    (files / "wandb-metadata.json").write_text(json.dumps(metadata))
    run = open_run(folder)
    assert run.config() == {"lr": 0.5, "model": {"depth": 3}, "odd": {"a": 1}}
    assert run.summary() == {"best": 0.9, "loss": pytest.approx(1 / 3, abs=1e-4), "lr": 0.5}
    assert (run.info.host, run.info.command, run.info.commit) == (
        "demo",
        "train.py --lr 1",
        "f00d",
    )


@pytest.mark.parametrize("name", ["config.yaml", "wandb-summary.json", "wandb-metadata.json"])
@pytest.mark.parametrize(
    "text", ["", "[1, 2]", "{", "\x00\xff", "- " * 5_000, "a: &a [*a]", "!!binary x"]
)
def test_broken_side_files_are_as_absent(save, writer, name, text):
    folder = save(writer("old").start().rows(3))
    (folder / "files").mkdir()
    (folder / "files" / name).write_bytes(text.encode("latin-1"))
    run = open_run(folder)
    assert (run.info.id, len(run.series()["loss"])) == ("abc12345", 3)
    assert isinstance(run.config(), dict)
    assert isinstance(run.summary(), dict)


def test_a_run_of_which_only_side_files_are_left_is_told_from_them(tmp_path):
    files = tmp_path / "wandb/run-20200102_030405-old12345/files"
    files.mkdir(parents=True)
    (files / "wandb-summary.json").write_text('{"loss": 0.5, "_wandb": {}}')
    (files / "output.log").write_text("done\n")
    (info,) = find_runs(tmp_path)
    run = open_run(info)
    assert (info.id, info.state, run.summary()) == ("old12345", "unknown", {"loss": 0.5})
    assert run.console() == ["done"]
    assert run.gaps[0].missing == "the history"


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ({"exitcode": 0}, "finished"),
        ({"exitcode": 255}, "killed"),
        ({"state": "failed"}, "failed"),
        ({"state": "running"}, "unknown"),
    ],
)
def test_the_history_of_clients_up_to_0_9_is_read(tmp_path, told, state):
    folder = tmp_path / "wandb/run-20200102_030405-old12345"
    folder.mkdir(parents=True)
    rows = [
        {"_step": step, "_timestamp": 1.6e9 + step, "loss": 1 / (step + 1)} for step in range(9)
    ]
    (folder / "wandb-history.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "wandb-metadata.json").write_text(json.dumps(told))
    (folder / "config.yaml").write_text("lr:\n  value: 1\n")
    (info,) = find_runs(tmp_path)
    run = open_run(info)
    assert (info.state, info.last_step, info.updated) == (state, 8, 1.6e9 + 8)
    assert run.series(["loss"])["loss"].steps.tolist() == list(range(9))
    assert run.config() == {"lr": 1}
    cursor = list(run.batches())[-1].cursor
    assert list(run.since(cursor)) == []


def test_a_segment_that_counts_from_0_again_is_shifted_behind_the_one_before(writer, save):
    save(writer().start(created=1.7e9).rows(10).end())
    folder = save(
        writer().start(created=1.7e9 + 99).rows(5).end(),
        name="offline-run-20260102_040506-abc12345",
    )
    (info,) = find_runs(folder.parent)
    run = open_run(info)
    assert len(info.segments) == 2
    assert (info.last_step, info.state) == (14, "finished")
    assert run.series()["loss"].steps.tolist() == list(range(15))
    assert run.series()["loss"].values.tolist()[10] == 1.0
    assert [batch.segment for batch in run.batches()] == [0, 1]
    assert "10 higher" in run.gaps[0].remedy
    assert run.tail(7)["loss"].steps.tolist() == list(range(8, 15))
    assert run.window(["loss"], 8, 11)["loss"].steps.tolist() == [8, 9, 10, 11]
    assert run.overview(100)["loss"].steps.tolist() == list(range(15))


@pytest.fixture
def replaying(writer, save):
    """A run whose second segment replays steps 6 to 9, the first being cut in a record."""
    first = writer().start(created=1.7e9)
    for step in range(10):
        first.row(step, {"loss": 100.0 + step})
    second = writer().start(created=1.7e9 + 99)
    for step in range(6, 15):
        second.row(step, {"loss": 200.0 + step})
    save(first.data()[:-3])
    return save(second.end(), name="run-20260102_040506-abc12345").parent


def test_rows_that_a_later_segment_replays_are_counted_and_not_shown(replaying):
    run = open_run(replaying)
    series = run.series()["loss"]
    assert series.steps.tolist() == list(range(15))
    assert series.values.tolist() == [100.0 + s for s in range(6)] + [
        200.0 + s for s in range(6, 15)
    ]
    assert [gap.missing for gap in run.gaps] == ["3 rows of segment 1"]


def test_a_segment_replayed_from_its_end_is_not_said_to_be_torn(replaying):
    run = open_run(replaying)
    run.series()
    assert not any("ends inside" in gap.because for gap in run.gaps)


def test_tail_and_window_of_a_replaying_run_hold_no_replayed_row(replaying):
    run = open_run(replaying)
    assert run.tail(12)["loss"].values.tolist() == run.series()["loss"].values.tolist()[-12:]
    assert run.window(["loss"], 4, 7)["loss"].values.tolist() == [104.0, 105.0, 206.0, 207.0]
    assert run.overview(40)["loss"].values.tolist() == run.series()["loss"].values.tolist()


def test_a_cursor_before_a_replaying_segment_came_begins_again(writer, save, replaying):
    old = replaying / "offline-run-20260102_030405-abc12345"
    cursor = list(open_run(old).batches())[-1].cursor
    batches = list(open_run(replaying).since(cursor))
    assert batches[0].restart
    assert sum(len(batch.columns["loss"]) for batch in batches) == 15


def test_a_cursor_goes_on_into_a_segment_that_came_later(writer, save):
    folder = save(writer().start(created=1.7e9).rows(10).end())
    cursor = list(open_run(folder).batches())[-1].cursor
    save(
        writer().start(created=1.7e9 + 99).rows(5).end(),
        name="offline-run-20260102_040506-abc12345",
    )
    batches = list(open_run(folder.parent).since(cursor))
    assert [batch.restart for batch in batches] == [False]
    assert batches[0].columns["loss"].steps.tolist() == [10, 11, 12, 13, 14]


def test_the_summary_of_an_earlier_segment_does_not_hide_later_values(writer, save):
    save(writer("old").start(created=1.7e9).rows(4).summary({"loss": 9.0, "kept": 1}).end())
    folder = save(
        writer("old").start(created=1.7e9 + 99).rows(2), name="run-20260102_040506-abc12345"
    )
    summary = open_run(folder.parent).summary()
    assert (summary["loss"], summary["kept"]) == (0.5, 1)


def test_a_cursor_moves_on_over_records_without_rows(writer, save):
    log = writer().start().rows(3)
    folder = save(log)
    cursor = list(open_run(folder).batches())[-1].cursor
    for number in range(3_000):
        log.printed(f"line {number}\n")
    save(log)
    batches = list(open_run(folder).since(cursor))
    assert batches
    assert all(not batch.columns for batch in batches)
    assert list(open_run(folder).since(batches[-1].cursor)) == []


def test_a_log_replaced_by_an_empty_one_says_restart(writer, save):
    folder = save(writer().start().rows(3))
    cursor = list(open_run(folder).batches())[-1].cursor
    save(b":W&B\xe1\xbe\x00")
    batches = list(open_run(folder).since(cursor))
    assert [(batch.columns, batch.restart) for batch in batches] == [({}, True)]
    assert list(open_run(folder).since(batches[0].cursor)) == []


@pytest.fixture
def sweep(tmp_path):
    """Write what an agent leaves behind for a run of a sweep."""

    def sweep(name: str, run_id: str):
        folder = tmp_path / "wandb" / f"sweep-{name}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"config-{run_id}.yaml").write_text("wandb_version: 1\n\nlr:\n  value: 0.1\n")

    return sweep


def test_a_run_whose_log_names_no_sweep_is_placed_by_what_its_agent_left(
    writer, save, sweep, tmp_path
):
    sweep("sw1", "one")
    sweep("sw2", "two")
    save(writer().start("one").rows(2), "one")
    folder = save(writer().start("two", sweep="of the log").rows(2), "two")
    save(b":W&B\xe1\xbe\x00", "three")
    found = {info.id: info.sweep for info in find_runs(tmp_path)}
    assert found == {"one": "sw1", "two": "of the log", "three": ""}
    one = folder.parent / "offline-run-20260102_030405-one"
    for path in (one, one / "run-one.wandb"):
        assert open_run(path).info.sweep == "sw1"


def test_a_run_of_which_only_side_files_are_left_keeps_its_sweep(sweep, tmp_path):
    files = tmp_path / "wandb/run-20200102_030405-old12345/files"
    files.mkdir(parents=True)
    (files / "wandb-summary.json").write_text('{"loss": 0.5}')
    sweep("sw1", "old12345")
    (tmp_path / "wandb/sweep-none").write_text("a file called like a sweep")
    (info,) = find_runs(tmp_path)
    assert info.sweep == "sw1"
