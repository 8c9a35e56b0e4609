"""Text logs: what real ones are like, and what is none."""

from __future__ import annotations

import math
import os
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runwise_parsers import find_runs, open_run
from runwise_parsers.console_log.opening import open_text, series_of
from runwise_parsers.console_log.sample import recognise
from runwise_parsers.sources.console import Console

CONSOLE = [Console()]
OLD = 1_600_000_000


@pytest.fixture
def printed(tmp_path):
    """Write a text log that nobody has touched for years, and open it."""

    def write(text, name="train.log", *, live=False):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        if not live:
            os.utime(path, (OLD, OLD))
        return open_run(path, sources=CONSOLE)

    return write


def points(run, name):
    one = run.series([name])[name]
    return list(zip(one.steps, one.values, strict=True))


def lines(form, count=10):
    return "".join(form.format(i=i, v=i / 8) + "\n" for i in range(count))


def test_nan_that_was_printed_is_data_and_a_count_of_nans_is_none(printed):
    line = " iteration {i:8}/     100 | lm loss: {v:E} | number of nan iterations:   0 |\n"
    text = "".join(line.format(i=i, v=math.nan if i == 3 else i / 8) for i in range(9))
    run = printed(text)
    losses = [value for _, value in points(run, "lm loss")]
    assert [at for at, value in enumerate(losses) if math.isnan(value)] == [3]
    assert {value for _, value in points(run, "number of nan iterations")} == {0.0}
    assert run.info.total_steps == 100


@pytest.mark.parametrize(
    ("told", "value"),
    [
        ("25,697", 25697.0),
        ("1e-05", 1e-5),
        ("1.0E+01", 10.0),
        (".9", 0.9),
        ("-inf", -math.inf),
        ("inf", math.inf),
        ("14.0%", 14.0),
        ("326ms", 326.0),
        ("+0.6%", 0.6),
        ("2.5M", 2.5e6),
        ("51K", 51e3),
        ("tensor(0.53, device='cuda:0')", 0.53),
        ("1,234,567.5", 1234567.5),
    ],
)
def test_a_number_is_read_as_it_is_printed(printed, told, value):
    run = printed("".join(f"step {i}: loss: 0.5, cost: {told}\n" for i in range(5)))
    assert points(run, "cost") == [(float(i), value) for i in range(5)]
    assert set(run.metrics()) == {"loss", "cost"}


def test_memory_and_sizes_are_no_shortened_counts(printed):
    run = printed(lines("step {i}: loss: {v} max_mem: 12M gpu: 7G"))
    assert points(run, "max_mem")[-1] == (9.0, 12.0)


def test_rounded_steps_are_shared(printed):
    told = ["400", "800", "1K", "1K", "2K"]
    text = "".join(f"INFO t.py:1 step:{s} smpl:13K ep:4 epch:1.0 loss:0.5 grdn:1\n" for s in told)
    assert [step for step, _ in points(printed(text), "loss")] == [400, 800, 1000, 1000, 2000]


def test_several_launches_with_a_head_are_runs_of_their_own(tmp_path):
    head = "import os\nimport sys\nprint('training')\n"
    one = head + lines("step:{i}/10 val_loss:{v:.4f} train_time:5ms step_avg:1.00ms")
    path = tmp_path / "job" / "log.txt"
    path.parent.mkdir()
    path.write_text(one * 3)
    runs = list(find_runs(tmp_path, sources=CONSOLE))
    assert [run.id for run in runs] == ["job/log/1", "job/log/2", "job/log/3"]
    for info in runs:
        assert points(open_run(info, sources=CONSOLE), "val_loss") == [
            (float(i), i / 8) for i in range(10)
        ]
    with pytest.raises(LookupError, match="3 runs"):
        open_run(path, sources=CONSOLE)


