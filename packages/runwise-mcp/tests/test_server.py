"""Eight tools, read-only, that answer in text and refuse in one helpful sentence."""

from __future__ import annotations

import json

import pytest

import runwise
from runwise_format import render
from runwise_mcp import __version__
from runwise_mcp.server import INSTRUCTIONS, main
from runwise_mcp.texts import CHARACTERS

TOOLS = {
    "list_runs": ["filter", "sort", "limit", "cursor"],
    "analyze_run": ["run", "metrics", "include", "max_tokens", "response_format"],
    "compare_runs": [
        "runs", "metrics", "filter", "threshold", "group", "config_diff", "response_format",
    ],
    "get_history": [
        "run", "metrics", "samples", "view", "around", "window", "response_format",
    ],
    "detect_anomalies": ["run", "metrics", "min_severity", "response_format"],
    "list_keys": ["run", "pattern"],
    "find_best_run": ["metric", "direction", "filter", "limit"],
    "live_status": ["run", "since", "wait_until", "timeout"],
}  # fmt: skip


def test_the_tools_are_listed_and_said_to_be_read_only(talk):
    async def use(client):
        return (await client.list_tools()).tools

    tools = {tool.name: tool for tool in talk(use)}
    assert {name: list(tool.input_schema["properties"]) for name, tool in tools.items()} == TOOLS
    for tool in tools.values():
        assert tool.annotations.read_only_hint is True
        assert tool.annotations.open_world_hint is False
        assert tool.output_schema is None
        assert tool.description
    always = [name for name, tool in tools.items() if tool.meta == {"anthropic/alwaysLoad": True}]
    assert always == ["analyze_run"]


def test_only_what_cannot_be_guessed_is_asked_for(talk):
    async def use(client):
        return (await client.list_tools()).tools

    needed = {tool.name: tool.input_schema.get("required", []) for tool in talk(use)}
    assert {name: what for name, what in needed.items() if what} == {"find_best_run": ["metric"]}


def test_the_server_introduces_itself_in_few_words(talk):
    async def use(client):
        return client.server_info, client.instructions

    server, instructions = talk(use)
    assert (server.name, server.version) == ("runwise", __version__)
    assert instructions == INSTRUCTIONS
    assert len(instructions) < 1500
    assert all(name in instructions for name in TOOLS)


def test_runs_are_listed(call, write_run):
    write_run("exp1")
    failed, text = call("list_runs")
    assert not failed
    assert text.startswith(
        "1 run: 1 unknown\nid,state,step,age,health,train/loss,trend\nexp1,unknown,49,"
    )


def test_pages_show_every_run_once(call, write_run):
    for number in range(25):
        write_run(f"exp{number:02}")
    ids, cursor, pages = [], "", 0
    while pages < 9:
        text = call("list_runs", {"limit": 10, "cursor": cursor})[1]
        assert text.startswith("25 runs")
        ids += [line.partition(",")[0] for line in text.splitlines() if line.startswith("exp")]
        pages += 1
        cursor = text.rpartition("cursor=")[2].partition("\n")[0] if "cursor=" in text else ""
        if not cursor:
            break
    assert pages == 3
    assert sorted(ids) == [f"exp{number:02}" for number in range(25)]


def test_runs_are_chosen_and_ranked(call, write_run):
    write_run("short", rows=10)
    write_run("long", rows=90)
    assert call("list_runs", {"filter": "step>50"})[1].startswith("1 of 2 runs step>50")
    lines = call("list_runs", {"sort": "step"})[1].splitlines()
    assert [line.partition(",")[0] for line in lines[2:4]] == ["long", "shor"]
    assert call("find_best_run", {"metric": "train/loss"})[1].startswith("long has the lowest")
    worst = call("find_best_run", {"metric": "train/loss", "direction": "max", "limit": 1})[1]
    assert "highest train/loss of 2 runs" in worst
    assert (
        "train/loss of 1 run"
        in call("find_best_run", {"metric": "train/loss", "filter": "step>50"})[1]
    )


def test_the_text_is_that_of_the_report(call, write_run, tmp_path):
    write_run("exp1")
    expected = render(runwise.reports.summary(runwise.Workspace(tmp_path), "exp1"), "compact")
    text = call("analyze_run", {"run": "exp1"})[1]
    assert text.splitlines()[1:-1] == expected.splitlines()[1:-1]
    assert text.partition(",")[0] == expected.partition(",")[0]
    assert text.endswith("\nmore: list_keys run=exp1")


