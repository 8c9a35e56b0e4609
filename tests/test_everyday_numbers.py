"""Every number of the everyday reports beside an independent computation with numpy.

On real W&B logs (the example runs) and on a JSON Lines run. The columns come from the parser,
which has tests of its own; all that reports make of them is computed here once more.
"""

from __future__ import annotations

import csv
import io
import math

import pytest
from click.testing import CliRunner

from runwise import Workspace, reports
from runwise.main import main
from runwise_format.cells import At
from runwise_parsers import open_run

np = pytest.importorskip("numpy", reason="numpy is the independent computation")

LOWER = ("loss",)
HIGHER = ("accuracy",)


def make_rows(seed):
    rng = np.random.default_rng(seed)
    steps = np.arange(0, 6000, 3)
    loss = 2 / (1 + steps / (400 + 50 * seed)) + rng.normal(0, 0.05, len(steps))
    loss[1234] = 30.0
    loss[1700] = math.nan
    rows = [{"step": int(at), "time": 1.7e9 + 0.5 * int(at)} for at in steps]
    for row, value in zip(rows, loss, strict=True):
        row["train/loss"] = float(value)
        row["lr"] = 3e-4 * (1 - row["step"] / 6000)
    for row in rows[::25]:
        row["val/loss"] = 1.5 / (1 + row["step"] / 700) + float(rng.normal(0, 0.01))
        row["val/accuracy"] = 1 - 0.5 / (1 + row["step"] / 300) + float(rng.normal(0, 0.01))
    return rows


@pytest.fixture(params=["wandb", "jsonl"])
def project(request, demo_root, tmp_path, write_run):
    """A project and three of its runs."""
    if request.param == "wandb":
        return Workspace(demo_root), ["nan", "loss-spike", "killed"]
    for seed, name in enumerate(("one", "two", "three")):
        write_run(name, make_rows(seed))
    return Workspace(tmp_path), ["one", "two", "three"]


def columns(workspace, ref):
    """Return steps and values of every metric as numpy arrays."""
    run = open_run(workspace.resolve(ref)[0])
    return {
        name: (np.array(one.steps), np.array(one.values))
        for name, one in run.series().items()
        if not name.startswith("_")
    }


def block(document, key):
    return next(one for one in document.blocks if one.key == key)


def by_name(table):
    keys = [column.key for column in table.columns]
    return {row[0]: dict(zip(keys, row, strict=True)) for row in table.rows}


def end_of(name):
    if name.endswith(LOWER):
        return "min"
    return "max" if name.endswith(HIGHER) else None


def test_stats(project):
    workspace, refs = project
    for ref in refs:
        found = by_name(block(reports.stats(workspace, ref), "stats"))
        expected = columns(workspace, ref)
        assert set(found) == set(expected)
        for name, (steps, values) in expected.items():
            row, good = found[name], np.isfinite(values)
            assert row["count"] == good.sum()
            low, high = np.nanargmin(values), np.nanargmax(values)
            assert row["min"] == At(values[low], steps[low])
            assert row["max"] == At(values[high], steps[high])
            assert row["mean"] == pytest.approx(values[good].mean(), rel=1e-12)
            assert row["std"] == pytest.approx(values[good].std(), rel=1e-9, abs=1e-15)
            np.testing.assert_equal(row["last"], values[-1])
            assert row.get("nan", 0) == np.isnan(values).sum()
            if end_of(name):
                assert row["best"] == row[end_of(name)]


def test_history_as_csv_is_points_of_the_data(project):
    workspace, refs = project
    for ref in refs:
        expected = columns(workspace, ref)
        words = ["-C", str(workspace.root), "history", ref, "-k", ",".join(expected), "-n", "60"]
        result = CliRunner().invoke(main, [*words, "--format", "csv"])
        rows = list(csv.DictReader(io.StringIO(result.stdout)))
        for name, (steps, values) in expected.items():
            logged = {f"{int(step)}": value for step, value in zip(steps, values, strict=True)}
            shown = {row["step"]: row[name] for row in rows if row[name]}
            assert all(text == f"{logged[step]:.6g}" for step, text in shown.items())
            # Where a metric was logged at a step that is shown, its value is there.
            assert set(shown) == {row["step"] for row in rows} & set(logged)
            keepers = [0, len(steps) - 1, np.nanargmin(values), np.nanargmax(values)]
            keepers += list(np.flatnonzero(np.isnan(values))[:1])
            assert {f"{int(steps[at])}" for at in keepers} <= set(shown)
            assert len(shown) >= min(60, len(values))


def test_history_as_a_grid_is_means(project):
    workspace, refs = project
    expected = columns(workspace, refs[0])
    document = reports.history(workspace, refs[0], keys=list(expected), points=40)
    curve, width = block(document, "curve"), block(document, "run").items["width"]
    places = np.array([row[0] for row in curve.rows])
    assert len(places) <= 40
    assert np.diff(places) == pytest.approx(width)
    for at, name in enumerate(expected, 1):
        steps, values = expected[name]
        for place, row in zip(places, curve.rows, strict=True):
            inside = values[(steps >= place) & (steps < place + width)]
            if not len(inside):
                assert row[at] is None
            elif not np.isfinite(inside).any():
                assert math.isnan(row[at])
            else:
                assert row[at] == pytest.approx(inside[np.isfinite(inside)].mean())


