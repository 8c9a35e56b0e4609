"""Two tools, read-only, that answer in text and refuse in one helpful sentence."""

from __future__ import annotations

import json

import pytest

import runwise
from runwise_format import render
from runwise_mcp import __version__
from runwise_mcp.server import INSTRUCTIONS, MOST_TOKENS, main


def test_the_tools_are_listed_and_said_to_be_read_only(talk):
    async def use(client):
        return (await client.list_tools()).tools

    tools = {tool.name: tool for tool in talk(use)}
    assert set(tools) == {"list_runs", "analyze_run"}
    for tool in tools.values():
        assert tool.annotations.read_only_hint is True
        assert tool.annotations.open_world_hint is False
        assert tool.output_schema is None
        assert tool.description
    assert tools["analyze_run"].meta == {"anthropic/alwaysLoad": True}


def test_every_argument_has_a_default(talk):
    async def use(client):
        return (await client.list_tools()).tools

    for tool in talk(use):
        assert not tool.input_schema.get("required")
        assert all("default" in one for one in tool.input_schema["properties"].values())


def test_the_server_introduces_itself_in_few_words(talk):
    async def use(client):
        return client.server_info, client.instructions

    server, instructions = talk(use)
    assert (server.name, server.version) == ("runwise", __version__)
    assert instructions == INSTRUCTIONS
    assert len(instructions) < 2000


def test_runs_are_listed(call, write_run):
    write_run("exp1")
    failed, text = call("list_runs")
    assert not failed
    assert text.startswith(
        "1 run: 1 unknown\nid,state,step,age,health,train/loss,trend\nexp1,unknown,49,"
    )


def test_the_text_is_that_of_the_report(call, write_run, tmp_path):
    write_run("exp1")
    expected = render(runwise.reports.summary(runwise.Workspace(tmp_path), "exp1"), "compact")
    text = call("analyze_run", {"run": "exp1"})[1]
    assert text.splitlines()[1:] == expected.splitlines()[1:]
    assert text.partition(",")[0] == expected.partition(",")[0]


def test_metrics_and_points_can_be_asked_for(call, write_run):
    write_run("exp1", lr=0.001, **{"val/acc": 0.5})
    text = call("analyze_run", {"run": "exp1@50%", "metrics": "lr, val/*"})[1]
    assert "at step 24" in text
    assert "lr,.001" in text
    assert "val/acc,.5" in text
    assert "train/loss" not in text


def test_an_answer_can_be_bounded_and_is_by_default(call, write_run):
    write_run("wide", **{f"metric_{number}": float(number) for number in range(100)})
    whole = call("analyze_run", {"run": "wide"})[1]
    part = call("analyze_run", {"run": "wide", "max_tokens": 60})[1]
    assert len(part) < len(whole) < 4 * MOST_TOKENS
    assert "dropped:" in part


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        (
            "analyze_run",
            {"rnu": "x"},
            "unknown argument 'rnu'; did you mean 'run'? Arguments: run",
        ),
        ("list_runs", {"limmit": 9}, "did you mean 'limit'? Arguments: limit"),
        ("list_runs", {"zzzzzz": 9}, "unknown argument 'zzzzzz'; Arguments: limit"),
        ("analyze_run", {"run": "nope"}, "no run is called 'nope'. Newest: exp1"),
        ("analyze_run", {"run": "exp2"}, "Near: exp1"),
        ("analyze_run", {"metrics": "train/los"}, "no metric 'train/los'. Near: train/loss"),
        ("list_runs", {"limit": 0}, "greater than or equal to 1"),
        ("list_runs", {"limit": 9999}, "less than or equal to 200"),
        ("analyze_run", {"max_tokens": 1}, "greater than or equal to 40"),
        ("analyze_run", {"run": "/etc/passwd"}, "outside the directories that may be read"),
    ],
)
def test_a_wrong_call_is_an_error_that_says_what_to_do(call, write_run, tool, arguments, said):
    folder = write_run("exp1").parent
    failed, text = call(tool, arguments, [folder])
    assert failed
    assert said in text
    assert len(text) < 300
    assert "Traceback" not in text


def test_an_unknown_run_names_the_next_call(call, write_run):
    write_run("exp1")
    assert "list_runs" in call("analyze_run", {"run": "nope"})[1]


def test_a_project_without_runs_says_where_it_looked(call, tmp_path):
    failed, text = call("list_runs")
    assert failed
    assert f"no runs under {tmp_path}"[:60] in text


def test_a_bad_settings_file_is_an_error_not_a_crash(call, write_run, tmp_path):
    write_run("exp1")
    (tmp_path / "runwise.json").write_text(json.dumps({"wandb_dri": "x"}))
    failed, text = call("list_runs")
    assert failed
    assert "Did you mean wandb_dir?" in text


def test_nothing_outside_the_roots_is_read(call, write_run, tmp_path):
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    write_run("mine", inside)
    secret = write_run("secret", outside)
    (inside / "link").symlink_to(outside)
    (inside / "file.jsonl").symlink_to(secret)
    assert "secret" not in call("list_runs", roots=[inside])[1]
    for ref in (str(secret), "link/secret.jsonl", "file.jsonl", "../outside/secret.jsonl"):
        failed, text = call("analyze_run", {"run": ref}, [inside])
        assert failed, text
    assert not call("analyze_run", {"run": str(secret)}, [inside, outside])[0]


def test_the_runs_of_every_root_are_listed(call, write_run, tmp_path):
    write_run("one", tmp_path / "a")
    write_run("two", tmp_path / "b")
    text = call("list_runs", roots=[tmp_path / "a", tmp_path / "b"])[1]
    assert text.startswith("2 runs")


def test_the_variable_names_the_project(call, write_run, tmp_path, monkeypatch):
    write_run("one", tmp_path / "a")
    monkeypatch.setenv("RUNWISE_PROJECT_ROOT", str(tmp_path / "a"))
    assert call("list_runs")[1].startswith("1 run")


def test_names_out_of_a_log_are_made_harmless(call, write_run):
    write_run("exp1", **{"\x1b[31mred\n": 1.0})
    text = call("analyze_run", {"run": "exp1"})[1]
    assert "\x1b" not in text
    failed, text = call("analyze_run", {"run": "\x1b[31mnope\x07"})
    assert failed
    assert "\x1b" not in text
    assert "\x07" not in text


@pytest.mark.parametrize("words", [["--root", "no/such/dir"], ["--rot", "."]])
def test_a_wrong_start_ends_with_two_on_stderr(words, capsys):
    with pytest.raises(SystemExit) as left:
        main(words)
    assert left.value.code == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "runwise-mcp: error:" in captured.err


def test_the_version_is_printed(capsys):
    with pytest.raises(SystemExit) as left:
        main(["--version"])
    assert left.value.code == 0
    assert capsys.readouterr().out == f"runwise-mcp {__version__}\n"
