"""Tables that grow, are cut, are written anew, or hold several headers."""

from __future__ import annotations

import os

import pytest

from runwise_parsers import open_run
from runwise_parsers.lines import WINDOW
from runwise_parsers.run import gather
from runwise_parsers.sources.csv import Csv

LONG_AGO = 1_700_000_000.0


@pytest.fixture
def path(tmp_path):
    return tmp_path / "metrics.csv"


def opened(path):
    return open_run(path, sources=[Csv()])


def rested(path):
    os.utime(path, (LONG_AGO, LONG_AGO))
    return opened(path)


def losses(run):
    one = run.series(["loss"]).get("loss")
    return [] if one is None else list(zip(one.steps, one.values, strict=True))


def told(run):
    run.series()
    return [str(gap) for gap in run.gaps]


def test_a_number_that_may_be_half_of_one_waits_for_its_end(path):
    path.write_text("step,loss\n0,2.5\n1,0.1")
    run = opened(path)
    assert losses(run) == [(0, 2.5)]
    assert run.tail(1)["loss"].values.tolist() == [2.5]
    assert (run.info.last_step, run.overview(5)["loss"].last) == (0, 2.5)
    assert told(run) == [
        (
            "the last line of metrics.csv: it does not end yet, so its last number may be half of"
            " one. Ask again once it ends, or when the file has rested for 90 s."
        )
    ]
    path.write_text("step,loss\n0,2.5\n1,0.125\n")
    assert losses(opened(path)) == [(0, 2.5), (1, 0.125)]


def test_a_file_that_has_rested_ends_where_it_ends(path):
    path.write_text("step,loss\n0,2.5\n1,0.125")
    run = rested(path)
    assert losses(run) == [(0, 2.5), (1, 0.125)]
    assert run.tail(1)["loss"].values.tolist() == [0.125]
    assert (run.info.last_step, told(run)) == (1, [])


def test_a_number_in_quotes_is_whole_at_once(path):
    path.write_text('"step","loss"\n"0","2.5"\n"1","0.125"')
    assert losses(opened(path)) == [(0, 2.5), (1, 0.125)]
    path.write_text('"step","note","loss"\n"0","a","2.5"\n"1","b","0.12')
    assert losses(opened(path)) == [(0, 2.5)]


def test_of_a_cut_row_the_cells_before_the_cut_are_read(path):
    path.write_text("step,loss,lr\n0,2.5,0.1\n1,1.25,0.1\n2,0.12")
    run = rested(path)
    assert losses(run) == [(0, 2.5), (1, 1.25)]
    assert run.info.last_step == 2
    assert "the last line of metrics.csv: it is cut short. The writer died writing it." in told(
        run
    )


def test_a_row_that_ends_with_a_page_of_the_system_was_cut(path):
    rows = "".join(f"{step},2.5\n" for step in range(10_000))
    text = f"step,loss\n{rows}"[:8192]
    if text.endswith("\n"):
        text = text[:-2] + "55"
    path.write_text(text)
    run = rested(path)
    last_step = int(text.rpartition("\n")[2].partition(",")[0])
    assert losses(run)[-1][0] == last_step - 1
    assert "it is cut short" in str(run.gaps[-1])


def test_what_was_read_without_its_end_is_read_again_if_it_grew(path):
    path.write_text("step,loss\n0,2.5\n1,0.12")
    batches = list(rested(path).batches())
    assert batches[-1].columns["loss"].values.tolist() == [0.12]
    path.write_text("step,loss\n0,2.5\n1,0.125\n")
    (again,) = opened(path).since(batches[-1].cursor)
    assert again.restart
    assert again.columns["loss"].values.tolist() == [2.5, 0.125]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_line_end_that_comes_late_changes_nothing(path, end):
    path.write_bytes(f"step,loss{end}0,2.5{end}1,0.5".encode())
    cursor = [batch.cursor for batch in rested(path).batches()][-1]
    path.write_bytes(f"step,loss{end}0,2.5{end}1,0.5{end}".encode())
    assert list(opened(path).since(cursor)) == []
    path.write_bytes(f"step,loss{end}0,2.5{end}1,0.5{end}2,0.25{end}".encode())
    (more,) = opened(path).since(cursor)
    assert (more.restart, more.columns["loss"].values.tolist()) == (False, [0.25])


def test_a_header_that_gained_a_column_is_the_same_run_read_anew(path):
    path.write_text("step,loss\n0,2.5\n1,2.25\n")
    run = opened(path)
    (batch,) = run.batches()
    path.write_text("step,loss,val\n0,2.5,\n1,2.25,\n2,2.0,3.0\n")
    for reader in (run, opened(path)):
        (again,) = reader.since(batch.cursor)
        assert (again.restart, again.segment) == (True, 0)
        assert again.columns["loss"].values.tolist() == [2.5, 2.25, 2.0]
        assert again.columns["val"].steps.tolist() == [2]


