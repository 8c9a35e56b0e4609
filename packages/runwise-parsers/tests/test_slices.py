"""Slices of a log, read apart and joined, say what one pass over the whole log says."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runwise_parsers import find_runs, lines, open_run
from runwise_parsers.json_log import slicing as json_slicing
from runwise_parsers.wandb_log import logfile, slicing
from runwise_parsers.wandb_log import slice as log_slice

BLOCK = 32_768


@pytest.fixture(autouse=True, scope="module")
def small_windows():
    """Windows of a block, and of a few lines, so that small logs have many."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (logfile, slicing, log_slice):
            patch.setattr(module, "WINDOW", BLOCK)
        for module in (lines, json_slicing):
            patch.setattr(module, "WINDOW", 512)
        patch.setattr(json_slicing, "_GLANCE", 64)
        yield


def joined(run, size):
    """Read slices as other processes would, and join what they tell; how many were read twice."""
    run.early_config()
    sliced = run.slices(size)
    batches, twice = [], 0
    for one in sliced.slices:
        reading = pickle.loads(pickle.dumps(one)).read()
        found = list(reading)
        base = sliced.take(json.loads(json.dumps(reading.told)))
        if base is None:
            twice += 1
            reading = sliced.again()
            found = list(reading)
            base = sliced.take(json.loads(json.dumps(reading.told)))
        batches += [(base + batch.segment, batch.columns) for batch in found]
    segment, cursor = sliced.finish()
    return batches, (segment, cursor), len(sliced.slices), twice


def whole(run):
    run.early_config()
    batches = list(run.batches())
    last = (batches[-1].segment, batches[-1].cursor) if batches else (0, "")
    return [(batch.segment, batch.columns) for batch in batches], last


def plain(batches):
    return [
        (segment, sorted((name, _bytes(one)) for name, one in columns.items()))
        for segment, columns in batches
        if columns
    ]


def _bytes(one):
    return one.steps.tobytes(), one.values.tobytes(), one.times and one.times.tobytes()


def assert_same(path, size):
    """Return how many slices there were, and how many of them had to be read twice."""
    parts, one = open_run(path), open_run(path)
    found, end, count, twice = joined(parts, size)
    expected, last = whole(one)
    assert plain(found) == plain(expected)
    assert end == last
    assert parts.gaps == one.gaps
    assert parts.told() == one.told() or repr(parts.told()) == repr(one.told())
    assert repr(parts.summary()) == repr(one.summary())
    assert parts.metrics() == one.metrics()
    assert repr(parts.config()) == repr(one.config())
    return count, twice


def write_lines(folder, rows):
    path = Path(folder) / "metrics.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_slices_of_a_json_lines_log_are_whole_windows_of_one_pass(tmp_path):
    path = write_lines(tmp_path, [{"step": n, "loss": 1 / (n + 1)} for n in range(300)])
    count, twice = assert_same(path, 1)
    assert (count > 10, twice) == (True, 0)
    ends = {end for _, end in lines.windows(path)}
    cuts = [one.begin for one in open_run(path).slices(1).slices[1:]]
    assert set(cuts) <= ends
    assert len(cuts) >= len(ends) - 2


def test_where_windows_end_is_found_whatever_the_length_of_lines(tmp_path):
    rows = [{"step": n, "text": "x" * (n * 37 % 1700)} for n in range(200)]
    path = write_lines(tmp_path, [{**row, "loss": 0.5} for row in rows])
    ends = [end for _, end in lines.windows(path)]
    found = list(json_slicing.window_ends(path))
    assert found == ends[: len(found)]
    assert len(ends) - len(found) <= 2
    assert_same(path, 1)


def test_rows_without_a_step_stay_with_the_row_before_them(tmp_path):
    rows = [{"step": n, "loss": 0.5} if n % 3 else {"acc": n} for n in range(400)]
    assert assert_same(write_lines(tmp_path, rows), 1)[0] > 5


def test_a_step_that_falls_between_two_slices_begins_a_segment(tmp_path):
    rows = [{"step": n % 50, "loss": float(n)} for n in range(600)]
    path = write_lines(tmp_path, rows)
    assert_same(path, 1)
    assert whole(open_run(path))[1][0] == 11


def test_a_log_whose_rows_are_counted_is_not_cut(tmp_path):
    assert open_run(write_lines(tmp_path, [{"loss": 0.5}] * 200)).slices(1) is None


def test_a_log_that_was_replaced_meanwhile_is_not_joined(tmp_path):
    path = write_lines(tmp_path, [{"step": n, "loss": 0.5} for n in range(300)])
    sliced = open_run(path).slices(1)
    write_lines(tmp_path, [{"step": n, "loss": 0.5, "more": 1} for n in range(300)])
    reading = sliced.slices[0].read()
    list(reading)
    assert sliced.take(reading.told) == 0
    reading = sliced.slices[1].read()
    list(reading)
    assert sliced.take(reading.told) is None
    with pytest.raises(ValueError, match="changed while it was read"):
        sliced.again()


