"""A source in a distribution of its own, as a user meets it: installed, it is there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

EXAMPLE = Path(__file__).parents[1] / "examples/runwise-aim"
FIRST, KILLED = "dbdb0a97dd034f04ba715e4a", "97706483b947419fa2a6a37a"
RAISING = """
from runwise_parsers import Source
class Broken(Source):
    name = "broken"
    def claim(self, folder):
        raise KeyError("x")
    describe = open = claim
"""


@pytest.fixture
def project(tmp_path, write_run):
    """A project with an Aim repository of three runs, one of them archived, and a run of ours."""
    shutil.copytree(EXAMPLE / "tests/repository", tmp_path / "project")
    rows = [{"step": step, "loss": 1.0} for step in range(5)]
    write_run("ours", rows, tmp_path / "project")
    return tmp_path / "project"


@pytest.fixture
def plugged(tmp_path):
    """Lay a plugin beside the code as an installer would, and return what makes it seen."""

    def plugged(name: str, target: str, *code: Path | str) -> dict[str, str]:
        told = tmp_path / f"{name}-0.1.0.dist-info"
        told.mkdir()
        (told / "entry_points.txt").write_text(f"[runwise.sources]\n{name} = {target}\n")
        return {"PYTHONPATH": os.pathsep.join([str(tmp_path), *map(str, code)])}

    return plugged


@pytest.fixture
def aim(plugged):
    told = tomllib.loads((EXAMPLE / "pyproject.toml").read_text(encoding="utf-8"))
    ((name, target),) = told["project"]["entry-points"]["runwise.sources"].items()
    return plugged(name, target, EXAMPLE / "src")


def test_the_example_is_named_among_the_sources(runwise, aim):
    table = json.loads(runwise("sources", "--format", "json", env=aim).stdout)["sources"]
    row = next(row for row in table if row["source"] == "aim")
    assert row["plugin"] == "aim 0.1.0"
    assert row["reads"] == ".aim/"
    assert (row["extra"], row["extra_installed"]) == ("aim", False)
    assert row["needs"] == "[aim]: pip install 'aim[aim]'"


def test_its_runs_are_listed_beside_others_and_archived_ones_on_request(runwise, aim, project):
    done = runwise("list", "--format", "json", cwd=project, env=aim)
    assert done.stderr == b""
    answer = json.loads(done.stdout)
    assert {row["id"] for row in answer["runs"]} == {FIRST, KILLED, "ours"}
    assert "1 deleted run is not shown (list --all)" in answer["notes"]
    everything = json.loads(
        runwise("list", "--all", "--format", "json", cwd=project, env=aim).stdout
    )
    assert [row["deleted"] for row in everything["runs"]].count("deleted") == 1
    assert len(everything["runs"]) == 4


@pytest.mark.parametrize("ref", [FIRST, "dbdb", "lenet baseline", "lenet", f".aim/{FIRST}"])
def test_its_run_answers_to_id_beginning_name_and_path(runwise, aim, project, ref):
    answer = json.loads(runwise("run", ref, "--format", "json", cwd=project, env=aim).stdout)
    assert "lenet baseline" in answer["verdict"]
    assert any("pip install 'runwise-aim[aim]'" in note for note in answer["notes"])


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import no_such_thing", "failed to load: ModuleNotFoundError: No module named"),
        ("raise SyntaxError('no')", "failed to load: SyntaxError: no"),
        ("Broken = 7", "failed to load: TypeError: broken:Broken is no Source"),
        (RAISING, "failed to look into a directory: KeyError: 'x'"),
    ],
)
def test_a_plugin_that_fails_is_named_once_on_stderr_and_skipped(
    runwise, plugged, project, code, said
):
    (project.parent / "broken.py").write_text(code)
    env = plugged("broken", "broken:Broken")
    done = runwise("list", cwd=project, env=env)
    assert done.returncode == 0
    assert done.stdout.startswith(b"1 run: ")
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith(f"note: source broken {said}")
    assert runwise("list", "-q", cwd=project, env=env).stderr == b""


def test_the_tests_of_the_example_pass(aim):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", EXAMPLE],
        cwd=EXAMPLE,
        env={**os.environ, **aim, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.trackers
def test_its_wheel_is_all_that_has_to_be_installed(house, project, tmp_path, plain_environment):
    uv = shutil.which(
        "uv", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    )
    if uv is None:
        pytest.skip("there is no uv")
    env, dist = plain_environment(), tmp_path / "dist"

    def run(*words) -> str:
        done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{words}: {done.stderr}"
        return done.stdout

    for name in ("runwise-parsers", "runwise-sampling", "runwise-detect", "runwise-format"):
        run(uv, "build", "--quiet", "--wheel", house / "packages" / name, "--out-dir", dist)
    for place in (house / "packages/runwise-cli", EXAMPLE):
        run(uv, "build", "--quiet", "--wheel", place, "--out-dir", dist)
    home = tmp_path / "env"
    run(uv, "venv", "--quiet", "--no-project", "--python", sys.executable, home)
    scripts = home / ("Scripts" if os.name == "nt" else "bin")
    python = scripts / ("python.exe" if os.name == "nt" else "python")
    run(uv, "pip", "install", "--quiet", "--python", python, *sorted(dist.glob("*.whl")))
    table = json.loads(run(scripts / "runwise", "sources", "--format", "json"))["sources"]
    assert next(row for row in table if row["source"] == "aim")["plugin"] == "runwise-aim 0.1.0"
    listed = json.loads(run(scripts / "runwise", "-C", project, "list", "--format", "json"))
    assert {FIRST, "ours"} <= {row["id"] for row in listed["runs"]}
