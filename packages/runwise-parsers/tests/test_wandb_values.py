"""What a W&B history holds: any value, any key, dense or sparse, in both layouts."""

from __future__ import annotations

import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runwise_parsers import open_run

NAMES = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="._"),
    min_size=1,
    max_size=60,
)
VALUES = st.floats() | st.integers(-(2**70), 2**70) | st.booleans()
ROWS = st.lists(st.dictionaries(NAMES, VALUES, max_size=5), max_size=30)


@given(rows=ROWS)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_was_written_is_read_back(rows, writer, save, points, layout):
    log = writer(layout).start()
    truth: dict[str, list[tuple[float, str]]] = {}
    for step, row in enumerate(rows):
        log.row(step, row)
        for name, value in row.items():
            truth.setdefault(name, []).append((step, repr(float(value))))
    run = open_run(save(log))
    assert {name: points(one) for name, one in run.series().items()} == truth
    for name, curve in truth.items():
        assert points(run.series([name])[name]) == curve


def test_numbers_are_read_in_every_spelling_json_and_python_have(writer, save, layout):
    values = [0, -0.0, 1e300, -1e-300, 12345678901234567890, math.nan, math.inf, -math.inf, True]
    log = writer(layout).start()
    for step, value in enumerate(values):
        log.row(step, {"x": value})
    got = open_run(save(log)).series()["x"].values
    assert list(map(repr, got)) == list(map(repr, map(float, values)))


@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("at", [0, 499, 999])
def test_one_value_that_is_not_finite_is_found_anywhere(writer, save, odd, at):
    log = writer().start()
    for step in range(1_000):
        log.row(step, {"loss": odd if step == at else 1.0, "lr": 0.5})
    series = open_run(save(log)).series()["loss"]
    assert [
        step for step, value in zip(series.steps, series.values, strict=True) if value != 1
    ] == [at]


def test_a_metric_logged_every_500th_step_has_its_own_steps(writer, save, layout):
    log = writer(layout).start()
    for step in range(5_001):
        log.row(step, {"loss": 1.0, **({"val": step / 2} if step % 500 == 0 else {})})
    series = open_run(save(log)).series()
    assert series["val"].steps.tolist() == list(range(0, 5_001, 500))
    assert series["val"].values.tolist() == [step / 2 for step in range(0, 5_001, 500)]
    assert len(series["loss"]) == 5_001


def test_times_stand_beside_the_points_they_belong_to(writer, save, layout):
    log = writer(layout).start()
    for step in range(100):
        log.row(
            step, {"loss": 1.0, **({"val": 1.0} if step % 10 == 3 else {})}, clock=1.7e9 + step
        )
    series = open_run(save(log)).series()
    assert series["loss"].times.tolist() == [1.7e9 + step for step in range(100)]
    assert series["val"].times.tolist() == [1.7e9 + step for step in range(3, 100, 10)]
    assert set(series) == {"loss", "val"}


def test_a_run_with_1500_metrics_is_read_whole(writer, save, points):
    log = writer().start()
    for step in range(30):
        rare = {"rare": 1.0} if step == 17 else {}
        log.row(step, {f"val/ngram_{number}": step + number / 8 for number in range(1_500)} | rare)
    run = open_run(save(log))
    series = run.series()
    assert len(series) == 1_501
    assert series["val/ngram_1499"].values.tolist() == [step + 1_499 / 8 for step in range(30)]
    assert points(series["rare"]) == [(17, "1.0")]
    shown = run.overview(10)["val/ngram_7"]
    assert (shown.steps[0], shown.steps[-1]) == (0, 29)
    some = [f"val/ngram_{number}" for number in range(0, 1_500, 10)]
    assert set(run.series(some)) == set(some)


@pytest.mark.parametrize("length", [90, 100, 120, 127, 128, 129, 130, 131, 200, 300])
def test_keys_of_any_length_are_found(writer, save, layout, length):
    key = "layer" * length
    log = writer(layout).start()
    for step in range(3):
        log.row(step, {key[:length]: step + 0.125, "loss": 1.0})
    run = open_run(save(log))
    for series in (run.series(), run.series([key[:length]])):
        assert series[key[:length]].values.tolist() == [0.125, 1.125, 2.125]


@pytest.mark.parametrize(
    "key", ["größe", "损失", "loss (train)", "a\tb", "x/y z", "🔥", "dot.key", "loss\n"]
)
def test_keys_may_hold_any_character(writer, save, layout, key):
    log = writer(layout).start()
    for step in range(5):
        log.row(step, {key: step * 1.0})
    run = open_run(save(log))
    assert (
        run.series()[key].values.tolist()
        == run.series([key])[key].values.tolist()
        == [0, 1, 2, 3, 4]
    )


