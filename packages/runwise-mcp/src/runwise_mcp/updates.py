"""Tells clients that a run they look at has gone on, in both eras of the protocol.

Clients of 2026-07-28 hold a ``subscriptions/listen`` request open, older ones subscribe to a
resource. While somebody does either, the runs they mean are looked at every few seconds.
"""

from __future__ import annotations

from collections import Counter
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, cast

import anyio
from mcp import types
from mcp.server.subscriptions import InMemorySubscriptionBus, ResourceUpdated

from runwise_mcp.addresses import run_in
from runwise_mcp.desk import RefusedError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
    from mcp.server.lowlevel.server import Server
    from mcp.server.session import ServerSession

    from runwise_mcp.desk import Call, Desk

    Asked = ServerRequestContext[Any, Any]

EVERY = 2.0
"""Seconds between looks."""
MOST = 200
"""Subscriptions that are kept."""


class Updates:
    """Who wants to know of which resources, and what these were when last looked at."""

    def __init__(self, desk: Desk) -> None:
        self.bus = InMemorySubscriptionBus()
        self._desk = desk
        self._listening: Counter[str] = Counter()
        self._sessions: dict[tuple[str, int], ServerSession] = {}
        self._marks: dict[str, object] = {}
        self._wanted = anyio.Event()

    def serve(self, server: Server[Any]) -> None:
        """Add the methods of the older protocol."""
        server.add_request_handler(
            "resources/subscribe", types.SubscribeRequestParams, self._subscribe
        )
        server.add_request_handler(
            "resources/unsubscribe", types.UnsubscribeRequestParams, self._unsubscribe
        )

    async def listened(self, ctx: Asked, call_next: CallNext) -> HandlerResult:
        """Remember what a client listens for, as long as it does."""
        if ctx.method != "subscriptions/listen":
            return await call_next(ctx)
        asked = cast("Mapping[str, Any]", (ctx.params or {}).get("notifications") or {})
        uris = Counter(map(str, asked.get("resourceSubscriptions") or ()))
        self._listening += uris
        self._wanted.set()
        try:
            return await call_next(ctx)
        finally:
            self._listening -= uris

    @asynccontextmanager
    async def watching(self) -> AsyncGenerator[None]:
        """Look at what somebody wants to know of."""
        async with anyio.create_task_group() as group:
            group.start_soon(self._watch)
            yield
            group.cancel_scope.cancel()

    async def _watch(self) -> None:
        while True:
            await self._wanted.wait()
            await self._look()
            if not self._uris():
                self._wanted, self._marks = anyio.Event(), {}
            else:
                await anyio.sleep(EVERY)

    def _uris(self) -> list[str]:
        return list(dict.fromkeys([*self._listening, *(uri for uri, _ in self._sessions)]))

    async def _look(self) -> None:
        uris = self._uris()
        try:
            marks = await self._desk.ask(lambda call: {uri: _mark(call, uri) for uri in uris})
        except RefusedError:  # no runs, for now
            return
        for uri, mark in marks.items():
            before = self._marks.get(uri, mark)
            self._marks[uri] = mark
            if mark != before:
                await self._tell(uri)

    async def _tell(self, uri: str) -> None:
        await self.bus.publish(ResourceUpdated(uri=uri))
        for key, session in list(self._sessions.items()):
            if key[0] == uri:
                try:
                    await session.send_resource_updated(uri)
                except (anyio.ClosedResourceError, anyio.BrokenResourceError):
                    self._sessions.pop(key, None)  # the client has gone

    async def _subscribe(
        self, ctx: Asked, params: types.SubscribeRequestParams
    ) -> types.EmptyResult:
        while len(self._sessions) >= MOST:  # of clients that went without a word
            self._sessions.pop(next(iter(self._sessions)))
        self._sessions[str(params.uri), _client(ctx)] = ctx.session
        self._wanted.set()
        return types.EmptyResult()

    async def _unsubscribe(
        self, ctx: Asked, params: types.UnsubscribeRequestParams
    ) -> types.EmptyResult:
        self._sessions.pop((str(params.uri), _client(ctx)), None)
        return types.EmptyResult()


def _client(ctx: Asked) -> int:
    """Return what tells a connection from others: each has its own words of greeting."""
    return id(ctx.session.client_params)


def _mark(call: Call, uri: str) -> object:
    """Return what tells a run as it is now from what it was: its state, its files' sizes."""
    from runwise.errors import RunwiseError  # noqa: PLC0415 - the handshake must not wait
    from runwise.index.witness import stamp  # noqa: PLC0415 - as above

    ref = run_in(uri)
    try:
        info = call.workspace.resolve(ref)[0] if ref else None
    except RunwiseError:
        return None
    return None if info is None else (info.id, info.state, stamp(info.segments))