def test_blocks_that_a_loop_prints_again_are_no_launches(tmp_path):
    block = "####\n   Learning iteration {i}/50\n\n   Value function loss: {v}\n   Reward: 2.5\n"
    (tmp_path / "train.log").write_text(lines(block))
    (info,) = find_runs(tmp_path, sources=CONSOLE)
    run = open_run(info, sources=CONSOLE)
    assert points(run, "Value function loss") == [(float(i), i / 8) for i in range(10)]
    assert info.total_steps == 50


@pytest.mark.parametrize(
    "form",
    [
        "epoch: {e} step: {b}, loss is {v}",
        "epoch {e} - iter {b}/50 - loss {v} - lr: 0.1",
        "[{e}, {b:5d}] loss: {v}",
        "[host] (trainer:732) INFO: {e}epoch:train:1-{b}batch: loss={v}, grad_norm=95.5",
        "[Train][Epoch {e}/3][Iter: {b}/50]lr(Warmup): 0.01, loss: {v}",
        "INFO:root:Epoch[{e}] Batch [{b}]\tSpeed: 12 samples/sec\tloss={v}",
    ],
)
def test_steps_that_begin_anew_in_each_epoch_go_on(printed, form):
    rows = [(e, b) for e in (1, 2, 3) for b in range(10, 51, 10)]
    run = printed("".join(form.format(e=e, b=b, v=e + b / 64) + "\n" for e, b in rows))
    assert points(run, "loss") == [((e - 1) * 50.0 + b, e + b / 64) for e, b in rows]
    assert [batch.segment for batch in run.batches()] == [0]


def test_steps_that_go_on_through_epochs_stay_as_they_are(printed):
    run = printed("".join(f"epoch: {i // 5} step: {i * 10}, loss: {i / 8}\n" for i in range(20)))
    assert points(run, "loss") == [(i * 10.0, i / 8) for i in range(20)]


def test_places_in_a_program_are_no_metrics(printed):
    run = printed(
        lines("I05 10:00:00 solver.cpp:228] step {i} loss: {v}")
        + lines("[INFO] [logging.py:96:log_dist] step={i}, loss={v}")
        + lines("(Runner pid=1234) step:{i} loss:{v}")
        + lines("(trainer:732) INFO: step {i} loss: {v}")
    )
    assert set(run.series()) == {"loss"}


def test_a_rule_below_a_heading_is_no_row_of_nan(printed):
    rows = "".join(f"  {i}   {i / 8:.3f}\n" for i in range(1, 10))
    run = printed("#    LOSS\n---  ------\n" + rows + "---  ------\n")
    assert points(run, "LOSS") == [(float(i), i / 8) for i in range(1, 10)]


def test_what_a_tracker_says_again_at_the_end_is_no_row(printed):
    run = printed(lines("step {i}: loss {v}") + "wandb: Run summary:\nwandb:  loss 9.5\n")
    assert len(points(run, "loss")) == 10


def test_results_below_the_dicts_of_a_trainer_are_read(printed):
    text = lines("{{'loss': {v}, 'epoch': {i}}}") + "  eval_loss               =     0.5\n"
    assert points(printed(text), "eval_loss") == [(9.0, 0.5)]


def test_numbers_of_lines_are_no_ranks(printed):
    run = printed("".join(f"{i}: loss {i / 8}, step {i}\n" for i in range(1, 20)))
    assert len(points(run, "loss")) == 19


def test_evaluations_between_the_lines_of_a_known_loop_are_read(printed):
    text = "Train Epoch: 1 [{i}/10 (0%)]\tLoss: {v:.6f}\nValidation accuracy: {v}\n"
    run = printed(lines(text))
    assert points(run, "Validation accuracy") == [(float(i), i / 8) for i in range(10)]


def test_a_launch_that_goes_on_is_the_same_run(printed):
    head = "==== launch ====\nusing 8 devices\n"
    later = "".join(f"step {i}: loss: {i / 8}\n" for i in range(10, 20))
    run = printed(head + lines("step {i}: loss: {v}") + head + later)
    assert [step for step, _ in points(run, "loss")] == [float(i) for i in range(20)]