def test_a_name_is_not_found_at_the_end_of_a_longer_one(writer, save, layout):
    log = writer(layout).start()
    for step in range(20):
        log.row(step, {"loss": 1.0, "train/loss": 2.0, "train": {"loss": 3.0}, "s": 4.0})
    run = open_run(save(log))
    assert {name: set(one.values) for name, one in run.series().items()} == {
        "loss": {1.0}, "train/loss": {2.0}, "train.loss": {3.0}, "s": {4.0},
    }  # fmt: skip
    assert set(run.series(["loss"])["loss"].values) == {1.0}


def test_metrics_in_nested_dicts_have_dotted_names(writer, save, layout, points):
    log = writer(layout).start()
    for step in range(40):
        log.row(
            step, {"a": {"b": {"c": step, "text": "x"}, "n": math.nan}, "dot.key": {"x": step}}
        )
    run = open_run(save(log))
    assert set(run.series()) == {"a.b.c", "a.n", "dot.key.x"}
    for name in ("a.b.c", "dot.key.x"):
        assert points(run.series([name])[name]) == [
            (step, repr(float(step))) for step in range(40)
        ]
    assert len(run.series(["a.n"])["a.n"]) == 40


def test_a_name_that_is_nested_here_and_flat_there_is_one_curve(writer, save, layout, points):
    log = writer(layout).start()
    for step in range(40):
        log.row(step, {"a": {"b": step}} if step % 3 else {"a.b": step})
    run = open_run(save(log))
    curve = [(step, repr(float(step))) for step in range(40)]
    assert points(run.series()["a.b"]) == points(run.series(["a.b"])["a.b"]) == curve


def test_values_that_are_no_numbers_are_no_points(writer, save, layout):
    log = writer(layout).start()
    others = ["text", None, [1, 2, 3], [], "NaN and more", {}, "12", 'say "hi"']
    for step, value in enumerate(others):
        log.row(step, {"x": value, "loss": 1.0})
    log.row(len(others), {"x": 7, "loss": 1.0})
    run = open_run(save(log))
    series = run.series()
    assert series["x"].steps.tolist() == [len(others)]
    assert len(series["loss"]) == len(others) + 1
    assert run.gaps == ()


def test_a_text_that_holds_the_bytes_of_an_item_is_no_item(writer, save, layout):
    trap = "x\n\t\x12\x04loss\x82\x01\x015"
    log = writer(layout).start()
    for step in range(5):
        log.row(step, {"note": trap, "loss": 1.0})
    assert open_run(save(log)).series()["loss"].values.tolist() == [1.0] * 5


@pytest.mark.parametrize("kind", ["histogram", "table-file", "image-file", "images/separated"])
def test_media_are_mentioned_and_not_read(writer, save, layout, kind):
    media = {"_type": kind, "width": 32, "size": 1_000, "values": [1, 2, 3], "path": "media/x"}
    log = writer(layout).start()
    for step in range(30):
        log.row(step, {"loss": 1.0, **({"img": media} if step % 10 == 0 else {})})
    run = open_run(save(log))
    assert set(run.series()) == {"loss"}
    assert f"img ({kind})" in run.gaps[0].missing


def test_steps_are_taken_from_beside_the_items_where_no_item_holds_them(writer, save, layout):
    log = writer(layout).start()
    for step in (0, 1, 5, 130, 16_700):
        log.row(step, {"loss": step / 2}, item=False)
    run = open_run(save(log))
    assert run.series()["loss"].steps.tolist() == [0, 1, 5, 130, 16_700]
    assert run.info.last_step == 16_700


def test_rows_with_growing_gaps_between_their_steps_keep_their_steps(writer, save, layout):
    steps = [number * number for number in range(200)]
    log = writer(layout).start()
    for step in steps:
        log.row(step, {"loss": 1.0})
    run = open_run(save(log))
    assert run.series()["loss"].steps.tolist() == steps
    assert run.window(["loss"], 100, 200)["loss"].steps.tolist() == [100, 121, 144, 169, 196]


def test_an_overview_of_few_rows_of_a_large_log_has_few_rows(writer, save, points):
    log = writer().start().rows(6_000)
    run = open_run(save(log))
    truth = set(points(run.series()["loss"]))
    for rows in (1, 2, 3, 20, 200, 1_000):
        shown = run.overview(rows)["loss"]
        assert (shown.steps[0], shown.steps[-1]) == (0, 5_999)
        assert len(shown) <= 2 * rows + 2
        assert set(points(shown)) <= truth
        assert shown.steps.tolist() == sorted(set(shown.steps))
