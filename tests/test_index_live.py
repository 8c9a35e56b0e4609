"""A run that the real client is writing, asked about again and again."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time

import pytest

from runwise import Workspace, reports
from runwise.index import catalogue as catalogues
from runwise.index.catalogue import Catalogue
from runwise.index.store import Store
from runwise.learned import Learned
from runwise_format import render
from runwise_parsers import open_run

pytestmark = pytest.mark.trackers
POLLS = 50


@pytest.fixture
def live(house, tmp_path):
    """A run that goes on for a minute; it is made by a process of its own."""
    pytest.importorskip("wandb")
    if not sys.platform.startswith("linux"):
        pytest.skip("the cases kill processes in Linux's way")
    script = house / "tools/fixtures/wandb_cases.py"
    folder = tmp_path / "live"
    subprocess.run(
        [sys.executable, script, folder, "--only", "running", "--keep-running", "60"],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    return next(folder.glob("wandb/offline-run-*/*.wandb"))


def test_fifty_polls_of_a_live_run_equal_fresh_reads_and_read_each_row_once(
    live, tmp_path, monkeypatch
):
    monkeypatch.setattr(catalogues, "WORTH", 0)
    read: list[float] = []
    real = Learned.add

    def counted(self, batch):
        read.extend(batch.columns["train/loss"].steps if "train/loss" in batch.columns else ())
        real(self, batch)

    copy = tmp_path / "project" / "wandb" / live.parent.name / live.name
    copy.parent.mkdir(parents=True)
    store = Store(tmp_path / "cache")
    sizes = set()
    for _ in range(POLLS):
        if live.stat().st_size not in sizes:
            shutil.copyfile(live, copy)  # so that both questions are about the same bytes
            sizes.add(copy.stat().st_size)
        now = time.time()
        with monkeypatch.context() as patch:
            patch.setattr(Learned, "add", counted)
            known = reports.summary(
                Workspace(copy.parents[2], catalogue=Catalogue(store)), now=now
            )
        fresh = reports.summary(Workspace(copy.parents[2]), now=now)
        assert render(known, "compact") == render(fresh, "compact")
        time.sleep(0.4)
    assert len(sizes) > 1, "the run did not grow meanwhile"
    rows = open_run(copy).series(["train/loss"])["train/loss"].steps
    assert read == rows.tolist()
