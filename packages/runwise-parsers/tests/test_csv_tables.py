"""Tables as trackers and training loops write them: columns, steps, times, spellings."""

from __future__ import annotations

import json
import math
import os
import time

import pytest

from runwise_parsers import find_runs, open_run
from runwise_parsers.sources.csv import Csv

LONG_AGO = 1_700_000_000.0
YOLO = (
    "     {epoch}/99     1.37G   0.04463   0.06547   0.02175    0.1319       106       640"
    "    0.4646    0.3909    0.3467    0.1573   0.05019   0.05786   0.02115\n"
)


@pytest.fixture
def table(tmp_path):
    """Write a table that nobody has touched for long; open what it is a run of."""

    def table(text, name="metrics.csv"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        os.utime(path, (LONG_AGO, LONG_AGO))
        return open_run(path, sources=[Csv()])

    return table


def values(run, names=None):
    return {name: one.values.tolist() for name, one in run.series(names).items()}


def points(run, name):
    (one,) = run.series([name]).values()
    return list(zip(one.steps, one.values, strict=True))


def test_columns_are_metrics_in_the_order_of_the_header(table):
    run = table("epoch,b,a\n0,1,2\n1,3,4\n")
    assert run.metrics() == ("b", "a")
    assert values(run) == {"b": [1, 3], "a": [2, 4]}
    assert run.series()["a"].steps.tolist() == [0, 1]
    assert run.summary() == {"b": 3, "a": 4}
    assert run.gaps == ()


def test_a_blank_cell_is_an_absent_point_and_a_nan_is_one(table):
    run = table(
        "epoch,step,train_loss_step,train_loss_epoch,val\r\n0,9,2.5,,\r\n0,9,,2.75,nan\r\n"
        "1,19,1.5,,\r\n"
    )
    assert points(run, "train_loss_step") == [(9, 2.5), (19, 1.5)]
    assert points(run, "train_loss_epoch") == [(9, 2.75)]
    assert [step for step, value in points(run, "val") if math.isnan(value)] == [9]
    assert points(run, "epoch") == [(9, 0), (9, 0), (19, 1)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("nan", math.nan), ("NaN", math.nan), ("-inf", -math.inf), ("Infinity", math.inf),
        ("1e400", math.inf), (" 0.25 ", 0.25), ("12.5%", 12.5), ("1e-3", 0.001), ("+2", 2),
        ("tensor(0.5, device='cuda:0')", 0.5), ("tensor(nan)", math.nan), ("007", 7),
        ("123456789012345678901234567890", 1.2345678901234568e29),
    ],
)  # fmt: skip
def test_numbers_have_many_spellings(table, text, value):
    cell = f'"{text}"' if "," in text else text
    run = table(f"step,loss\n0,1.0\n1,{cell}\n2,3.0\n")
    assert repr(run.series()["loss"].values[1]) == repr(float(value))
    assert run.gaps == ()


@pytest.mark.parametrize("text", ["", " ", "NA", "None", "null", "n/a", "-"])
def test_cells_that_say_nothing_are_absent(table, text):
    run = table(f"step,loss\n0,1.0\n1,{text}\n2,3.0\n")
    assert points(run, "loss") == [(0, 1), (2, 3)]
    assert run.gaps == ()


@pytest.mark.parametrize("text", ["1_000", "oops", "0x10", "1.2.3", "0,5", "[0.5]", "true"])
def test_cells_that_are_no_number_are_counted_in_a_gap(table, text):
    cell = f'"{text}"' if "," in text else text
    run = table(f"step,loss\n0,1.0\n1,{cell}\n2,3.0\n")
    assert points(run, "loss") == [(0, 1), (2, 3)]
    assert [str(gap) for gap in run.gaps] == [
        f"1 cell of metrics.csv: no number, such as {text!r}. All other cells were read."
    ]


def test_columns_of_text_are_no_metrics(table):
    run = table("step,loss,phase_name,checkpoint\n0,1,warm,a.pt\n1,2,main,a.pt\n2,3,main,7\n")
    assert run.metrics() == ("loss",)
    assert run.gaps == ()


def test_names_and_values_are_stripped(table):
    run = table(
        "                  epoch,         train/box_loss\n"
        "                      1,                 1.4151\n"
        "                      2,                 1.5270\n",
        "results.csv",
    )
    assert values(run) == {"train/box_loss": [1.4151, 1.527]}
    assert run.info.last_step == 2


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_delimiters_line_ends_and_byte_order_marks_may_differ(table, delimiter, end, mark):
    rows = [["step", "loss", "val loss"], ["0", "2.5", "3"], ["1", "2.25", ""]]
    run = table(mark + "".join(delimiter.join(row) + end for row in rows))
    assert values(run) == {"loss": [2.5, 2.25], "val loss": [3]}


