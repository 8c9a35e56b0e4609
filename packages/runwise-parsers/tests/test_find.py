"""Finding runs: one walk, each run once, ids that are short and tell runs apart."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING

import pytest

from runwise_parsers import Run, RunInfo, Source, find_runs, open_run
from runwise_parsers.json_log.run import JsonlRun
from runwise_parsers.shelf import known_sources, plugged_sources
from runwise_parsers.source import Claim, Folder

if TYPE_CHECKING:
    from collections.abc import Iterator

ROWS = [{"step": step, "loss": 1.0} for step in range(3)]


def test_ids_of_runs_without_one_are_their_paths_without_generic_names(jsonl, tmp_path):
    for name in (
        "a/metrics.jsonl",
        "b/logs/metrics.jsonl",
        "c/lr3.jsonl",
        "d/x/log.jsonl",
        "d/x.jsonl",
        "top.ndjson",
    ):
        jsonl(ROWS, name)
    assert {info.id for info in find_runs(tmp_path)} == {
        "a",
        "b",
        "c/lr3",
        "d/x/log",
        "d/x",
        "top",
    }


def test_files_that_differ_only_in_their_suffix_are_different_runs(jsonl, tmp_path):
    jsonl(ROWS, "a.jsonl")
    jsonl(ROWS[:2], "a.ndjson")
    found = {info.id: info.last_step for info in find_runs(tmp_path)}
    assert found == {"a.jsonl": 2, "a.ndjson": 1}


def test_a_log_opened_by_itself_is_called_as_the_one_that_was_found(jsonl, tmp_path):
    path = jsonl(ROWS, "big-model/metrics.jsonl")
    (info,) = find_runs(tmp_path)
    assert open_run(path).info.id == open_run(path.parent).info.id == info.id == "big-model"


def test_links_that_lead_in_circles_do_not_hang_and_hide_nothing(writer, save, tmp_path):
    folder = save(writer().start().rows(2))
    (tmp_path / "self").symlink_to("self")
    (tmp_path / "here").symlink_to(tmp_path)
    (folder / "up").symlink_to(tmp_path / "wandb")
    (tmp_path / "again").symlink_to(tmp_path / "wandb")
    assert [info.id for info in find_runs(tmp_path)] == ["abc12345"]


def test_runs_behind_a_link_alone_are_found(writer, save, tmp_path):
    save(writer().start().rows(2), root=tmp_path / "disk")
    (tmp_path / "project").mkdir()
    (tmp_path / "project/runs").symlink_to(tmp_path / "disk")
    assert [info.id for info in find_runs(tmp_path / "project")] == ["abc12345"]


def test_caches_environments_and_hidden_folders_are_passed_over(jsonl, tmp_path):
    for name in (".git", "node_modules", "__pycache__", "site-packages"):
        jsonl(ROWS, f"{name}/metrics.jsonl")
    jsonl(ROWS, "env/metrics.jsonl")
    (tmp_path / "env/pyvenv.cfg").write_text("")
    jsonl(ROWS, "/".join("abcdefghijklmnop") + "/metrics.jsonl")
    assert list(find_runs(tmp_path)) == []


def test_what_a_run_directory_holds_is_not_offered_to_others(writer, save, jsonl, tmp_path):
    folder = save(writer().start().rows(2))
    (folder / "files").mkdir()
    jsonl(ROWS, str(folder / "files/metrics.jsonl"))
    jsonl(ROWS, str(folder / "metrics.jsonl"))
    assert [info.source for info in find_runs(tmp_path)] == ["wandb"]


def test_a_folder_that_cannot_be_read_hides_no_other(jsonl, tmp_path):
    jsonl(ROWS, "a/metrics.jsonl")
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o000)
    try:
        assert [info.id for info in find_runs(tmp_path)] == ["a"]
    finally:
        locked.chmod(0o700)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_a_log_that_may_not_be_read_is_a_gap(writer, save):
    folder = save(writer().start().rows(2))
    (folder / "run-abc12345.wandb").chmod(0o000)
    assert "permission denied" in open_run(folder).gaps[0].because


def test_a_place_that_is_none_and_a_place_without_runs_are_told_apart(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere does not exist"):
        list(find_runs(tmp_path / "nowhere"))
    with pytest.raises(FileNotFoundError, match="nowhere does not exist"):
        open_run(tmp_path / "nowhere")
    assert list(find_runs(tmp_path)) == []
    with pytest.raises(LookupError, match="holds no run"):
        open_run(tmp_path)


def test_a_folder_of_several_runs_is_not_one_run(jsonl, tmp_path):
    jsonl(ROWS, "a.jsonl")
    jsonl(ROWS, "b.jsonl")
    with pytest.raises(LookupError, match=r"^2 runs are in .*: a, b"):
        open_run(tmp_path)


def test_a_file_is_a_place_to_find_its_run(jsonl, writer, save):
    assert [info.id for info in find_runs(jsonl(ROWS, "x/lr1.jsonl"))] == ["lr1"]
    log = save(writer().start().rows(2)) / "run-abc12345.wandb"
    assert [info.id for info in find_runs(log)] == ["abc12345"]


class Whole(Source):
    """A made-up tracker whose file is JSON Lines under another name."""

    name = "whole"

    def claim(self, folder: Folder) -> Iterator[Claim]:
        for name in [name for name in folder.files if name.endswith(".whole")]:
            yield Claim(self.name, name, folder.path, (folder.take(name),))

    def describe(self, claim: Claim) -> RunInfo:
        return RunInfo(self.name, "", segments=claim.paths)

    def open(self, info: RunInfo) -> Run:
        return JsonlRun(info, info.path)


@pytest.fixture
def plugged(monkeypatch):
    """Plug in sources as an installed distribution would, by entry points."""
    from importlib import metadata

    def plugged(**sources: str) -> None:
        points = [EntryPoint(name, value, "runwise.sources") for name, value in sources.items()]
        monkeypatch.setattr(metadata, "entry_points", lambda group: points)
        plugged_sources.cache_clear()

    yield plugged
    plugged_sources.cache_clear()


def test_a_source_that_is_plugged_in_finds_and_opens_its_runs(
    plugged, jsonl, tmp_path, monkeypatch
):
    monkeypatch.setitem(sys.modules, "made_up", sys.modules[__name__])
    plugged(whole="made_up:Whole")
    path = jsonl(ROWS, "run.whole")
    (info,) = find_runs(tmp_path)
    assert (info.source, info.id) == ("whole", "run.whole")
    assert len(open_run(info).series()["loss"]) == 3
    assert open_run(path.parent).info.source == "whole"


def test_a_source_that_fails_to_load_is_left_out_with_a_warning(plugged, tmp_path):
    plugged(broken="no_such_module:Source")
    with pytest.warns(UserWarning, match="source broken failed to load"):
        assert list(find_runs(tmp_path)) == []


def test_the_folder_of_sources_is_the_registry():
    assert list(known_sources()) == ["wandb", "jsonl"]
    assert all(source.name == name for name, source in known_sources().items())


def test_reading_a_log_imports_nothing_heavy(writer, save):
    folder = save(writer().start(config={"lr": 1}).rows(20).end())
    code = (
        "import sys; from runwise_parsers import find_runs, open_run\n"
        f"run = open_run(next(find_runs({str(folder.parent)!r})))\n"
        "assert len(run.series()['loss']) == 20 and run.config() and run.summary()\n"
        "heavy = {'yaml', 'importlib.metadata', 'wandb', 'numpy', 'tensorboard', 'google'}\n"
        "raise SystemExit(' '.join(heavy & set(sys.modules)) or None)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "null",
        "{}",
        "7",
        '{"runwise": 1, "source": "jsonl"}',
        '{"runwise": 1, "source": "wandb", "segment": "x", "at": 7}',
    ],
)
def test_a_cursor_that_is_none_of_ours_is_refused(writer, save, cursor):
    run = open_run(save(writer().start().rows(3)))
    with pytest.raises(ValueError, match="cursor"):
        list(run.since(cursor))


def test_logs_of_different_trackers_with_one_name_have_different_ids(jsonl, tmp_path):
    jsonl(ROWS, "a/metrics.jsonl")
    jsonl(ROWS, "a/metrics.whole")
    sources = [Whole(), *known_sources().values()]
    ids = [info.id for info in find_runs(tmp_path, sources=sources)]
    assert len(set(ids)) == len(ids) == 2