def test_stability(project):
    workspace, refs = project
    window = 40
    for ref in refs:
        expected = columns(workspace, ref)
        document = reports.stability(workspace, ref, keys=list(expected), window=window)
        for name, row in by_name(block(document, "stability")).items():
            steps, values = expected[name]
            good = np.isfinite(values)
            steps, values = steps[good], values[good]
            size = min(window, max(2, len(values) // 2))
            assert row["window"] == size
            stds = np.lib.stride_tricks.sliding_window_view(values, size).std(axis=1)
            assert row["mean_std"] == pytest.approx(stds.mean(), rel=1e-6, abs=1e-9)
            assert row["final_std"] == pytest.approx(stds[-1], rel=1e-6, abs=1e-9)
            share = stds[-1] / np.ptp(values) if np.ptp(values) else 0.0
            status = "STABLE" if share < 0.05 else "MODERATE" if share < 0.15 else "NOISY"
            assert (row["share"], row["status"]) == (pytest.approx(share, abs=1e-9), status)
            assert row["slope"] == pytest.approx(theil_sen(steps, values), rel=0.05, abs=1e-9)


def theil_sen(steps, values):
    first, second = np.triu_indices(len(steps), k=1)
    rises, runs = values[second] - values[first], steps[second] - steps[first]
    return 1000 * np.median(rises[runs != 0] / runs[runs != 0])


def test_comparison(project):
    workspace, (first, second, _) = project
    one, other = columns(workspace, first), columns(workspace, second)
    document = reports.compare(workspace, [first, second], threshold=0)
    rows = by_name(block(document, "metrics"))
    assert set(rows) == set(one) & set(other)
    for name, row in rows.items():
        (steps_a, a), (steps_b, b) = one[name], other[name]
        np.testing.assert_equal((row["A_last"], row["B_last"]), (a[-1], b[-1]))
        np.testing.assert_equal(row["delta"], b[-1] - a[-1])
        if np.isfinite(row["delta"]) and a[-1]:
            assert row["change"] == pytest.approx((b[-1] - a[-1]) / abs(a[-1]))
        if end_of(name):
            best = np.nanargmin if end_of(name) == "min" else np.nanargmax
            assert (row["A_best"], row["A_best_step"]) == (a[best(a)], steps_a[best(a)])
            assert (row["B_best"], row["B_best_step"]) == (b[best(b)], steps_b[best(b)])
            if np.isfinite(row["delta"]) and row["delta"]:
                gain = row["delta"] if end_of(name) == "max" else -row["delta"]
                assert row["is"] == ("better" if gain > 0 else "worse")
        check_correlation(row, (steps_a, a), (steps_b, b))


def check_correlation(row, one, other):
    (steps_a, a), (steps_b, b) = ((s[np.isfinite(v)], v[np.isfinite(v)]) for s, v in (one, other))
    common, in_a, in_b = np.intersect1d(steps_a, steps_b, return_indices=True)
    assert row["common_steps"] == len(common)
    if np.ptp(a[in_a]) and np.ptp(b[in_b]):
        expected = np.corrcoef(a[in_a], b[in_b])[0, 1]
        assert row["correlation"] == pytest.approx(expected, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("step", [0, 137, 250, 525, 100_000])
def test_comparison_at_a_step_uses_the_nearest_logged_one(project, step):
    workspace, (first, _, third) = project
    document = reports.compare(workspace, [f"{first}@{step}", f"{third}@{step}"], threshold=0)
    for letter, ref in (("A", first), ("B", third)):
        expected = columns(workspace, ref)
        newest = max(steps[-1] for steps, _ in expected.values())
        for name, row in by_name(block(document, "metrics")).items():
            steps, values = expected[name]
            at = np.abs(steps - min(step, newest)).argmin()  # the first of equals: the earlier
            assert row[f"{letter}_step"] == steps[at]
            np.testing.assert_equal(row[f"{letter}_last"], values[at])


@pytest.mark.parametrize("metric", ["val/loss", "val/accuracy"])
def test_best_over_all_runs(project, metric):
    workspace, _ = project
    found = block(reports.best(workspace, metric), "runs")
    place = [column.key for column in found.columns].index("best")
    expected = []
    for info in workspace.runs:
        steps, values = columns(workspace, info.id)[metric]
        at = np.nanargmin(values) if metric == "val/loss" else np.nanargmax(values)
        expected.append((values[at], steps[at], info.id))
    expected.sort(key=lambda one: one[0], reverse=metric != "val/loss")
    assert [(row[place].value, row[place].step, row[0]) for row in found.rows] == expected


def test_config_and_its_differences(demo_root):
    yaml_like = {
        "healthy": {"batch_size": 128, "lr": 0.1, "schedule": "cosine"},
        "overfitting": {"batch_size": 64, "lr": 0.12, "schedule": "constant"},
    }
    workspace = Workspace(demo_root)
    for ref, settings in yaml_like.items():
        tree = block(reports.config(workspace, ref), "config").root
        assert {key: tree[key] for key in settings} == settings
    rows = dict(
        block(reports.compare(workspace, list(yaml_like), config_only=True), "config").rows
    )
    for key in ("batch_size", "lr", "schedule"):
        assert rows[key] == [settings[key] for settings in yaml_like.values()]
