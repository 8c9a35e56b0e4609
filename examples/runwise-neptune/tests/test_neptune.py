"""Exports of neptune-exporter, written by its documented schema, as they are and as they break."""

from __future__ import annotations

import math
import tracemalloc
from datetime import datetime, timezone
from decimal import Decimal

import pytest

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

from runwise_neptune import Neptune  # noqa: E402  behind the skip

from runwise_parsers import find_runs, open_run  # noqa: E402  behind the skip
from runwise_parsers.testing import REWRITTEN_CHECKS  # noqa: E402  behind the skip

NOW = 1_700_000_000.0
SOURCES = [Neptune()]
TIME = pa.timestamp("ms", "UTC")
SCHEMA = pa.schema([
    ("project_id", pa.string()), ("run_id", pa.string()), ("attribute_path", pa.string()),
    ("attribute_type", pa.string()), ("step", pa.decimal128(18, 6)), ("timestamp", TIME),
    ("int_value", pa.int64()), ("float_value", pa.float64()), ("string_value", pa.string()),
    ("bool_value", pa.bool_()), ("datetime_value", TIME),
    ("string_set_value", pa.list_(pa.string())),
    ("file_value", pa.struct([("path", pa.string())])),
    ("histogram_value", pa.struct([
        ("type", pa.string()), ("edges", pa.list_(pa.float64())),
        ("values", pa.list_(pa.float64())),
    ])),
])  # fmt: skip
DIGEST = "0123456789abcdef"


def when(seconds: float) -> datetime:
    return datetime.fromtimestamp(NOW + seconds, timezone.utc)


def row(path, kind, value=None, *, run="RUN-1", step=None, at=None) -> dict:
    """One row; ``float_series`` keep their points in the column of floats."""
    column = {"float_series": "float", "string_series": "string"}.get(kind, kind)
    stepped = None if step is None else Decimal(str(step)).quantize(Decimal("1.000000"))
    return {
        "project_id": "team/toy", "run_id": run, "attribute_path": path, "attribute_type": kind,
        "step": stepped, "timestamp": None if at is None else when(at), f"{column}_value": value,
    }  # fmt: skip


def point(name, value, step, *, run="RUN-1", at=None) -> dict:
    """A point of a metric: what is no number is written as null, as pandas does."""
    kept = None if isinstance(value, float) and math.isnan(value) else value
    return row(name, "float_series", kept, run=run, step=step, at=step if at is None else at)


def told(run="RUN-1", **more) -> list[dict]:
    known = {"name": "first", "failed": False, "creation_time": when(0), **more}
    kinds = {bool: "bool", str: "string", datetime: "datetime", list: "string_set"}
    return [
        row(f"sys/{name}", kinds[type(value)], value, run=run) for name, value in known.items()
    ]


