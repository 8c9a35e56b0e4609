"""A project finds its runs once and gives each by any name."""

from __future__ import annotations

import os
import shlex
import shutil
from pathlib import Path

import pytest

from runwise.config import Settings
from runwise.errors import NoRuns, NoSuchRun
from runwise.reference import Point
from runwise.workspace import Workspace


def test_the_newest_run_comes_first(demo_runs):
    ages = [run.updated for run in demo_runs.runs]
    assert ages == sorted(ages, reverse=True)
    assert {run.id for run in demo_runs.runs} == {
        "healthy1", "overfit1", "spike001", "nan00001", "killed01",
    }  # fmt: skip


def test_a_project_without_runs_says_where_it_looked_and_what_to_do(tmp_path):
    with pytest.raises(NoRuns) as caught:
        Workspace(tmp_path).resolve()
    assert tmp_path.name in caught.value.problem
    assert "-C DIR" in caught.value.remedy


@pytest.mark.parametrize("ref", ["nan", "nan00001", "nan0", "latest~1", "NaN"])
def test_a_run_answers_to_name_id_and_beginning(demo_runs, ref):
    assert demo_runs.resolve(ref)[0].id == "nan00001"


def test_a_run_answers_to_its_directory_and_its_log_from_here_and_from_the_project(
    demo_runs, demo, monkeypatch
):
    (folder,) = demo.glob("wandb/*nan00001")
    log = folder / "run-nan00001.wandb"
    for ref in (folder, log, folder.relative_to(demo), log.relative_to(demo)):
        assert demo_runs.resolve(str(ref))[0].id == "nan00001"
    monkeypatch.chdir(demo / "wandb")
    assert demo_runs.resolve(folder.name)[0].id == "nan00001"
    assert demo_runs.resolve(f"{folder.name}@50%")[1] == Point(share=0.5)


def test_a_run_outside_the_project_answers_to_its_path(demo, tmp_path, write_run, training):
    write_run("mine", training(3))
    (folder,) = demo.glob("wandb/*nan00001")
    assert Workspace(tmp_path).resolve(str(folder))[0].id == "nan00001"


def test_a_directory_with_a_runs_name_does_not_hide_the_run(write_run, training, tmp_path):
    write_run("bert", training(3), tmp_path / "logs")
    (tmp_path / "logs/bert").mkdir()
    (tmp_path / "bert-notes").mkdir()
    workspace = Workspace(tmp_path / "logs")
    assert workspace.resolve("bert")[0].id == "bert"
    with pytest.raises(NoSuchRun, match="holds no run"):
        workspace.resolve(str(tmp_path / "bert-notes"))


def test_a_directory_of_several_runs_names_them(demo_runs, demo):
    with pytest.raises(NoSuchRun, match=r"^5 runs are in"):
        demo_runs.resolve(str(demo / "wandb"))


@pytest.mark.parametrize(
    "ref", ["~nobody-is-called-so/x", "a\0b", "x" * 5000, "no/" * 50, "[", "*"]
)
def test_an_odd_reference_is_no_run(demo_runs, ref, tmp_path):
    with pytest.raises(NoSuchRun):
        demo_runs.resolve(ref)


def test_ids_of_files_are_their_places_in_the_project(write_run, training, tmp_path):
    write_run("exps/a/metrics", training(3))
    write_run("exps/b/metrics", training(3))
    write_run("plain", training(3))
    expected = {"exps/a", "exps/b", "plain"}
    assert {run.id for run in Workspace(tmp_path).runs} == expected
    assert {run.id for run in Workspace(Path()).runs} == expected
    os.chdir(tmp_path.parent)
    assert {run.id for run in Workspace(Path(tmp_path.name)).runs} == expected


def test_a_run_met_twice_is_listed_once(write_run, training, tmp_path):
    folder = tmp_path / "real"
    write_run("a", training(3), folder)
    (tmp_path / "link").symlink_to(folder)
    settings = Settings(root=tmp_path, roots=(tmp_path, tmp_path / "link", folder))
    assert len(Workspace(tmp_path, settings).runs) == 1


def test_a_copied_run_keeps_its_state_whatever_its_time(demo, tmp_path):
    (killed,) = demo.glob("wandb/*killed01")
    shutil.copytree(killed, tmp_path / "wandb" / killed.name, copy_function=shutil.copyfile)
    (run,) = Workspace(tmp_path).runs
    assert run.state == "crashed"


@pytest.mark.parametrize("name", ["plain", "with space", "-dash", "latest", "x@50%", "new\nline"])
def test_a_handle_always_leads_back_to_its_run(write_run, training, tmp_path, name):
    write_run(name, training(3), tmp_path / "sub")
    write_run("other", training(3))
    workspace = Workspace(tmp_path)
    for run in workspace.runs:
        assert workspace.resolve(workspace.handle(run))[0].segments == run.segments


def test_a_handle_is_the_wanted_name_where_that_is_enough(demo_runs):
    nan = demo_runs.resolve("nan")[0]
    assert demo_runs.handle(nan, "nan0") == "nan0"
    assert demo_runs.handle(nan, "kill") == "nan00001"


def test_a_command_leads_back_to_the_project_and_can_be_typed(tmp_path, monkeypatch):
    folder = tmp_path / "my project"
    folder.mkdir()
    command = Workspace(Path("my project")).command("run", "a b")
    assert shlex.split(command) == ["runwise", "-C", "my project", "run", "a b"]
    monkeypatch.chdir(folder)
    assert Workspace(folder).command("list") == "runwise list"
    assert Workspace().command("list") == "runwise list"


def test_nothing_outside_the_given_directories_is_read(demo, tmp_path, write_run, training):
    inside = tmp_path / "inside"
    write_run("mine", training(3), inside)
    write_run("secret", training(3), tmp_path / "outside")
    (inside / "link").symlink_to(tmp_path / "outside")
    (inside / "file.jsonl").symlink_to(tmp_path / "outside/secret.jsonl")
    (tmp_path / "runwise.json").write_text('{"logs_dir": "outside"}')
    workspace = Workspace(inside, within=[inside])
    assert [run.id for run in workspace.runs] == ["mine"]
    refs = [str(tmp_path / "outside/secret.jsonl"), "link/secret.jsonl", "../outside/secret.jsonl"]
    for ref in [*refs, "/etc/passwd", "/no/such/file"]:
        with pytest.raises(NoSuchRun, match="outside the directories"):
            workspace.resolve(ref)
    with pytest.raises(NoSuchRun, match="no run is called 'secret'"):
        workspace.resolve("secret")


def test_active_runs_are_the_running_ones_besides_the_one_asked_about(info):
    one, two, done = info("a1", state="running"), info("b2", state="running"), info("c3")
    workspace = Workspace()
    workspace.__dict__["runs"] = (one, two, done)
    assert workspace.active() == [one, two]
    assert workspace.active(one) == [two]
