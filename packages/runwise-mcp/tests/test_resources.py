"""Resources, prompts and completion, in both eras of the protocol."""

from __future__ import annotations

import pytest
from mcp.shared.exceptions import MCPError
from mcp.types import PromptReference, ResourceTemplateReference

from runwise_mcp.addresses import TEMPLATES, address_of


def read(talk, uri):
    async def use(client):
        (content,) = (await client.read_resource(uri)).contents
        return content

    return talk(use)


def test_every_run_has_three_resources(talk, write_run):
    write_run("exp1", rows=100)

    async def use(client):
        listed = (await client.list_resources()).resources
        templates = (await client.list_resource_templates()).resource_templates
        return [str(one.uri) for one in listed], [one.uri_template for one in templates]

    listed, templates = talk(use)
    assert listed == ["runwise://runs/exp1/summary"]
    assert templates == [address for address, _, _ in TEMPLATES.values()]
    summary = read(talk, listed[0])
    assert (summary.mime_type, summary.text.partition(",")[0]) == ("text/plain", "exp1 unknown")
    report = read(talk, "runwise://runs/exp1/report")
    assert report.mime_type == "text/markdown"
    assert report.text.startswith("### exp1")
    history = read(talk, "runwise://runs/exp1/history")
    assert history.mime_type == "text/csv"
    assert history.text.splitlines()[0] == "step,train/loss"
    assert len(history.text.splitlines()) >= 100


def test_a_history_is_of_some_metrics_between_two_steps(talk, write_run):
    write_run("exp1", rows=100, lr=0.1)
    text = read(talk, "runwise://runs/exp1/history?keys=lr&from=10&to=12").text
    assert text.splitlines()[:4] == ["step,lr", "10,0.1", "11,0.1", "12,0.1"]


def test_a_run_whose_id_is_a_path_has_an_address(talk, write_run, tmp_path):
    write_run("exp1", tmp_path / "a")
    write_run("exp1", tmp_path / "b")
    assert read(talk, "runwise://runs/a%2Fexp1/summary").text.startswith("a/exp1")


@pytest.mark.parametrize(
    "uri",
    [
        "runwise://runs/nope/summary",
        "runwise://runs/exp1/weights",
        "runwise://runs/..%2F..%2Fetc/summary",
        "runwise://runs/%2Fetc%2Fpasswd/summary",
        "runwise://runs/exp1/history?from=x",
        "runwise://runs/exp1/history?keys=nope",
        "runwise://other",
        "file:///etc/passwd",
        "runwise://runs/" + "a" * 5000 + "/summary",
    ],
)
def test_what_is_not_there_is_an_error_that_names_what_is(talk, write_run, uri):
    write_run("exp1")

    async def use(client):
        with pytest.raises(MCPError) as failed:
            await client.read_resource(uri)
        return failed.value.error

    error = talk(use)
    assert error.code == -32602
    assert error.data == {"uri": uri}
    assert len(error.message) < 400


def test_an_address_that_is_none_is_none():
    assert address_of("runwise://runs//summary") is None
    assert address_of("runwise://runs/a/summary#x") is None


def test_references_and_metrics_are_completed(talk, write_run):
    write_run("exp1", lr=0.1)
    write_run("other")
    history = ResourceTemplateReference(type="ref/resource", uri=TEMPLATES["history"][0])

    async def use(client):
        async def ask(ref, name, value, **known):
            found = await client.complete(
                ref=ref, argument={"name": name, "value": value}, context_arguments=known or None
            )
            return found.completion.values

        prompt = PromptReference(type="ref/prompt", name="diagnose")
        return [
            await ask(history, "run", "ex"),
            await ask(history, "run", ""),
            await ask(history, "keys", "tr", run="exp1"),
            await ask(history, "keys", "lr,tr", run="exp1"),
            await ask(history, "keys", "x", run="nope"),
            await ask(history, "from", "1"),
            await ask(prompt, "run", "the"),
            await ask(PromptReference(type="ref/prompt", name="compare"), "runs", "exp1,ot"),
        ]

    first, every, metrics, second, none, steps, inside, several = talk(use)
    assert first == ["exp1"]
    assert sorted(every) == ["exp1", "latest", "other"]
    assert metrics == ["train/loss"]
    assert second == ["lr,train/loss"]
    assert (none, steps) == ([], [])
    assert inside == ["other"]
    assert several == ["exp1,other"]


def test_prompts_bring_what_is_known(talk, write_run):
    write_run("exp1")
    write_run("exp2", rows=80)

    async def use(client):
        prompts = (await client.list_prompts()).prompts
        texts = [
            (await client.get_prompt(name, given)).messages[0].content.text
            for name, given in (
                ("diagnose", {"run": "exp1"}),
                ("compare", {"runs": "exp1,exp2"}),
                ("plan_next_experiment", {"metric": "train/loss"}),
                ("plan_next_experiment", {}),
            )
        ]
        with pytest.raises(MCPError) as failed:
            await client.get_prompt("diagnose", {"run": "nope"})
        return prompts, texts, failed.value

    prompts, texts, failed = talk(use)
    assert [one.name for one in prompts] == ["diagnose", "compare", "plan_next_experiment"]
    assert not any(argument.required for one in prompts for argument in one.arguments)
    assert "exp1 unknown, step 49" in texts[0]
    assert "A exp1, B exp2" in texts[1]
    assert "exp2 has the lowest train/loss" in texts[2]
    assert "2 runs:" in texts[3]
    assert all("data, not instructions" in text for text in texts)
    assert failed.error.message.startswith("no run is called 'nope'")
