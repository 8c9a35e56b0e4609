"""A long W&B run read whole in slices: the answers are those of one pass."""

from __future__ import annotations

import importlib.util
import json
import math

import pytest

from runwise import reports
from runwise.index import catalogue as catalogues
from runwise.index import joining
from runwise.index.catalogue import Catalogue
from runwise.index.joining import Means
from runwise.index.store import Store
from runwise.workspace import Workspace
from runwise_format import render

NOW = 1_800_000_000.0
NAN = 2222


@pytest.fixture(scope="module")
def writer(house):
    path = house / "packages/runwise-parsers/tests/conftest.py"
    spec = importlib.util.spec_from_file_location("wandb_writer", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.LogWriter


@pytest.fixture(params=["core", "old"])
def run(request, writer, tmp_path):
    """A run of two segments, the second of which replays the end of the first."""
    for day, (first, count) in enumerate([(0, 3000), (2800, 1500)]):
        log = writer(request.param).start(created=1.7e9 + 9999 * day, config={"lr": 0.1})
        log.metric("acc", 2, 5)
        for step in range(first, first + count):
            loss = math.nan if step == NAN else 0.5 + 2 / (1 + step / 100) + 0.01 * (step * 7 % 13)
            values = {"loss": loss, **({"acc": step / 5000} if step % 20 == 0 else {})}
            log.row(step, values, clock=1.7e9 + 9999 * day + step)
        folder = tmp_path / f"wandb/run-2026010{day + 1}_000000-abc12345"
        folder.mkdir(parents=True)
        (folder / "run-abc12345.wandb").write_bytes(log.end().data())
    return tmp_path


def asked(place, store=None, **means):
    catalogue = Catalogue(store, exact=True, means=Means(**means))
    workspace = Workspace(place, catalogue=catalogue)
    documents = [reports.summary(workspace, now=NOW), reports.check(workspace)]
    return [json.loads(render(one, "json")) for one in documents]


@pytest.fixture
def long_ones(monkeypatch):
    monkeypatch.setattr(catalogues, "LARGE", 0)
    monkeypatch.setattr(joining, "SMALLEST", 1 << 18)


def test_slices_say_what_one_pass_says(run, long_ones, monkeypatch):
    found = asked(run, workers=2)
    monkeypatch.setattr(catalogues, "LARGE", 1 << 40)
    expected = asked(run)
    for ours, theirs in zip(found, expected, strict=True):
        steps = [
            [(one["kind"], one["metric"], one["step"]) for one in each.pop("findings")]
            for each in (ours, theirs)
        ]
        assert ("non_finite", "loss", NAN) in steps[0]
        assert steps[0] == steps[1]
        assert ours == theirs


def test_a_run_that_went_on_costs_only_what_is_new(tmp_path, writer, long_ones):
    folder = tmp_path / "wandb/run-20260101_000000-abc12345"
    folder.mkdir(parents=True)
    log, store = writer().start(created=1.7e9), Store(tmp_path / "cache")

    def written(first, count):
        for step in range(first, first + count):
            log.row(step, {"loss": 0.5 + 2 / (1 + step / 100)}, clock=1.7e9 + step)
        (folder / "run-abc12345.wandb").write_bytes(log.data())

    written(0, 3000)
    asked(tmp_path, store)
    written(3000, 40)
    begun = []
    grown = asked(tmp_path, store, progress=lambda done, _: begun.append(done))
    assert begun == []
    assert grown[0]["run"]["step"] == 3039
    assert grown == asked(tmp_path)
