"""References that may mean a run on a server, where none may or can be asked."""

from __future__ import annotations

import sys

import pytest

from runwise.errors import BadSetting, NoSuchRun
from runwise.mirrors import Mirrors
from runwise.workspace import Workspace
from runwise_parsers import RunInfo
from runwise_parsers.mirror_log.keeping import Mirror

REF = "team/bert/3k9x"


@pytest.fixture
def without_client(monkeypatch):
    monkeypatch.setitem(sys.modules, "wandb", None)


def test_a_run_of_the_cloud_is_answered_with_what_is_to_be_installed(
    without_client, write_run, training
):
    write_run("a", training(3))
    with pytest.raises(NoSuchRun) as caught:
        Workspace().resolve(REF)
    assert caught.value.problem == f"no run is called '{REF}'"
    assert caught.value.remedy == "If it is on a server: pip install 'runwise-cli[wandb]'"


def test_a_run_here_is_meant_before_one_of_a_server(write_run, training, tmp_path):
    write_run("3k9x", training(3), tmp_path / "team" / "bert")
    assert Workspace().resolve(REF)[0].last_step is not None


def test_an_id_or_part_of_a_path_is_not_looked_for_on_a_server(write_run, training):
    write_run("a", training(3))
    for ref in ("nosuch", "sub/nosuch", "./a/b", "one/two/three/four", "latest~7"):
        with pytest.raises(NoSuchRun, match=r"no run is called|there is no"):
            Workspace().resolve(ref)


def test_a_confined_project_asks_no_server(write_run, training, tmp_path):
    write_run("a", training(3))
    confined = Workspace(tmp_path, within=[tmp_path])
    with pytest.raises(NoSuchRun, match="no run is called"):
        confined.resolve(REF)
    for ref in ("https://wandb.ai/team/bert/runs/3k9x", "http://127.0.0.1:9"):
        with pytest.raises(NoSuchRun, match="may not be asked from here"):
            confined.resolve(ref)
    with pytest.raises((BadSetting, NoSuchRun)):
        confined.below("team/bert")


def test_room_is_made_for_what_is_asked_about_now(tmp_path):
    import os

    for number, name in enumerate("abc"):
        with Mirror(tmp_path / "kind" / "project" / name) as mirror:
            mirror.append([{"_step": step, "loss": 0.5} for step in range(2000)])
            mirror.write(RunInfo("kind", name), {}, {}, {})
        for path in (tmp_path / "kind" / "project" / name).iterdir():
            os.utime(path, (1.7e9 + number, 1.7e9 + number))
    kept = Mirrors(tmp_path, limit=1 << 30).kept()
    assert [one.path.name for one in kept] == ["a", "b", "c"]
    Mirrors(tmp_path, limit=2 * kept[0].size).make_room(besides=kept[0].path)
    assert [one.path.name for one in Mirrors(tmp_path).kept()] == ["a"]
    assert Mirrors(tmp_path).clear()
    assert Mirrors(tmp_path).kept() == []
    assert not Mirrors(tmp_path).clear()
