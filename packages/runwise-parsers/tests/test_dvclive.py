"""Directories of DVCLive, as it writes them and as they break.

``runs/dvclive`` was made by ``tools/fixtures/dvclive_cases.py`` with DVCLive 3.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runwise_parsers import find_runs, open_run
from runwise_parsers.sources.dvclive import Dvclive
from runwise_parsers.testing import REWRITTEN_CHECKS

RUNS = Path(__file__).with_name("runs") / "dvclive"
TRUTHS = json.loads((RUNS / "truth.json").read_text(encoding="utf-8"))
LAYOUTS = ["plots/metrics", "plots/scalars", "scalars", "."]
ANYTHING = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
NOW = 1_700_000_000.0


def table(path: Path, points, *, began: float | None = None, end: str = "\n") -> Path:
    """A table as DVCLive appends to it; where it began at a time, steps take a second each."""
    path.parent.mkdir(parents=True, exist_ok=True)
    before = [] if began is None else ["timestamp"]
    lines = [[*before, "step", path.stem]]
    for step, value in points:
        when = [] if began is None else [str(int((began + step) * 1000))]
        lines.append([*when, str(step), str(value)])
    path.write_bytes("".join("\t".join(line) + end for line in lines).encode())
    return path


def save(folder: Path, rows, *, layout: str = "plots/metrics", **options) -> Path:
    """A run as DVCLive leaves it: tables, last values, parameters."""
    run = folder / "dvclive"
    curves: dict[str, list] = {}
    for step, row in rows:
        for name, value in row.items():
            curves.setdefault(name, []).append((step, value))
    for name, points in curves.items():
        table(run / layout / f"{name}.tsv", points, **options)
    if layout.startswith("plots"):
        (run / "params.yaml").write_text("lr: 1e-05\n")
        last = {name.replace("/", "_"): points[-1][1] for name, points in curves.items()}
        text = json.dumps({"loss": 1.0, "step": rows[-1][0]}, indent=4) if last else "{}"
        (run / "metrics.json").write_text(text + "\n")
    return run


def points_in(run, name: str) -> list[tuple[float, float]]:
    one = run.series([name])[name]
    return list(zip(one.steps, one.values, strict=True))


@pytest.fixture(params=["now", "old", "with times"])
def write(request):
    def write(folder, rows):
        shutil.rmtree(folder / "dvclive", ignore_errors=True)
        if request.param == "old":
            return save(folder, rows, layout="scalars", began=NOW)
        run = save(folder, rows, began=NOW if request.param == "with times" else None)
        (run / "metrics.json").write_text('{\n    "step": 3,\n    "note": "latest"\n}\n')
        return run

    return write


@pytest.mark.parametrize("check", REWRITTEN_CHECKS)
def test_the_source_holds_the_contract(check, write, tmp_path):
    check(Dvclive(), write, tmp_path)


# --- where the tables are ---


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_is_one_run_and_slashes_stay_in_names(layout, tmp_path):
    rows = [(step, {"train/loss": 1 / (step + 1), "lr": 0.1, "a.b": step}) for step in range(3)]
    run = save(tmp_path / "exp", rows, layout=layout)
    (info,) = find_runs(tmp_path)
    assert (info.id, info.source, info.last_step) == ("exp", "dvclive", 2)
    for asked in (run, run / layout / "train/loss.tsv", run / layout / "lr.tsv"):
        if layout == "." and asked != run:
            continue  # a table that lies nowhere is a run of its own
        assert set(open_run(asked).series()) == {"train/loss", "lr", "a.b"}


def test_any_directory_may_be_the_runs(tmp_path):
    for name in ("one", "two"):
        save(tmp_path, [(0, {"loss": 1.0})]).rename(tmp_path / name)
    (tmp_path / "two/metrics.json").unlink()  # it comes with the end of the first step
    assert sorted(info.id for info in find_runs(tmp_path)) == ["one", "two"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("data/train.tsv", "step\tloss\n0\t1\n"),
        ("plots/metrics/people.tsv", "name\tage\nx\t3\n"),
        ("plots/loss.tsv", "step\tloss\n0\t1\n"),
        ("metrics.json", '{"iteration": 19, "loss": 1.0}\n{"iteration": 39, "loss": 0.5}\n'),
        ("metrics.json", '{"step": 19, "loss": 1.0}\n'),
        ("metrics.json", '{\n    "accuracy": 0.5\n}\n'),
        ("metrics.json", '{\n    "step": 5,\n    "model": "resnet"\n}\n'),
        ("metrics.json", '{\n    "step": 5\n}\n'),
        ("metrics.json", '{\n    "step": 5, "loss": [1.0, 0.5]\n}\n'),
        ("metrics.json", "[]"),
        ("metrics.json", ""),
    ],
)
def test_what_others_write_is_left_alone(name, text, tmp_path):
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    assert list(find_runs(tmp_path, sources=[Dvclive()])) == []


def test_last_values_alone_are_a_run_that_says_what_is_missing(tmp_path):
    (tmp_path / "exp").mkdir()
    text = '{\n    "loss": 0.5,\n    "eval": {\n        "f1": "nan"\n    },\n    "step": 13\n}\n'
    (tmp_path / "exp/metrics.json").write_text(text)
    (info,) = find_runs(tmp_path)
    run = open_run(info)
    assert (info.id, info.state, run.series()) == ("exp", "unknown", {})
    assert repr(run.summary()) == "{'loss': 0.5, 'eval/f1': nan, 'step': 13.0}"
    assert run.gaps[0].missing == "the history"


# --- rows ---


def test_metrics_of_one_step_are_one_row_in_order_of_step(tmp_path):
    rows = [(step, {"a": step, **({"z": -step} if step % 3 == 0 else {})}) for step in range(9)]
    run = open_run(save(tmp_path, rows))
    assert run.tail(3)["a"].steps.tolist() == [6, 7, 8]
    assert run.tail(3)["z"].steps.tolist() == [6]
    assert [batch.segment for batch in run.batches()] == [0]


def test_a_metric_whose_steps_fall_begins_again_and_loses_nothing(tmp_path):
    run = save(tmp_path, [(0, {"loss": 1.0})])
    table(run / "plots/metrics/loss.tsv", [(n % 5, n) for n in range(10)])
    table(run / "plots/metrics/val.tsv", [(3, 0.3), (4, 0.4)])
    opened = open_run(run)
    assert [batch.segment for batch in opened.batches()] == [0, 1]
    assert points_in(opened, "loss") == [(n % 5, n) for n in range(10)]
    assert points_in(opened, "val") == [(3, 0.3), (4, 0.4)]


def test_a_step_that_is_logged_twice_keeps_both_points(tmp_path):
    run = save(tmp_path, [(0, {"loss": 1.0})])
    table(run / "plots/metrics/loss.tsv", [(0, 1), (0, 2), (1, 3)])
    table(run / "plots/metrics/acc.tsv", [(0, 9), (1, 8)])
    assert points_in(open_run(run), "loss") == [(0, 1), (0, 2), (1, 3)]
    assert points_in(open_run(run), "acc") == [(0, 9), (1, 8)]


def test_many_points_of_one_step_are_read_in_their_order(tmp_path):
    path = table(tmp_path / "dvclive/plots/metrics/loss.tsv", [(0, n) for n in range(20_000)])
    assert open_run(path).series()["loss"].values.tolist() == list(range(20_000))


def test_what_is_added_to_the_last_row_comes_as_the_rest_of_it(tmp_path):
    run = save(tmp_path, [(0, {"b": 1.0}), (1, {"b": 2.0})])
    opened = open_run(run)
    cursor = list(opened.batches())[-1].cursor
    table(run / "plots/metrics/a.tsv", [(1, 5.0), (2, 6.0)])
    (batch,) = opened.since(cursor)
    assert not batch.restart
    assert {name: one.steps.tolist() for name, one in batch.columns.items()} == {"a": [1, 2]}
    assert list(opened.since(batch.cursor)) == []
    table(run / "plots/metrics/a.tsv", [(0, 4.0), (1, 5.0), (2, 6.0)])
    assert next(iter(opened.since(batch.cursor))).restart


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_numbers_as_python_writes_them(end, tmp_path):
    written = ["nan", "inf", "-inf", "1e-05", "True", "False", "7"]
    save(tmp_path, list(enumerate({"x": one} for one in written)), end=end)
    run = open_run(tmp_path / "dvclive")
    assert list(map(repr, run.series()["x"].values)) == [
        "nan", "inf", "-inf", "1e-05", "1.0", "0.0", "7.0",
    ]  # fmt: skip
    assert run.gaps == ()


def test_times_are_milliseconds_and_make_a_running_run_known(tmp_path):
    now = time.time()
    run = save(tmp_path, [(step, {"loss": 1.0}) for step in range(4)], began=now - 3)
    info = open_run(run).info
    assert (info.state, info.clocked) == ("running", True)
    assert info.created == pytest.approx(now - 3, abs=0.001)
    assert open_run(run).series()["loss"].times[-1] == pytest.approx(now, abs=0.001)
    for path in run.rglob("*"):
        os.utime(path, (now - 900, now - 900))
    assert open_run(run).info.state == "unknown"


def test_measurements_of_the_machine_are_a_group_of_their_own(tmp_path):
    run = save(tmp_path, [(step, {"loss": 1.0}) for step in range(2)])
    name = "system/cpu/usage (%)"
    table(run / f"plots/metrics/{name}.tsv", [(0, 10), (1, 20), (1, 30)], began=NOW)
    (run / "metrics.json").write_text(
        json.dumps({"system": {"cpu": {"usage (%)": 30}}, "step": 1})
    )
    opened = open_run(run)
    assert set(opened.series()) == {"loss"}
    assert name not in opened.summary()
    measured = opened.system()[name]
    assert (measured.steps.tolist(), measured.values.tolist()) == ([0, 1, 1], [10, 20, 30])
    assert opened.system(["system/gpu"]) == {}


def test_ten_thousand_metrics(tmp_path):
    run = save(tmp_path, [(step, {f"m{n}": n for n in range(10_000)}) for step in range(2)])
    opened = open_run(run)
    (batch,) = opened.batches()
    assert len(batch.columns) == 10_000
    assert len(batch.cursor) < 2048
    assert list(opened.since(batch.cursor)) == []
    assert opened.info.last_step == 1


# --- what stands beside them ---


def test_parameters_are_read_as_they_were_written(tmp_path):
    run = save(tmp_path, [(0, {"loss": 1.0})])
    text = "lr: 1e-05\non: true\nmodel:\n  act: no\n  7: seven\nsizes: [1, 2]\ntag: !me x\nnote:\n"
    (run / "params.yaml").write_text(text)
    assert open_run(run).config() == {
        "lr": 1e-05, "on": True, "model": {"act": "no", "7": "seven"}, "sizes": [1, 2],
        "tag": "x", "note": None,
    }  # fmt: skip


BOMB = "".join(f"k{n}: &k{n} [{', '.join([f'*k{n - 1}'] * 9) if n else 1}]\n" for n in range(12))


@pytest.mark.parametrize(
    "text",
    [
        "a: [1",
        "a: &x [*x, *x]",
        "\x00",
        "? [a]\n: 1\n",
        "!!bool maybe",
        "!!int ''",
        "!!timestamp soon",
        "!!binary \u20ac",
        "[" * 5_000,
        "a: " * 9,
        BOMB,
    ],
)
def test_parameters_that_are_no_plain_data_are_a_gap(text, tmp_path):
    run = save(tmp_path, [(0, {"loss": 1.0})])
    (run / "params.yaml").write_text(text)
    opened = open_run(run)
    assert opened.config() == {}
    assert [gap.missing for gap in opened.gaps] == ["params.yaml"]
    assert len(opened.series()["loss"]) == 1


def test_images_are_mentioned(tmp_path):
    run = save(tmp_path, [(0, {"loss": 1.0})])
    (run / "plots/images").mkdir()
    assert open_run(run).gaps == ()
    (run / "plots/images/0.png").write_bytes(b"png")
    opened = open_run(run)
    opened.series()
    assert [gap.missing for gap in opened.gaps] == ["what was logged into plots/images"]


# --- damage ---


def test_lines_without_a_number_are_counted_and_the_others_are_read(tmp_path):
    run = save(tmp_path, [(0, {"loss": 1.0})])
    lines = ["step\tloss", "0\t1.5", "oops", "1\tword", "nan\t3", "\t4", "", "2\t", "3\t1_0",
             "step\tloss", "4\t2.5"]  # fmt: skip
    (run / "plots/metrics/loss.tsv").write_text("\n".join(lines) + "\n")
    opened = open_run(run)
    assert points_in(opened, "loss") == [(0, 1.5), (4, 2.5)]
    assert [str(gap) for gap in opened.gaps] == [
        "5 lines of loss: there is no number. All other lines were read."
    ]


def test_a_last_line_without_its_end_is_read_when_it_is_whole(tmp_path):
    run = save(tmp_path, [(0, {"loss": 1.5}), (1, {"loss": 0.125})])
    path = run / "plots/metrics/loss.tsv"
    data = path.read_bytes()
    path.write_bytes(data[:-3])
    opened = open_run(run)
    cursor = list(opened.batches())[-1].cursor
    assert points_in(opened, "loss") == [(0, 1.5)]
    assert [gap.because for gap in opened.gaps] == ["it is cut short"]
    path.write_bytes(data)
    (batch,) = opened.since(cursor)
    assert batch.columns["loss"].values.tolist() == [0.125]
    assert opened.gaps == ()


def test_a_table_without_a_header_is_read_as_steps_and_values(tmp_path):
    run = save(tmp_path, [(0, {"loss": 1.0})])
    (run / "plots/metrics/loss.tsv").write_text("0\t1.5\n1\t2.5\n")
    assert points_in(open_run(run), "loss") == [(0, 1.5), (1, 2.5)]


def test_a_git_lfs_pointer_says_what_to_do(tmp_path):
    run = save(tmp_path, [(0, {"loss": 1.0, "lr": 1.0})])
    (run / "plots/metrics/lr.tsv").write_text("version https://git-lfs.github.com/spec/v1\n")
    opened = open_run(run)
    assert set(opened.series()) == {"loss"}
    assert [gap.remedy for gap in opened.gaps] == ["Run git lfs pull."]


def test_directories_in_place_of_files_are_passed_over(tmp_path):
    run = save(tmp_path, [(0, {"loss": 1.0})])
    for name in ("plots/metrics/lr.tsv", "metrics.json", "params.yaml"):
        (run / name).unlink(missing_ok=True)
        (run / name).mkdir()
    opened = open_run(run)
    assert set(opened.series()) == {"loss"}
    assert [gap.because for gap in opened.gaps] == ["is a directory"]


def test_a_run_that_disappears_is_a_gap(tmp_path):
    run = save(tmp_path, [(0, {"loss": 1.0})])
    opened = open_run(run)
    cursor = list(opened.batches())[-1].cursor
    shutil.rmtree(run)
    assert [batch.restart for batch in opened.since(cursor)] == [True]
    assert opened.gaps[0].missing == "the history"


@given(data=st.lists(st.binary(max_size=60), min_size=3, max_size=3), whole=st.booleans())
@ANYTHING
def test_any_bytes_are_read_without_an_exception(data, whole, tmp_path):
    run = save(tmp_path, [(0, {"loss": 1.0}), (1, {"loss": 2.0})])
    for name, more in zip(
        ("plots/metrics/loss.tsv", "metrics.json", "params.yaml"), data, strict=True
    ):
        path = run / name
        path.write_bytes((path.read_bytes() if whole else b"") + more)
    for info in find_runs(tmp_path):
        opened = open_run(info)
        batches = list(opened.batches())
        assert list(opened.since(batches[-1].cursor)) == [] if batches else True
        opened.overview(3), opened.tail(3), opened.summary(), opened.config(), opened.gaps


# --- runs of the real DVCLive ---


@pytest.fixture(params=sorted(TRUTHS))
def real(request):
    infos = {info.id: info for info in find_runs(RUNS)}
    return TRUTHS[request.param], open_run(infos[request.param])


def test_every_real_run_is_found_once():
    assert sorted(info.id for info in find_runs(RUNS)) == sorted(TRUTHS)


def test_a_real_run_gives_what_was_logged(real, points):
    truth, run = real
    logged = {
        name: list(zip(key["steps"], map(repr, map(float, key["values"])), strict=True))
        for name, key in truth["keys"].items()
    }
    assert {name: points(one) for name, one in run.series().items()} == logged
    assert run.info.last_step == truth["last_step"]
    fresh = {"running"} if truth["case"] == "timed" else set()  # for 90 seconds, nobody knows
    assert run.info.state in {truth["state"], *fresh}
    last = {name: repr(float(key["last"])) for name, key in truth["keys"].items()}
    assert {name: repr(value) for name, value in run.summary().items()} == last
    assert run.config() == truth.get("config", {})
    assert run.gaps == ()
