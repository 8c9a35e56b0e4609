"""The frames of a log: whatever happens to its bytes, the rest is read and the loss is said."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runwise_parsers import open_run
from runwise_parsers.leveldb.mending import BLOCK, HEADER_SIZE
from runwise_parsers.wandb_log.framing import Frames

ROW = b"\x12"


@pytest.fixture(scope="module")
def walked():
    """Walk a log window by window; returns the frames and the rows."""

    def walked(data: bytes, window: int = BLOCK):
        frames, rows = Frames(), []
        while len(data) > frames.offset:
            end = (frames.offset // window + 1) * window
            reached = min(end, len(data))
            rows += frames.walk(data[frames.offset : end])[0]
            if frames.offset < reached:
                break
        return frames, rows

    return walked


@pytest.fixture(scope="module")
def history():
    """A record with a row of that length, which begins with its number."""

    def history(number: int, length: int) -> bytes:
        body = number.to_bytes(4, "big") + bytes(max(0, length - 4))
        size, count = len(body), bytearray()
        while size > 127:
            count.append(size & 127 | 128)
            size >>= 7
        return ROW + bytes([*count, size]) + body

    return history


@given(lengths=st.lists(st.integers(4, 90_000) | st.integers(32_700, 32_800), max_size=12))
@settings(deadline=None)
def test_records_of_any_length_are_read_back(lengths, history, walked, frame):
    data = frame([history(number, length) for number, length in enumerate(lengths)])
    frames, rows = walked(data)
    assert [len(row) for row in rows] == lengths
    assert [int.from_bytes(row[:4], "big") for row in rows] == list(range(len(lengths)))
    assert frames.lost == []
    assert frames.start == frames.offset == len(data)


@given(data=st.binary(max_size=4_000))
@settings(deadline=None)
def test_any_bytes_behind_the_header_are_walked_without_an_exception(data, walked):
    frames, _ = walked(bytes(HEADER_SIZE) + data)
    assert frames.offset <= HEADER_SIZE + len(data)


def test_a_chunk_that_begins_in_the_last_bytes_of_a_block_is_read(history, walked, frame):
    for room in range(40):
        filler = BLOCK - HEADER_SIZE - 7 - 4 - room
        records = [history(0, filler), history(1, 300), history(2, 300)]
        frames, rows = walked(frame(records))
        assert len(rows) == 3, f"{room} bytes are left in the block"
        assert frames.lost == []


def test_rows_are_read_at_every_place_they_can_have_in_a_block(writer, save, points):
    for shift in range(60):
        log = writer().start(notes="n" * shift)
        log.rows(240)
        run = open_run(save(log))
        assert len(run.series()["loss"]) == 240
        assert run.gaps == ()


def test_a_log_cut_at_every_byte_gives_ever_more_true_points(writer, save, points, layout):
    data = writer(layout).start().rows(7).end().data()
    truth = points(open_run(save(data)).series()["loss"])
    before = 0
    for size in range(len(data) + 1):
        series = open_run(save(data[:size])).series()
        got = points(series["loss"]) if series else []
        assert got == truth[: len(got)]
        assert len(got) >= before
        before = len(got)
    assert before == 7


def test_a_cut_log_says_that_it_ends_inside_a_record_unless_it_does_not(writer, save):
    log = writer().start().rows(3)
    data = log.data()
    log.records.pop()
    whole = len(log.data())
    for size, torn in [
        (whole, False),
        (whole + 3, True),
        (len(data) - 1, True),
        (len(data), False),
    ]:
        run = open_run(save(data[:size]))
        run.series()
        assert [gap.because for gap in run.gaps] == (["the log ends inside it"] if torn else [])


def test_a_byte_flipped_anywhere_costs_no_more_than_its_record(writer, save, points, layout):
    data = writer(layout).start().rows(5).end().data()
    truth = points(open_run(save(data)).series()["loss"])
    for at in range(7, len(data)):
        for mask in (0x08, 0xFF):
            run = open_run(save(data[:at] + bytes([data[at] ^ mask]) + data[at + 1 :]))
            got = points(run.series()["loss"])
            assert set(got) <= set(truth)
            assert len(got) >= 4
            assert got == truth or run.gaps, f"byte {at} flipped by {mask}: a row is lost, no gap"


def test_a_row_that_one_wrong_bit_makes_a_summary_is_missed(writer, save, points):
    data = bytearray(writer().start().rows(3_000).data())
    end = data.index(b"\x12\x05_step\x82\x01\x041500")
    at = max(
        place for place in range(end - 200, end) if data[place] == 0x12 and data[place - 3] == 8
    )
    data[at] ^= 0x08
    run = open_run(save(bytes(data)))
    assert len(run.series()["loss"]) == 2_999
    assert "damaged in 1 place" in run.gaps[0].because


@pytest.fixture(scope="module", params=["core", "old"])
def long_log(request, writer):
    """A log of a dozen blocks and the number of its rows."""
    count = 3_000 if request.param == "core" else 5_500
    return writer(request.param).start().rows(count).end().data(), count


@pytest.mark.parametrize("block", [0, 1, 6, 7, 8])
@pytest.mark.parametrize("length", [200, BLOCK, 3 * BLOCK])
def test_a_zeroed_stretch_costs_its_blocks_and_is_said(save, block, length, long_log):
    data, count = bytearray(long_log[0]), long_log[1]
    assert len(data) > (block + 4) * BLOCK
    data[(block + 1) * BLOCK - 100 : (block + 1) * BLOCK - 100 + length] = bytes(length)
    run = open_run(save(bytes(data)))
    series = run.series()["loss"]
    lost = count - len(series)
    assert 0 < lost < (length // BLOCK + 2) * BLOCK / 50
    assert series.steps[-1] == count - 1
    assert run.gaps[0].missing.startswith("about ")
    assert "damaged" in run.gaps[0].because


def test_zeros_up_to_the_end_are_a_torn_tail(writer, save):
    data = writer().start().rows(50).data()
    run = open_run(save(data + bytes(5_000)))
    assert len(run.series()["loss"]) == 50
    assert [gap.because for gap in run.gaps] == ["the log ends inside it"]


def test_a_record_without_its_last_part_is_lost_and_those_behind_it_are_read(writer, save):
    log = writer().start()
    for step in range(40):
        log.row(step, {"loss": 1.0, "text": "x" * 3_000})
    data = bytearray(log.data())
    # What is in the second block begins with the rest of a record: take its first chunk away.
    size = 7 + int.from_bytes(data[BLOCK + 4 : BLOCK + 6], "little")
    head, rest = bytes(data[:BLOCK]), bytes(data[BLOCK + size : 2 * BLOCK])
    run = open_run(save(head + rest + bytes(BLOCK - len(rest)) + bytes(data[2 * BLOCK :])))
    assert len(run.series()["loss"]) >= 38
    assert run.series()["loss"].steps[-1] == 39
    assert run.gaps


def test_records_of_unknown_kinds_are_passed_over(writer, save, layout):
    log = writer(layout).start()
    for number, step in zip((15, 26, 90, 1_000, 200_000), range(5), strict=True):
        log.record(number, random.Random(number).randbytes(300))
        log.row(step, {"loss": 1.0})
    run = open_run(save(log.end()))
    assert len(run.series()["loss"]) == 5
    assert (run.info.state, run.gaps) == ("finished", ())


def test_a_record_of_60_megabytes_hides_nothing_behind_it(writer, save):
    log = writer().start().rows(2)
    log.config({"blob": "x" * 60_000_000})
    log.rows(2, first=2)
    run = open_run(save(log.end()))
    assert run.series()["loss"].steps.tolist() == [0, 1, 2, 3]
    assert run.info.state == "finished"
    assert run.tail(1)["loss"].steps.tolist() == [3]


@pytest.mark.parametrize("size", range(8))
def test_a_log_of_no_more_than_its_header_is_empty_and_may_grow(writer, save, size):
    data = writer().start().rows(3).data()
    run = open_run(save(data[:size]))
    assert (run.info.state, run.series(), list(run.since(None))) == ("unknown", {}, [])
    assert "empty" in run.gaps[0].because
    save(data)
    assert len(run.series()["loss"]) == 3


@pytest.mark.parametrize("layout", ["core", "old", "unnumbered"])
def test_logs_are_read_with_and_without_record_numbers(writer, save, layout):
    log = writer("old" if layout == "unnumbered" else layout, numbered=layout != "unnumbered")
    log.start().rows(700).end()
    run = open_run(save(log))
    assert len(run.series()["loss"]) == 700
    assert (run.info.state, run.gaps) == ("finished", ())


def test_a_header_record_without_a_number_before_numbered_ones_is_no_damage(writer, save):
    log = writer("old")
    log.numbered = False
    log.record(21, b"\x0a\x04\x0a\x020")
    log.numbered = True
    run = open_run(save(log.start().rows(5).end()))
    assert len(run.series()["loss"]) == 5
    assert run.gaps == ()


def test_holes_in_the_numbering_without_damage_are_no_loss(writer, save):
    log = writer().start().rows(900)
    del log.records[1000:1100]
    run = open_run(save(log))
    assert len(run.series()["loss"]) >= 860
    assert run.gaps == ()
