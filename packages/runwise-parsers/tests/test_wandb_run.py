"""What a W&B log says about its run: state, names, config, summary, console."""

from __future__ import annotations

import math
import os
import time

import pytest

from runwise_parsers import open_run


@pytest.mark.parametrize(
    ("code", "state"), [(0, "finished"), (1, "failed"), (137, "failed"), (255, "killed")]
)
def test_the_exit_record_says_how_a_run_ended(writer, save, layout, code, state):
    info = open_run(save(writer(layout).start().rows(3).end(code))).info
    assert (info.state, info.exit_code) == (state, code)


def test_without_an_exit_record_a_run_with_an_old_clock_has_crashed(writer, save, layout):
    info = open_run(save(writer(layout).start().rows(3, clock=1.7e9))).info
    assert (info.state, info.exit_code, info.updated) == ("crashed", None, 1.7e9 + 2)


def test_a_run_is_running_only_if_the_clocks_inside_and_of_the_file_are_fresh(writer, save):
    now = time.time()
    log = writer().start(created=now - 60).rows(20, clock=now - 30)
    folder = save(log)
    assert open_run(folder).info.state == "running"
    os.utime(folder / "run-abc12345.wandb", (now - 600, now - 600))
    assert open_run(folder).info.state == "crashed"


def test_the_same_run_copied_with_a_fresh_mtime_is_in_the_same_state(writer, save):
    folder = save(writer().start().rows(20, clock=1.7e9))
    before = open_run(folder).info.state
    os.utime(folder / "run-abc12345.wandb")
    assert open_run(folder).info.state == before == "crashed"


def test_what_the_run_says_about_itself_is_read(writer, save, layout):
    log = writer(layout).start(
        "abc12345", project="demo", name="sunny-1", notes="first\nsecond", group="ablation",
        job_type="eval", tags=["a", "größe"], host="demo", sweep="sw1", commit="f00d",
        created=1.7e9,
    )  # fmt: skip
    log.record(26, b"\x2a\x04--lr" + b"\x2a\x030.1" + b"\x32\x08train.py")
    info = open_run(save(log.rows(5).end())).info
    assert (info.id, info.name, info.project, info.host) == ("abc12345", "sunny-1", "demo", "demo")
    assert (info.notes, info.group, info.job_type) == ("first\nsecond", "ablation", "eval")
    assert (info.tags, info.sweep, info.commit) == (("a", "größe"), "sw1", "f00d")
    assert (info.command, info.created, info.last_step) == ("train.py --lr 0.1", 1.7e9, 4)


def test_a_run_renamed_while_it_trains_has_its_last_name(writer, save, layout):
    log = writer(layout).start(name="first", tags=["old"]).rows(2_000)
    log.start(name="second", tags=["new", "final"]).rows(5, first=2_000)
    info = open_run(save(log.end())).info
    assert (info.name, info.tags) == ("second", ("new", "final"))


def test_config_holds_all_updates_nested_ones_too(writer, save, layout):
    log = writer(layout).start(config={"lr": 0.1, "model": {"depth": 2, "act": "relu"}, "gone": 1})
    log.rows(700)
    log.config({"lr": 0.01, "late": [1, 2]}, removed={"gone": 0})
    log.rows(700, first=700)
    log.config({"note": None, "flag": True, "odd": math.inf})
    config = open_run(save(log)).config()
    assert config == {
        "lr": 0.01, "model": {"depth": 2, "act": "relu"}, "late": [1, 2], "note": None,
        "flag": True, "odd": math.inf,
    }  # fmt: skip


def test_a_damaged_update_of_the_config_spoils_no_other(writer, save):
    log = writer().start(config={"lr": 0.1})
    log.record(5, b"\x0a\x7f\x12", aside=True)
    log.config({"seed": 3})
    assert open_run(save(log.rows(1))).config() == {"lr": 0.1, "seed": 3}


def test_the_summary_is_the_last_value_of_every_metric(writer, save, layout):
    log = writer(layout).start()
    for step in range(900):
        log.row(step, {"loss": 1 / (step + 1), **({"val": step} if step == 400 else {})})
    summary = open_run(save(log)).summary()
    assert summary == {"loss": pytest.approx(1 / 900), "val": 400}


