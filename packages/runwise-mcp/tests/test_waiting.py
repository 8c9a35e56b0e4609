"""A run is waited for: progress is told meanwhile, others are answered, and it can be ended."""

from __future__ import annotations

import json
import threading
import time

import anyio
import anyio.lowlevel
import pytest
from mcp import Client

from runwise_mcp import desk
from runwise_mcp.server import make_server
from runwise_mcp.tools import live_status


@pytest.fixture(autouse=True)
def _often(monkeypatch):
    monkeypatch.setattr(live_status, "EVERY", 0.02)


@pytest.fixture
def running(tmp_path):
    """A run whose clock is now, and what lets it go on."""
    path = tmp_path / "exp1.jsonl"

    def go_on(step, loss):
        row = {"step": step, "train/loss": loss, "_timestamp": time.time()}
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")

    for step in range(5):
        go_on(step, 2.0)
    return go_on


def session(use, mode="auto"):
    async def run():
        with anyio.fail_after(60):
            async with Client(make_server(), mode=mode) as client:
                return await use(client)

    return anyio.run(run)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_condition_is_waited_for_and_progress_is_told(running, mode):
    told = []

    async def hear(progress, total, message):
        told.append((progress, message))
        if len(told) == 1:
            running(5, 0.1)

    async def use(client):
        return await client.call_tool(
            "live_status", {"run": "exp1", "wait_until": "train/loss<0.3"}, progress_callback=hear
        )

    result = session(use, mode)
    (content,) = result.content
    assert not result.is_error
    assert "waited until train/loss<0.3: train/loss<0.3" in content.text
    assert "loss .1" in content.text
    assert [one for one, _ in told] == sorted({one for one, _ in told})
    assert told[0][1].startswith("exp1 running")
    assert any("step 5" in message for _, message in told)


def test_nobody_waits_for_longer_than_was_said(running):
    async def use(client):
        return await client.call_tool("live_status", {"wait_until": "end", "timeout": 0.1})

    text = session(use).content[0].text
    assert "waited until end: the time is up after 0.1 s; call again to wait on" in text


def test_a_question_that_takes_long_is_said_to_be_looked_into(running, monkeypatch):
    monkeypatch.setattr(desk, "BEAT", 0.02)
    told = []

    async def hear(progress, total, message):
        told.append((progress, message))

    async def use(client):
        given = {"wait_until": "end", "timeout": 0.3}
        return await client.call_tool("live_status", given, progress_callback=hear)

    assert not session(use).is_error
    assert sum(message == "reading" for _, message in told) >= 2
    assert [one for one, _ in told] == sorted({one for one, _ in told})


def test_a_finding_is_waited_for(running):
    async def use(client):
        running(5, float("nan"))
        return await client.call_tool(
            "live_status", {"wait_until": "finding:critical", "timeout": 20}
        )

    assert "critical non_finite" in session(use).content[0].text


def test_only_what_is_new_is_said(running):
    async def use(client):
        first = await client.call_tool("live_status", {})
        running(9, 1.5)
        return first, await client.call_tool("live_status", {"since": 4})

    first, then = (one.content[0].text for one in session(use))
    assert first.endswith("more: live_status run=exp1 since=4")
    assert "metric,at 4,now\ntrain/loss,2,1.5" in then
    assert then.endswith("more: live_status run=exp1 since=9")


def test_who_waits_keeps_nobody_else_waiting_and_can_be_ended(running):
    """More calls wait than there are threads for other things; then they are given up."""

    async def use(client):
        async with anyio.create_task_group() as group:
            for _ in range(desk.AT_ONCE + 2):
                group.start_soon(
                    client.call_tool, "live_status", {"wait_until": "train/loss<0", "timeout": 50}
                )
            await anyio.lowlevel.checkpoint()
            answers = [await client.call_tool("list_runs", {}) for _ in range(5)]
            group.cancel_scope.cancel()
        return answers, await client.call_tool("analyze_run", {})

    answers, last = session(use)
    assert not any(one.is_error for one in answers)
    assert last.content[0].text.startswith("exp1 running")


def test_a_question_nobody_waits_for_ends_in_its_thread_too(running, monkeypatch):
    ended = threading.Event()
    worked = desk._worked

    def watched(*given):
        try:
            return worked(*given)
        finally:
            ended.set()

    monkeypatch.setattr(desk, "_worked", watched)

    async def use(client):
        with anyio.move_on_after(0.3):
            await client.call_tool("live_status", {"wait_until": "train/loss<0"})
        return await anyio.to_thread.run_sync(ended.wait, 20)

    assert session(use)
