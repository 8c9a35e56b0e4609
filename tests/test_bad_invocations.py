"""Invocations that cannot be answered as they stand: a message on stderr and the right code.

They stand in `bad_invocations.toml`. Nothing may be half said on stdout, and nothing quoted may
steer a terminal.
"""

from __future__ import annotations

import faulthandler
import re
import shlex
import shutil
import sys
import traceback
from pathlib import Path

import pytest
from click.testing import CliRunner

from runwise.main import main

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

SLOWEST = 120
"""Seconds after which a call that hangs is shown with its stack; none takes one."""
LONG = "x" * 10_000
LONGEST = 110
"""Tokens of an error: click's two lines of usage, ours, and for a filter the grammar."""
CONTROL = re.compile(rb"[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]")
TABLE = tomllib.loads((Path(__file__).parent / "bad_invocations.toml").read_text("utf-8"))
CALLS = [
    pytest.param(text, answer, id=f"{text[:50]}".encode("unicode_escape").decode())
    for section in TABLE.values()
    for text, answer in section.items()
]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Return where libraries may leave what they keep of a user."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(autouse=True)
def never_hang(home, monkeypatch):
    """Show where a call hangs, and end: a test that waits for ever says nothing."""
    monkeypatch.setenv("HOME", str(home))
    faulthandler.dump_traceback_later(SLOWEST, exit=True, file=sys.__stderr__)
    yield
    faulthandler.cancel_dump_traceback_later()


@pytest.fixture(scope="module")
def place(tmp_path_factory, demo_root):
    """Return a directory with the demo runs, a log, a text and nothing."""
    place = tmp_path_factory.mktemp("bad")
    shutil.copytree(demo_root / "wandb", place / "wandb")
    (place / "notes.txt").write_text("no log\n")
    (place / "empty").mkdir()
    (place / "logs").mkdir()
    rows = (f'{{"step": {at}, "loss": {1 / (1 + at)}}}\n' for at in range(40))
    (place / "logs/plain.jsonl").write_text("".join(rows))
    (place / "logs/nothing.jsonl").write_text("")
    return place


def split(text):
    """Return the variables and the words of a call."""
    words = [word.replace("{long}", LONG) for word in shlex.split(text, posix=True)]
    env = {}
    while words and re.match(r"[A-Z_]+=", words[0]):
        name, _, value = words.pop(0).partition("=")
        env[name] = value
    return env, words


@pytest.mark.parametrize(("text", "answer"), CALLS)
def test_a_bad_invocation_is_refused_in_words(place, monkeypatch, tokens, text, answer):
    if sys.platform == "win32" and "/dev/" in text:
        pytest.skip("there is no such device")
    code, said = answer if isinstance(answer, list) else (answer, "")
    env, words = split(text)
    monkeypatch.chdir(place)
    before = sorted(place.rglob("*"))
    done = CliRunner().invoke(main, words, prog_name="runwise", env=env)
    if done.exc_info and not isinstance(done.exception, SystemExit | None):
        pytest.fail("".join(traceback.format_exception(*done.exc_info)))
    assert (done.exit_code, done.stdout) == (code, ""), done.output
    assert said in done.stderr
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr
    assert not CONTROL.search(done.stderr_bytes)
    assert tokens(done.stderr) <= LONGEST
    assert sorted(place.rglob("*")) == before


def test_there_are_as_many_as_were_promised():
    assert len(CALLS) >= 400