cells = st.one_of(
    st.floats(allow_nan=True, width=32), st.integers(-(10**30), 10**30), st.just("text"),
    st.none(), st.dictionaries(st.sampled_from("ab"), st.floats(width=16), max_size=2),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.one_of(st.integers(0, 40), st.none()),
            st.dictionaries(st.sampled_from(["loss", "acc", "val.a", "x"]), cells, max_size=4),
            st.booleans(),
        ),
        min_size=30, max_size=150,
    ),
    st.integers(1, 2000), st.integers(0, 40), st.binary(max_size=30),
)  # fmt: skip
def test_any_json_lines_log_says_the_same_in_slices(rows, size, torn, rubbish):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "metrics.jsonl"
        begin = 0
        out = [b'{"step": 0, "loss": 1}\n{"step": 1, "loss": 1}\n{"step": 2, "loss": 1}\n'] * 4
        for step, values, clocked in rows:
            row = {} if step is None else {"step": begin + step}
            row |= {"time": 1_700_000_000 + len(out)} if clocked else {}
            out.append(json.dumps({**row, **values}).encode() + b"\n")
        out.insert(len(out) // 2, rubbish.replace(b"\n", b"") + b"\n")
        data = b"".join(out)
        path.write_bytes(data[: len(data) - torn])
        run = open_run(path)
        if run.slices(size) is not None:
            assert_same(path, size)


def many_rows(log, count=900, first=0):
    for step in range(first, first + count):
        odd = float("nan") if step % 211 == 7 else 1 / (step + 1)
        more = {"val": step / 7} if step % 50 == 0 else {}
        more |= {f"late{step // 400}": step * 1.5}
        log.row(step, {"loss": odd, "lr": 0.5, **more}, clock=1_700_000_000.0 + step)
    return log


def test_slices_of_a_wandb_log_are_whole_windows_of_one_pass(writer, save, layout):
    log = many_rows(writer(layout).start(config={"seed": 1})).end()
    count, twice = assert_same(save(log), BLOCK)
    assert (count > 3, twice) == (True, 0)
    assert_same(save(log), 3 * BLOCK)


def test_what_define_metric_asked_for_is_added_up(writer, save, layout):
    log = writer(layout).start().metric("loss", 1, 2, 3, 8).metric("val*", 4, glob=True, goal=2)
    path = save(many_rows(log).end())
    parts, one = open_run(path), open_run(path)
    count = joined(parts, BLOCK)[2]
    whole(one)
    assert count > 3
    found, expected = parts.summary(), one.summary()
    assert found.keys() == expected.keys()
    assert found["loss"].pop("mean") == pytest.approx(expected["loss"].pop("mean"), rel=1e-12)
    assert repr(found) == repr({name: expected[name] for name in found})


def test_what_a_metric_asks_for_late_is_noticed(writer, save, layout):
    log = many_rows(writer(layout).start(), 400).metric("loss", 1)
    count, twice = assert_same(save(many_rows(log, 500, 400).end()), BLOCK)
    assert 0 < twice < count


def test_updates_of_config_and_summary_are_found_in_any_slice(writer, save, layout):
    log = writer(layout).start(config={"seed": 1})
    for part in range(6):
        many_rows(log, 150, 150 * part)
        log.config({"seed": part, "a": {"b": part}}).summary({"best": part, f"p{part}": 1})
    assert_same(save(log.end()), BLOCK)


def test_records_longer_than_windows_are_read(writer, save, layout):
    log = writer(layout).start()
    for part in range(5):
        many_rows(log, 60, 100 * part)
        log.row(100 * part + 70, {"loss": 2.0, "text": "x" * (part * 45_000)})
    count, twice = assert_same(save(many_rows(log, 300, 600).end()), BLOCK)
    assert 0 < twice < count


def test_what_was_once_a_part_of_an_image_stays_one(writer, save):
    log = writer().start().row(0, {"img": {"_type": "image-file", "width": 3}, "loss": 1.0})
    many_rows(log, 600, 1)
    for step in range(700, 900):
        log.row(step, {"img": {"width": 4}, "loss": 1.0})
    twice = assert_same(save(log.end()), BLOCK)[1]
    assert twice > 0


def test_a_resumed_run_is_joined_over_all_its_logs(writer, save):
    for day, (count, first) in enumerate([(500, 0), (300, 350), (400, 0)]):
        log = many_rows(writer().start(created=1.7e9 + 9999 * day), count, first)
        path = save(log, name=f"offline-run-2026010{day + 1}_000000-abc12345")
    (info,) = find_runs(path.parent)
    assert len(info.segments) == 3
    assert assert_same(info, BLOCK)[0] > 5


def test_rows_that_only_a_server_numbers_are_not_cut(writer, save):
    log = writer().start(shared=True)
    for _ in range(300):
        log.row(None, {"loss": 1.0}, item=False)
    assert open_run(save(log.end())).slices(BLOCK) is None


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_damage_to_a_wandb_log_says_the_same_in_slices(writer, data):
    kind = data.draw(st.sampled_from(["core", "old"]))
    log = many_rows(writer(kind).start(config={"a": 1}), data.draw(st.integers(200, 600)))
    held = bytearray(log.end().data())
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, len(held) - 1))
        block = data.draw(st.booleans())
        at = at // BLOCK * BLOCK + data.draw(st.integers(0, 600)) if block else at
        for place in range(at, min(len(held), at + data.draw(st.integers(1, 40)))):
            held[place] ^= data.draw(st.integers(1, 255))
    end = data.draw(st.integers(0, 3000))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "offline-run-20260101_000000-abc12345" / "run-abc12345.wandb"
        path.parent.mkdir()
        path.write_bytes(b":W&B\xe1\xbe\x00" + bytes(held[7 : len(held) - end]))
        if open_run(path).slices(BLOCK) is not None:
            assert_same(path, data.draw(st.sampled_from([BLOCK, 2 * BLOCK])))
