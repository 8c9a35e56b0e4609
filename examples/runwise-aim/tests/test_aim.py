"""What Aim 3.29 wrote into ``repository/`` is listed without it, and read with it."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from runwise_aim import Aim
from runwise_aim.curves import _called

from runwise_parsers import find_runs, open_run

REPOSITORY = Path(__file__).parent / "repository"
SOURCES = [Aim()]
FIRST, ARCHIVED, KILLED = (
    "dbdb0a97dd034f04ba715e4a", "ae89a93e1a2b445e81a20dcd", "97706483b947419fa2a6a37a",
)  # fmt: skip
WRITER = """
import json, os, sys
from aim import Run
quiet = dict(system_tracking_interval=None, capture_terminal_logs=False, log_system_params=False)
run = Run(repo=sys.argv[1], experiment="mnist", **quiet)
run["hparams"] = {"lr": 0.1, "model": {"depth": 3}}
for step in range(20):
    run.track(1 / (step + 1), name="loss", step=step, context={"subset": "train"})
    if step % 5 == 4:
        value = float("nan") if step == 9 else float(step)
        run.track(value, name="loss", step=step, context={"subset": "val"})
    run.track(step * 0.5, name="lr", step=step)
    run.track(50.0 + step, name="__system__cpu", step=step)
run.archived = "archived" in sys.argv
print(json.dumps({"hash": run.hash}))
sys.stdout.flush()
os._exit(9) if "killed" in sys.argv else run.close()
"""


@pytest.fixture
def repository(tmp_path):
    """A copy of the repository that may be damaged."""
    return Path(shutil.copytree(REPOSITORY, tmp_path / "repository")) / ".aim"


def found(root):
    return {info.id: info for info in find_runs(root, sources=SOURCES)}


def test_every_run_is_listed_with_what_aim_says_of_it():
    runs = found(REPOSITORY)
    assert list(runs) == [FIRST, ARCHIVED, KILLED]
    one = runs[FIRST]
    assert (one.name, one.project, one.notes, one.tags) == (
        "lenet baseline", "mnist", "first try", ("baseline",),
    )  # fmt: skip
    assert one.created == pytest.approx(1795178070.874472)
    assert one.updated == pytest.approx(1795178071.0)
    assert (runs[ARCHIVED].name, runs[KILLED].project) == ("", "other")


def test_a_run_that_was_not_closed_crashed_and_one_that_was_archived_is_not_shown():
    assert [run.state for run in found(REPOSITORY).values()] == ["finished", "finished", "crashed"]
    assert [run.id for run in found(REPOSITORY).values() if run.deleted] == [ARCHIVED]


@pytest.mark.parametrize("place", [".aim", ".aim/run_metadata.sqlite"])
def test_a_repository_is_found_from_inside_and_by_its_file(place):
    assert list(found(REPOSITORY / place)) == [FIRST, ARCHIVED, KILLED]


def test_a_repository_of_one_shown_run_is_opened_by_its_path(repository):
    with sqlite3.connect(repository / "run_metadata.sqlite") as connection:
        connection.execute("UPDATE run SET is_archived = 1 WHERE id > 1")
    connection.close()
    assert open_run(repository, sources=SOURCES).info.id == FIRST


def test_an_older_repository_without_the_time_of_an_end_is_listed(repository):
    with sqlite3.connect(repository / "run_metadata.sqlite") as connection:
        connection.execute("ALTER TABLE run DROP COLUMN finalized_at")
    connection.close()
    assert list(found(repository)) == [FIRST, ARCHIVED, KILLED]


@pytest.mark.parametrize("size", [0, 1, 100, 4096, 20_000])
def test_a_damaged_list_is_a_gap_or_no_run(repository, size):
    path = repository / "run_metadata.sqlite"
    path.write_bytes(path.read_bytes()[:size])
    for run in found(repository).values():
        assert run.gaps


@pytest.mark.skipif(find_spec("aim") is not None, reason="aim is installed")
def test_without_aim_the_curves_are_a_gap_that_says_how_to_install_it():
    run = open_run(found(REPOSITORY)[FIRST], sources=SOURCES)
    assert run.series() == {}
    assert run.config() == {}
    assert "pip install 'runwise-aim[aim]'" in str(run.gaps[0])


def test_a_metric_is_called_with_its_context():
    assert _called("loss", {}) == "loss"
    assert _called("loss", {"subset": "val"}) == "val/loss"
    assert _called("loss", {"subset": "val", "rank": 1}) == "val/loss[rank=1]"


@pytest.mark.parametrize("end", ["closed", "archived", "killed"])
def test_with_aim_a_fresh_run_is_read_exactly_and_left_alone(tmp_path, end):
    pytest.importorskip("aim")
    written = subprocess.run(
        [sys.executable, "-c", WRITER, str(tmp_path), end], capture_output=True, check=False
    )
    called = json.loads(written.stdout.splitlines()[-1])["hash"]
    before = _state_of(tmp_path)
    info = found(tmp_path)[called]
    run = open_run(info, sources=SOURCES)
    series = run.series()
    assert sorted(series) == ["lr", "train/loss", "val/loss"]
    assert series["train/loss"].values.tolist() == [1 / (step + 1) for step in range(20)]
    assert series["lr"].steps.tolist() == list(range(20))
    assert [repr(value) for value in series["val/loss"].values] == ["4.0", "nan", "14.0", "19.0"]
    assert series["val/loss"].steps.tolist() == [4, 9, 14, 19]
    assert run.system()["cpu"].values.tolist() == [50.0 + step for step in range(20)]
    assert run.config() == {"hparams": {"lr": 0.1, "model": {"depth": 3}}}
    assert run.gaps == ()
    assert info.deleted == (end == "archived")
    assert info.state in (("running", "crashed") if end == "killed" else ("finished",))
    assert _state_of(tmp_path) == before


def _state_of(root):
    files = (path for path in sorted(root.rglob("*")) if path.is_file())
    return {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in files}