def test_metrics_and_points_can_be_asked_for(call, write_run):
    write_run("exp1", lr=0.001, **{"val/acc": 0.5})
    text = call("analyze_run", {"run": "exp1@50%", "metrics": "lr, val/*"})[1]
    assert "at step 24" in text
    assert "lr,.001" in text
    assert "val/acc,.5" in text
    assert "train/loss" not in text
    assert call("analyze_run", {"run": "exp1@50%", "metrics": ["lr", "val/*"]})[1] == text


def test_parts_of_what_is_known_of_a_run_come_together(call, write_run):
    write_run("exp1")
    both = call("analyze_run", {"include": "summary,config"})[1]
    assert both.startswith("exp1 unknown, step 49")
    assert "exp1: 0 settings" in both
    failed, text = call("analyze_run", {"include": "gradients"})
    assert failed
    assert text == "include knows summary, config, notes, console, not 'gradients'"


def test_every_view_of_a_curve_can_be_asked_for(call, write_run):
    write_run("exp1", rows=200)
    asked = {"metrics": "train/loss"}
    assert "steps 0.." in call("get_history", asked)[1]
    assert len(call("get_history", {**asked, "samples": 10})[1].splitlines()) < 17
    assert "mean" in call("get_history", {**asked, "view": "stats"})[1]
    assert (
        "windows of 20 points"
        in call("get_history", {**asked, "view": "stability", "window": 20})[1]
    )
    assert "best@step,trend" in call("get_history", {**asked, "view": "trend"})[1]
    assert "levels 0-9" in call("get_history", {**asked, "view": "chart"})[1]
    near = call("get_history", {**asked, "around": "100", "window": 2})[1]
    assert "5 rows" in near
    assert "4 rows" in call("get_history", {**asked, "around": "50.0%", "window": 2})[1]


def test_json_is_text_too(call, write_run):
    write_run("exp1")
    for tool in ("analyze_run", "get_history", "detect_anomalies"):
        failed, text = call(tool, {"response_format": "json"})
        assert not failed
        assert json.loads(text)["kind"] in ("summary", "history", "check")
    write_run("exp2")
    kinds = [
        one["kind"]
        for one in json.loads(
            call("analyze_run", {"include": "summary,config", "response_format": "json"})[1]
        )
    ]
    assert kinds == ["summary", "config"]


def test_runs_are_compared(call, write_run):
    write_run("a", lr=0.1)
    write_run("b", rows=80, lr=0.2)
    text = call("compare_runs", {"runs": ["a", "b"]})[1]
    assert text.startswith("A a, B b: B better")
    assert call("compare_runs", {"runs": "a,b", "metrics": "lr"})[1].count("train/loss") == 0
    assert call("compare_runs", {"runs": "a,b", "filter": "lr"})[1].count("train/loss") == 0
    chosen = call("compare_runs", {"runs": "a", "filter": "step>60"})[1]
    assert chosen.startswith("A a, B b")
    assert (
        "0 of 0 settings differ" in call("compare_runs", {"runs": "a,b", "config_diff": True})[1]
    )
    detailed = call("compare_runs", {"runs": "a,b", "response_format": "detailed"})[1]
    assert "0 of 0 settings differ" in detailed
    assert "train/loss" in detailed


def test_findings_are_chosen_by_how_grave_they_are(call, write_run):
    path = write_run("bad")
    with path.open("a", encoding="utf-8") as file:
        file.write('{"step": 50, "train/loss": NaN}\n')
    assert "! critical non_finite" in call("detect_anomalies", {"run": "bad"})[1]
    grave = call("detect_anomalies", {"run": "bad", "min_severity": "critical"})[1]
    assert "! critical" in grave
    assert "! warning" not in grave


