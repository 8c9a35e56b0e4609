"""Tables made a moment ago by the real loggers are told as they were logged.

``tools/fixtures/csv_cases.py`` makes them and writes down the truth about each.
"""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec

import pytest
from click.testing import CliRunner

from runwise.main import main
from runwise_parsers import find_runs, open_run

pytestmark = pytest.mark.trackers

CASES = [
    "lightning_trainer", "lightning_new_keys", "lightning_non_finite", "lightning_many",
    "lightning_killed", "yolo_csv", "yolo_txt",
]  # fmt: skip


@pytest.fixture(scope="module")
def made(house, tmp_path_factory):
    if find_spec("lightning") is None:
        pytest.skip("lightning is not installed")
    if not sys.platform.startswith("linux"):
        pytest.skip("a case kills its process in Linux's way")
    folder = tmp_path_factory.mktemp("fresh_csv")
    script = house / "tools/fixtures/csv_cases.py"
    done = subprocess.run(
        [sys.executable, script, folder], capture_output=True, text=True, check=False, timeout=280
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder, json.loads((folder / "truth.json").read_text(encoding="utf-8"))


def test_all_cases_were_made_and_are_found_once(made):
    folder, truths = made
    assert set(CASES) <= set(truths)
    infos = list(find_runs(folder))
    assert sorted(info.id for info in infos) == sorted(truths)
    assert {info.source for info in infos} == {"csv"}


@pytest.mark.parametrize("case", CASES)
def test_curves_are_what_was_logged(made, case):
    folder, truths = made
    infos = {info.id: info for info in find_runs(folder)}
    run, truth = open_run(infos[case]), truths[case]
    got = {
        name: list(zip(one.steps, map(repr, one.values), strict=True))
        for name, one in run.series().items()
    }
    expected = {
        name: list(zip(key["steps"], map(repr, map(float, key["values"])), strict=True))
        for name, key in truth["keys"].items()
    }
    if not truth.get("exact", True):
        expected = {name: curve[: len(got[name])] for name, curve in expected.items()}
    assert got == expected
    assert run.config() == truth.get("config", {})


@pytest.mark.parametrize("case", CASES)
def test_the_command_shows_the_last_values(made, case, monkeypatch):
    folder, truths = made
    monkeypatch.chdir(folder)
    result = CliRunner().invoke(
        main, ["run", case, "-k", "*", "--format", "json"], prog_name="runwise"
    )
    assert result.stdout.startswith("{"), result.output
    answer = json.loads(result.stdout)
    shown = {row["name"] for row in answer["metrics"]}
    assert shown == set(truths[case]["keys"])
