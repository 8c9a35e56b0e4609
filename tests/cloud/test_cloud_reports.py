"""Reports about runs that live on a server: the same commands, the same answers."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.trackers

REF = "team/bert/3k9x1mzp"


def as_json(text):
    return json.loads(text)


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (("run", REF), "small lr"),
        (("run", "https://wandb.ai/team/bert/runs/3k9x1mzp?nw=1"), "small lr"),
        (("history", REF, "-k", "loss"), "loss"),
        (("stats", REF), "loss"),
        (("keys", REF), "loss"),
        (("config", REF), "lr=.1"),
        (("stability", REF), "loss"),
        (("compare", REF, "team/bert/b1b1b1b1"), "b1b1b1b1"),
        (("compare", f"{REF}@50%", "team/bert/b1b1b1b1@50%"), "b1b1b1b1"),
        (("notes", REF), "small lr"),
        (("console", REF), "nothing it printed"),
    ],
)
def test_any_report_takes_a_run_of_a_server(two, say, words, shown):
    assert shown in say(*words)


def test_check_judges_a_run_of_a_server(two, say):
    assert "nan" in say("check", REF, code=1).lower()


def test_a_history_is_the_one_that_was_logged(two, say):
    lines = say("history", REF, "-k", "loss", "-n", "400", "--format", "csv").splitlines()
    assert (lines[0], len(lines)) == ("step,loss", 301)


def test_what_an_answer_says_to_ask_next_can_be_asked(two, say):
    told = as_json(say("run", REF, "--format", "json"))["more"]
    assert REF in told


def test_a_second_question_transfers_nothing(two, say):
    say("run", REF)
    two.forget()
    say("history", REF, "-k", "loss")
    assert (two.rows_sent, two.asked["HistoryPage"]) == (0, 0)


def test_one_question_asks_the_server_once(two, say):
    say("run", REF)
    assert (two.asked["Run"], two.asked["RunHistoryKeys"]) == (1, 1)


def test_a_project_is_listed_without_its_histories(two, say):
    said = as_json(say("list", "team/bert", "--format", "json"))
    assert [row["id"] for row in said["runs"]] == ["live0001", "b1b1b1b1", "3k9x1mzp"]
    assert said["runs"][1]["last"] == pytest.approx(2.0 / 300)
    assert two.asked["HistoryPage"] == 0
    assert said["more"].endswith("team/bert/live0001")


def test_a_list_asks_for_no_more_runs_than_it_shows(two, say):
    said = as_json(say("list", "https://wandb.ai/team/bert", "-n", "2", "--format", "json"))
    assert [row["id"] for row in said["runs"]] == ["live0001", "b1b1b1b1"]


def test_a_list_takes_filters(two, say):
    said = as_json(say("list", "team/bert", "state:running", "tag:sweep", "--format", "json"))
    assert [row["id"] for row in said["runs"]] == ["live0001"]


def test_a_directory_of_that_name_is_meant_before_a_project(two, say, here):
    (here / "team" / "bert").mkdir(parents=True)
    (here / "team" / "bert" / "a.jsonl").write_text('{"step": 1, "loss": 2.5}\n')
    assert "a" in say("list", "team/bert")
    assert not two.asked


def test_a_run_here_is_meant_before_one_of_a_server(two, say, here):
    (here / "team" / "bert").mkdir(parents=True)
    (here / "team" / "bert" / "3k9x1mzp.jsonl").write_text('{"step": 7, "loss": 2.5}\n')
    assert "7" in say("run", REF)
    assert not two.asked


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("run", "team/bert/nosuch"), "there is no run nosuch in team/bert"),
        (("run", "https://wandb.ai/team/bert"), "3 runs are at"),
        (("list", "team/none"), "there is no project team/none"),
        (("run", "nosuch"), "no runs under"),
    ],
)
def test_what_is_not_there_is_said(two, say, words, said):
    assert said in say(*words, code=1)


def test_a_server_that_fails_is_an_error_with_a_remedy(two, say):
    two.fail("Run", 403)
    assert "Ask its owner for access" in say("run", REF, code=1)


def test_a_part_of_a_history_is_said_to_be_one(cloud, logged, say):
    cloud.add(logged(rows=5000))
    cloud.fail("HistoryPage", "half", after=1)
    assert "3000 of 5000 rows" in say("run", REF)


def test_without_the_cache_everything_is_fetched_anew_and_nothing_left(two, say, tmp_path):
    for _ in range(2):
        two.forget()
        say("run", REF, "--no-cache")
        assert two.rows_sent == 300
    assert not (tmp_path / "cache").exists()


def test_the_cache_counts_what_was_fetched_and_forgets_it(two, say, tmp_path):
    say("run", REF)
    told = as_json(say("cache", "--format", "json"))["cache"]
    assert (told["remote_runs"], told["remote_bytes"] > 1000) == (1, True)
    assert "forgot" in say("cache", "clear")
    assert as_json(say("cache", "--format", "json"))["cache"]["remote_runs"] == 0
    two.forget()
    say("run", REF)
    assert two.rows_sent == 300


def test_what_was_asked_about_longest_ago_goes_first_where_there_is_no_room(
    cloud, logged, say, monkeypatch, tmp_path
):
    import os

    monkeypatch.setenv("RUNWISE_REMOTE_MB", "1")
    for number in range(6):
        cloud.add(logged(f"run{number}", 3000))
        say("run", f"team/bert/run{number}", "--no-anomalies")
        for head in (tmp_path / "cache" / "remote").rglob(f"run{number}-*/*"):
            os.utime(head, (1.7e9 + number, 1.7e9 + number))
    heads = (tmp_path / "cache" / "remote").rglob("runwise-mirror.json")
    kept = sorted(head.parent.name.partition("-")[0] for head in heads)
    assert kept[-1] == "run5"
    assert "run0" not in kept


def test_a_confined_project_asks_no_server(two, here):
    from runwise.errors import NoSuchRun, RunwiseError
    from runwise.workspace import Workspace

    workspace = Workspace(here, within=[here])
    for ref in ("https://wandb.ai/team/bert/runs/3k9x1mzp", REF):
        with pytest.raises(RunwiseError):
            workspace.resolve(ref)
    with pytest.raises(NoSuchRun, match="may not be asked") as caught:
        workspace.resolve("https://wandb.ai/team/bert/runs/3k9x1mzp")
    assert "runwise run" in caught.value.remedy
    assert not two.asked
    allowed = Workspace(here, within=[here], remote=True)
    assert allowed.resolve("https://wandb.ai/team/bert/runs/3k9x1mzp")[0].id == "3k9x1mzp"


def test_without_the_client_the_error_names_the_command_that_brings_it(
    two, say, here, monkeypatch
):
    import sys

    monkeypatch.setitem(sys.modules, "wandb", None)
    said = say("run", REF, code=1)
    assert "pip install 'runwise-cli[wandb]'" in said
    assert "no runs under" in said


def test_a_run_that_was_killed_before_its_history_came_is_read_from_what_it_printed(
    cloud, logged, say
):
    lines = [f"iter {at}: loss {2 / (1 + at):.4f}, time 9.87ms" for at in range(0, 400, 10)]
    cloud.add(logged(rows=0, state="killed", console=lines))
    said = as_json(say("stats", REF, "-k", "loss", "--format", "json"))
    assert "40" in json.dumps(said)
    assert "console.log" in json.dumps(said)


def test_a_misspelt_directory_is_said_to_be_none(two, say, monkeypatch, tmp_path):
    monkeypatch.delenv("WANDB_API_KEY")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for words in (("list", "runs/exp"), ("run", "runs/exp/1")):
        said = say(*words, code=1)
        assert "runs/exp" in said or "no runs under" in said
        assert "wandb login" in said
