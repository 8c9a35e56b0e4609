"""Whatever happened to a file, the rest of it is read, and what is missing is said."""

from __future__ import annotations

import os
import struct
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runwise_parsers import find_runs
from runwise_parsers.sources.tensorboard import Tensorboard

NAME = "events.out.tfevents.1700000000.demo.7.0"


@pytest.fixture
def kept(tmp_path, opened):
    """Save bytes as an event file and return the run in it, read once, and its gaps."""

    def kept(data: bytes):
        path = tmp_path / NAME
        path.write_bytes(data)
        run = opened(path)
        return run, run.series(), [gap.missing for gap in run.gaps]

    return kept


@pytest.fixture
def curve(log):
    return log().curve("loss", range(200))


def test_a_killed_writer_leaves_all_but_the_last_record(kept, curve):
    _, series, gaps = kept(curve.data()[:-7])
    assert series["loss"].steps.tolist() == list(range(199))
    assert gaps == [f"the last record of {NAME}"]


def test_a_torn_record_is_no_news_while_the_run_goes_on(kept, log):
    one = log().curve("loss", range(10), clock=time.time() - 10)
    run, series, gaps = kept(one.data()[:-7])
    assert (run.info.state, len(series["loss"]), gaps) == ("running", 9, [])


def test_a_run_whose_clock_is_old_is_not_running(kept, curve):
    run, _, _ = kept(curve.data())
    assert run.info.state == "unknown"


def test_a_git_lfs_pointer_is_said_to_be_one(kept):
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"
    run, series, _ = kept(pointer)
    assert series == {}
    assert run.gaps[0].remedy == "Run git lfs pull."
    assert len(run.gaps) == 1


def test_an_empty_file_is_a_run_without_scalars(kept):
    run, series, gaps = kept(b"")
    assert (series, run.info.state, run.info.last_step) == ({}, "unknown", None)
    assert gaps == ["scalars"]


def test_a_file_without_scalars_says_what_it_holds(kept, log, wire):
    part = wire["part"]
    one = log().event(0, part(4, b"graph")).event(0, part(8, b""))
    for step in range(3):
        one.values(step, {"weights": part(5, b"histogram"), "sample": part(4, b"image")})
    run, _, gaps = kept(one.data())
    assert gaps == ["scalars"]
    said = "1 graph, 1 run metadata, 3 histograms, 3 images"
    assert run.gaps[0].because == f"the event files hold {said} only"


def test_media_beside_scalars_are_mentioned(kept, log, wire):
    one = log().curve("loss", range(3)).values(1, {"clip": wire["part"](6, b"audio")})
    assert kept(one.data())[2] == ["media clip (audio)"]


@pytest.mark.parametrize("data", [b"step,loss\n1,2\n" * 50, bytes(5000), b"\xff" * 3000])
def test_a_file_of_something_else_holds_nothing(kept, data):
    _, series, gaps = kept(data)
    assert series == {}
    assert gaps == [f"{len(data)} bytes of {NAME}", "scalars"]


@pytest.mark.parametrize("size", [1, 5, 16, 5000])
def test_bytes_that_are_no_records_are_passed_over(kept, curve, size):
    cut = len(b"".join(curve.records[:100]))
    junk = b"\x01\x02\x03\t\0" * 1000
    _, series, gaps = kept(curve.data()[:cut] + junk[:size] + curve.data()[cut:])
    assert series["loss"].steps.tolist() == list(range(200))
    assert gaps == [f"{size} byte{'s' if size > 1 else ''} of {NAME}"]


def test_a_hole_of_zeros_costs_what_was_in_it(kept, curve):
    data = bytearray(curve.data())
    size = len(curve.records[50])
    begin = len(b"".join(curve.records[:50]))
    data[begin + 20 : begin + 20 + 3 * size] = bytes(3 * size)
    _, series, gaps = kept(bytes(data))
    missing = sorted(set(range(200)) - set(map(int, series["loss"].steps)))
    assert missing == [49, 50, 51, 52]
    assert any("byte" in gap for gap in gaps)


def test_bytes_missing_inside_a_record_cost_that_record_alone(kept, curve):
    begin = len(b"".join(curve.records[:50]))
    data = curve.data()[: begin + 20] + curve.data()[begin + 30 :]
    _, series, gaps = kept(data)
    assert sorted(set(range(200)) - set(map(int, series["loss"].steps))) == [49]
    assert gaps == [f"{len(curve.records[50]) - 10} bytes of {NAME}"]


