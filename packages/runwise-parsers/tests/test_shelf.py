"""Sources of other distributions: found by the files of an installation, and kept from harm."""

from __future__ import annotations

import importlib
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from runwise_parsers import Run, complaint, find_runs, open_run, shelf
from runwise_parsers.complaint import PluginWarning
from runwise_parsers.guard import Guarded
from runwise_parsers.guarded_run import GuardedRun
from runwise_parsers.plugins import Plugin, offered

if TYPE_CHECKING:
    from pathlib import Path

ROWS = [{"step": step, "loss": 1.0} for step in range(3)]
MODULE = '''
from runwise_parsers import RunInfo, Source
from runwise_parsers.held import Held, HeldRun
from runwise_parsers.source import Claim


class Made(Source):
    """Reads directories called .made: a line of runs.txt is a run."""

    name = "made"
    looks_for = r"\\.made/"
    reads = ".made/"

    def claim(self, folder):
        if ".made" in folder.folders:
            path = folder.take(".made")
            {claim}
            yield Claim(self.name, ".made", folder.path, (path,))

    def runs(self, claim):
        for line in (claim.paths[0] / "runs.txt").read_text().split():
            {runs}
            yield RunInfo(self.name, line, segments=claim.paths, last_step=2)

    def describe(self, claim):
        return next(self.runs(claim))

    def open(self, info):
        {open}
        return MadeRun(info)


class MadeRun(HeldRun):
    def read(self):
        {read}
        return Held(rows=[(step, None, dict(loss=1.0)) for step in range(3)])
'''


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Install a distribution as an installer leaves it, with lines of a module put in."""
    place = tmp_path / "installed"

    def install(entry: str = "made = made_source:Made", text: str = MODULE, **lines: str) -> None:
        told = place / "made_source-1.2.0.dist-info"
        told.mkdir(parents=True)
        (told / "entry_points.txt").write_text(
            f"[console_scripts]\nx = y:z\n\n[runwise.sources]\n{entry}\n"
        )
        code = text
        for name in ("claim", "runs", "open", "read"):
            code = code.replace(f"{{{name}}}", lines.get(name, "pass"))
        (place / "made_source.py").write_text(code)
        shelf.forget()

    monkeypatch.syspath_prepend(place)
    monkeypatch.setattr(complaint, "_named", set())
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    sys.modules.pop("made_source", None)
    shelf.forget()
    yield install
    sys.modules.pop("made_source", None)
    importlib.invalidate_caches()
    monkeypatch.undo()
    shelf.forget()


@pytest.fixture
def project(tmp_path, jsonl):
    """A project with two runs of the plugged source and one of ours."""
    (tmp_path / "project/.made").mkdir(parents=True)
    (tmp_path / "project/.made/runs.txt").write_text("one two")
    jsonl(ROWS, "project/ours.jsonl")
    return tmp_path / "project"


def ids(root: Path) -> list[str]:
    return sorted(info.id for info in find_runs(root))


def test_a_plugged_source_finds_and_opens_its_runs_beside_ours(install, project):
    install()
    assert ids(project) == ["one", "ours", "two"]
    one = next(info for info in find_runs(project) if info.id == "one")
    run = open_run(one)
    assert len(run.series()["loss"]) == 3
    assert run.gaps == ()
    plugged = shelf.plugged_sources()["made"]
    assert shelf.origin(plugged) == Plugin("made", "made_source:Made", "made-source", "1.2.0")
    assert shelf.origin(shelf.known_sources()["jsonl"]) is None


def test_nothing_is_loaded_where_nothing_is_plugged_in(install, project):
    assert ids(project) == ["ours"]
    assert "made_source" not in sys.modules


@pytest.mark.parametrize(
    ("entry", "lines", "said"),
    [
        ("made = no_such_module:Made", {}, "failed to load: ModuleNotFoundError"),
        ("made = made_source:Nothing", {}, "failed to load: AttributeError"),
        ("made = made_source:MadeRun", {}, "failed to load: TypeError"),
        ("made = made_source:RunInfo", {}, "failed to load: TypeError"),
        ("made = ", {}, "failed to load: ValueError"),
        ("made = made_source:Made", {"claim": "raise KeyError('x')"}, "look into a directory"),
        ("made = made_source:Made", {"runs": "1 / 0"}, "describe a run: ZeroDivisionError"),
        ("made = made_source:Made", {"claim": "yield 7"}, "look into a directory: TypeError"),
        ("made = made_source:Made", {"runs": "yield 7"}, "describe a run: AttributeError"),
    ],
)
def test_a_plugin_that_fails_is_named_once_and_left_out(install, project, entry, lines, said):
    install(entry, **lines)
    with pytest.warns(PluginWarning, match=f"source made .*{said}"):
        assert ids(project) == ["ours"]
    shelf.forget()
    assert ids(project) == ["ours"]  # a second warning would be an error


@pytest.mark.parametrize("looks_for", ["(", "(?i)made", "*"])
def test_a_plugin_with_a_bad_pattern_is_named_and_left_out(install, project, looks_for):
    install(text=MODULE.replace('r"\\.made/"', repr(looks_for)))
    with pytest.warns(PluginWarning, match="source made failed to load: .*looks_for"):
        assert ids(project) == ["ours"]


def test_a_plugin_cannot_take_the_place_of_a_source_of_ours(install, project):
    install(text=MODULE.replace('name = "made"', 'name = "jsonl"'))
    with pytest.warns(PluginWarning, match="made-source calls it like one of ours"):
        assert ids(project) == ["ours"]


def test_a_plugin_whose_first_run_is_fine_loses_only_the_rest(install, project):
    install(runs="line == 'two' and 1 / 0")
    with pytest.warns(PluginWarning, match="describe a run"):
        assert ids(project) == ["one", "ours"]


@pytest.mark.parametrize("lines", [{"open": "1 / 0"}, {"read": "1 / 0"}])
def test_a_run_a_plugin_fails_to_read_is_empty_with_a_gap(install, project, lines):
    install(**lines)
    one = next(info for info in find_runs(project) if info.id == "one")
    with pytest.warns(PluginWarning, match="ZeroDivisionError"):
        run = _asked(open_run(one))
    assert run.series() == run.overview(5) == run.tail(5) == run.window(None, 0, 9) == {}
    assert run.config() == run.summary() == run.system() == {}
    assert (run.metrics(), run.console(), run.alerts(), run.artifacts()) == ((), [], [], [])
    assert list(run.batches()) == []
    assert "a plugin, raised ZeroDivisionError" in run.gaps[0].because
    assert run.info.id == "one"
    with pytest.raises(LookupError):
        run.read_artifact("x")


def _asked(run: Run) -> Run:
    run.series()
    return run


def test_a_cursor_a_plugin_refuses_is_refused(install, project):
    install()
    one = next(info for info in find_runs(project) if info.id == "one")
    with pytest.raises(ValueError, match="cursor"):
        list(open_run(one).since("{}"))


def test_a_plugged_run_answers_every_question_a_run_has():
    asked = {name for name in vars(Run) if not name.startswith("_")} - {"batches"}
    assert asked <= set(vars(GuardedRun)), "a plugin may raise where this is asked"


def test_a_plugged_source_may_leave_its_name_and_its_files_unsaid(install, project):
    install(
        text=MODULE.replace("RunInfo(self.name, line, segments=claim.paths", "RunInfo('', line")
    )
    one = next(info for info in find_runs(project) if info.id == "one")
    assert (one.source, one.segments) == ("made", (project / ".made",))
    assert isinstance(shelf.plugged_sources()["made"], Guarded)


def test_offers_are_read_as_installers_write_them(tmp_path):
    told = tmp_path / "my_dist-2.0.dist-info/entry_points.txt"
    told.parent.mkdir()
    told.write_bytes(
        b"[other]\r\na = b:c\r\n[runwise.sources]\r\n# a remark\r\n"
        b"one = pkg.mod:Class.inner [extra]\r\ntwo=pkg:Two\r\n[last]\r\nthree = pkg:Three\r\n"
    )
    old = tmp_path / "old.egg-info/entry_points.txt"
    old.parent.mkdir()
    old.write_text("[runwise.sources]\nfour = pkg:Four\ntwo = again:Two\n")
    (tmp_path / "empty-1.0.dist-info").mkdir()
    (tmp_path / "file-1.0.dist-info").write_text("no directory")
    found = {plugin.name: plugin for plugin in offered((str(tmp_path), "/no/such/place"))}
    assert found == {
        "one": Plugin("one", "pkg.mod:Class.inner", "my-dist", "2.0"),
        "two": Plugin("two", "pkg:Two", "my-dist", "2.0"),
        "four": Plugin("four", "pkg:Four", "old"),
    }


def test_looking_for_plugins_imports_no_metadata_machinery():
    code = (
        "import sys; from runwise_parsers.shelf import plugged_sources; plugged_sources()\n"
        "raise SystemExit('importlib.metadata' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