def test_steps_that_fall_without_a_head_are_a_new_segment(printed):
    text = lines("step {i}: loss: {v}") + lines("step {i}: loss: 9.5", 4)
    run = printed(text)
    assert [batch.segment for batch in run.batches()] == [0, 1]
    assert len(points(run, "loss")) == 14


def test_a_heading_orders_what_is_printed_below_it(printed):
    text = "".join(f"Epoch {i}/5\n-----\ntrain loss: {i / 2} acc: 0.5\n" for i in range(1, 6))
    run = printed(text)
    assert points(run, "train loss") == [(float(i), i / 2) for i in range(1, 6)]


def test_bars_below_headings_count_their_batches_through_all_epochs(printed):
    bar = "{b}/3 ━━━━━━ 1s 12ms/step - loss: {l:.4f}\r"
    text = "".join(
        f"Epoch {e}/2\n" + "".join(bar.format(b=b, l=e + b / 8) for b in (1, 2, 3)) + "\n"
        for e in (1, 2)
    )
    run = printed(text)
    steps = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    assert [step for step, _ in points(run, "loss")] == steps
    assert run.tail(2)["loss"].steps.tolist() == [5.0, 6.0]
    assert run.overview(100)["loss"].steps.tolist() == steps
    assert run.info.last_step == 6.0


def test_validation_lines_keep_their_percents_and_names(printed):
    text = "".join(
        f"Step {i} | Loss: 1.5 | Acc: 0.25\n"
        f"Val (copy) | Token: {i}.0% | Gain: +0.6% | Pos: N=7% M=9%\n"
        for i in range(5)
    )
    run = printed(text)
    assert points(run, "val/copy/Token") == [(float(i), float(i)) for i in range(5)]
    assert points(run, "val/copy/Gain")[0] == (0.0, 0.6)


@pytest.mark.parametrize("prefix", ["[rank{r}]: ", "{r}: ", "[1,{r}]<stdout>:", "rank {r} | "])
def test_lines_of_several_ranks_are_one_point(printed, prefix):
    text = "".join(
        prefix.format(r=r) + f"step {i}: loss: {i / 8}\n" for i in range(20) for r in (1, 0, 2)
    )
    run = printed(text)
    assert points(run, "loss") == [(float(i), i / 8) for i in range(20)]
    assert "ranks 1, 2" in str(run.gaps[0])


@pytest.mark.parametrize("coding", ["utf-16", "utf-16-be", "latin-1", "utf-8-sig"])
def test_encodings_make_no_difference(printed, coding):
    text = lines("step {i}: loss: {v}, größe: 3").replace("\n", "\r\n")
    data = text.encode(coding)
    data = b"\xfe\xff" + data if coding == "utf-16-be" else data
    assert points(printed(data), "loss") == [(float(i), i / 8) for i in range(10)]


@pytest.mark.parametrize("end", ["\r", "\r\n", "\x08\x08\x08\x08", "\n\n"])
def test_every_end_of_a_line_is_one(printed, end):
    text = lines("step {i}: loss: {v}").replace("\n", end)
    assert points(printed(text), "loss") == [(float(i), i / 8) for i in range(10)]


def test_colours_are_no_part_of_a_line(printed):
    run = printed(lines("\x1b[32mstep\x1b[0m {i}: \x1b[1mloss\x1b[0m: \x1b[31m{v}\x1b[0m"))
    assert points(run, "loss") == [(float(i), i / 8) for i in range(10)]


def test_a_number_that_may_be_cut_short_waits_for_its_end(printed):
    text = lines("step {i}: loss: {v}") + "step 10: loss: 0.4"
    run = printed(text, live=True)
    assert points(run, "loss")[-1][0] == 9.0
    assert "cut short" in str(run.gaps[0])
    cursor = [batch.cursor for batch in run.batches()][-1]
    run = printed(text + "2\n", live=True)
    rest = [batch.columns["loss"].values.tolist() for batch in run.since(cursor)]
    assert rest == [[0.42]]


