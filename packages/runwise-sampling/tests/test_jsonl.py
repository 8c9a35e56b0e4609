"""JSON Lines: a sample at a cost that does not grow, and an exact pass beside it."""

from __future__ import annotations

import json
import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runwise_sampling import jsonl, read_jsonl, sample_jsonl


def rows(count):
    return [
        {"step": at * 10, "loss": 1 / (1 + at), "note": "x" * (at % 50)} for at in range(count)
    ]


@pytest.fixture
def read_in_places(monkeypatch):
    """So that a small file is sampled like a large one."""
    monkeypatch.setattr(jsonl, "SMALL", 0)
    monkeypatch.setattr(jsonl, "TAIL", 40)


@pytest.mark.parametrize("wanted", [2, 3, 50, 499])
@pytest.mark.parametrize("small", [0, 1 << 20])
def test_a_sample_has_the_first_and_the_last_row_and_real_rows_between(
    write_rows, monkeypatch, wanted, small
):
    monkeypatch.setattr(jsonl, "SMALL", small)
    written = rows(500)
    got = sample_jsonl(write_rows(written), ["loss"], wanted)
    steps, values = got.columns["loss"]
    assert list(got.columns) == ["loss"]
    assert (steps[0], steps[-1]) == (0, 4990)
    assert list(steps) == sorted(set(steps))
    assert {*zip(steps, values, strict=True)} <= {(row["step"], row["loss"]) for row in written}
    assert wanted * 0.6 < len(steps) <= wanted
    assert (got.rows, got.unreadable, got.stepless, got.whole) == (len(steps), 0, 0, False)


def test_a_sample_of_a_large_file_reads_little_of_it(write_rows, monkeypatch):
    path = write_rows(rows(60_000))
    read = []
    add = jsonl.Rows.add
    monkeypatch.setattr(jsonl.Rows, "add", lambda self, line: read.append(line) or add(self, line))
    got = sample_jsonl(path, rows=100)
    assert got.rows == 100
    assert len(read) <= 102
    spread = list(got.columns["loss"][0])
    gaps = [after - before for before, after in pairwise(spread)]
    assert max(gaps) < 1.5 * 600_000 / 99


def test_a_short_file_comes_back_whole(write_rows):
    got = sample_jsonl(write_rows(rows(20)))
    assert got.whole
    assert list(got.columns["loss"][0]) == list(range(0, 200, 10))


@pytest.mark.usefixtures("read_in_places")
def test_unreadable_lines_are_skipped_and_counted_and_the_last_readable_row_is_found(write_rows):
    lines = [*rows(30), '{"step": 9', "]", '{"step": 300, "loss": 0.5}', "oops", '{"step": 3']
    got = sample_jsonl(write_rows(lines), rows=2)
    assert list(got.columns["loss"][0]) == [0, 300]
    assert got.unreadable == 2


def test_every_unreadable_line_of_an_exact_pass_is_counted(write_rows):
    lines = [*rows(30), '{"step": 9', "[1, 2]", "", "\ufffd", *rows(2)]
    got = read_jsonl(write_rows(lines))
    assert (got.rows, got.unreadable, got.sketches["loss"].stats.count) == (32, 3, 32)


def test_a_broken_first_line_and_one_line_without_end_are_no_trouble(tmp_path):
    path = tmp_path / "log.jsonl"
    for text, expected in (("", 0), ("\n\n", 0), ('{"step": 1, "a": 2}', 1), ('{"step":', 0)):
        path.write_text(text)
        for small in (0, 1 << 20):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(jsonl, "SMALL", small)
                assert sample_jsonl(path).rows == expected
        assert read_jsonl(path).rows == expected


def test_nan_and_infinity_are_numbers_as_python_and_as_wandb_write_them(write_rows):
    values = [
        math.nan,
        "NaN",
        math.inf,
        "Infinity",
        -math.inf,
        "-Infinity",
        "nan",
        True,
        None,
        "1",
    ]
    path = write_rows([{"step": at, "loss": value} for at, value in enumerate(values)])
    stats = read_jsonl(path).sketches["loss"].stats
    assert (stats.nan_count, stats.inf_count, stats.neg_inf_count, stats.count) == (2, 2, 2, 0)
    assert len(sample_jsonl(path).columns["loss"][0]) == 6


def test_the_exact_pass_equals_the_standard_library(write_rows, monkeypatch):
    monkeypatch.setattr(jsonl, "FLUSH", 100)
    path = write_rows(rows(1234))
    got = read_jsonl(path, ["loss", "absent"], buckets=64)
    read = [json.loads(line) for line in path.read_text().splitlines()]
    stats = got.sketches["loss"].stats
    assert list(got.sketches) == ["loss"]
    assert stats.mean == pytest.approx(sum(row["loss"] for row in read) / len(read), rel=1e-12)
    assert stats.best("min") == (read[-1]["loss"], read[-1]["step"])
    assert got.sketches["loss"].limit == 64


def test_rows_without_a_step_are_counted(write_rows):
    path = write_rows([{"loss": 1.0}, {"epoch": 3, "loss": 2.0}, {"_step": 4, "loss": 3.0}])
    got = read_jsonl(path)
    assert (got.rows, got.stepless, got.sketches["loss"].stats.total) == (3, 2, 1)
    by_epoch = read_jsonl(path, step="epoch")
    assert (by_epoch.stepless, by_epoch.sketches["loss"].stats.first_step) == (2, 3)


def test_the_step_is_no_metric_unless_asked_for(write_rows):
    path = write_rows([{"_step": 1, "loss": 2.0}])
    assert list(read_jsonl(path).sketches) == ["loss"]
    assert list(read_jsonl(path, ["_step"]).sketches) == ["_step"]


def test_numbers_too_large_for_a_float_are_left_out(write_rows):
    path = write_rows([f'{{"step": 1, "a": {10**400}, "b": 2}}'])
    assert list(read_jsonl(path).sketches) == ["b"]


@given(junk=st.binary(max_size=300), count=st.integers(2, 9))
def test_any_bytes_give_counts_and_no_traceback(tmp_path_factory, junk, count):
    path = tmp_path_factory.mktemp("junk") / "log.jsonl"
    path.write_bytes(b'{"step": 0, "a": 1}\n' + junk)
    exact = read_jsonl(path)
    for small in (0, 1 << 20):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(jsonl, "SMALL", small)
            assert 1 <= sample_jsonl(path, rows=count).rows <= max(exact.rows, count)


def test_bad_arguments_are_named(write_rows):
    path = write_rows(rows(3))
    with pytest.raises(ValueError, match="rows must be at least 2, not 1"):
        sample_jsonl(path, rows=1)
    with pytest.raises(ValueError, match="keys must be a list of names, not the text 'loss'"):
        sample_jsonl(path, "loss")
    with pytest.raises(ValueError, match="buckets must be at least 8, not 2"):
        read_jsonl(path, buckets=2)
    with pytest.raises(FileNotFoundError):
        sample_jsonl(path.with_name("absent.jsonl"))
