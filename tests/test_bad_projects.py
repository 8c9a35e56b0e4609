"""Projects that are out of order, each asked every question: an answer, or one error on stderr.

The table `bad_projects.csv` holds the exit code of each question in each project; what may not
happen is a traceback, half an answer on stdout beside an error, or an error without words. The
first 37 are those at which runwise 0.5 was measured. `python tests/test_bad_projects.py` prints
the table as it is now: read the difference before it is committed.
"""

from __future__ import annotations

import csv
import faulthandler
import json
import os
import re
import socket
import sys
import traceback
from pathlib import Path

import pytest
from click.testing import CliRunner

from runwise.main import main

TABLE = Path(__file__).parent / "bad_projects.csv"
SLOWEST = 120
"""Seconds after which a question that hangs is shown with its stack; none takes one."""
QUESTIONS = {
    "list": ("list",),
    "latest": ("latest",),
    "run": ("run", "bad00001"),
    "keys": ("keys", "bad00001"),
    "history": ("history", "bad00001"),
    "stats": ("stats", "bad00001"),
    "stability": ("stability", "bad00001", "--csv"),
    "compare": ("compare", "good0001", "bad00001"),
    "config": ("config", "bad00001"),
    "notes": ("notes", "bad00001"),
    "best": ("best", "loss"),
    "check": ("check", "--all"),
    "find": ("find", "bad"),
    "live": ("live",),
    "console": ("console", "bad00001"),
    "local": ("local",),
    "watch": ("watch", "bad00001", "--timeout", "0.01s"),
    "doctor": ("doctor",),
    "report": ("report", "bad00001"),
    "plot": ("plot", "bad00001"),
}
SAYS_WITH_ITS_CODE = {"check": (1, 2), "watch": (3, 4)}
"""Codes with which a command says something beside its answer."""
CONTROL = re.compile(rb"[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]")
ROWS = "".join(
    json.dumps({"_step": at, "_timestamp": 1.7e9 + at, "loss": 1 / (1 + at)}) + "\n"
    for at in range(30)
).encode()
ROW = b'{"_step": 30, "loss": 2.5}\n'
FILES = "wandb/run-20240102_000000-bad00001/files"
HISTORY, SUMMARY = f"{FILES}/wandb-history.jsonl", f"{FILES}/wandb-summary.json"
METADATA, CONFIG, LOG = (
    f"{FILES}/wandb-metadata.json",
    f"{FILES}/config.yaml",
    f"{FILES}/output.log",
)
NEW = "wandb/run-20240103_000000-new00001/run-new00001.wandb"
SETTINGS, LOCAL = "runwise.json", "logs/metrics.jsonl"
LAUGHS = b"a: &a [x, x, x, x, x, x, x, x, x]\n" + b"".join(
    b"%c: &%c [*%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c]\n" % ((n + 1, n + 1) + (n,) * 9)
    for n in range(ord("a"), ord("i"))
)
FORMAT = b'{"schema_inline": {"groups": [{"name": "g", "metrics": {"loss": {"format": %s}}}]}}'


def replaced(name, content):
    """A project whose file of that name holds something else."""

    def change(root):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    return change


def removed(name):
    """A project without a file."""

    def change(root):
        (root / name).unlink()

    return change


def folder(name):
    """A project with a directory where a file should be."""

    def change(root):
        (root / name).unlink(missing_ok=True)
        (root / name).mkdir(parents=True)

    return change


def linked(name, target):
    """A project with a symbolic link in place of a file."""

    def change(root):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.symlink_to(target)

    return change


def no_files(root):
    for path in (root / FILES).iterdir():
        path.unlink()
    (root / FILES).rmdir()


def pipe(root):
    (root / LOCAL).parent.mkdir()
    os.mkfifo(root / LOCAL)
    (root / HISTORY).unlink()
    os.mkfifo(root / HISTORY)


def listener(root):
    before = Path.cwd()
    os.chdir(root)  # an address is short
    try:
        with socket.socket(socket.AF_UNIX) as one:
            one.bind("metrics.jsonl")
    finally:
        os.chdir(before)


