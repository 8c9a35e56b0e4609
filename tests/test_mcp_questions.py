"""What people ask of an agent: how many calls, how many tokens, and is the answer there."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import mean

import anyio
import pytest
from mcp import Client

from runwise_mcp.server import INSTRUCTIONS, make_server

QUESTIONS = Path(__file__).with_name("questions_mcp.toml")


@pytest.fixture(scope="module")
def questions():
    tomllib = pytest.importorskip("tomllib")  # Python 3.11
    return tomllib.loads(QUESTIONS.read_text(encoding="utf-8"))["question"]


def session(use, root):
    async def run():
        async with Client(make_server([root])) as client:
            return await use(client)

    return anyio.run(run)


def test_a_question_takes_little_more_than_a_call_and_few_tokens(
    questions, demo_root, tokens, capsys
):
    async def use(client):
        return [
            [
                await client.call_tool(
                    call["tool"], {name: call[name] for name in call if name != "tool"}
                )
                for call in question["calls"]
            ]
            for question in questions
        ]

    answers = session(use, demo_root)
    costs = []
    for question, results in zip(questions, answers, strict=True):
        text = "\n".join(result.content[0].text for result in results)
        assert not any(result.is_error for result in results), (question["ask"], text)
        assert [said for said in question["says"] if said not in text] == [], question["ask"]
        costs.append(sum(tokens(result.content[0].text) for result in results))
        print(f"{costs[-1]:5} {len(results)} {question['ask']}")
    assert len(questions) == 25
    assert mean(len(question["calls"]) for question in questions) <= 1.3
    assert mean(costs) <= 220


def test_definitions_cost_little_in_every_conversation(demo_root, tokens):
    async def use(client):
        return (await client.list_tools()).tools

    costs = {
        tool.name: tokens(
            json.dumps(
                {
                    "name": tool.name,
                    "description": tool.description,
                    "input_schema": tool.input_schema,
                },
                separators=(",", ":"),
            )
        )
        for tool in session(use, demo_root)
    }
    assert len(costs) == 8
    assert max(costs.values()) <= 150, costs
    assert sum(costs.values()) <= 1_000, costs
    assert tokens(INSTRUCTIONS) <= 300
    assert costs["analyze_run"] <= 150  # the one that clients load at once
