"""What several trackers wrote into one directory is one run; two directories are two."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from runwise_parsers import Run, RunInfo, Source, find_runs, open_run
from runwise_parsers.held import Held, HeldRun
from runwise_parsers.source import Claim, Folder

if TYPE_CHECKING:
    from collections.abc import Iterator


class Made(Source):
    """A made-up tracker: takes files by their endings, and a file holds the last step."""

    def __init__(self, name: str, ending: str, order: int, *, whole: bool = False) -> None:
        vars(self).update(name=name, order=order)
        self.ending, self.whole = ending, whole

    def claim(self, folder: Folder) -> Iterator[Claim]:
        for name in sorted(name for name in folder.files if name.endswith(self.ending)):
            stem = name.removesuffix(self.ending)
            yield Claim(self.name, stem, folder.path, (folder.take(name),), whole=self.whole)

    def describe(self, claim: Claim) -> RunInfo:
        text = claim.paths[-1].read_text()
        return RunInfo(
            self.name, "", segments=claim.paths, last_step=float(text) if text else None
        )

    def open(self, info: RunInfo) -> Run:
        return Opened(info)


class Opened(HeldRun):
    def read(self) -> Held:
        return Held(rows=[(self.info.last_step or 0.0, None, {"loss": 1.0})])


STATE = Made("state", ".json", 20, whole=True)
EVENTS = Made("events", ".tfevents", 40, whole=True)
TABLE = Made("table", ".csv", 60)
LINES = Made("lines", ".jsonl", 90)
ALL = (LINES, TABLE, EVENTS, STATE)


@pytest.fixture
def found(tmp_path):
    """Write files, each with the last step it holds, and return the runs as (id, source)."""

    def found(**files: str) -> list[tuple[str, str]]:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return sorted((info.id, info.source) for info in find_runs(tmp_path, sources=ALL))

    return found


def test_the_most_specific_writer_of_a_directory_is_the_run(found):
    files = {
        "out/trainer_state.json": "9",
        "out/trainer_log.jsonl": "9",
        "out/events.tfevents": "9",
    }
    assert found(**files) == [("out", "state")]


def test_a_generic_log_is_that_of_the_tracker_whose_directory_it_is(found):
    assert found(**{"run/events.tfevents": "9", "run/progress.csv": "9"}) == [("run", "events")]


def test_the_other_writers_are_the_last_resort_of_one_that_recorded_nothing(found):
    files = {"out/trainer_state.json": "", "out/trainer_log.jsonl": "", "out/events.tfevents": "9"}
    assert found(**files) == [("out", "events")]


def test_where_no_writer_recorded_anything_the_most_specific_one_is_the_run(found):
    assert found(**{"out/trainer_state.json": "", "out/events.tfevents": ""}) == [("out", "state")]


def test_files_with_names_of_their_own_stay_runs(found):
    files = {"a/events.tfevents": "9", "a/lr1.jsonl": "9", "a/lr2.csv": "9", "a/metrics.csv": "9"}
    assert found(**files) == [("a/events", "events"), ("a/lr1", "lines"), ("a/lr2", "table")]


def test_logs_beside_each_other_are_runs_where_no_tracker_owns_the_directory(found):
    assert found(**{"a/x.csv": "9", "a/y.jsonl": "9"}) == [("a/x", "table"), ("a/y", "lines")]


def test_one_source_does_not_take_its_own_runs_for_one(found):
    files = {"a/one.json": "9", "a/two.json": "9"}
    assert found(**files) == [("a/one", "state"), ("a/two", "state")]


def test_two_directories_are_two_runs(found):
    files = {"out/trainer_state.json": "9", "out/runs/events.tfevents": "9"}
    assert {source for _, source in found(**files)} == {"state", "events"}


def test_a_directory_is_opened_as_it_is_found(found, tmp_path):
    found(**{"bert/trainer_state.json": "", "bert/events.tfevents": "9"})
    run = open_run(tmp_path / "bert", sources=ALL)
    assert (run.info.source, run.info.id, run.info.last_step) == ("events", "bert", 9)


def test_a_file_named_by_itself_is_the_run_it_holds_whoever_owns_the_directory(found, tmp_path):
    found(**{"out/trainer_state.json": "9", "out/events.tfevents": "8"})
    assert open_run(tmp_path / "out/events.tfevents", sources=ALL).info.last_step == 8