def test_another_tables_rows_of_the_same_length_are_noticed(path):
    rows = "".join(f"{step:>20},{{loss:>20}},{' ' * 80}\n" for step in range(500))
    path.write_text("step,loss,note\n" + rows.format(loss=2.5))
    cursor = [batch.cursor for batch in opened(path).batches()][-1]
    path.write_text("step,loss,note\n" + rows.format(loss=7.5))
    batches = list(opened(path).since(cursor))
    assert batches[0].restart
    assert set(gather(batch.columns for batch in batches)["loss"].values) == {7.5}


def test_a_header_that_is_written_again_begins_a_segment(path):
    path.write_text("step,loss\n0,3\n1,2\nstep,loss\n2,1\n3,0.5\n")
    run = opened(path)
    assert [(b.segment, b.columns["loss"].steps.tolist()) for b in run.batches()] == [
        (0, [0, 1]),
        (1, [2, 3]),
    ]
    assert told(run) == []
    assert run.overview(10)["loss"].steps.tolist() == [0, 1, 2, 3]
    assert run.tail(3)["loss"].steps.tolist() == [1, 2, 3]


def test_below_a_new_header_its_columns_hold(path):
    path.write_text(
        "step,loss,lr\n0,3,0.1\n1,2,0.1\nstep,lr,acc,loss\n0,0.2,0.5,1\n1,0.2,0.75,0.5\n"
    )
    run = opened(path)
    assert losses(run) == [(0, 3), (1, 2), (0, 1), (1, 0.5)]
    assert run.series(["acc"])["acc"].values.tolist() == [0.5, 0.75]
    assert run.series(["lr"])["lr"].values.tolist() == [0.1, 0.1, 0.2, 0.2]
    for shown in (run.overview(50), run.tail(50)):
        assert shown["loss"].values.tolist() == [3, 2, 1, 0.5]
        assert shown["acc"].steps.tolist() == [0, 1]
    assert told(run) == []
    batches = list(run.batches())
    for number, batch in enumerate(batches, start=1):
        rest = gather(each.columns for each in run.since(batch.cursor))
        expected = gather(each.columns for each in batches[number:])
        assert {n: one.values.tolist() for n, one in rest.items()} == {
            n: one.values.tolist() for n, one in expected.items()
        }
    with path.open("a") as file:
        file.write("2,0.2,0.875,0.25\n")
    (more,) = opened(path).since(batches[-1].cursor)
    assert (more.restart, more.segment, more.columns["loss"].values.tolist()) == (False, 1, [0.25])


def test_without_steps_rows_are_counted_from_each_header(path):
    path.write_text("train_loss,loss\n1,5\n2,4\ntrain_loss,loss\n3,3\n")
    assert losses(opened(path)) == [(0, 5), (1, 4), (0, 3)]
    assert opened(path).tail(2)["loss"].steps.tolist() == [1, 0]


def test_ragged_rows_give_the_cells_they_have(path):
    path.write_text("step,loss,lr\n0,3\n1,2,0.1,99\n2,1,0.1,\n3,0.5,0.1\n")
    run = opened(path)
    assert losses(run) == [(0, 3), (1, 2), (2, 1), (3, 0.5)]
    assert run.series(["lr"])["lr"].steps.tolist() == [1, 2, 3]
    assert told(run) == [
        (
            "cells of 1 row of metrics.csv: fewer cells than the header names."
            " The cells that are there were read."
        ),
        (
            "cells at the end of 1 row of metrics.csv: more cells than the header names."
            " The cells that have a name were read."
        ),
    ]
    assert run.tail(4)["loss"].steps.tolist() == [0, 1, 2, 3]


def test_a_row_whose_text_moved_its_cells_is_left_out(path):
    path.write_text("step,note,loss\n0,fine,3\n1,good, but,2\n2,fine,1\n")
    run = opened(path)
    assert losses(run) == [(0, 3), (2, 1)]
    assert told(run) == [
        (
            "1 row of metrics.csv: not the cells the header names, so which one is which cannot"
            " be told. Write a header above rows of other columns, and quote texts that hold"
            " delimiters."
        )
    ]


def test_rows_of_other_columns_without_a_header_are_left_out(path):
    rows = "".join(f"{step}.5,{step},3\n" for step in range(40))
    path.write_text(f"time,update,loss\n{rows}10,1.25\n20,1.5,8,7\n30.5,40,2\n")
    run = opened(path)
    assert losses(run) == [*((step, 3) for step in range(40)), (40, 2)]
    assert "2 rows of metrics.csv: not the cells the header names" in told(run)[0]


