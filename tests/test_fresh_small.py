"""Runs made a moment ago by the real Trainer, DVCLive and Sacred are told as they were logged.

``tools/fixtures/{trainer,dvclive,sacred}_cases.py`` make them and write down the truth about each.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from runwise.main import main
from runwise_parsers import find_runs, open_run

if TYPE_CHECKING:
    from pathlib import Path

    from runwise_parsers import RunInfo

pytestmark = pytest.mark.trackers

MAKERS = {"transformers": "trainer", "dvclive": "dvclive", "sacred": "sacred"}
ALIVE = {("sacred", "killed"), ("dvclive", "timed")}
"""Runs with a clock and without a word of their end: for 90 seconds, nobody can know."""
SOURCES = {"trainer": "trainer_state", "dvclive": "dvclive", "sacred": "sacred"}


@dataclass(frozen=True)
class Made:
    """The runs of one tracker: where they are, what was logged, what was found."""

    maker: str
    folder: Path
    truths: dict[str, dict[str, Any]]
    infos: dict[str, RunInfo]


@pytest.fixture(scope="module", params=MAKERS)
def made(request, house, tmp_path_factory):
    if find_spec(request.param) is None:  # to import them costs seconds, and Sacred warns
        pytest.skip(f"{request.param} is not installed")
    if not sys.platform.startswith("linux"):
        pytest.skip("the cases kill processes in Linux's way")
    maker = MAKERS[request.param]
    folder = tmp_path_factory.mktemp(maker)
    script = house / f"tools/fixtures/{maker}_cases.py"
    done = subprocess.run(
        [sys.executable, script, folder], capture_output=True, text=True, check=False, timeout=280
    )
    assert done.returncode == 0, done.stdout + done.stderr
    truths = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    return Made(maker, folder, truths, {info.id: info for info in find_runs(folder)})


def curve(steps, values) -> list[tuple[float, str]]:
    """Points as text, because NaN equals nothing."""
    return list(zip(map(float, steps), map(repr, map(float, values)), strict=True))


def test_every_run_is_found_once_by_its_source(made):
    assert sorted(made.infos) == sorted(truth["id"] for truth in made.truths.values())
    assert {info.source for info in made.infos.values()} == {SOURCES[made.maker]}


def test_every_point_is_read_as_it_was_logged(made):
    for case, truth in made.truths.items():
        run = open_run(made.infos[truth["id"]])
        got = {name: curve(one.steps, one.values) for name, one in run.series().items()}
        logged = {name: curve(key["steps"], key["values"]) for name, key in truth["keys"].items()}
        assert got == logged, case
        assert run.gaps == (), case


def test_every_run_is_described_as_it_ended(made):
    for case, truth in made.truths.items():
        info = made.infos[truth["id"]]
        alive = {"running"} if (made.maker, case) in ALIVE else set()
        assert info.state in {truth["state"], *alive}, case
        assert info.last_step == (truth["last_step"] if truth["keys"] else None), case
        summary, config = open_run(info).summary(), open_run(info).config()
        for name, key in truth["keys"].items():
            if name not in truth.get("summary", {}):
                assert math.isnan(key["last"]) or summary[name] == key["last"], (case, name)
        known = {**truth.get("summary", {}), **{n: truth[n] for n in ("result",) if n in truth}}
        assert {name: summary[name] for name in known} == known, case
        assert truth.get("config", config) == config, case


def test_a_run_answers_to_its_id_on_the_command_line(made, monkeypatch):
    monkeypatch.chdir(made.folder)
    result = CliRunner().invoke(main, ["list", "-n", "50", "--all", "--format", "json"])
    rows = {row["id"]: row for row in json.loads(result.stdout)["runs"]}
    assert sorted(rows) == sorted(made.infos)
    for truth in made.truths.values():
        answer = CliRunner().invoke(main, ["run", truth["id"], "--format", "json"])
        told = json.loads(answer.stdout)["run"]
        assert (told["id"], told["source"]) == (truth["id"], SOURCES[made.maker])
