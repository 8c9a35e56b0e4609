"""JSON Lines logs, as training loops write them and as they break."""

from __future__ import annotations

import json
import math
import os
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runwise_parsers import find_runs, open_run
from runwise_parsers.json_log.rows import parse
from runwise_parsers.lines import windows


def test_numbers_are_metrics_and_the_step_key_orders_them(jsonl):
    path = jsonl(
        [{"step": 0, "loss": 2.5, "ok": True}, {"step": 10, "loss": 2, "note": "x", "lr": None}]
    )
    series = open_run(path).series()
    assert {name: one.values.tolist() for name, one in series.items()} == {
        "loss": [2.5, 2],
        "ok": [1],
    }
    assert series["loss"].steps.tolist() == [0, 10]
    assert open_run(path).series(["step"])["step"].values.tolist() == [0, 10]


@pytest.mark.parametrize(
    "key", ["step", "global_step", "Iteration", "_step", "epoch", "num_updates"]
)
def test_the_step_key_has_many_names(jsonl, key):
    run = open_run(jsonl([{key: 3, "loss": 1.0}, {key: 7, "loss": 0.5}]))
    assert run.series()["loss"].steps.tolist() == [3, 7]
    assert run.info.last_step == 7


def test_without_a_step_key_rows_are_counted(jsonl):
    rows = [{"loss": number / 2} for number in range(3_000)]
    run = open_run(jsonl(rows))
    assert run.series()["loss"].steps.tolist() == list(range(3_000))
    assert run.tail(2)["loss"].steps.tolist() == [2_998, 2_999]
    for shown in (run.overview(10)["loss"], run.overview(500)["loss"]):
        assert (shown.steps[0], shown.steps[-1]) == (0, 2_999)
        assert all(
            value == step / 2 for step, value in zip(shown.steps, shown.values, strict=True)
        )


def test_a_row_without_a_step_belongs_to_the_row_before_it(jsonl):
    rows = [row for step in range(3_000) for row in ({"step": step, "loss": 1.0}, {"val": step})]
    run = open_run(jsonl(rows))
    assert run.series()["val"].steps.tolist() == list(range(3_000))
    assert run.tail(1)["val"].steps.tolist() == [2_999]
    shown = run.overview(100)["val"]
    assert shown.steps.tolist() == shown.values.tolist()


@pytest.mark.parametrize("clock", ["time", "timestamp", "date"])
def test_times_are_seconds_milliseconds_or_iso(jsonl, clock):
    for begin, make in [
        (1.7e9, float),
        (1.7e9, lambda when: when * 1000),
        (1.7e9, lambda when: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(when))),
    ]:
        rows = [{"step": n, "loss": 1.0, clock: make(begin + n)} for n in range(3)]
        run = open_run(jsonl(rows))
        assert run.series()["loss"].times.tolist() == [begin, begin + 1, begin + 2]
        assert (run.info.created, run.info.updated, run.info.state) == (
            begin,
            begin + 2,
            "unknown",
        )
        assert clock not in run.metrics()


def test_a_fresh_clock_inside_and_outside_means_running(jsonl):
    now = time.time()
    path = jsonl([{"step": 1, "loss": 1.0, "time": now}])
    assert open_run(path).info.state == "running"
    os.utime(path, (now - 900, now - 900))
    assert open_run(path).info.state == "unknown"


@pytest.mark.parametrize(
    "spelling", ["NaN", '"NaN"', '"nan"', "Infinity", "-Infinity", '"-Infinity"', "1e999"]
)
def test_numbers_that_are_not_finite_are_read_in_every_spelling(jsonl, spelling):
    lines = [
        f'{{"step": {step}, "loss": {spelling if step == 5 else step}}}\n' for step in range(9)
    ]
    series = open_run(jsonl("".join(lines).encode())).series()["loss"]
    assert len(series) == 9
    assert [step for step, value in enumerate(series.values) if not math.isfinite(value)] == [5]


@pytest.mark.parametrize("text", ["1" * 400, "-" + "9" * 350, "1" * 5_000, "1e400"])
def test_integers_beyond_all_floats_are_infinite_or_a_lost_line(jsonl, text):
    path = jsonl(
        f'{{"step": 0, "x": 1}}\n{{"step": 1, "x": {text}}}\n{{"step": 2, "x": 3}}\n'.encode()
    )
    run = open_run(path)
    finite = [value for value in run.series()["x"].values if math.isfinite(value)]
    assert finite == [1, 3]
    assert len(run.series()["x"]) == 3 or run.gaps


def test_nested_objects_have_dotted_names(jsonl):
    rows = [{"step": n, "val": {"loss": n, "deep": {"x": 1}}, "val.acc": 0.5} for n in range(4)]
    run = open_run(jsonl(rows))
    assert set(run.series()) == {"val.loss", "val.deep.x", "val.acc"}
    assert run.series(["val.loss"])["val.loss"].values.tolist() == [0, 1, 2, 3]
    assert set(run.series(["val.acc", "val.deep.x"])) == {"val.acc", "val.deep.x"}


