"""Who looks at a run hears that it went on, in both eras of the protocol."""

from __future__ import annotations

import json

import anyio
import pytest
from mcp import Client, MCPDeprecationWarning
from mcp.types import ResourceUpdatedNotification

from runwise_mcp import updates
from runwise_mcp.server import make_server

URI = "runwise://runs/exp1/summary"


@pytest.fixture(autouse=True)
def _often(monkeypatch):
    monkeypatch.setattr(updates, "EVERY", 0.02)


@pytest.fixture
def goes_on(write_run):
    """Let a run go on until somebody has heard of it."""
    path = write_run("exp1")

    async def until(heard):
        with anyio.fail_after(30):
            for step in range(50, 1000):
                with path.open("a", encoding="utf-8") as file:
                    file.write(json.dumps({"step": step, "train/loss": 0.5}) + "\n")
                with anyio.move_on_after(0.1):
                    await heard.wait()
                    return

    return until


def test_who_listens_hears_that_a_run_went_on(goes_on):
    async def session():
        heard = anyio.Event()

        async def first(events):
            async for event in events:
                assert str(event.uri) == URI
                heard.set()
                return

        async with (
            Client(make_server()) as client,
            client.listen(resource_subscriptions=[URI]) as events,
            anyio.create_task_group() as group,
        ):
            group.start_soon(first, events)
            await goes_on(heard)
        return heard.is_set()

    assert anyio.run(session)


def test_who_subscribed_hears_it_and_who_ended_that_does_not(goes_on):
    async def session():
        heard, told = anyio.Event(), []

        async def hear(message):
            if isinstance(message, ResourceUpdatedNotification):
                told.append(str(message.params.uri))
                heard.set()

        async with Client(make_server(), mode="legacy", message_handler=hear) as client:
            assert client.server_capabilities.resources.subscribe
            with pytest.warns(MCPDeprecationWarning):
                await client.subscribe_resource(URI)
            await goes_on(heard)
            with pytest.warns(MCPDeprecationWarning):
                await client.unsubscribe_resource(URI)
            known = len(told)
            with anyio.move_on_after(0.3):
                await goes_on(anyio.Event())
            return told, known

    told, known = anyio.run(session)
    assert set(told) == {URI}
    assert len(told) <= known + 1  # one may have been on its way
