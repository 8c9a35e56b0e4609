"""Runs that share a file: each answers to its id, its name and its path; deleted ones do too."""

from __future__ import annotations

import shutil
import sqlite3

import pytest

from runwise import reports
from runwise.errors import NoRuns, NoSuchRun
from runwise.gathering import same_run
from runwise.reference import Point
from runwise.workspace import Workspace

SCHEMA = """
CREATE TABLE experiments (experiment_id INTEGER PRIMARY KEY, name TEXT, lifecycle_stage TEXT);
CREATE TABLE runs (run_uuid VARCHAR(32) NOT NULL, name TEXT, status TEXT, start_time BIGINT,
    end_time BIGINT, lifecycle_stage TEXT, experiment_id INTEGER,
    CONSTRAINT run_pk PRIMARY KEY (run_uuid));
CREATE TABLE tags (key TEXT, value TEXT, run_uuid TEXT);
CREATE TABLE params (key TEXT, value TEXT, run_uuid TEXT);
CREATE TABLE metrics (key TEXT, value FLOAT, timestamp BIGINT, run_uuid TEXT, step BIGINT,
    is_nan BOOLEAN);
CREATE TABLE latest_metrics (key TEXT, value FLOAT, timestamp BIGINT, step BIGINT,
    is_nan BOOLEAN, run_uuid TEXT);
INSERT INTO experiments VALUES (0, 'digits', 'active');
"""
BEGIN = 1_700_000_000_000
ONE, TWO, OLD = "1a2b" + "0" * 28, "1a2c" + "0" * 28, "9f9f" + "0" * 28


@pytest.fixture
def database(tmp_path):
    """Write an ``mlflow.db``: run ids with their names; a name with a ``-`` before is deleted."""

    def database(runs: dict[str, str], name: str = "mlflow.db", count: int = 300):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path)
        connection.executescript(SCHEMA)
        for number, (run, called) in enumerate(runs.items()):
            stage = "deleted" if called.startswith("-") else "active"
            begin = BEGIN + 1_000_000 * number
            connection.execute(
                "INSERT INTO runs VALUES (?, ?, 'FINISHED', ?, ?, ?, 0)",
                (run, called.lstrip("-"), begin, begin + 1000 * count, stage),
            )
            points = [
                ("loss", 1 / (step + 1), begin + 1000 * step, run, step, 0)
                for step in range(count)
            ]
            connection.executemany("INSERT INTO metrics VALUES (?, ?, ?, ?, ?, ?)", points)
            key, value, clock, _, step, nan = points[-1]
            connection.execute(
                "INSERT INTO latest_metrics VALUES (?, ?, ?, ?, ?, ?)",
                (key, value, clock, step, nan, run),
            )
        connection.commit()
        connection.close()
        return path

    return database


@pytest.fixture
def three(database):
    return database({ONE: "bold-fox", TWO: "calm-owl", OLD: "-first-try"})


@pytest.mark.parametrize(
    "ref",
    [
        TWO,
        "1a2c",
        "calm-owl",
        "calm",
        "OWL",
        "mlflow.db/1a2c",
        f"mlflow.db/{TWO}",
        "mlflow.db/calm-owl",
    ],
)
def test_a_run_in_a_file_of_several_answers_to_id_name_and_path(three, ref):
    run, point, _ = Workspace().resolve(ref)
    assert (run.id, run.name, point) == (TWO, "calm-owl", None)
    assert Workspace().resolve(f"{ref}@50%")[1] == Point(share=0.5)


def test_each_run_of_a_file_is_listed_once_the_newest_first(three):
    assert [run.name for run in Workspace().runs] == ["calm-owl", "bold-fox"]
    assert Workspace().resolve("latest~1")[0].id == ONE


def test_every_run_has_a_handle_that_leads_back_to_it(three, database):
    database({ONE: "bold-fox", TWO: "copy"}, "copy/mlflow.db")
    workspace = Workspace()
    assert len(workspace.runs) == 4
    for run in [*workspace.runs, *workspace.deleted]:
        found = workspace.resolve(workspace.handle(run))[0]
        assert same_run(found, run)


def test_a_file_of_several_runs_names_them(three):
    with pytest.raises(NoSuchRun) as caught:
        Workspace().resolve("mlflow.db")
    assert caught.value.problem == "2 runs are in mlflow.db: 1a2c calm-owl, 1a2b bold-fox"
    assert caught.value.remedy == "See: runwise list mlflow.db"


def test_a_file_of_one_run_is_that_run(database):
    database({ONE: "bold-fox", OLD: "-first-try"})
    assert Workspace().resolve("mlflow.db")[0].id == ONE


def test_a_part_of_an_id_that_two_share_is_an_error(three):
    with pytest.raises(NoSuchRun, match="could be"):
        Workspace().resolve("1a2")
    with pytest.raises(NoSuchRun, match="no run is called"):
        Workspace().resolve("mlflow.db/7777")