def test_what_a_script_writes_into_the_summary_goes_before_the_last_value(writer, save, layout):
    log = writer(layout).start().rows(100).summary({"loss": 0.125, "best": {"acc": 0.9}})
    summary = open_run(save(log.rows(0).end())).summary()
    assert summary["loss"] == 0.125
    assert summary["best"] == {"acc": 0.9}


def test_define_metric_says_what_the_summary_keeps(writer, save, layout):
    log = writer(layout).start()
    log.metric("val/loss", 1, 2, 3)
    log.metric("acc", 4, goal=2)
    log.metric("err", 4, goal=1)
    log.metric("hidden", 6)
    log.metric("train/*", 2, glob=True)
    for step, val in enumerate([4.0, 2.0, math.nan, 3.0]):
        log.row(step, {"val/loss": val, "acc": val, "err": val, "hidden": val, "train/x": val})
    assert open_run(save(log)).summary() == {
        "val/loss": {"min": 2.0, "max": 4.0, "mean": 3.0},
        "acc": {"best": 4.0},
        "err": {"best": 2.0},
        "train/x": {"max": 4.0},
    }


def test_names_of_metrics_include_those_of_wandb_itself_at_the_end(writer, save, layout):
    log = writer(layout).start()
    for step in range(3):
        log.row(step, {"loss": 1.0, "_runtime": step}, clock=1.7e9)
    names = open_run(save(log)).metrics()
    assert names[0] == "loss"
    assert set(names[1:]) == {"_step", "_runtime", "_timestamp"}
    series = open_run(save(log)).series(["_runtime", "_timestamp"])
    assert {name: len(one) for name, one in series.items()} == {"_runtime": 3, "_timestamp": 3}


def test_printed_lines_are_put_together_from_their_records(writer, save, layout):
    log = writer(layout).start()
    log.printed("epoch 1").printed("warning: ", stream=0).printed("\n").printed("hot\n", stream=0)
    log.rows(3)
    log.printed("10%\r 50%\r100%\nepoch").printed(" 2\r\n").printed("the end")
    assert open_run(save(log)).console(10) == [
        "epoch 1", "warning: hot", "100%", "epoch 2", "the end",
    ]  # fmt: skip
    assert open_run(save(log)).console(2) == ["epoch 2", "the end"]


def test_the_last_printed_lines_are_found_among_many_rows(writer, save):
    log = writer().start()
    for number in range(3_000):
        log.printed(f"line {number}\n")
    log.rows(500)
    lines = open_run(save(log)).console(100)
    assert lines == [f"line {number}" for number in range(2_900, 3_000)]


def test_output_log_is_read_where_the_log_kept_no_lines(writer, save):
    folder = save(writer().start().rows(3).end(1))
    (folder / "files").mkdir()
    text = "step 1\r\n 10%\r100%\r\nTraceback\nValueError: bad \xff\n"
    (folder / "files/output.log").write_bytes(text.encode("latin-1"))
    assert open_run(folder).console(10) == [
        "step 1",
        "100%",
        "Traceback",
        "ValueError: bad \ufffd",
    ]
    assert open_run(folder).console(1) == ["ValueError: bad \ufffd"]
    assert open_run(folder).console(0) == []


def test_everything_is_asked_of_a_log_opened_as_a_file_too(writer, save):
    folder = save(writer().start(name="one").rows(3).end())
    (folder / "files").mkdir()
    (folder / "files/output.log").write_text("printed\n")
    run = open_run(folder / "run-abc12345.wandb")
    assert (run.info.id, run.info.name, run.info.state) == ("abc12345", "one", "finished")
    assert run.console() == ["printed"]


def test_gaps_found_by_an_earlier_pass_are_not_forgotten_by_a_later_one(writer, save):
    data = bytearray(writer().start().rows(2_000).data())
    data[5_000:5_100] = bytes(100)
    folder = save(bytes(data))
    run = open_run(folder)
    batches = list(run.batches())
    assert len(run.gaps) == 1
    assert list(run.since(batches[-1].cursor)) == []
    assert len(run.gaps) == 1