def test_a_comma_may_stand_for_the_decimal_point(table):
    run = table("epoch;loss;acc\n0;2,5;10\n1;1,25e-1;\n")
    assert values(run) == {"loss": [2.5, 0.125], "acc": [10]}


def test_a_spreadsheets_hint_and_notes_before_the_header_are_passed_over(table):
    run = table('sep=;\n#{"t_start": 1.5}\n\nstep;loss\n0;1\n1;2\n')
    assert values(run) == {"loss": [1, 2]}


def test_a_header_may_be_marked_as_numpy_marks_it(table):
    assert values(table("# epoch loss acc\n0 1.5 2\n1 1.25 3\n")) == {
        "loss": [1.5, 1.25], "acc": [2, 3],
    }  # fmt: skip
    assert values(table("# epoch,loss\n0,1.5\n1,1.25\n")) == {"loss": [1.5, 1.25]}


def test_quoted_cells_hold_delimiters_and_line_ends(table):
    run = table(
        'step,"loss, total",note\n0,1.5,"a, b"\n1,1.25,"two\nlines, ""quoted"""\n2,1,"\n\n"\n'
        "3,0.5,c\n"
    )
    assert points(run, "loss, total") == [(0, 1.5), (1, 1.25), (2, 1), (3, 0.5)]
    for shown in (run.overview(100), run.tail(10)):
        assert shown["loss, total"].values.tolist() == [1.5, 1.25, 1, 0.5]
    assert run.gaps == ()


def test_a_quote_that_never_closes_costs_its_own_row_only(table):
    rows = "".join(f"{step},{step}.5,text\n" for step in range(3, 400))
    run = table(f'step,loss,note\n0,1.5,a\n1,"2.5,b\n2,2.5,"c\n{rows}')
    assert run.series()["loss"].steps.tolist() == [0, 2, *range(3, 400)]
    assert values(run)["loss"][-1] == 399.5


@pytest.mark.parametrize(
    "name", ["step", "Step", "global_step", "Iteration", "epoch", "Epoch", "time/total_timesteps",
             "timesteps", "trainer/global_step", "TotalEnvInteracts", "iter"],
)  # fmt: skip
def test_the_step_has_many_names(table, name):
    run = table(f"loss,{name}\n1.0,3\n0.5,7\n")
    assert points(run, "loss") == [(3, 1), (7, 0.5)]
    assert (run.info.last_step, run.metrics()) == (7, ("loss",))
    assert points(run, name) == [(3, 3), (7, 7)]


def test_without_a_column_of_steps_rows_are_counted(table):
    run = table("train_loss,val_loss\n" + "".join(f"{n}.5,{n}\n" for n in range(3_000)))
    assert run.series()["val_loss"].steps.tolist() == list(range(3_000))
    assert run.tail(2)["val_loss"].steps.tolist() == [2_998, 2_999]
    assert run.info.last_step == 2_999
    shown = run.overview(10)["val_loss"]
    assert shown.steps.tolist() == shown.values.tolist()
    assert shown.steps[-1] == 2_999


