"""Whatever is in a table, nothing is raised; what is well formed is read as it was written."""

from __future__ import annotations

import csv
import io
import os
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runwise_parsers import find_runs, open_run
from runwise_parsers.run import gather
from runwise_parsers.sources.csv import Csv

LONG_AGO = 1_700_000_000.0
PIECES = [
    "step", "epoch", "loss", "nan", "-inf", "1e9", "0.5", "12%", '"', '""', "'", ",", ";", "\t",
    "|", "\n", "\r\n", "\r", " ", "#", "\0", "\ufeff", "🚀", "1_0", "/", "0/9 1.2G", "type",
    "train", "metric", "value", "x" * 300,
    "0,1\n", "step,loss\n", "2026-01-02 03:04:05", "1700000000", "=1+1", "_", "[", "{", "e",
]  # fmt: skip
anything = st.one_of(
    st.binary(max_size=400),
    st.lists(st.sampled_from(PIECES), max_size=60).map(lambda parts: "".join(parts).encode()),
    st.lists(st.sampled_from(PIECES), max_size=40).map(
        lambda parts: ("step,loss,note\n0,1,a\n" + "".join(parts)).encode()
    ),
)
fixtures_are_fine = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def curves(series):
    """Curves as (step, value) pairs; values as text, because NaN equals nothing."""
    return {
        name: list(zip(one.steps, map(repr, one.values), strict=True))
        for name, one in series.items()
        if len(one)
    }


@fixtures_are_fine
@given(data=anything, rested=st.booleans(), name=st.sampled_from(["metrics.csv", "a.tsv"]))
def test_any_bytes_are_read_without_an_exception(tmp_path, data, rested, name):
    path = tmp_path / name
    path.write_bytes(data)
    if rested:
        os.utime(path, (LONG_AGO, LONG_AGO))
    run = open_run(path, sources=[Csv()])
    whole = curves(run.series())
    assert set(whole) == set(run.metrics())
    for shown in (run.overview(3), run.tail(10**6), run.window(None, -1e9, 1e9)):
        for name_, curve in curves(shown).items():
            assert set(curve) <= set(whole[name_])
    assert curves(run.tail(10**6)) == whole
    batches = list(run.batches())
    for number, batch in enumerate(batches, start=1):
        rest = gather(each.columns for each in run.since(batch.cursor))
        assert curves(rest) == curves(gather(each.columns for each in batches[number:]))
    assert all(str(gap) for gap in run.gaps)
    run.config()


@fixtures_are_fine
@given(data=anything, name=st.sampled_from(["log.csv", "x.tsv", "results.txt", "training.log"]))
def test_any_bytes_are_claimed_or_not_without_an_exception(tmp_path, data, name):
    for old in tmp_path.iterdir():
        old.unlink()
    (tmp_path / name).write_bytes(data)
    for info in find_runs(tmp_path, sources=[Csv()]):
        open_run(info).series()


def a_table(rng):
    """Return bytes of a table as ``csv`` writes it, and the curves that are in it."""
    names = ["step", *(f"m{number}/loss" for number in range(rng.randint(1, 6)))]
    texts = rng.choice([[], ["a b", "x,y;z", "it's"], ["two\nlines", "three\n\n1,2,3", "b"]])
    if texts:
        names.insert(rng.randint(1, len(names)), "note")
    blank, odd, fall = rng.choice([0, 0.3, 0.9]), rng.choice([0, 0.05]), rng.choice([0, 0.01])
    file = io.StringIO(newline="")
    end, quoting = rng.choice(["\n", "\r\n"]), rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
    out = csv.writer(file, delimiter=rng.choice(",;\t"), lineterminator=end, quoting=quoting)
    out.writerow(names)
    truth, step = {}, 0
    for _ in range(rng.choice([1, 2, 50, 3_000])):
        step = rng.randint(0, step) if rng.random() < fall else step + rng.choice([0, 1, 1, 7])
        row = {"step": step, "note": rng.choice(texts or [""])}
        for name in names:
            if name not in row and rng.random() >= blank:
                value = rng.random() * 10 ** rng.randint(-6, 6)
                value = rng.choice([float("nan"), float("-inf")]) if rng.random() < odd else value
                row[name] = value
                truth.setdefault(name, []).append((float(step), repr(value)))
        out.writerow([row.get(name, "") for name in names])
    return file.getvalue().encode(), truth


@pytest.mark.parametrize("seed", range(40))
def test_what_the_csv_module_writes_is_read_exactly(tmp_path, seed):
    rng = random.Random(seed)
    data, truth = a_table(rng)
    path = tmp_path / "metrics.csv"
    path.write_bytes(data)
    run = open_run(path, sources=[Csv()])
    assert curves(run.series()) == truth
    assert curves(run.tail(10**6)) == truth
    assert run.gaps == ()
    for name, curve in curves(run.overview(20)).items():
        assert set(curve) <= set(truth[name])
    first, last = sorted(rng.choices(range(int(run.info.last_step or 0) + 1), k=2))
    expected = {
        name: [point for point in curve if first <= point[0] <= last]
        for name, curve in truth.items()
    }
    got = curves(run.window(None, first, last))
    assert got == {name: curve for name, curve in expected.items() if curve}


@pytest.mark.parametrize("seed", range(20))
def test_a_table_that_grows_by_any_bytes_gives_each_row_once(tmp_path, seed):
    rng = random.Random(seed)
    data, truth = a_table(rng)
    path, pieces, cursor = tmp_path / "metrics.csv", [], None
    for size in [*sorted(rng.choices(range(len(data)), k=6)), len(data)]:
        path.write_bytes(data[:size])
        for batch in open_run(path, sources=[Csv()]).since(cursor):
            pieces = [] if batch.restart else pieces
            pieces.append(batch.columns)
            cursor = batch.cursor
    assert curves(gather(pieces)) == truth
