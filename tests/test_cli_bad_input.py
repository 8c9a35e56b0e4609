"""Bad invocations and bad projects: a short message on stderr, an exit code, no traceback."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from runwise.main import main

NOT_FOUND, USAGE = 1, 2
LONGEST = 60  # tokens
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 9\n"
CONTROL = re.compile(rb"[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]")
COMMANDS = [("list",), ("latest",), ("run", "latest"), ("keys", "latest"), ("check", "latest")]


@pytest.fixture
def refuse(runwise, tokens):
    """Run a command that must fail, and return what it says on stderr."""

    def call(code, *words, **options):
        done = runwise(*words, **options)
        said = done.stderr.decode()
        assert b"Traceback" not in done.stderr
        assert (done.returncode, done.stdout) == (code, b""), said
        assert tokens(said) <= LONGEST, (tokens(said), said)
        assert not CONTROL.search(done.stderr)
        return said

    return call


@pytest.fixture
def survive(monkeypatch):
    """Run every command in a bad project: nothing may end in a traceback or steer a terminal.

    In this process, because it is done some two hundred times.
    """

    def call(cwd, *more):
        monkeypatch.chdir(cwd)
        answers = {}
        for words in (*COMMANDS, *more):
            options = ["--format", "compact"]
            done = CliRunner().invoke(main, [*map(os.fspath, words), *options])
            assert done.exception is None or isinstance(done.exception, SystemExit)
            assert done.exit_code in ((0, 1, 2) if words[0] == "check" else (0, 1))
            assert not CONTROL.search(done.stdout_bytes)
            assert not CONTROL.search(done.stderr_bytes)
            answers[words[0]] = done.stdout + done.stderr
        return answers

    return call


@pytest.fixture
def demo_copy(demo_root, tmp_path):
    """Return a project with the five demo runs, to be damaged."""
    shutil.copytree(demo_root / "wandb", tmp_path / "wandb")
    return tmp_path


def a_log(project, run_id="spike001"):
    (log,) = project.glob(f"wandb/*{run_id}/*.wandb")
    return log


# --- invocations ---


@pytest.mark.parametrize(
    ("code", "words", "said"),
    [
        (NOT_FOUND, ["run", "nope"], "Newest: killed01 (killed), nan00001 (nan)"),
        (NOT_FOUND, ["run", "spkie001"], "Near: spike001 (loss-spike)"),
        (NOT_FOUND, ["run", ""], "no run is called ''"),
        (NOT_FOUND, ["run", "latest~9"], "no latest~9: here are 5 runs"),
        (NOT_FOUND, ["run", "x" * 10_000], "no run is called 'xxx"),
        (NOT_FOUND, ["run", "/no/such/file.wandb"], "no run is called '/no/such/file.wandb'"),
        (NOT_FOUND, ["run", "wandb"], "5 runs are in"),
        (NOT_FOUND, ["run", "\x1b[31mred\x1b[0m\n"], "no run is called 'red"),
        (NOT_FOUND, ["latest", "-k", "train/los"], "Near: train/loss"),
        (NOT_FOUND, ["run", "nan", "-k", "qqqqqq"], "There are: "),
        (NOT_FOUND, ["list", "-k", "lrr"], "Near: lr"),
        (NOT_FOUND, ["keys", "nan", "-k", "y" * 10_000], "no metric 'yyy"),
        (NOT_FOUND, ["check", "nope"], "no run is called 'nope'"),
        (USAGE, ["lits"], "Did you mean list?"),
        (USAGE, ["z" * 10_000], "no command and no run 'zz"),
        (USAGE, ["list", "--fromat", "text"], "--format"),
        (USAGE, ["list", "--" + "z" * 10_000], "o such option"),
        (USAGE, ["list", "-n", "0"], "-n"),
        (USAGE, ["list", "-n", "-3"], "-n"),
        (USAGE, ["list", "-n", "9" * 10_000 + "x"], "-n"),
        (USAGE, ["list", "-n", "\x1b]0;title\x07"], "-n"),
        (USAGE, ["list", "--max-tokens", "0"], "--max-tokens"),
        (USAGE, ["list", "--format", "xml"], "no output 'xml'"),
        (USAGE, ["list", "--format", "x" * 10_000], "no output"),
        (USAGE, ["run"] + ["a"] * 50, "extra arguments"),
        (USAGE, ["check", "--fail-on", "everything"], "--fail-on"),
        (USAGE, ["-C", "nowhere", "list"], "-C nowhere is not a directory"),
        (USAGE, ["list", "-C", "n" * 300], "is not a directory"),
        (USAGE, ["-C", "wandb/nothing.txt", "list"], "is not a directory"),
    ],
    ids=lambda value: (
        " ".join(value)[:30].encode("unicode_escape").decode() if isinstance(value, list) else ""
    ),
)
def test_a_wrong_invocation_is_answered_briefly_on_stderr(refuse, demo_root, code, words, said):
    assert said in refuse(code, *words, cwd=demo_root)


def test_a_run_that_could_be_several_lists_them(refuse, write_run, tmp_path):
    for number in range(30):
        write_run(f"experiment-number-{number:02}-with-a-long-name", [{"step": 1, "loss": 1.0}])
    said = refuse(NOT_FOUND, "run", "experiment", cwd=tmp_path)
    assert "could be experiment-number-" in said
    assert "and 27 more" in said


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_no_runs_at_all_says_where_it_looked_and_what_to_do(refuse, tmp_path, words):
    said = refuse(NOT_FOUND, *words, cwd=tmp_path)
    assert "no runs under" in said
    assert tmp_path.name in said
    assert "-C DIR" in said


def test_without_words_the_command_explains_itself(runwise, tmp_path):
    done = runwise(cwd=tmp_path)
    assert b"Which runs:" in done.stdout + done.stderr
    assert b"Traceback" not in done.stderr


# --- settings ---


@pytest.mark.parametrize(
    "content",
    [b"\x00\x01\xff", b"", b"[]", b"null", b"7", b'{"wandb_dirr": "x"}', b'{"wandb_dir": 5}',
     b'{"project_name": ["a"]}', b'{"schema": "none.json"}', b'{"schema_inline": []}',
     b'{"\\u001b[31m": 1}', b'{"' + b"k" * 10_000 + b'": 1}', b"{" * 100_000],
    ids=lambda content: content[:20].decode("latin-1").encode("unicode_escape").decode(),
)  # fmt: skip
def test_a_bad_settings_file_is_named(refuse, demo_copy, content):
    (demo_copy / "runwise.json").write_bytes(content)
    assert "runwise.json" in refuse(USAGE, "list", cwd=demo_copy)


def test_a_bad_variable_is_named(refuse, demo_root):
    env = {"RUNWISE_FORMAT": "yaml"}
    assert "RUNWISE_FORMAT" in refuse(USAGE, "list", cwd=demo_root, env=env)
    env = {"RUNWISE_LOGS_DIR": "nowhere"}
    assert "RUNWISE_LOGS_DIR=nowhere" in refuse(USAGE, "list", cwd=demo_root, env=env)


# --- logs ---


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"", lambda data: data[:7], lambda data: data[:100],
        lambda data: data[: len(data) // 2], lambda data: data[:-1],
        lambda data: data[:5000] + bytes([data[5000] ^ 255]) + data[5001:],
        lambda data: data[:9000] + bytes(9000) + data[18_000:],
        lambda data: b"\xff" * len(data), lambda data: POINTER, lambda data: b"not a log\n" * 99,
    ],
    ids=["empty", "7 bytes", "100 bytes", "half", "all but one", "flipped", "zeroed", "noise",
         "pointer", "text"],
)  # fmt: skip
def test_a_damaged_log_spoils_neither_its_own_answer_nor_the_list(survive, demo_copy, damage):
    log = a_log(demo_copy)
    log.write_bytes(damage(log.read_bytes()))
    answers = survive(demo_copy, ("run", log), ("check", log.parent))
    assert answers["list"].startswith("5 runs: ")
    healthy = r"^nan0\w*,nan,finished,998,\w+,\d+,(?:train/loss,)?NaN,"
    assert re.search(healthy, answers["list"], re.MULTILINE)


ROWS = {
    "scalars": b'1\n"two"\nnull\ntrue\n{"step": 1, "loss": 2.5}\n',
    "lists": b'[1, 2]\n[]\n{"step": 1, "loss": 2.5}\n',
    "not UTF-8": b'{"step": 0, "loss": 3}\n\xff\xfe\x00garbage\xff\n{"step": 1, "loss": 2.5}\n',
    "NaN": b'{"step": 0, "loss": NaN}\n{"step": 1, "loss": 2.5, "x": Infinity, "y": -Infinity}\n',
    "truncated": b'{"step": 1, "loss": 2.5}\n{"step": 2, "lo',
    "empty lines": b'\n\n\r\n{"step": 1, "loss": 2.5}\n\n\n',
    "odd values": b'{"step": 1, "loss": 2.5, "a": null, "b": "x", "c": {}, "d": [], "e": true}\n',
    "odd steps": b'{"step": "a"}\n{"step": 1e400, "loss": 1}\n{"step": 1, "loss": 2.5}\n',
    "huge numbers": b'{"step": 1, "loss": 2.5, "big": 1' + b"0" * 500 + b', "tiny": 1e-400}\n',
    "nothing": b"",
    "NULs": b'{"step": 1, "loss": 2.5}\n' + bytes(5000),
    "one long line": b'{"step": 1, "loss": 2.5, "note": "' + b"x" * 3_000_000 + b'"}\n',
    "deep": b'{"step": 1, "loss": 2.5}\n' + b'{"a":' * 5000 + b"1" + b"}" * 5000 + b"\n",
    "pointer": POINTER,
}  # fmt: skip


@pytest.mark.parametrize("content", ROWS.values(), ids=ROWS)
def test_odd_rows_of_json_are_passed_over_and_the_rest_is_read(survive, tmp_path, content):
    (tmp_path / "metrics.jsonl").write_bytes(content)
    answers = survive(tmp_path, ("run", "metrics.jsonl"))
    if b"2.5" in content:
        assert "2.5" in answers["run"]


def test_odd_directories_are_passed_over(survive, demo_copy):
    folder = demo_copy / "wandb"
    (folder / "run-20250101_000000-dir00001" / "run-dir00001.wandb").mkdir(parents=True)
    (folder / "run-20250101_000000-none0001").mkdir()
    (folder / "run-x.wandb").mkdir()
    (folder / "latest-run").symlink_to("run-that-is-gone")
    (folder / "loop").symlink_to(folder)
    answers = survive(demo_copy)
    assert "spik,loss-spike,finished" in answers["list"]


def test_directories_that_may_not_be_read_are_passed_over(demo_copy, plain_environment):
    for part in (a_log(demo_copy), a_log(demo_copy, "nan00001").parent):
        part.chmod(0)
    options = {"user": 65534} if os.geteuid() == 0 else {}
    for path in (demo_copy, *demo_copy.parents):
        if path.stat().st_uid == os.geteuid() and path.name:
            path.chmod(path.stat().st_mode | 0o055)
    words = [sys.executable, "-m", "runwise", "list"]
    try:
        done = subprocess.run(
            words,
            cwd=demo_copy,
            env=plain_environment(),
            capture_output=True,
            check=False,
            **options,
        )
    except OSError:
        pytest.skip("no other user may start Python here")
    if b"No module named" in done.stderr or b"Permission denied: '/" in done.stderr:
        pytest.skip("no other user may read this repository")
    assert b"Traceback" not in done.stderr
    assert b"heal,healthy,finished" in done.stdout


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file nobody can read")
def test_logs_that_cannot_be_read_are_named_and_spoil_nothing(survive, demo_copy):
    unreadable = "/proc/self/mem"  # even for root
    log = a_log(demo_copy)
    log.unlink()
    log.symlink_to(unreadable)
    (demo_copy / "metrics.jsonl").symlink_to(unreadable)
    answers = survive(demo_copy, ("run", "spike001"))
    assert "heal,healthy,finished" in answers["list"]
    assert "- metrics.jsonl: input/output error" in answers["list"]
    assert "run-spike001.wandb: input/output error" in answers["run"]


# --- text out of logs ---

NASTY = ["\x1b[31mred\x1b[0m", "bell\x07", "line\nbreak", "tab\tstop", "\x9b2Jclear", "\u202ertl",
         "emoji 🚀", "名前", "zero\x00byte", "quo'te\"", "=1+1", "-dash", " space "]  # fmt: skip


@pytest.mark.parametrize("output", ["compact", "text", "json"])
def test_names_out_of_a_log_cannot_steer_a_terminal(runwise, tmp_path, write_run, output):
    write_run(
        "nasty", [{"step": step, "loss": 1.0, **dict.fromkeys(NASTY, 0.5)} for step in range(40)]
    )
    (tmp_path / "\x1b[31mrun\n\x07.jsonl").write_text('{"step": 1, "loss": 2.5}\n' * 3)
    for words in (("list",), ("run", "nasty"), ("keys", "nasty"), ("check", "nasty"),
                  ("list", "-k", "*"), ("run", "latest~1")):  # fmt: skip
        done = runwise(*words, "--format", output, cwd=tmp_path)
        assert not CONTROL.search(done.stdout)
        assert done.stderr == b""
        assert "\u202e" not in done.stdout.decode()


def test_an_error_that_quotes_a_log_cannot_steer_a_terminal(refuse, tmp_path, write_run):
    write_run("\x1b[31mone\x07", [{"step": 1, "loss": 1.0, "\x1b[2Jmetric": 1.0}])
    refuse(NOT_FOUND, "run", "nope", cwd=tmp_path)
    refuse(NOT_FOUND, "latest", "-k", "metrik", cwd=tmp_path)


def test_names_of_ten_thousand_characters_are_cut(runwise, tmp_path, write_run, tokens):
    names = ["n" * 10_000 + str(number) for number in range(20)]
    write_run(
        "long", [{"step": step, "loss": 1.0, **dict.fromkeys(names, 0.5)} for step in range(40)]
    )
    for words in (("run", "long"), ("keys", "long"), ("list", "-k", "n*0")):
        done = runwise(*words, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert len(done.stdout) < 8000
    refuse = runwise("run", "long", "-k", "m" * 10_000, cwd=tmp_path)
    assert tokens(refuse.stderr.decode()) <= LONGEST


# --- where the answer goes ---


@pytest.mark.parametrize(
    "words", [("list",), ("run", "nan"), ("demo",), ("--help",)], ids=" ".join
)
def test_a_reader_that_goes_away_is_no_error(demo_root, plain_environment, words):
    process = subprocess.Popen(
        [sys.executable, "-m", "runwise", *words], cwd=demo_root, env=plain_environment(),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    process.stdout.close()  # before anything was written
    said = process.stderr.read()
    process.stderr.close()
    process.wait()
    assert said == b""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell")
@pytest.mark.parametrize("rest", ["| head -1", ">&-", "2>&-", ">/dev/full"])
def test_a_shell_may_close_what_it_likes(demo_root, plain_environment, rest):
    done = subprocess.run(
        f'"{sys.executable}" -m runwise list {rest}', shell=True, cwd=demo_root,
        env=plain_environment(), capture_output=True, check=False,
    )  # fmt: skip
    assert b"Traceback" not in done.stderr
    if "head" in rest:
        assert (done.stdout, done.stderr) == (b"5 runs: 4 finished, 1 crashed\n", b"")


@pytest.mark.parametrize(
    "env",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "cp1252"},
        {"PYTHONIOENCODING": "utf-16"},
        {"PYTHONIOENCODING": "", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
    ids=lambda env: "-".join(env.values()),
)
@pytest.mark.parametrize("output", ["compact", "text", "json"])
def test_an_old_encoding_gets_an_answer(runwise, tmp_path, write_run, env, output):
    write_run("名前", [{"step": step, "naïve 🚀": 1.0, "loss": 1.0} for step in range(40)])
    for words in (("list",), ("latest",), ("keys",), ("run", "名前"), ("run", "nöpe")):
        done = runwise(*words, "--format", output, cwd=tmp_path, env=env)
        assert b"Traceback" not in done.stderr
        assert done.returncode == (1 if "nöpe" in words else 0)
    demo = runwise("demo", env=env)
    assert (demo.returncode, demo.stderr) == (0, b"")


def test_json_stays_json_in_ascii(runwise, tmp_path, write_run):
    write_run("名前", [{"step": 1, "naïve 🚀": 1.0}])
    done = runwise("keys", "--format", "json", cwd=tmp_path, env={"PYTHONIOENCODING": "ascii"})
    assert json.loads(done.stdout)["keys"] == {"naïve 🚀": 1}