def test_a_counter_within_the_epoch_does_not_order_the_rows(table):
    rows = "".join(f"{n // 10},{n % 10},{n}\n" for n in range(40))
    for name in ("batch", "step"):
        run = table(f"epoch,{name},loss\n{rows}")
        assert run.series()["loss"].steps.tolist() == [n // 10 for n in range(40)]
        assert {batch.segment for batch in run.batches()} == {0}


def test_the_length_of_an_episode_does_not_order_the_rows(table):
    rows = "".join(f"{n},{n % 7 * 31},{n}.5\n" for n in range(40))
    run = table(f"episode,steps,reward\n{rows}")
    assert run.series()["reward"].steps.tolist() == list(range(40))
    assert run.metrics() == ("steps", "reward")


def test_a_row_without_a_step_belongs_to_the_row_before_it(table):
    rows = "".join(f"{step},1.0,\n,,{step}\n" for step in range(2_000))
    run = table(f"step,loss,val\n{rows}")
    assert run.series()["val"].steps.tolist() == run.series()["val"].values.tolist()
    assert run.tail(1)["val"].steps.tolist() == [1_999]


def test_a_fall_of_the_step_opens_a_segment(table):
    run = table("epoch,loss\n0,3\n1,2\n0,1\n1,0.5\n")
    assert [(batch.segment, batch.columns["loss"].values.tolist()) for batch in run.batches()] == [
        (0, [3, 2]),
        (1, [1, 0.5]),
    ]


@pytest.mark.parametrize(
    "cells",
    [
        ("1700000000", "1700000060"),
        ("1700000000000", "1700000060000"),
        ("2023-11-14T22:13:20Z", "2023-11-14T22:14:20Z"),
        ("2023-11-14 22:13:20", "2023-11-14 22:14:20"),
        ("2023/11/14 22:13:20", "2023/11/14 22:14:20"),
        ("2023-11-15T00:13:20.0000000+0200", "2023-11-15T00:14:20.0000000+0200"),
    ],
)
def test_times_are_seconds_milliseconds_or_iso(table, cells):
    run = table(f"Timestamp,step,loss\n{cells[0]},0,1\n{cells[1]},1,2\n")
    assert run.series()["loss"].times.tolist() == [1.7e9, 1.7e9 + 60]
    assert (run.info.created, run.info.updated, run.info.clocked) == (1.7e9, 1.7e9 + 60, True)
    assert run.metrics() == ("loss",)


@pytest.mark.parametrize("cells", [("10.5", "20.5"), ("0:00:10", "0:00:20")])
def test_seconds_since_the_start_are_no_clock(table, cells):
    run = table(f"time,step,loss\n{cells[0]},0,1\n{cells[1]},1,2\n")
    assert run.series()["loss"].times is None
    assert not run.info.clocked
    assert run.metrics() == (("time", "loss") if "." in cells[0] else ("loss",))


def test_a_fresh_clock_inside_and_outside_means_running(tmp_path):
    path, now = tmp_path / "log.csv", time.time()
    path.write_text(f"step,timestamp,loss\n0,{now},1\n")
    assert open_run(path, sources=[Csv()]).info.state == "running"
    os.utime(path, (now - 900, now - 900))
    assert open_run(path, sources=[Csv()]).info.state == "unknown"
    path.write_text("step,loss\n0,1\n")
    assert open_run(path, sources=[Csv()]).info.state == "unknown"


def test_columns_of_one_name_are_told_apart(table):
    run = table("step,loss,loss,,loss\n0,1,2,3,4\n")
    assert values(run) == {"loss": [1], "loss.1": [2], "loss.2": [4]}
    assert values(run, ["column_4"]) == {"column_4": [3]}


def test_names_with_line_ends_and_escape_codes_are_kept_as_they_are(table):
    run = table('step,"a\nb","\x1b[31mred",naïve 名\n0,1,2,3\n1,2,3,4\n')
    assert run.metrics() == ("a\nb", "\x1b[31mred", "naïve 名")


def test_ten_thousand_metrics_are_read(table):
    names = [f"layer_{number}/grad_norm" for number in range(10_000)]
    rows = "".join(
        ",".join([str(step), *(str(step + n) for n in range(10_000))]) + "\n" for step in range(5)
    )
    run = table(f"step,{','.join(names)}\n{rows}")
    assert run.metrics() == tuple(names)
    assert run.tail(1)["layer_9999/grad_norm"].values.tolist() == [10_003]
    assert run.info.last_step == 4
    assert [info.last_step for info in find_runs(run.info.path.parent, sources=[Csv()])] == [4]


def test_a_long_table_has_a_curve_for_each_name(table):
    run = table("step,metric,value\n0,loss,2.5\n0,acc,0.5\n1,loss,2.25\n1,,9\n2,acc,0.75\n")
    assert run.metrics() == ("loss", "acc")
    assert points(run, "acc") == [(0, 0.5), (2, 0.75)]
    assert points(run, "value") == [(0, 2.5), (0, 0.5), (1, 2.25), (1, 9), (2, 0.75)]
    assert run.tail(1)["acc"].values.tolist() == [0.75]
    more = table("step,lr,metric,value\n0,0.1,loss,2.5\n0,0.1,acc,0.5\n1,0.2,loss,2.25\n")
    assert values(more) == {"loss": [2.5, 2.25], "acc": [0.5], "lr": [0.1, 0.1, 0.2]}


def test_rows_of_training_and_of_validation_are_told_apart(table):
    run = table(
        "step,type,loss,cumulative_time_ms\n0,val,10.5,0\n1,train,9.5,10\n2,train,,20\n2,val,8.5,30\n"
    )
    assert run.metrics() == ("val/loss", "train/loss", "cumulative_time_ms")
    assert points(run, "val/loss") == [(0, 10.5), (2, 8.5)]
    assert points(run, "cumulative_time_ms") == [(0, 0), (1, 10), (2, 20), (2, 30)]
    assert points(run, "loss") == [(0, 10.5), (1, 9.5), (2, 8.5)]


def test_an_export_of_one_run_is_that_run(table):
    run = table(
        '"Step","fast-sun-7 - lm_loss","fast-sun-7 - lm_loss__MIN","fast-sun-7 - lm_loss__MAX"\n'
        '"4","12.5","12.5","12.5"\n"52","9.5","9.5","9.5"',
        "export.csv",
    )
    assert (run.info.name, run.metrics()) == ("fast-sun-7", ("lm_loss",))
    assert points(run, "lm_loss") == [(4, 12.5), (52, 9.5)]
    assert points(run, "fast-sun-7 - lm_loss") == [(4, 12.5), (52, 9.5)]


def test_an_export_of_several_runs_keeps_their_names(table):
    names = "Step,a - loss,a - loss__MIN,a - loss__MAX,b - loss,b - loss__MIN,b - loss__MAX"
    run = table(f"{names}\n0,1,1,1,2,2,2\n1,3,3,3,,,\n", "export.csv")
    assert values(run) == {"a - loss": [1, 3], "b - loss": [2]}
    assert run.info.name == ""


def test_a_curve_that_tensorboard_exported_is_called_by_its_tag(table):
    run = table(
        "Wall time,Step,Value\n1700000000.5,0,2.5\n1700000001.5,10,1.5\n",
        "run-big_lr-tag-epoch_loss.csv",
    )
    assert (run.info.name, run.metrics()) == ("big_lr", ("epoch_loss",))
    assert run.series()["epoch_loss"].times.tolist() == [1_700_000_000.5, 1_700_000_001.5]


def test_yolo_results_without_a_header_have_the_names_of_the_same_trainings_plots(table):
    run = table("".join(YOLO.format(epoch=epoch) for epoch in range(3)), "results.txt")
    assert run.metrics() == (
        "gpu_mem", "train/box_loss", "train/obj_loss", "train/cls_loss", "train/total_loss",
        "labels", "img_size", "metrics/precision", "metrics/recall", "metrics/mAP_0.5",
        "metrics/mAP_0.5:0.95", "val/box_loss", "val/obj_loss", "val/cls_loss",
    )  # fmt: skip
    assert points(run, "metrics/mAP_0.5") == [(0, 0.3467), (1, 0.3467), (2, 0.3467)]
    assert run.summary()["gpu_mem"] == 1.37
    assert (run.info.last_step, run.info.total_steps) == (2, 99)


def test_yolo_results_with_more_columns_than_anybody_named_are_numbered(table):
    line = YOLO.format(epoch=0).rstrip() + " 0.5 0.25\n"
    assert table(line, "results.txt").summary()["column_17"] == 0.25


def test_the_epochs_ultralytics_means_to_run_stand_in_its_arguments(table, tmp_path):
    (tmp_path / "args.yaml").write_text("task: detect\nepochs: 300 # all\nlr0: 0.01\n")
    for first, total in ((0, 299), (1, 300)):
        rows = "".join(f"{first + n},{n}\n" for n in range(3))
        run = table(f"epoch,train/box_loss\n{rows}", "results.csv")
        assert run.info.total_steps == total
    assert run.config() == {"task": "detect", "epochs": 300, "lr0": 0.01}


def test_hyperparameters_beside_the_table_are_the_config(table, tmp_path):
    (tmp_path / "hparams.yaml").write_text(
        "lr: 0.01\nlayers: &all [1, 2]\nagain: *all\n7: x\nwhen: 2026-01-02\n"
        "net: !!python/object:model.Net {depth: 3}\n"
    )
    run = table("step,loss\n0,1\n")
    assert run.config() == {
        "lr": 0.01, "layers": [1, 2], "again": [1, 2], "7": "x", "when": "2026-01-02",
        "net": {"depth": 3},
    }  # fmt: skip
    assert json.dumps(run.config())
    assert run.gaps == ()


@pytest.mark.parametrize("text", ["a: [1,", "- 1\n- 2\n", "", "\xff\xfe\x00", "a: &b\n  c: *b\n"])
def test_hyperparameters_that_are_none_do_not_hide_the_metrics(table, tmp_path, text):
    (tmp_path / "hparams.yaml").write_text(text, encoding="latin-1")
    run = table("step,loss\n0,1\n")
    assert isinstance(run.config(), dict)
    assert values(run) == {"loss": [1]}
