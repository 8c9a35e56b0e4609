"""Histories nobody wants to wait for: every answer from a sample says that it is one."""

from __future__ import annotations

import json

import pytest

from runwise import reports
from runwise.errors import NoSuchMetric
from runwise.index import catalogue as catalogues
from runwise.index.catalogue import Catalogue
from runwise.index.store import Store
from runwise.reports import reading
from runwise.workspace import Workspace
from runwise_format import render

ROWS = 6000
RARE = 4001


def line(step):
    row = {"step": step, "train/loss": 2 / (1 + step / 50), "lr": 0.001}
    return json.dumps({**row, "rare": 1.0} if step == RARE else row) + "\n"


@pytest.fixture
def huge(tmp_path, monkeypatch):
    """Two logs, of a size of which only a sample is read."""
    monkeypatch.setattr(catalogues, "LARGE", 1000)
    monkeypatch.setattr(catalogues, "WORTH", 0)
    monkeypatch.setattr(reading, "SHORT", 0)
    for name in ("one", "two"):
        path = tmp_path / "runs" / name / "metrics.jsonl"
        path.parent.mkdir(parents=True)
        path.write_text("".join(map(line, range(ROWS))))
    return tmp_path / "runs"


ASKED = {
    "stats": lambda project: reports.stats(project, "one"),
    "best": lambda project: reports.best(project, "train/loss"),
    "compare": lambda project: reports.compare(project, ["one", "two"]),
}


@pytest.mark.parametrize("question", ASKED.values(), ids=ASKED)
def test_an_answer_from_a_sample_says_so_and_how_to_read_all(huge, question):
    told = render(question(Workspace(huge)), "compact")
    assert "sample" in told
    assert "--exact reads all" in told


@pytest.mark.parametrize("question", ASKED.values(), ids=ASKED)
def test_exact_reads_all_of_it_and_says_nothing_of_samples(huge, tmp_path, question, monkeypatch):
    store = Store(tmp_path / "cache")
    question(Workspace(huge, catalogue=Catalogue(store)))  # a sample is known already
    exact = render(question(Workspace(huge, catalogue=Catalogue(store, exact=True))), "json")
    monkeypatch.setattr(catalogues, "LARGE", 1 << 30)
    assert exact == render(question(Workspace(huge)), "json")
    assert "sample" not in exact


def test_once_all_was_read_it_is_known_also_to_those_who_would_take_a_sample(huge, tmp_path):
    store = Store(tmp_path / "cache")
    exact = reports.stats(Workspace(huge, catalogue=Catalogue(store, exact=True)), "one")
    known = reports.stats(Workspace(huge, catalogue=Catalogue(store)), "one")
    assert render(known, "json") == render(exact, "json")
    table = json.loads(render(known, "json"))["stats"]
    assert {row["name"]: row["count"] for row in table} == {
        "train/loss": ROWS, "lr": ROWS, "rare": 1,
    }  # fmt: skip


def test_a_metric_that_is_not_in_a_sample_may_be_in_the_log(huge):
    with pytest.raises(NoSuchMetric, match="in a sample") as caught:
        reports.stats(Workspace(huge), "one", keys=["rare"])
    assert "--exact" in caught.value.remedy
    found = reports.stats(Workspace(huge, catalogue=Catalogue(exact=True)), "one", keys=["rare"])
    assert '"count":1' in render(found, "json").replace(" ", "")
