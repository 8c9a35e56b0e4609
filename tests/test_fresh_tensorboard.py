"""Event files made a moment ago by the libraries that write them are told as they were logged.

``tools/fixtures/tensorboard_cases.py`` makes them and writes down the truth about each.
"""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from importlib.util import find_spec

import pytest
from click.testing import CliRunner

from runwise.main import main
from runwise_parsers import find_runs, open_run

pytestmark = pytest.mark.trackers

CASES = [
    "torch_classic", "torch_new_style", "torch_media", "torch_sub_writers", "torch_restarted",
    "torch_resumed", "torch_many", "tensorboardx", "tensorboard_writer", "lightning",
]  # fmt: skip


@pytest.fixture(scope="module")
def made(house, tmp_path_factory):
    if not all(map(find_spec, ("torch", "tensorboard", "tensorboardX", "lightning"))):
        pytest.skip("a library that writes event files is not installed")
    if not sys.platform.startswith("linux"):
        pytest.skip("a case kills its process in Linux's way")
    folder = tmp_path_factory.mktemp("fresh_tensorboard")
    script = house / "tools/fixtures/tensorboard_cases.py"
    done = subprocess.run(
        [sys.executable, script, folder], capture_output=True, text=True, check=False, timeout=280
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder, json.loads((folder / "truth.json").read_text(encoding="utf-8"))


@pytest.fixture
def run_of(made):
    infos = {info.id.partition("/")[0]: info for info in find_runs(made[0])}
    return lambda case: open_run(infos[case])


def logged(truth):
    """Return what a case logged, as it was written: most numbers through 32 bits."""

    def kept(name, value):
        wide = name in truth.get("wide", ())
        return repr(value if wide else struct.unpack("<f", struct.pack("<f", value))[0])

    return {
        name: list(zip(key["steps"], (kept(name, v) for v in key["values"]), strict=True))
        for name, key in truth["keys"].items()
    }


def points(series):
    return {
        name: list(zip(one.steps, map(repr, one.values), strict=True))
        for name, one in series.items()
    }


def test_all_cases_were_made_and_are_found_once(made):
    folder, truths = made
    assert {*CASES, "torch_killed"} <= set(truths)
    infos = list(find_runs(folder))
    assert sorted(info.id.partition("/")[0] for info in infos) == sorted(truths)
    assert {info.source for info in infos} == {"tensorboard"}


@pytest.mark.parametrize("case", CASES)
def test_curves_are_what_was_logged(made, run_of, case):
    assert points(run_of(case).series()) == logged(made[1][case])


@pytest.mark.parametrize("case", CASES)
def test_a_run_that_wrote_a_moment_ago_may_still_be_running(made, run_of, case):
    run, truth = run_of(case), made[1][case]
    assert run.info.state in ("running", truth["state"])
    assert run.info.last_step == truth["last_step"]
    if "config" in truth:
        assert run.config() == truth["config"]


def test_a_killed_run_holds_the_first_rows(made, run_of):
    curve = logged(made[1]["torch_killed"])["loss"]
    got = points(run_of("torch_killed").series())["loss"]
    assert len(got) > 10
    assert got == curve[: len(got)]


@pytest.mark.parametrize("case", CASES)
def test_the_command_counts_every_point(made, case, monkeypatch):
    folder, truths = made
    monkeypatch.chdir(folder)
    result = CliRunner().invoke(main, ["keys", case, "--format", "json"], prog_name="runwise")
    counted = json.loads(result.stdout)["keys"]
    assert counted == {name: key["rows"] for name, key in truths[case]["keys"].items()}