def save(folder, rows, *, part=0, called=f"RUN-1-{DIGEST}_", group=1000):
    """A part of an export."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{called}part_{part}.parquet"
    with pq.ParquetWriter(path, SCHEMA, compression="snappy") as writer:
        for at in range(0, len(rows), group):
            table = pa.Table.from_pylist(rows[at : at + group], schema=SCHEMA)
            writer.write_table(table)
    return path


def sampled(rows) -> list[dict]:
    return [point(name, value, step) for step, values in rows for name, value in values.items()]


def opened(path):
    return open_run(path, sources=SOURCES)


def points_in(run, name):
    one = run.series([name])[name]
    return list(zip(one.steps, map(repr, one.values), strict=True))


@pytest.fixture(params=[50, 100_000])
def write(request):
    def write(folder, rows):
        return save(folder, told() + sampled(rows), group=request.param)

    return write


@pytest.mark.parametrize("check", REWRITTEN_CHECKS)
def test_the_source_holds_the_contract(check, write, tmp_path):
    check(SOURCES[0], write, tmp_path)


def test_parts_are_one_run_in_the_order_of_their_numbers(tmp_path):
    for part in (10, 9, 0, *range(1, 9)):
        save(tmp_path, [point("loss", float(part), part)], part=part)
    (info,) = find_runs(tmp_path, sources=SOURCES)
    assert len(info.segments) == 11
    run = opened(info)
    assert points_in(run, "loss") == [(part, repr(float(part))) for part in range(11)]
    assert run.gaps == ()


def test_a_part_that_is_missing_is_a_gap(tmp_path):
    for part in (0, 3):
        save(tmp_path, [point("loss", 1.0, part)], part=part)
    (info,) = find_runs(tmp_path, sources=SOURCES)
    assert [gap.missing for gap in info.gaps] == ["part 1, 2 of the export"]


def test_several_runs_in_a_file_are_several_runs(tmp_path):
    rows = [point("loss", float(step), step, run=run) for run in "abc" for step in range(50)]
    rows += told("a", name="one") + told("b", name="two", failed=True) + told("c", trashed=True)
    save(tmp_path, rows, called="", group=20)
    found = {info.id: info for info in find_runs(tmp_path, sources=SOURCES)}
    assert {name: info.state for name, info in found.items()} == {
        "a": "finished", "b": "failed", "c": "finished",
    }  # fmt: skip
    assert [name for name, info in found.items() if info.deleted] == ["c"]
    for info in found.values():
        run = opened(info)
        assert points_in(run, "loss") == [(step, repr(float(step))) for step in range(50)]


def test_tables_of_somebody_else_are_left_alone(tmp_path):
    pq.write_table(pa.table({"run_id": ["a"], "x": [1.0]}), tmp_path / "part_0.parquet")
    (tmp_path / "data_part_0.parquet").write_bytes(b"PAR1 and nothing else")
    (tmp_path / "part_1.parquet").mkdir()
    assert list(find_runs(tmp_path, sources=SOURCES)) == []


def test_what_neptune_noted_describes_the_run(tmp_path):
    rows = told(description="second try", hostname="demo", tags=["b", "a"])
    info = opened(save(tmp_path, [*rows, point("loss", 1.0, 7.5)])).info
    assert (info.id, info.project, info.name) == ("RUN-1", "team/toy", "first")
    assert (info.notes, info.host, info.tags) == ("second try", "demo", ("a", "b"))
    assert (info.created, info.updated, info.last_step) == (NOW, NOW + 7.5, 7.5)


def test_without_a_word_on_its_end_a_state_is_unknown(tmp_path):
    assert opened(save(tmp_path, [point("loss", 1.0, 0)])).info.state == "unknown"


def test_nan_steps_between_and_steps_that_fall(tmp_path):
    points = [(0, 1.0), (0.5, math.nan), (1, math.inf), (0, 3.0)]
    run = opened(save(tmp_path, [point("loss", value, step) for step, value in points]))
    assert points_in(run, "loss") == [(0, "1.0"), (0.5, "nan"), (1, "inf"), (0, "3.0")]
    assert [batch.segment for batch in run.batches()] == [0, 1]
    assert run.series()["loss"].times.tolist() == [NOW, NOW + 0.5, NOW + 1, NOW]


def test_single_values_are_the_config_and_neptunes_own_are_not(tmp_path):
    rows = [
        *told(), row("params/lr", "float", 0.1), row("params/depth", "int", 3),
        row("params/fast", "bool", True), row("params/tags", "string_set", ["b", "a"]),
        row("began", "datetime", when(1)), row("source_code/diff", "string", "secret"),
        row("monitoring/1a/hostname", "string", "demo"),
    ]  # fmt: skip
    assert opened(save(tmp_path, rows)).config() == {
        "params": {"lr": 0.1, "depth": 3, "fast": True, "tags": ["a", "b"]},
        "began": "2023-11-14T22:13:21+00:00",
    }


def test_the_machine_and_the_console_are_no_metrics(tmp_path):
    rows = [
        *told(), point("monitoring/1a/cpu", 50.0, 0, at=3), point("loss", 1.0, 0),
        row("monitoring/1a/stdout", "string_series", "one\ntwo\n", step=0, at=1),
        row("notes/log", "string_series", "no output", step=0, at=1),
    ]  # fmt: skip
    run = opened(save(tmp_path, rows))
    assert run.metrics() == ("loss",)
    assert [(name, list(one.steps)) for name, one in run.system().items()] == [("1a/cpu", [3])]
    assert (run.console(), run.console(1), run.console(0)) == (["one", "two"], ["two"], [])


def test_a_damaged_part_is_a_gap_and_the_others_are_read(tmp_path):
    save(tmp_path, [point("loss", 1.0, 0)])
    broken = save(tmp_path, [point("loss", 2.0, step) for step in range(900)], part=1)
    data = bytearray(broken.read_bytes())
    data[40:200] = bytes(160)
    broken.write_bytes(data)
    save(tmp_path, [point("loss", 3.0, 2000)], part=2)
    (info,) = find_runs(tmp_path, sources=SOURCES)
    run = opened(info)
    got = points_in(run, "loss")
    assert (got[0], got[-1]) == ((0, "1.0"), (2000, "3.0"))
    assert any("part_1" in gap.missing for gap in run.gaps)


def test_names_nobody_expects_and_many_of_them(tmp_path):
    odd = ["a\nb", "\x1b[31mred", "损失", "", "dot.name"]
    names = [*odd, *(f"m{number}" for number in range(2000))]
    run = opened(save(tmp_path, [point(name, 1.0, step) for step in (0, 1) for name in names]))
    assert set(run.metrics()) == set(names)
    last = list(run.batches())[-1]
    assert len(last.cursor) < 2048
    assert list(run.since(last.cursor)) == []


def test_batches_take_no_more_memory_for_a_longer_run(tmp_path):
    def peak(count: int) -> int:
        rows = [point("loss", float(step), step) for step in range(count)]
        run = opened(save(tmp_path / str(count), rows, group=5000))
        tracemalloc.start()
        assert sum(len(batch.columns["loss"]) for batch in run.batches()) == count
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    assert peak(80_000) < 2 * peak(40_000)
