"""The points of one metric, in pages, and those behind the ones that are known.

    GET metrics/get-history?run_id=&metric_key=&max_results=&page_token=
    {"metrics": [{"key": "loss", "value": 0.5, "timestamp": 1795159686700, "step": 5}],
     "next_page_token": "eyJvZmZzZXQiOiAyNTAwMH0="}

A server that keeps files takes no ``max_results`` and sends all at once. One with a database
orders points by their clocks, and its tokens count them; a token made by us is believed only if
what comes begins with the point we know to stand there.
"""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, NamedTuple

import orjson

from runwise_parsers.mlflow_server.fields import listed, text, whole
from runwise_parsers.mlflow_server.trouble import Answered, not_mlflow
from runwise_parsers.values import as_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runwise_parsers.mlflow_server.rest import Json, Server

PAGE = 25_000
_LARGEST = 1.7976931348623157e308
_REFUSED = 400


class Point(NamedTuple):
    """A point of a metric: Unix seconds, step, value."""

    clock: float
    step: float
    value: float

    def __eq__(self, other: object) -> bool:
        """NaN is the same NaN here."""
        return isinstance(other, Point) and repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash(repr(self))


class Histories:
    """What a server knows of a run's metrics; ``lost`` counts points that lack a number."""

    def __init__(self, server: Server, run: str, *, page: int = PAGE) -> None:
        self._server = server
        self._run = run
        self._page = page
        self.lost = 0

    def points(self, metric: str, known: Sequence[Point] = ()) -> tuple[list[Point], int]:
        """Return all points by their clocks, and how many of these were asked for in vain.

        Those of ``known`` are not asked for where the server can go on behind them.
        """
        if known:
            rest = self._behind(metric, known)
            if rest is not None:
                return [*known, *rest], len(known)
        found = [point for page in self._pages(metric, None) for point in page]
        return sorted(found, key=lambda one: one.clock), 0

    def _behind(self, metric: str, known: Sequence[Point]) -> list[Point] | None:
        """Return the points behind the known ones, ``None`` where that cannot be trusted."""
        try:
            pages = self._pages(metric, _token(len(known) - 1), unpaged=False)
            found = [point for page in pages for point in page]
        except Answered as error:
            if error.status != _REFUSED:
                raise
            return None
        newest = max(point.clock for point in known)
        if found[:1] != [known[-1]] or any(one.clock < newest for one in found):
            return None
        return sorted(found[1:], key=lambda one: one.clock)

    def _pages(
        self, metric: str, token: str | None, *, unpaged: bool = True
    ) -> Iterator[list[Point]]:
        """Yield the pages of a metric; ``unpaged`` asks for all at once where it has to be."""
        size: int | None = self._page
        met: set[str] = set()
        while True:
            asked = {"max_results": size, "page_token": token}
            try:
                answer = self._server.get(
                    "metrics/get-history", run_id=self._run, metric_key=metric, **asked
                )
            except Answered as error:
                if error.status != _REFUSED or size is None or met or not unpaged:
                    raise
                size = None
                continue
            yield list(self._read(answer))
            token = text(answer, "next_page_token")
            if not token:
                return
            if token in met:
                raise not_mlflow(self._server.root, "the same page again")
            met.add(token)

    def _read(self, answer: Json) -> Iterator[Point]:
        for one in listed(answer, "metrics"):
            point = point_of(one)
            if point is None:
                self.lost += 1
            else:
                yield point


def point_of(one: Json) -> Point | None:
    """Return a point, ``None`` where it lacks a number; the largest one stands for infinity."""
    clock, step = whole(one, "timestamp"), whole(one, "step")
    value = as_number(one.get("value"))
    if clock is None or value is None:
        return None
    if abs(value) >= _LARGEST:
        value = float("inf") if value > 0 else float("-inf")
    return Point(clock / 1000, float(step or 0), value)


def _token(offset: int) -> str:
    return b64encode(orjson.dumps({"offset": offset})).decode()