def test_an_answer_can_be_bounded_and_is_by_default(call, write_run):
    write_run("wide", **{f"a/long/name/of/a/metric_{number}": 0.5 for number in range(500)})
    whole = call("list_keys", {"run": "wide"})[1]
    part = call("analyze_run", {"run": "wide", "max_tokens": 60})[1]
    assert len(part) < 400
    assert len(whole) <= CHARACTERS
    rows = call("get_history", {"run": "wide", "metrics": "*"})[1]
    assert len(rows) <= CHARACTERS
    asked = call("get_history", {"run": "wide", "metrics": "*", "samples": 50})[1]
    assert len(asked) > CHARACTERS


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        (
            "analyze_run",
            {"rnu": "x"},
            "unknown argument 'rnu'; did you mean 'run'? Arguments: run",
        ),
        ("list_runs", {"limmit": 9}, "did you mean 'limit'? Arguments: filter"),
        ("list_runs", {"zzzzzz": 9}, "unknown argument 'zzzzzz'; Arguments: filter"),
        ("analyze_run", {"run": "nope"}, "no run is called 'nope'. Newest: exp1. Call list_runs"),
        ("analyze_run", {"run": "exp2"}, "Near: exp1"),
        ("analyze_run", {"metrics": "train/los"}, "no metric 'train/los'. Near: train/loss"),
        ("list_runs", {"limit": 0}, "limit must be 1 to 200, not 0"),
        ("list_runs", {"limit": "many"}, "limit must be a integer, not 'many'"),
        ("list_runs", {"cursor": "x"}, "that cursor is none: take it from the end of list_runs"),
        ("list_runs", {"filter": "stat:running"}, "did you mean state?"),
        ("list_runs", {"sort": "spep"}, "did you mean step?"),
        ("analyze_run", {"max_tokens": 1}, "max_tokens must be 40 to 25000"),
        ("analyze_run", {"response_format": "xml"}, "one of concise, detailed, json"),
        ("analyze_run", {"run": "/etc/passwd"}, "outside the directories that may be read"),
        ("analyze_run", {"run": "http://example.com/x"}, "with --allow-remote"),
        ("compare_runs", {"runs": "exp1"}, 'As in runs="latest,latest~1"'),
        ("get_history", {"samples": 3}, "Use samples=8 or more"),
        ("get_history", {"window": 5}, "Add around=STEP"),
        ("get_history", {"around": "soon"}, "no point of a run"),
        ("get_history", {"view": "stability", "window": 1}, "Use window=2 or more"),
        ("list_run", {}, "unknown tool 'list_run'; did you mean list_runs? Tools: analyze_run"),
        ("get_config", {"run_id": "x"}, "get_config is analyze_run include=config now"),
        ("find_best_run", {}, "metric is missing. Arguments: metric"),
        ("find_best_run", {"metric": "los"}, "no metric 'los'. Near: train/loss"),
        ("live_status", {"wait_until": "soon"}, "'soon' is no filter"),
    ],
)
def test_a_wrong_call_is_an_error_that_says_what_to_do(call, write_run, tool, arguments, said):
    folder = write_run("exp1").parent
    failed, text = call(tool, arguments, [folder])
    assert failed
    assert said in text
    assert len(text) < 400
    assert "Traceback" not in text
    assert "runwise " not in text


def test_a_project_without_runs_says_where_it_looked(call, tmp_path):
    failed, text = call("list_runs")
    assert failed
    assert f"no runs under {tmp_path}"[:60] in text
    assert "Start the server with --root DIR." in text


def test_a_bad_settings_file_is_an_error_not_a_crash(call, write_run, tmp_path):
    write_run("exp1")
    (tmp_path / "runwise.json").write_text(json.dumps({"wandb_dri": "x"}))
    failed, text = call("list_runs")
    assert failed
    assert "Did you mean wandb_dir?" in text


def test_the_runs_of_every_root_are_listed(call, write_run, tmp_path):
    write_run("one", tmp_path / "a")
    write_run("two", tmp_path / "b")
    text = call("list_runs", roots=[tmp_path / "a", tmp_path / "b"])[1]
    assert text.startswith("2 runs")


def test_variables_name_the_project_and_directories_besides(
    call, write_run, tmp_path, monkeypatch
):
    write_run("one", tmp_path / "a")
    write_run("two", tmp_path / "b")
    monkeypatch.setenv("RUNWISE_PROJECT_ROOT", str(tmp_path / "a"))
    assert call("list_runs")[1].startswith("1 run")
    monkeypatch.setenv("RUNWISE_LOGS_DIR", str(tmp_path / "b"))
    assert call("list_runs")[1].startswith("2 runs")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--root", "no/such/dir"], "not a directory"),
        (["--rot", "."], "unrecognized"),
        (["--port", "1"], "need --http"),
        (["--http", "--host", "0.0.0.0"], "set RUNWISE_MCP_TOKEN or --token"),
    ],
)
def test_a_wrong_start_ends_with_two_on_stderr(words, said, capsys):
    with pytest.raises(SystemExit) as left:
        main(words)
    assert left.value.code == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "runwise-mcp: error:" in captured.err
    assert said in captured.err


def test_the_version_is_printed(capsys):
    with pytest.raises(SystemExit) as left:
        main(["--version"])
    assert left.value.code == 0
    assert capsys.readouterr().out == f"runwise-mcp {__version__}\n"


def test_a_mistake_of_ours_is_named_and_its_text_kept_back(call, write_run, monkeypatch, caplog):
    write_run("exp1")

    def broken(*_, **__):
        raise KeyError("a secret in a traceback")

    monkeypatch.setattr(runwise.reports, "keys", broken)
    failed, text = call("list_keys", {})
    assert failed
    assert (
        text
        == "runwise failed on this (KeyError), which is its fault: try another run, or report it"
    )
    assert "a secret in a traceback" in caplog.text
