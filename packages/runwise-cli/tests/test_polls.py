"""Asking again about a project in which nothing has happened: its runs are not read again."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager

import pytest

from runwise import reports
from runwise.index import catalogue as catalogues
from runwise.index.catalogue import Catalogue
from runwise.index.store import Store
from runwise.reports import reading
from runwise.workspace import Workspace
from runwise_format import render

NOW = 1_800_000_000.0
_watched: list[tuple[str, list[str]]] = []


def _hook(event, args):
    if not _watched or event != "open" or not isinstance(args[0], (str, bytes)):
        return
    folder, opened = _watched[-1]
    path = os.path.realpath(os.fsdecode(args[0]))
    if path.startswith(folder + os.sep):
        opened.append(os.path.relpath(path, folder))


@pytest.fixture(scope="module", autouse=True)
def _hooked():
    sys.addaudithook(_hook)  # it cannot be taken away again


@contextmanager
def opens_below(folder):
    """The files below a folder that are opened meanwhile."""
    opened: list[str] = []
    _watched.append((os.path.realpath(folder), opened))
    try:
        yield opened
    finally:
        _watched.pop()


@pytest.fixture
def ask(demo, tmp_path, monkeypatch):
    """Ask the demo project something; return the answer and the files of it that were opened."""
    monkeypatch.setattr(catalogues, "WORTH", 0)
    monkeypatch.setattr(reading, "SHORT", 0)

    def asked(question):
        with opens_below(demo) as opened:
            store = Store(tmp_path / "cache")
            document = question(Workspace(demo, catalogue=Catalogue(store)))
        return render(document, "json"), opened

    return asked


@pytest.mark.parametrize(
    "question",
    [
        lambda project: reports.stats(project, "latest"),
        lambda project: reports.stats(project, "spike", keys=["train/*"]),
        lambda project: reports.best(project, "train/loss"),
        lambda project: reports.best(project, "val/loss", direction="max"),
    ],
)
def test_a_question_asked_again_opens_no_file_of_a_run(ask, question):
    first, opened = ask(question)
    assert opened
    assert ask(question) == (first, [])


@pytest.mark.parametrize(
    "question",
    [
        lambda project: reports.summary(project, "spike", now=NOW),
        lambda project: reports.check(project, "spike"),
    ],
)
def test_the_summary_of_a_known_run_opens_no_other_run(ask, question):
    first, opened = ask(question)
    second, again = ask(question)
    assert second == first
    assert {name for name in again if "spike" not in name} == set()
    assert len(again) < len(opened)