def forbidden(root):
    (root / FILES).chmod(0)


def odd_names(root):
    for name in (
        b"\xff\xfe.jsonl",
        b"new\nline.jsonl",
        b"\x1b[31m.jsonl",
        b"-n.jsonl",
        b"@5.jsonl",
    ):
        with Path(os.fsdecode(os.fsencode(root) + b"/" + name)).open("wb") as file:
            file.write(ROWS)


def deep(root):
    place = root
    for _ in range(200):
        place /= "d"
        place.mkdir()
    (place / "metrics.jsonl").write_bytes(ROWS)


def a_file_for_runs(root):
    (root / "wandb").rename(root / "w")
    (root / "wandb").touch()


def two_of_an_id(root):
    other = root / FILES.replace("20240102", "20240103")
    other.mkdir(parents=True)
    (other / "wandb-history.jsonl").write_bytes(ROWS)


PROJECTS = {
    # the cases of runwise 0.5
    "history is empty": replaced(HISTORY, b""),
    "history has blank lines": replaced(HISTORY, b"\n\n\r\n" + ROWS.replace(b"\n", b"\n\n")),
    "history is cut": replaced(HISTORY, ROWS[:-20]),
    "history has broken lines": replaced(HISTORY, ROWS + b'{"loss": \n{]\nloss\n' + ROW),
    "history ends in NULs": replaced(HISTORY, ROWS + bytes(5000)),
    "history is one line of 60 MB": replaced(HISTORY, ROWS + b'{"x": "' + b"x" * 60_000_000),
    "run has no files": no_files,
    "run has no history": removed(HISTORY),
    "summary is broken": replaced(SUMMARY, b'{"loss": '),
    "summary is a list": replaced(SUMMARY, b"[1, 2]"),
    "summary has a null": replaced(SUMMARY, b'{"loss": null, "_step": null}'),
    "summary has a text": replaced(SUMMARY, b'{"loss": "low", "_step": "many"}'),
    "summary has a dictionary": replaced(SUMMARY, b'{"loss": {"min": 0.1, "a": {"b": []}}}'),
    "summary has NaN as text": replaced(SUMMARY, b'{"loss": "NaN", "acc": "-Infinity"}'),
    "settings are broken": replaced(SETTINGS, b'{"wandb_dir": '),
    "settings are a list": replaced(SETTINGS, b"[]"),
    "settings have a bad format": replaced(SETTINGS, FORMAT % b'".3q%%"'),
    "settings have a format that is a number": replaced(SETTINGS, FORMAT % b"3"),
    "settings have a threshold in words": replaced(
        SETTINGS, b'{"anomaly_detection": {"spike_threshold": "high"}}'
    ),
    "config is binary": replaced(CONFIG, bytes(range(256)) * 9),
    "latest-run leads nowhere": linked("wandb/latest-run", "run-gone"),
    "step is a text": replaced(HISTORY, ROWS.replace(b'"_step": 7,', b'"_step": "7",')),
    "value is a truth": replaced(HISTORY, ROWS + b'{"_step": 30, "loss": true, "ok": false}\n'),
    "names are not Latin": replaced(HISTORY, ROWS.replace(b'"loss"', '"損失 🚀"'.encode())),
    "metadata is a list": replaced(METADATA, b"[]"),
    "metadata has nulls": replaced(METADATA, b'{"startedAt": null, "program": null, "git": null}'),
    "history has scalars": replaced(HISTORY, b'123\nnull\n"x"\ntrue\n' + ROWS),
    "history has lists": replaced(HISTORY, b"[1, 2]\n[]\n" + ROWS),
    "history is binary": replaced(HISTORY, bytes(range(256)) * 99),
    "history is UTF-16": replaced(HISTORY, ROWS.decode().encode("utf-16")),
    "history has a byte of Latin-1": replaced(HISTORY, ROWS + b'{"n": "na\xefve"}\n' + ROW),
    "history has a bare NaN": replaced(HISTORY, ROWS + b'{"_step": 30, "loss": NaN}\n'),
    "history has infinities": replaced(HISTORY, ROWS + ROW.replace(b"2.5", b"-Infinity")),
    "history has NaN as text": replaced(HISTORY, ROWS + b'{"_step": 30, "loss": "NaN"}\n'),
    "history is a directory": folder(HISTORY),
    "a local log is binary": replaced(LOCAL, bytes(range(256)) * 9),
    "a local log has a null loss": replaced(LOCAL, b'{"step": "1", "loss": null}\n' * 20),
    # more
    "history has a dictionary": replaced(HISTORY, ROWS + ROW.replace(b"2.5", b'{"a": {"b": 1}}')),
    "history has huge numbers": replaced(HISTORY, ROWS + ROW.replace(b"2.5", b"9" * 5000)),
    "history is deep": replaced(HISTORY, ROWS + b'{"a":' * 9000 + b"1" + b"}" * 9000),
    "history has Windows line ends": replaced(HISTORY, ROWS.replace(b"\n", b"\r\n")),
    "history begins with a mark": replaced(HISTORY, b"\xef\xbb\xbf" + ROWS),
    "history leads to itself": linked(HISTORY, "wandb-history.jsonl"),
    "history is a device": linked(HISTORY, "/dev/zero"),
    "history cannot be read": linked(HISTORY, "/proc/self/mem"),
    "history is a pipe": pipe,
    "step is far": replaced(HISTORY, ROWS + b'{"_step": 9007199254740993000, "loss": 1}\n'),
    "step is not a number": replaced(HISTORY, ROWS + b'{"_step": NaN, "loss": 1}\n'),
    "clock is far": replaced(HISTORY, ROWS.replace(b"1700000", b"9999999999999999")),
    "clock is a text": replaced(HISTORY, ROWS.replace(b"_timestamp", b'_timestamp": "x", "y')),
    "summary is a directory": folder(SUMMARY),
    "metadata is UTF-16": replaced(METADATA, '{"program": "x"}'.encode("utf-16")),
    "metadata has odd clocks": replaced(METADATA, b'{"startedAt": "never", "exitcode": "one"}'),
    "config is a list": replaced(CONFIG, b"- 1\n- 2\n"),
    "config is no YAML": replaced(CONFIG, b"a: [1, {b\n\t: }"),
    "config runs code": replaced(CONFIG, b"lr: !!python/object/apply:os.abort []\n"),
    "config laughs a billion times": replaced(CONFIG, LAUGHS),
    "config is a directory": folder(CONFIG),
    "console is binary": replaced(LOG, bytes(range(256)) * 99),
    "console is one line": replaced(LOG, b"x" * 5_000_000),
    "console steers a terminal": replaced(LOG, b"\x1b[2J\x1b]0;t\x07\rloss: nan\x9b2J\n" * 9),
    "console is a directory": folder(LOG),
    "wandb is a file": a_file_for_runs,
    "latest-run is a circle": linked("wandb/latest-run", "latest-run"),
    "a directory leads upward": linked("wandb/up", ".."),
    "a directory is forbidden": forbidden,
    "two runs have one id": two_of_an_id,
    "file names are odd": odd_names,
    "directories are deep": deep,
    "a log is a socket": listener,
    "a log leads to a device": linked(LOCAL, "/dev/random"),
    "settings are binary": replaced(SETTINGS, b"\x00\xff\xfe"),
    "settings are a directory": folder(SETTINGS),
    "settings are deep": replaced(SETTINGS, b"[" * 100_000),
    "settings begin with a mark": replaced(SETTINGS, b'\xef\xbb\xbf{"project_name": "p"}\r\n'),
    "settings are UTF-16": replaced(SETTINGS, '{"project_name": "p"}'.encode("utf-16")),
    "settings have an unknown key": replaced(SETTINGS, b'{"wandb_dri": "w"}'),
    "settings lead nowhere": replaced(SETTINGS, b'{"wandb_dir": "nowhere"}'),
    "settings name a NUL": replaced(SETTINGS, b'{"wandb_dir": "a\\u0000b"}'),
    "settings name themselves": replaced(SETTINGS, b'{"schema": "runwise.json"}'),
    "pyproject is broken": replaced("pyproject.toml", b"[tool.runwise\nx="),
    "pyproject has a wrong key": replaced("pyproject.toml", b"[tool.runwise]\nlog_dir = 3\n"),
    "a data base is broken": replaced("mlflow.db", b"SQLite format 3\x00" + bytes(4096)),
    "a data base is text": replaced("mlruns.db", b"no data base\n" * 99),
    "an event file is noise": replaced("tb/events.out.tfevents.1700000000.h", b"\xff" * 999),
    "an event file is empty": replaced("tb/events.out.tfevents.1700000000.h", b""),
    "a W&B log is noise": replaced(NEW, b"\x7f" * 99),
    "a W&B log is a pointer": replaced(
        NEW,
        b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 9\n",
    ),
    "a trainer's state is a list": replaced("out/checkpoint-5/trainer_state.json", b"[[]]"),
    "a table has ragged rows": replaced("out/metrics.csv", b"step,loss\n1\n2,3,4\n,\n\x00,x\n"),
    "a table has no header": replaced("out/metrics.csv", b"1,2\n3,4\n"),
    "metrics of MLflow are odd": replaced("mlruns/0/" + "a" * 32 + "/metrics/loss", b"x y z\n1\n"),
}  # fmt: skip


