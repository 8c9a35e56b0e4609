"""Processes that start in odd places: an answer or an error in words, and never a traceback."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="directories and shells of Unix")
TIMEOUT = 120


@pytest.fixture
def shell(demo_root, plain_environment):
    """Run a line of shell in which ``runwise`` is ours, beside the demo runs."""

    def call(line, cwd=demo_root, without=(), **env):
        full = plain_environment(**env)
        done = subprocess.run(
            re.sub(r"(?<![/-])runwise(?= )", f'"{sys.executable}" -m runwise', line),
            shell=True, cwd=cwd, capture_output=True, check=False, timeout=TIMEOUT,
            env={name: value for name, value in full.items() if name not in without},
        )  # fmt: skip
        assert b"Traceback" not in done.stderr, done.stderr.decode()
        return done

    return call


def test_a_directory_that_was_deleted_is_said(shell, tmp_path):
    (tmp_path / "gone").mkdir()
    done = shell("cd gone && rmdir ../gone && runwise list", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr
    assert shell("cd .. ; runwise --help", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize("home", ["", "/nowhere", "/dev/null"])
def test_an_odd_home_is_no_hindrance(shell, home):
    env = {"HOME": home, "XDG_CACHE_HOME": ""}
    done = shell("runwise list", without=("RUNWISE_CACHE_DIR",), **env)
    assert done.stdout.startswith(b"5 runs: "), done.stderr
    done = shell("runwise list", without=("RUNWISE_CACHE_DIR", "HOME", "XDG_CACHE_HOME"))
    assert done.stdout.startswith(b"5 runs: "), done.stderr


@pytest.mark.parametrize("folder", ["/dev/null", "/proc/nothing", "/dev/null/x", "y" * 10_000])
@pytest.mark.parametrize("words", ["list", "run nan", "check --all", "cache", "index"])
def test_a_cache_that_cannot_be_written_is_no_hindrance(shell, folder, words):
    done = shell(f"runwise {words}", RUNWISE_CACHE_DIR=folder)
    assert done.returncode in (0, 1)
    assert done.stdout


def test_a_cache_full_of_noise_is_no_hindrance(shell, tmp_path):
    expected = shell("runwise list", RUNWISE_CACHE_DIR=str(tmp_path)).stdout
    shell("runwise run nan", RUNWISE_CACHE_DIR=str(tmp_path))
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert kept
    for path in kept:
        path.write_bytes(os.urandom(500))
    done = shell("runwise list", RUNWISE_CACHE_DIR=str(tmp_path))
    assert (done.returncode, done.stdout) == (0, expected)


@pytest.mark.parametrize(
    "rest", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-", ">/dev/full", "2>/dev/full"]
)
@pytest.mark.parametrize(
    "words", ["list", "run nope", "history healthy", "watch nan --format json", "init", "--help"]
)
def test_closed_and_full_streams_are_borne(shell, tmp_path, demo_root, words, rest):
    (tmp_path / "wandb").symlink_to(demo_root / "wandb")
    done = shell(f"runwise {words} {rest}", cwd=tmp_path)
    assert done.returncode in (0, 1, 2, 120)  # 120 is Python's own, where stdout cannot be flushed


@pytest.mark.parametrize(
    "words", ["history healthy", "list --format text", "report", "console nan", "keys -v", "demo"]
)
def test_a_reader_that_stops_after_a_line_is_borne(shell, words):
    done = shell(f"runwise {words} | head -1")
    assert done.stdout.count(b"\n") == 1
    assert b"Broken pipe" not in done.stderr


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp437", "shift_jis", "utf-16"])
@pytest.mark.parametrize("words", ["list", "latest --format text", "history healthy", "plot nan",
                                   "stability nan", "run nöpe", "--help", "explain"])  # fmt: skip
def test_an_encoding_of_long_ago_gets_an_answer(shell, words, encoding):
    done = shell(f"runwise {words}", PYTHONIOENCODING=encoding)
    assert done.returncode == (1 if "nöpe" in words else 0), done.stderr


@pytest.mark.parametrize(
    "env",
    [
        {"COLUMNS": "x"}, {"COLUMNS": "0"}, {"COLUMNS": "-5"}, {"COLUMNS": "9" * 400},
        {"LINES": "0"},
        {"TERM": "nonsense"}, {"FORCE_COLOR": "x"}, {"NO_COLOR": "\x01"}, {"LC_ALL": "xx_YY.nope"},
        {"TZ": "Nowhere/At_All"}, {"PYTHONUTF8": "0", "LC_ALL": "C", "PYTHONIOENCODING": ""},
        {"RUNWISE_FORMAT": ""}, {"RUNWISE_PROJECT_ROOT": ""}, {"RUNWISE_WANDB_DIR": ""},
        {"RUNWISE_UNHEARD_OF": "1"}, {"WANDB_DIR": "/nowhere"}, {"WANDB_DIR": "/dev/null"},
        {"MLFLOW_TRACKING_URI": "nonsense://"}, {"MLFLOW_TRACKING_URI": "http://"},
        {"MLFLOW_TRACKING_URI": "sqlite:///nowhere.db"}, {"TRACKIO_DIR": "/nowhere"},
    ],
    ids=lambda env: " ".join(f"{name}={value[:20]}" for name, value in env.items()),
)  # fmt: skip
def test_odd_variables_are_no_hindrance(shell, env):
    done = shell("runwise list --format text", **env)
    assert done.returncode == 0, done.stderr
    assert b"loss-spike" in done.stdout