def test_a_name_that_is_nested_here_and_flat_there_is_one_curve(jsonl):
    rows = [{"step": n, **({"a": {"b": n}} if n % 2 else {"a.b": n})} for n in range(10)]
    for series in (open_run(jsonl(rows)).series(), open_run(jsonl(rows)).series(["a.b"])):
        assert series["a.b"].values.tolist() == list(range(10))


@pytest.mark.parametrize(
    "line",
    [
        b"7",
        b"[1, 2]",
        b'"text"',
        b"null",
        b"{",
        b"nonsense",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"a": 1} {"b": 2}',
    ],
)
def test_a_line_that_holds_no_object_is_counted_and_the_others_are_read(jsonl, line):
    path = jsonl(b'{"step": 0, "loss": 1}\n' + line + b'\n{"step": 1, "loss": 2}\n')
    run = open_run(path)
    assert run.series()["loss"].values.tolist() == [1, 2]
    assert [str(gap) for gap in run.gaps] == [
        "1 line of metrics.jsonl: no JSON object. All other lines were read."
    ]


@pytest.mark.parametrize("ends", [b"\n", b"\r\n", b"\n\n\n", b"  \n", b"\n \t\n"])
@pytest.mark.parametrize("begin", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("last", [b"", b"\n"])
def test_line_ends_blank_lines_and_a_byte_order_mark_are_no_loss(jsonl, ends, begin, last):
    lines = [b'{"step": %d, "loss": %d}' % (step, step) for step in range(5)]
    run = open_run(jsonl(begin + ends.join(lines) + last))
    assert run.series()["loss"].values.tolist() == [0, 1, 2, 3, 4]
    assert run.gaps == ()
    assert run.info.last_step == 4


def test_text_that_is_no_utf_8_spoils_nothing(jsonl):
    run = open_run(jsonl(b'{"step": 0, "note": "\xff\xfe", "loss": 1, "l\xf6ss": 2}\n'))
    assert run.series()["loss"].values.tolist() == [1]
    assert "l\ufffdss" in run.metrics()


def test_names_that_no_encoding_takes_are_replaced(jsonl):
    run = open_run(jsonl(b'{"step": 0, "a\\ud800": 1}\n{"step": 1, "a\\ud800": 2}\n'))
    assert [name.encode() for name in run.metrics()] == [b"a?"]


def test_objects_that_span_lines_are_not_taken_for_rows(jsonl):
    run = open_run(
        jsonl(b'{"step": 0, "loss": 1}\n{"step": 1\n"loss": 5}\n{"step": 2, "loss": 3}\n')
    )
    assert run.series()["loss"].values.tolist() == [1, 3]
    assert run.gaps[0].missing.startswith("2 lines")


def test_a_last_line_that_is_cut_is_read_when_it_is_whole(jsonl):
    path = jsonl([{"step": 0, "loss": 1.0}])
    run = open_run(path)
    whole = path.read_bytes()
    cursor = list(run.since(None))[-1].cursor
    path.write_bytes(whole + b'{"step": 1, "lo')
    assert list(run.since(cursor)) == []
    assert run.gaps[0].missing == "the last line of metrics.jsonl"
    path.write_bytes(whole + b'{"step": 1, "loss": 5}\n')
    assert [batch.columns["loss"].values.tolist() for batch in run.since(cursor)] == [[5.0]]
    assert run.gaps == ()


def test_a_line_of_60_megabytes_hides_nothing_behind_it(jsonl):
    path = jsonl(
        b'{"step": 0, "loss": 1}\n{"step": 1, "x": "'
        + b"y" * 60_000_000
        + b'"}\n{"step": 2, "loss": 3}\n'
    )
    run = open_run(path)
    assert run.series()["loss"].steps.tolist() == [0, 2]
    assert run.tail(1)["loss"].values.tolist() == [3]
    assert run.overview(5)["loss"].values.tolist() == [1, 3]


def test_a_fall_of_the_step_opens_a_segment_and_purges_nothing(jsonl, points):
    rows = [{"step": step, "loss": step + run / 10} for run in range(3) for step in range(50)]
    run = open_run(jsonl(rows))
    batches = list(run.batches())
    assert [batch.segment for batch in batches] == [0, 1, 2]
    assert len(run.series()["loss"]) == 150
    for number, batch in enumerate(batches, start=1):
        rest = [points(later.columns["loss"]) for later in run.since(batch.cursor)]
        assert rest == [points(later.columns["loss"]) for later in batches[number:]]
        assert [later.segment for later in run.since(batch.cursor)] == list(range(number, 3))
    assert run.window(["loss"], 49, 60)["loss"].values.tolist() == [49.0, 49.1, 49.2]


def test_cursors_hold_in_a_log_of_many_windows_and_falls(jsonl, points):
    rows = [{"step": number % 700, "loss": number, "pad": "x" * 500} for number in range(3_000)]
    run = open_run(jsonl(rows))
    batches = list(run.batches())
    assert len(batches) > 8
    for number, batch in enumerate(batches, start=1):
        rest = [
            value for later in run.since(batch.cursor) for value in later.columns["loss"].values
        ]
        assert rest == [
            value for later in batches[number:] for value in later.columns["loss"].values
        ]


def test_a_log_that_turns_out_to_have_another_step_key_is_read_again(jsonl):
    path = jsonl([{"loss": 1.0}])
    run = open_run(path)
    cursor = list(run.batches())[-1].cursor
    path = jsonl([{"loss": 1.0}, *({"step": step, "loss": 2.0} for step in range(7, 12))])
    batches = list(open_run(path).since(cursor))
    assert batches[0].restart
    assert sum(len(batch.columns["loss"]) for batch in batches) == 6


@pytest.mark.parametrize("count", [2, 10, 63, 64, 1_000])
@pytest.mark.parametrize("pad", [0, 900, 40_000])
def test_an_overview_of_a_large_file_holds_true_rows_from_first_to_last(jsonl, points, count, pad):
    number = 400 if pad > 10_000 else 3_000
    rows = [{"step": step, "loss": step / 3, "pad": "x" * pad} for step in range(number)]
    run = open_run(jsonl(rows))
    shown = run.overview(count)["loss"]
    assert (shown.steps[0], shown.steps[-1]) == (0, number - 1)
    assert set(points(shown)) <= set(points(run.series()["loss"]))
    assert shown.steps.tolist() == sorted(set(shown.steps))
    assert min(count, number) / 2 <= len(shown) <= 2 * count + 2 or pad > 10_000


def test_data_sets_are_no_runs(jsonl, tmp_path):
    jsonl([{"id": n, "text": "a cat", "label": n % 2} for n in range(50)], "train_data.jsonl")
    jsonl([{"messages": [{"role": "user"}], "tokens": n} for n in range(50)], "chat.jsonl")
    jsonl([{"step": n, "text": "no numbers"} for n in range(50)], "texts.jsonl")
    jsonl(b"", "empty.jsonl")
    jsonl(b"\x00\x01\x02" * 100, "binary.jsonl")
    assert list(find_runs(tmp_path)) == []
    assert open_run(tmp_path / "chat.jsonl").series()["tokens"].values[-1] == 49


def test_a_git_lfs_pointer_is_a_run_that_says_what_to_do(jsonl, tmp_path):
    jsonl(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n")
    (info,) = find_runs(tmp_path)
    run = open_run(info)
    assert (run.series(), run.tail(3), run.overview(3), list(run.since(None))) == ({}, {}, {}, [])
    assert "git lfs pull" in str(run.gaps[0])


def test_a_log_that_disappears_behind_a_link_is_a_gap(tmp_path):
    (tmp_path / "metrics.jsonl").symlink_to(tmp_path / "gone")
    (info,) = find_runs(tmp_path)
    run = open_run(info)
    assert run.series() == {}
    assert "no such file" in run.gaps[0].because


def test_only_files_that_hold_rows_are_opened_as_runs(jsonl):
    with pytest.raises(LookupError, match="no run that a known source reads"):
        open_run(jsonl(b"import torch\n", "train.py"))
    assert open_run(jsonl([{"loss": 1.0}], "log.txt")).series()["loss"].values.tolist() == [1.0]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(
    lines=st.lists(
        st.dictionaries(st.sampled_from(["step", "loss", "a", "time"]), JSON) | JSON, max_size=12
    )
)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_json_stands_in_the_lines_all_questions_are_answered(lines, jsonl):
    path = jsonl(lines)
    run = open_run(path)
    batches = list(run.batches())
    total = sum(len(one) for batch in batches for one in batch.columns.values())
    assert total == sum(len(one) for one in run.series().values())
    assert list(run.since(batches[-1].cursor)) == [] if batches else run.series() == {}
    run.overview(3), run.tail(3), run.summary(), run.window(None, 0, 5)


@given(data=st.binary(max_size=300))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_read_without_an_exception(data, jsonl):
    run = open_run(jsonl(data))
    run.series(), run.overview(3), run.tail(3), run.summary(), run.metrics()
    objects = [line for line in data.split(b"\n") if is_object(line)]
    assert len(parse(data)[0]) >= len(objects) - data.startswith(b"\xef\xbb\xbf")


def is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


@given(
    lines=st.lists(st.binary(max_size=40).filter(lambda line: b"\n" not in line), max_size=20),
    size=st.integers(0, 400),
)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_windows_hold_all_bytes_once_and_break_at_line_ends(lines, size, jsonl):
    data = b"\n".join(lines) + b"\n" * (size % 2)
    path = jsonl(data)
    whole = b""
    for window, offset in windows(path):
        whole += window
        assert offset == len(whole)
    assert whole == data