def test_blank_lines_and_bytes_that_are_no_text_cost_nothing_else(path):
    path.write_bytes(b"step,loss\n0,3\n\n\r\n1,\xff\xfe\n2,1\n\0\0\0\0\n3,0\x00.5\n" + bytes(100))
    run = rested(path)
    assert losses(run) == [(0, 3), (2, 1)]
    assert run.info.last_step == 3
    assert told(run) == [
        "2 cells of metrics.csv: no number, such as '��'. All other cells were read."
    ]


def test_lines_of_megabytes_are_read(path):
    text = "x" * 3_000_000
    path.write_text(f'step,note,loss\n0,{text},3\n1,"{text}",2\n2,"a ""b"" {text}",1\n')
    run = opened(path)
    assert losses(run) == [(0, 3), (1, 2), (2, 1)]
    assert run.tail(1)["loss"].values.tolist() == [1]
    assert run.overview(2)["loss"].values.tolist() == [3, 1]
    assert told(run) == []


def test_a_file_that_shrinks_is_read_from_its_beginning(path):
    rows = [f"{step},{step}.5\n" for step in range(100)]
    path.write_text("step,loss\n" + "".join(rows))
    (batch,) = opened(path).batches()
    path.write_text("step,loss\n" + "".join(rows[:10]))
    (again,) = opened(path).since(batch.cursor)
    assert (again.restart, len(again.columns["loss"])) == (True, 10)
    path.write_text("")
    (gone,) = opened(path).since(batch.cursor)
    assert (gone.restart, gone.columns) == (True, {})


def test_a_file_that_shrinks_while_it_is_read_raises_nothing(path):
    rows = [f"{step},{'1' * 50}\n" for step in range(3 * WINDOW // 50)]
    path.write_text("step,loss\n" + "".join(rows))
    reading = opened(path).batches()
    first = next(reading)
    path.write_text("step,loss\n0,1\n")
    assert list(reading) == []
    assert len(first.columns["loss"]) > 1_000


def test_a_cursor_holds_although_its_file_gains_rows_all_the_time(path):
    seen, cursor = [], None
    with path.open("w") as file:
        file.write("step,loss\n")
        for step in range(0, 3_000, 300):
            file.write("".join(f"{n},{n}.5\n" for n in range(step, step + 300)))
            file.flush()
            for batch in opened(path).since(cursor):
                assert not batch.restart
                seen += batch.columns["loss"].steps.tolist()
                cursor = batch.cursor
    assert seen == list(range(3_000))


def big(path, *, falls=()):
    """Write some megabytes; behind each of ``falls`` the step goes back by a few."""
    step, lines = 0, ["step,loss,lr"]
    for row in range(40_000):
        step = step - 7 if row in falls else step + 1
        lines.append(f"{step},{row}.5,{' ' * 200}0.25")
    path.write_text("\n".join(lines) + "\n")
    assert path.stat().st_size > 8 << 20


@pytest.mark.parametrize("falls", [(), (10_000,), (625, 20_000, 20_003, 39_990)])
def test_a_window_of_a_long_table_is_what_lies_there(path, falls):
    big(path, falls=falls)
    run = opened(path)
    whole = run.series(["loss"])["loss"]
    for first, last in ((0, 3), (9_980, 10_010), (19_990, 19_991), (39_950, 10**9), (-5, -1)):
        expected = [
            (step, value)
            for step, value in zip(whole.steps, whole.values, strict=True)
            if first <= step <= last
        ]
        got = run.window(["loss"], first, last).get("loss")
        assert ([] if got is None else list(zip(got.steps, got.values, strict=True))) == expected


def test_a_window_of_a_long_table_that_falls_all_the_time_is_found_too(path):
    rows = "".join(f"{n % 1000},{n}.5,{' ' * 300}\n" for n in range(30_000))
    path.write_text(f"step,loss,note\n{rows}")
    assert len(opened(path).window(["loss"], 10, 12)["loss"]) == 90


def test_an_overview_of_a_long_table_is_evenly_spread(path):
    big(path)
    shown = opened(path).overview(100)["loss"]
    assert 90 <= len(shown) <= 202
    assert (shown.values[0], shown.values[-1]) == (0.5, 39_999.5)
    gaps = [later - step for step, later in zip(shown.steps, shown.steps[1:], strict=False)]
    assert 0 < min(gaps) <= max(gaps) < 1_000


def test_a_window_of_a_long_table_with_another_header_in_it_is_what_lies_there(path):
    big(path)
    with path.open("a") as file:
        file.write("step,lr,acc,loss\n")
        file.write("".join(f"{step},0.25,1,{step}.75{' ' * 200}\n" for step in range(40_000)))
    got = opened(path).window(["loss", "acc"], 20_000, 20_001)
    assert got["loss"].values.tolist() == [19_999.5, 20_000.5, 20_000.75, 20_001.75]
    assert got["acc"].steps.tolist() == [20_000, 20_001]