def test_a_wrong_number_is_never_shown(kept, curve):
    data = bytearray(curve.data())
    at = len(b"".join(curve.records[:80])) - 6  # in the value of step 78
    data[at] ^= 1
    _, series, gaps = kept(bytes(data))
    assert series["loss"].steps.tolist() == [step for step in range(200) if step != 78]
    assert gaps == [f"1 record of {NAME}"]


def test_a_record_that_is_no_event_is_counted(kept, curve, wire):
    data = curve.data() + wire["framed"](b"\x0f\xff no event")
    _, series, gaps = kept(data)
    assert len(series["loss"]) == 200
    assert gaps == [f"1 record of {NAME}"]


def test_a_record_larger_than_a_window_is_read(kept, log, wire):
    one = log().curve("loss", range(20))
    one.event(20, wire["part"](4, bytes(3 << 20)))
    one.curve("loss", range(21, 40))
    _, series, gaps = kept(one.data())
    assert (len(series["loss"]), gaps) == (39, [])


def test_a_record_too_large_is_passed_over_and_counted(kept, log, wire):
    length = struct.pack("<Q", 17 << 20)
    # Nothing is read of it, and its checksum would take seconds.
    record = length + wire["checksum"](length) + bytes((17 << 20) + 4)
    more = log().curve("loss", range(20, 40)).records[1:]
    _, series, gaps = kept(log().curve("loss", range(20)).data() + record + b"".join(more))
    assert len(series["loss"]) == 40
    assert gaps == [f"1 record of {NAME}"]


def test_the_last_records_are_found_behind_large_media(log, wire, tmp_path, opened):
    one = log().curve("loss", range(20))
    one.event(20, wire["part"](4, bytes(300_000)))
    run = opened(one.save(tmp_path))
    assert run.info.last_step == 19
    assert run.tail(2)["loss"].steps.tolist() == [18, 19]


def test_a_directory_in_place_of_a_file_is_no_run(tmp_path):
    (tmp_path / NAME).mkdir()
    assert list(find_runs(tmp_path, sources=[Tensorboard()])) == []


@pytest.mark.skipif(os.name == "nt" or getattr(os, "geteuid", int)() == 0, reason="root may read")
def test_a_file_that_may_not_be_read_is_a_gap(tmp_path, curve, opened):
    path = curve.save(tmp_path)
    path.chmod(0)
    run = opened(path)
    assert run.series() == {}
    assert run.gaps[0].because == "permission denied"


def test_a_file_that_is_gone_is_empty(tmp_path, curve, opened):
    path = curve.save(tmp_path)
    run = opened(path)
    path.unlink()
    assert (run.series(), run.tail(3), run.overview(3), run.window(None, 0, 9)) == ({}, {}, {}, {})


def test_a_file_that_shrinks_while_it_is_read_gives_what_was_there(tmp_path, log, opened):
    one = log()
    for step in range(12_000):
        one.records.append(one.records[0]) if step % 3 else one.scalar(step, "loss", step)
    path = one.save(tmp_path)
    batches = opened(path).batches()
    first = next(batches)
    path.write_bytes(one.data()[:100])
    rest = [batch for batch in batches if batch.columns]
    steps = [step for batch in (first, *rest) for step in batch.columns["loss"].steps]
    assert steps == [float(step) for step in range(0, 12_000, 3)][: len(steps)]


@given(data=st.binary(max_size=400))
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_read_without_an_exception(data, kept):
    run, _, _ = kept(data)
    run.overview(3), run.tail(2), run.window(None, 0, 5), run.config(), run.summary()


@given(choice=st.data())
@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_what_is_left_of_a_damaged_log_is_true(choice, kept, log, forms):
    one = log()
    for step in range(40):
        one.scalar(step, "loss", step / 3, form=forms["double"]).scalar(step, "f", step / 4)
    data = bytearray(one.data())
    for _ in range(choice.draw(st.integers(1, 4))):
        at = choice.draw(st.integers(0, len(data) - 1))
        how = choice.draw(st.sampled_from(["flip", "cut", "insert", "zero"]))
        if how == "flip":
            data[at] ^= 1 << choice.draw(st.integers(0, 7))
        elif how == "cut":
            del data[at : at + choice.draw(st.integers(1, 60))]
        elif how == "insert":
            data[at:at] = choice.draw(st.binary(min_size=1, max_size=60))
        else:
            data[at : at + 30] = bytes(len(data[at : at + 30]))
    run, series, gaps = kept(bytes(data))
    for name, share in (("loss", 3), ("f", 4)):
        for at, step in enumerate(series[name].steps if name in series else ()):
            assert series[name].values[at] == step / share
    lost = sum(map(len, series.values())) < 80
    assert gaps or not lost
    assert {step for one in run.tail(3).values() for step in one.steps} <= set(range(40))
