"""Whatever a model makes up, it gets an answer or a sentence about what was wrong."""

from __future__ import annotations

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from mcp import Client

from runwise_mcp.server import make_server
from runwise_mcp.tool import all_tools
from runwise_mcp.wording import call_of, in_tools

TOOLS = {tool.name: list(tool.parameters["properties"]) for tool in all_tools()}
WORDS = some.sampled_from(
    ["exp1", "latest", "latest~9", "exp1@50%", "exp1@best:train/loss", "exp1,exp2", "train/loss",
     "*", "[", "end", "finding:x", "values", "stats", "stability", "trend", "chart", "json",
     "detailed", "state:running", "step>3", "config.x<1", "summary,console", "-step", "max",
     "50%", "best:", "1e400", "nan", "10", "0", "-1", "!tag:x", "'", '"', "a b", ""]
)  # fmt: skip
VALUES = some.one_of(
    WORDS, WORDS, some.text(max_size=30), some.integers(-10, 6000), some.floats(),
    some.booleans(), some.none(), some.lists(WORDS, max_size=3),
    some.dictionaries(some.text(max_size=3), some.integers(), max_size=2),
)  # fmt: skip


@some.composite
def calls(draw):
    tool = draw(some.sampled_from(sorted(TOOLS)))
    names = some.sampled_from(TOOLS[tool])
    arguments = draw(some.dictionaries(names, VALUES, max_size=4))
    if arguments.get("wait_until"):
        arguments["timeout"] = 0
    return tool, arguments


@settings(
    max_examples=150, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(asked=some.lists(calls(), min_size=1, max_size=5))
def test_every_call_is_answered(write_run, asked):
    write_run("exp1", lr=0.1)
    write_run("exp2", rows=12)

    async def session():
        with anyio.fail_after(60):
            async with Client(make_server()) as client:
                return [await client.call_tool(tool, given) for tool, given in asked]

    for (tool, given_arguments), result in zip(asked, anyio.run(session), strict=True):
        (content,) = result.content
        assert content.text
        assert "which is its fault" not in content.text, (tool, given_arguments)
        assert result.structured_content is None


@given(some.text(max_size=80))
def test_any_sentence_can_be_said_in_other_words(text):
    assert isinstance(in_tools(text), str)
    assert isinstance(in_tools(f"Try: runwise list {text}"), str)


@pytest.mark.parametrize("words", ["runwise run 'a", "runwise run \\"])
def test_half_a_command_is_no_call(words):
    assert in_tools(f"See: {words}").startswith("See: ")
    assert call_of("runwise run a") == "analyze_run run=a"
