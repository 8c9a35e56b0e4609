"""The second example of a source in a distribution of its own: it needs pyarrow."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

pytestmark = pytest.mark.trackers
pytest.importorskip("pyarrow", reason="what the example reads is Parquet")

EXAMPLE = Path(__file__).parents[1] / "examples/runwise-neptune"


@pytest.fixture
def project(tmp_path, write_run):
    """A project with two exported runs in one file, and a run of ours."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = ("project_id", "run_id", "attribute_path", "attribute_type")
    schema = pa.schema([
        *((name, pa.string()) for name in columns), ("step", pa.decimal128(18, 6)),
        ("timestamp", pa.timestamp("ms", "UTC")), ("int_value", pa.int64()),
        ("float_value", pa.float64()), ("string_value", pa.string()), ("bool_value", pa.bool_()),
        ("datetime_value", pa.timestamp("ms", "UTC")),
        ("string_set_value", pa.list_(pa.string())),
    ])  # fmt: skip
    rows = [
        dict(zip(columns, ("team/toy", run, "loss", "float_series"), strict=True))
        | {"step": Decimal(step), "float_value": 1 / (step + 1)}
        for run in ("RUN-1", "RUN-2")
        for step in range(20)
    ]
    exported = tmp_path / "project/data/toy"
    exported.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), exported / "part_0.parquet")
    write_run("ours", [{"step": step, "loss": 1.0} for step in range(5)], tmp_path / "project")
    return tmp_path / "project"


@pytest.fixture
def neptune(tmp_path):
    """Lay the example beside the code as an installer would."""
    told = tomllib.loads((EXAMPLE / "pyproject.toml").read_text(encoding="utf-8"))
    ((name, target),) = told["project"]["entry-points"]["runwise.sources"].items()
    laid = tmp_path / f"{name}-0.1.0.dist-info"
    laid.mkdir()
    (laid / "entry_points.txt").write_text(f"[runwise.sources]\n{name} = {target}\n")
    return {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(EXAMPLE / "src")])}


def test_the_example_is_named_among_the_sources(runwise, neptune):
    table = json.loads(runwise("sources", "--format", "json", env=neptune).stdout)["sources"]
    row = next(row for row in table if row["source"] == "neptune")
    assert (row["plugin"], row["reads"]) == (
        "neptune 0.1.0", "*part_<n>.parquet of neptune-exporter",
    )  # fmt: skip


def test_its_runs_are_listed_beside_others_and_read(runwise, neptune, project):
    done = runwise("list", "--format", "json", cwd=project, env=neptune)
    assert done.stderr == b""
    assert {row["id"] for row in json.loads(done.stdout)["runs"]} == {"RUN-1", "RUN-2", "ours"}
    shown = runwise("history", "RUN-2", "-k", "loss", "--format", "csv", cwd=project, env=neptune)
    assert shown.returncode == 0, shown.stderr
    assert b"0.05" in shown.stdout


def test_the_tests_of_the_example_pass(neptune):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", EXAMPLE],
        cwd=EXAMPLE,
        env={**os.environ, **neptune, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_its_wheel_brings_the_source(tmp_path, plain_environment):
    uv = shutil.which(
        "uv", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    )
    if uv is None:
        pytest.skip("there is no uv")
    env, dist, place = plain_environment(), tmp_path / "dist", tmp_path / "installed"
    install = (uv, "pip", "install", "--quiet", "--no-deps", "--target", place)
    for words in ((uv, "build", "--quiet", "--wheel", EXAMPLE, "--out-dir", dist), install):
        wheels = sorted(dist.glob("*.whl")) if words is install else []
        python = ["--python", sys.executable] if words is install else []
        done = subprocess.run(
            [*words, *python, *wheels], env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    listed = subprocess.run(
        [sys.executable, "-m", "runwise", "sources", "--format", "json"],
        env={**env, "PYTHONPATH": str(place)},
        capture_output=True,
        text=True,
        check=False,
    )
    table = json.loads(listed.stdout)["sources"]
    row = next(row for row in table if row["source"] == "neptune")
    assert row["plugin"] == "runwise-neptune 0.1.0"