def test_a_last_line_without_an_end_counts_where_it_cannot_go_on(printed):
    text = lines("step {i}: loss: {v:.4f}") + "step 10: loss: 0.4200"
    assert points(printed(text, live=True), "loss")[-1] == (10.0, 0.42)
    text = lines("step {i}: loss: {v}") + "step 10: loss: 0.4"
    assert points(printed(text), "loss")[-1] == (10.0, 0.4)


def test_times_in_front_of_lines_are_those_of_the_points(printed):
    text = lines("2026-01-05 10:00:0{i},500 - INFO - step {i}: loss: {v}")
    run = printed(text)
    times = run.series()["loss"].times
    begin = time.mktime((2026, 1, 5, 10, 0, 0, 0, 0, -1)) + 0.5
    assert times.tolist() == [begin + i for i in range(10)]
    assert run.info.created == begin
    assert run.info.updated == begin + 9


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("requirements.txt", "torch==2.0.1\nnumpy==1.26\nstep==1.0\nloss==0.1\n" * 9),
        ("train.txt", "images/0001.jpg 5\nimages/0002.jpg 7\n" * 99),
        ("README.txt", lines("step {i}: loss: {v}")),
        ("log.txt", "The quick brown fox trains for 3 epochs.\nThe loss was small.\n" * 20),
        ("server.log", "10.0.0.1 - - [05/Jan/2026] GET /step/3 200 512\n" * 50),
        ("training_notes.txt", "lr: 0.001\nepochs: 10\nbatch_size: 32\nstep: 5\n"),
        ("run.out", "    loss = criterion(out, y)\n    loss.backward()\n    step += 1\n" * 30),
        (
            "git.log",
            "".join(
                f"commit {i:040x}\nAuthor: A <a@b>\n\n    Fix loss at step {i}: 0.{i}\n"
                for i in range(9)
            ),
        ),
        (
            "args.log",
            "lr: 0.1\naccuracy: 0.1\nloss_weight: 0.5\nloss_scale: 1\nscore_threshold: 0.5\n",
        ),
        (
            "gcc.log",
            lines("src/train.cpp:{i}:12: error: 'loss' was not declared\n  {i} |   loss = {i};"),
        ),
        ("script.log", "    loss = 0.0\n    acc = 0.0\n    if step > 5: loss = 3\n" * 9),
        (
            "map.log",
            "".join(
                f"\rMap:  {i}%|## | {i}00/10000 [00:01<00:10, 5.1 examples/s]" for i in range(99)
            ),
        ),
        (
            "nvidia.log",
            "+---+---+\n|  0  NVIDIA A100   On | 00:04.0 Off |  0 |\n| N/A  34C | 4MiB | 0% |\n"
            * 5,
        ),
        (
            "costs.log",
            '{\n  "a": {\n    "cost": 0.5,\n    "loss": 0.1,\n    "step": 3\n  }\n}\n' * 9,
        ),
        ("jobs.log", lines("worker: retry {i}, error: {i}, timeout=30")),
        ("results.out", "Accuracy: 0.91\nF1: 0.90\nLoss: 0.2\n"),
        ("access.log", lines("10.0.0.1 - - 'GET /loss?epoch=3&acc=0.5 HTTP/1.1' 200 {i}")),
        (
            "ls.log",
            lines("-rw-r--r-- 1 user group {i}000 May  1 10:00 checkpoint-{i}-loss=0.{i}.pt"),
        ),
        ("labels_log.txt", "0 0.5 0.5 0.1 0.1\n1 0.2 0.3 0.1 0.1\n" * 99),
    ],
)
def test_other_texts_are_no_runs(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    assert list(find_runs(tmp_path, sources=CONSOLE)) == []


def test_what_another_source_claims_is_left_to_it(tmp_path):
    (tmp_path / "metrics.jsonl").write_text('{"step": 1, "loss": 0.5}\n' * 5)
    for name in ("train.log", "output.log", "stdout.txt", "metrics.log"):
        (tmp_path / name).write_text(lines("step {i}: loss: {v}"))
    assert [run.source for run in find_runs(tmp_path)] == ["jsonl"]


def test_a_young_log_that_is_asked_for_is_a_run_without_metrics(printed):
    for text in ("", "Loading data ...\n"):
        run = printed(text)
        assert (run.series(), run.info.state) == ({}, "unknown")


def test_a_directory_in_place_of_a_log_is_no_run(tmp_path):
    (tmp_path / "train.log").mkdir()
    assert list(find_runs(tmp_path, sources=CONSOLE)) == []


def test_a_log_that_vanishes_leaves_a_gap(printed, tmp_path):
    run = printed(lines("step {i}: loss: {v}"))
    (tmp_path / "train.log").unlink()
    assert run.series() == {}
    assert run.tail(3) == {}
    assert run.console(3) == []


def test_a_very_long_line_is_passed_over_in_little_memory(printed):
    text = lines("step {i}: loss: {v}") + "x" * 3_000_000 + "\n" + "step 10: loss: 0.5\n"
    assert len(points(printed(text), "loss")) == 11


def test_ten_thousand_metrics_are_all_read(printed):
    told = ", ".join(f"'m{i}': {i / 8}" for i in range(10_000))
    text = "".join("{'loss': 0.5, " + told + f", 'epoch': {e}}}\n" for e in range(3))
    run = printed(text)
    assert len(run.metrics()) == 10_001
    assert points(run, "m9999") == [(float(e), 9999 / 8) for e in range(3)]


def test_the_console_is_the_last_lines_without_colours(printed):
    run = printed(lines("step {i}: loss: {v}") + "\x1b[31mRuntimeError: no memory\x1b[0m\n")
    assert run.console(2) == ["step 9: loss: 1.125", "RuntimeError: no memory"]


def test_any_text_is_opened_for_its_metrics_whatever_its_name(tmp_path):
    paths = []
    for number in range(2):
        paths.append(tmp_path / f"kept{number}.dat")
        begin = number * 10
        paths[-1].write_text("".join(f"step {begin + i}: loss: 0.5\n" for i in range(10)))
    assert len(series_of(paths)["loss"]) == 20
    assert open_text(paths[0]).metrics() == ("loss",)
    paths[0].write_text("nothing of a training\n")
    assert open_text(paths[0]) is None


def test_lines_are_recognised_without_a_file():
    assert recognise(["iter 1: loss 3.2, time 5.0ms, mfu 4%"]) == "nanogpt"
    assert recognise(["hello", "world 5"]) is None
    assert recognise([]) is None


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=60),
            st.sampled_from(
                [
                    b"step 3: loss: 0.5\n",
                    b"Epoch 3/10\r",
                    b"| loss | 0.5 |\n------\n",
                    b"{'loss': 0.5, 'epoch': 1}\n",
                    b"\xff\xfe",
                    b"\x1b[31",
                    b"12/100 [==>..] - ETA: 5s - loss: 0.5123\x08\x08",
                    b"Epoch 1: 3%|#4 | 12/100 [00:01<00:09, 9.8it/s, loss=nan]\r",
                ]
            ),
        ),
        max_size=30,
    )
)
def test_any_bytes_in_no_exception_out(tmp_path, parts):
    path = tmp_path / "train.log"
    path.write_bytes(b"".join(parts))
    run = open_run(path, sources=CONSOLE) if _opens(path) else None
    if run is not None:
        series = run.series()
        assert set(run.tail(5)) <= set(series)
        run.overview(3)
        run.window(None, 0, 5)
        run.summary()
        run.console(3)
        assert all(map(str, run.gaps))


def _opens(path):
    try:
        open_run(path, sources=CONSOLE)
    except LookupError:
        return False
    return True