def test_a_file_outside_the_project_can_be_named_with_a_run_in_it(three, tmp_path):
    (tmp_path / "empty").mkdir()
    workspace = Workspace(tmp_path / "empty")
    run = workspace.resolve(str(three / "1a2b"))[0]
    assert run.id == ONE
    assert workspace.resolve(workspace.handle(run))[0].id == ONE


def test_deleted_runs_are_not_listed_but_counted_and_answer_to_their_id(three):
    workspace = Workspace()
    document = reports.list_runs(workspace)
    assert [row[0] for row in document.blocks[0].rows] == [TWO, ONE]
    assert document.blocks[1].lines == ["1 deleted run is not shown (list --all)"]
    run, _, remark = workspace.resolve("9f9f")
    assert (run.id, run.deleted) == (OLD, True)
    assert remark == f"{OLD[:7]}…{OLD[-7:]} (first-try) is deleted, and not listed"


def test_all_runs_are_listed_on_request_deleted_ones_last(three):
    table = reports.list_runs(Workspace(), everything=True).blocks[0]
    place = [column.key for column in table.columns].index("deleted")
    assert [(row[0], row[place]) for row in table.rows] == [
        (TWO, None),
        (ONE, None),
        (OLD, "deleted"),
    ]


def test_a_project_of_deleted_runs_alone_says_so(database):
    database({OLD: "-first-try"})
    with pytest.raises(NoRuns, match="only 1 deleted run") as caught:
        reports.list_runs(Workspace())
    assert caught.value.remedy == "See them: runwise list --all"
    assert Workspace().resolve("first-try")[0].id == OLD
    assert len(reports.list_runs(Workspace(), everything=True).blocks[0].rows) == 1


@pytest.mark.parametrize("words", [["-C", "mlflow.db", "list"], ["list", "mlflow.db"]])
def test_a_file_can_be_the_whole_project(three, write_run, training, answer, words):
    write_run("other", training(3))
    assert {row["id"] for row in answer(*words)["runs"]} == {ONE, TWO}
    assert len(answer(*words, "--all")["runs"]) == 3


def test_a_project_that_is_a_file_is_asked_by_that_file(three, answer):
    said = answer("-C", "mlflow.db", "list")["more"]
    assert said == "runwise -C mlflow.db run 1a2c"
    assert "calm-owl" in answer(*said.split()[1:])["verdict"]


def test_a_directory_of_the_project_is_listed_by_its_path(
    three, write_run, training, answer, tmp_path
):
    write_run("a", training(3), tmp_path / "exps")
    write_run("b", training(3), tmp_path / "exps/deep")
    said = answer("list", "exps")
    assert {row["id"] for row in said["runs"]} == {"exps/a", "exps/deep/b"}
    assert (
        "calm-owl" in answer("list", str(three))["more"]
        or "1a2c" in answer("list", str(three))["more"]
    )


def test_a_place_outside_the_project_is_listed_as_a_project_of_its_own(three, answer, tmp_path):
    (tmp_path / "empty").mkdir()
    said = answer("-C", "empty", "list", str(three))
    assert {row["id"] for row in said["runs"]} == {ONE, TWO}
    assert said["more"].startswith(f"runwise -C {three}")


def test_a_place_that_does_not_exist_is_an_error(ask):
    done = ask("list", "nowhere.db")
    assert done.exit_code == 2
    assert "there is no nowhere.db" in done.stderr


def test_running_runs_of_one_file_are_told_apart(three, info):
    workspace = Workspace()
    one = info("a", state="running", path="x.db")
    two = info("b", state="running", path="x.db")
    workspace.__dict__["runs"] = (one, two)
    assert workspace.active(one) == [two]


def test_a_file_met_twice_gives_its_runs_once(three, tmp_path):
    (tmp_path / "link").symlink_to(tmp_path)
    shutil.copytree(three.parent, tmp_path.parent / "copied", symlinks=True)
    workspace = Workspace(tmp_path, more=[three, three.parent])
    assert len(workspace.runs) == 2


@pytest.mark.parametrize(
    "words", [["run"], ["history"], ["stats"], ["check"], ["keys"], ["config"]]
)
def test_every_question_can_be_asked_about_one_of_them(three, ask, words):
    done = ask(*words, "1a2b")
    assert done.exit_code == 0, done.stderr
    assert "1a2b" in done.stdout or "bold-fox" in done.stdout or "loss" in done.stdout


def test_two_of_one_file_are_compared_and_the_best_is_found(three, ask):
    assert ask("compare", "1a2b", "1a2c").exit_code == 0
    assert "1a2" in ask("best", "loss").stdout
    assert ask("check", "--all").exit_code == 0