def make_project(root, case):
    """Write a good and a bad run below ``root``."""
    for date, name in (("20240101", "good0001"), ("20240102", "bad00001")):
        place = root / f"wandb/run-{date}_000000-{name}/files"
        place.mkdir(parents=True)
        (place / "wandb-history.jsonl").write_bytes(ROWS)
        (place / "wandb-summary.json").write_text('{"loss": 0.033, "_step": 29}')
        (place / "wandb-metadata.json").write_text('{"startedAt": "2024-01-01T00:00:00Z"}')
        (place / "config.yaml").write_text("lr:\n  value: 0.1\n")
        (place / "output.log").write_text("loss: 0.5\n")
    PROJECTS[case](root)


def expected():
    """Return the table as it was committed: the codes of each project by question."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {row.pop("project"): row for row in csv.DictReader(file)}


@pytest.fixture(autouse=True)
def never_hang():
    """Show where a question hangs, and end: a test that waits for ever says nothing."""
    faulthandler.dump_traceback_later(SLOWEST, exit=True, file=sys.__stderr__)
    yield
    faulthandler.cancel_dump_traceback_later()


def traceback_of(done):
    return "".join(traceback.format_exception(*done.exc_info)) if done.exc_info else ""


def asked(words):
    done = CliRunner().invoke(main, [*words, "--format", "compact"], prog_name="runwise")
    assert done.exception is None or isinstance(done.exception, SystemExit), traceback_of(done)
    return done


def checked(question, done):
    """Look at an answer that comes with an exit code."""
    assert not CONTROL.search(done.stdout_bytes)
    assert not CONTROL.search(done.stderr_bytes)
    if done.exit_code == 0 or done.exit_code in SAYS_WITH_ITS_CODE.get(question, ()):
        return
    assert done.exit_code in (1, 2)
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) >= 2, done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="pipes, devices and names of Linux")
@pytest.mark.parametrize("case", PROJECTS)
def test_a_project_out_of_order_is_answered(tmp_path, monkeypatch, case):
    make_project(tmp_path, case)
    monkeypatch.chdir(tmp_path)
    codes = {}
    for question, words in QUESTIONS.items():
        done = asked(words)
        checked(question, done)
        codes[question] = str(done.exit_code)
    assert codes == expected()[case]


def test_there_are_as_many_questions_as_were_promised():
    table = expected()
    assert list(table) == list(PROJECTS)
    assert sum(map(len, table.values())) >= 37 * 13


def _print_table():
    import tempfile

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["project", *QUESTIONS])
    for case in PROJECTS:
        with tempfile.TemporaryDirectory() as folder:
            make_project(Path(folder), case)
            os.chdir(folder)
            writer.writerow([case, *(asked(words).exit_code for words in QUESTIONS.values())])
            os.chdir("/")
            sys.stdout.flush()


if __name__ == "__main__":
    _print_table()
