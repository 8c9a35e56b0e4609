"""Finding runs and opening them: each run once, by its directory, its file or what was found."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from runwise_parsers import Run, RunInfo, Source, find_runs, open_run, shelf
from runwise_parsers.held import Held, HeldRun
from runwise_parsers.panel import pattern_of
from runwise_parsers.shelf import known_sources
from runwise_parsers.source import Claim, Folder

if TYPE_CHECKING:
    from collections.abc import Iterator

ROWS = [{"step": step, "loss": 1.0} for step in range(3)]


def test_files_that_differ_only_in_their_suffix_are_different_runs(jsonl, tmp_path):
    jsonl(ROWS, "a.jsonl")
    jsonl(ROWS[:2], "a.ndjson")
    found = {info.id: info.last_step for info in find_runs(tmp_path)}
    assert found == {"a.jsonl": 2, "a.ndjson": 1}


def test_a_log_opened_by_itself_is_called_as_the_one_that_was_found(jsonl, tmp_path):
    path = jsonl(ROWS, "big-model/metrics.jsonl")
    (info,) = find_runs(tmp_path)
    assert open_run(path).info.id == open_run(path.parent).info.id == info.id == "big-model"


def test_what_a_run_directory_holds_is_not_offered_to_others(writer, save, jsonl, tmp_path):
    folder = save(writer().start().rows(2))
    (folder / "files").mkdir()
    jsonl(ROWS, str(folder / "files/metrics.jsonl"))
    jsonl(ROWS, str(folder / "metrics.jsonl"))
    assert [info.source for info in find_runs(tmp_path)] == ["wandb"]


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
    """A made-up tracker whose file says nothing but the steps it reached."""

    name = "whole"

    def claim(self, folder: Folder) -> Iterator[Claim]:
        for name in [name for name in folder.files if name.endswith(".whole")]:
            yield Claim(self.name, "metrics", folder.path, (folder.take(name),))

    def describe(self, claim: Claim) -> RunInfo:
        return RunInfo(self.name, "", segments=claim.paths)

    def open(self, info: RunInfo) -> Run:
        raise NotImplementedError


class Several(Source):
    """A made-up tracker that keeps runs in one file: a line is an id and whether it is deleted."""

    name = "several"
    looks_for = r".+\.runs"

    def claim(self, folder: Folder) -> Iterator[Claim]:
        for name in [name for name in folder.files if name.endswith(".runs")]:
            yield Claim(self.name, name, folder.path, (folder.take(name),))

    def runs(self, claim: Claim) -> Iterator[RunInfo]:
        for line in claim.paths[0].read_text().splitlines():
            called, _, gone = line.partition(" ")
            yield RunInfo(self.name, called, segments=claim.paths, deleted=bool(gone))

    def describe(self, claim: Claim) -> RunInfo:
        return next(self.runs(claim))

    def open(self, info: RunInfo) -> Run:
        return Opened(info)


class Opened(HeldRun):
    def read(self) -> Held:
        return Held(rows=[(0.0, None, {"loss": 1.0})])


def test_runs_that_share_a_file_are_found_with_their_own_ids(tmp_path):
    (tmp_path / "all.runs").write_text("one\ntwo\nold deleted\n")
    found = list(find_runs(tmp_path, sources=[Several()]))
    assert [(info.id, info.deleted) for info in found] == [
        ("one", False),
        ("two", False),
        ("old", True),
    ]
    assert open_run(found[1], sources=[Several()]).info.id == "two"


def test_a_file_of_runs_is_a_run_where_only_one_was_not_deleted(tmp_path):
    path = tmp_path / "all.runs"
    path.write_text("one\nold deleted\n")
    assert open_run(path, sources=[Several()]).info.id == "one"
    path.write_text("old deleted\n")
    assert open_run(path, sources=[Several()]).info.id == "old"
    path.write_text("one\ntwo\nold deleted\n")
    with pytest.raises(LookupError, match=r"^2 runs are in .*all.runs: one, two"):
        open_run(path, sources=[Several()])


def test_the_folder_of_sources_is_the_registry():
    files = {path.stem for path in Path(shelf.sources.__path__[0]).glob("[a-z]*.py")}
    known = known_sources()
    assert {type(source).__module__.rpartition(".")[2] for source in known.values()} == files
    assert all(source.name == name for name, source in known.items())
    assert [one.order for one in known.values()] == sorted(one.order for one in known.values())


def test_every_source_says_what_it_looks_for_and_what_it_reads():
    for source in known_sources().values():
        assert source.looks_for, f"{source.name} is asked about every directory"
        assert pattern_of(source) is not None
        assert 0 < len(source.reads) <= 60, f"{source.name} reads {source.reads!r}"


def test_reading_a_log_imports_nothing_heavy(writer, save):
    folder = save(writer().start(config={"lr": 1}).rows(20).end())
    code = (
        "import sys; from runwise_parsers import find_runs, open_run\n"
        f"run = open_run(next(find_runs({str(folder.parent)!r})))\n"
        "assert len(run.series()['loss']) == 20 and run.config() and run.summary()\n"
        "heavy = {'yaml', 'importlib.metadata', 'numpy', 'wandb', 'tensorboard', 'google'}\n"
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
