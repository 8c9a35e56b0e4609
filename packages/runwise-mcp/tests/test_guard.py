"""The guard below everything: what a call opens is checked, whoever opens it."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
from threading import Event

import pytest

from runwise_mcp.guard import Rules, StoppedError, confined


@pytest.fixture
def places(tmp_path):
    for name in ("inside", "cache", "outside"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name)
    return tmp_path


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def rules(places):
    def make(*, outward=False, stop=None):
        stop = stop or Event()
        return Rules([places / "inside"], [places / "cache"], outward=outward, stop=stop)

    return make


def test_what_is_inside_may_be_read_and_nothing_else(places, rules):
    with confined(rules()):
        assert (places / "inside" / "file").read_text() == "inside"
        assert names(places / "inside") == ["file"]
        for ask in (
            (places / "outside" / "file").read_text,
            (places / "inside" / ".." / "outside" / "file").read_bytes,
            lambda: os.open(places / "outside" / "file", os.O_RDONLY),
            lambda: names(places / "outside"),
            lambda: list(os.scandir(os.fsencode(places / "outside"))),
            lambda: sqlite3.connect(places / "outside" / "new.db"),
            lambda: sqlite3.connect(f"file:{places}/outside/file?mode=ro", uri=True),
        ):
            with pytest.raises(PermissionError):
                ask()
    assert (places / "outside" / "file").read_text() == "outside"


def test_only_the_cache_is_written(places, rules):
    with confined(rules()):
        (places / "cache" / "new").write_text("x")
        for ask in (
            lambda: (places / "inside" / "new").write_text("x"),
            lambda: (places / "inside" / "file").open("a"),
            lambda: (places / "inside" / "file").open("r+"),
            lambda: os.open(places / "inside" / "file", os.O_RDWR),
            lambda: sqlite3.connect(places / "inside" / "new.db"),
        ):
            with pytest.raises(PermissionError):
                ask()
    assert names(places / "inside") == ["file"]


def test_links_are_judged_by_where_they_lead(places, rules):
    (places / "inside" / "out").symlink_to(places / "outside" / "file")
    (places / "outside" / "in").symlink_to(places / "inside" / "file")
    with confined(rules()):
        with pytest.raises(PermissionError):
            (places / "inside" / "out").read_text()
        assert (places / "outside" / "in").read_text() == "inside"


def test_nobody_is_called_unless_that_is_allowed(rules):
    with confined(rules()), socket.socket() as one, pytest.raises(PermissionError):
        one.connect(("127.0.0.1", 9))
    with confined(rules()), pytest.raises(PermissionError):
        subprocess.run([sys.executable, "--version"], check=False)
    with (
        confined(rules(outward=True)),
        socket.socket() as one,
        pytest.raises(ConnectionRefusedError),
    ):
        one.connect(("127.0.0.1", 9))


def test_modules_can_still_be_imported(rules):
    with confined(rules()):
        sys.modules.pop("this_is_no_module", None)
        import colorsys
        import wave

        assert colorsys
        assert wave


def test_who_was_told_to_stop_does_at_the_next_file(places, rules):
    stop = Event()
    with confined(rules(stop=stop)):
        (places / "inside" / "file").read_text()
        stop.set()
        with pytest.raises(StoppedError):
            (places / "inside" / "file").read_text()
