"""The runs of a server as its answers describe them.

{"info": {"run_id": "0ab1", "run_name": "lr", "experiment_id": "3", "status": "FINISHED",
          "start_time": 1795159686700, "end_time": ..., "lifecycle_stage": "active"},
 "data": {"metrics": [the newest point of each], "params": [{"key": , "value": }], "tags": []}}
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from runwise_parsers.mlflow_server.fields import inner, listed, text, whole
from runwise_parsers.mlflow_server.history import Point, point_of
from runwise_parsers.mlflow_server.trouble import Answered, not_mlflow
from runwise_parsers.mlflow_store.records import (
    DELETED,
    PARENT,
    RUN_NAME,
    SYSTEM,
    Record,
    info_of,
    seconds,
    setting,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runwise_parsers.info import RunInfo
    from runwise_parsers.mlflow_server.rest import Json, Server

_NOWHERE = Path()
_MOST_PARENTS = 20


class Experiments:
    """The experiments of a server, deleted ones included: number -> (name, whether deleted)."""

    def __init__(self, server: Server) -> None:
        self._server = server

    @cached_property
    def known(self) -> dict[str, tuple[str, bool]]:
        """All of them. Raises ``RemoteError``."""
        found: dict[str, tuple[str, bool]] = {}
        for page in pages(self._server, "experiments/search", {"view_type": "ALL"}):
            for one in listed(page, "experiments"):
                found[text(one, "experiment_id")] = _project(one)
        return found

    def ids(self, wanted: str = "") -> list[str]:
        """Return the numbers of all, or of the one that is called like this or has this number.

        Raises ``LookupError`` where there is none.
        """
        if not wanted:
            return list(self.known)
        found = [number for number, (name, _) in self.known.items() if wanted in (number, name)]
        if not found:
            raise LookupError(f"{self._server.root} has no experiment {wanted[:80]!r}")
        return found[:1]

    def of(self, number: str) -> tuple[str, bool]:
        """Return the name of one, and whether it was deleted."""
        if "known" not in vars(self):
            try:
                answer = self._server.get("experiments/get", experiment_id=number)
            except Answered as error:
                if not error.missing:
                    raise
                return number, False
            return _project(inner(answer, "experiment"))
        return self.known.get(number, (number, False))


def _project(one: Json) -> tuple[str, bool]:
    return text(one, "name"), text(one, "lifecycle_stage") == DELETED


def pages(server: Server, what: str, body: Json, size: int = 1000) -> Iterator[Json]:
    """Yield the pages of an answer that comes in several."""
    token, met = "", set[str]()
    while True:
        asked = {**body, "max_results": size} | ({"page_token": token} if token else {})
        answer = server.post(what, asked)
        yield answer
        token = text(answer, "next_page_token")
        if not token:
            return
        if token in met:
            raise not_mlflow(server.root, "the same page again")
        met.add(token)


def number_of(run: Json) -> str:
    """Return the number of the experiment a run belongs to."""
    return text(inner(run, "info"), "experiment_id")


class Described:
    """Says what a server's answers tell of runs, in the words of all sources."""

    def __init__(self, server: Server, source: str) -> None:
        self.experiments = Experiments(server)
        self._server = server
        self._source = source
        self._names: dict[str, str] = {}

    def info(self, run: Json) -> RunInfo:
        """Return what an answer says of a run; where it is kept is not known here."""
        told = inner(run, "info")
        tags = texts(run, "tags")
        number, run_id = text(told, "experiment_id"), id_of(run)
        project, gone = self.experiments.of(number)
        newest, step = _newest(run)
        name = self._names[run_id] = name_of(run)
        record = Record(
            run_id, text(told, "status"), name, project, seconds(whole(told, "start_time")),
            seconds(whole(told, "end_time")), newest, step,
            deleted=gone or text(told, "lifecycle_stage") == DELETED,
            group=self._above(tags.get(PARENT, "")), tags=tags,
        )  # fmt: skip
        return replace(info_of(record, _NOWHERE, newest), source=self._source)

    def _above(self, parent: str) -> str:
        """Return the name of the run another one belongs to."""
        if parent and parent not in self._names and len(self._names) < _MOST_PARENTS:
            try:
                run = inner(self._server.get("runs/get", run_id=parent), "run")
            except Answered as error:
                if not error.missing:
                    raise
                run = {}
            self._names[parent] = name_of(run)
        return self._names.get(parent) or parent


def id_of(run: Json) -> str:
    """Return the id of a run; servers before 1.0 call it otherwise."""
    told = inner(run, "info")
    return text(told, "run_id") or text(told, "run_uuid")


def name_of(run: Json) -> str:
    """Return what a run is called; servers before 1.30 keep that as a tag alone."""
    return texts(run, "tags").get(RUN_NAME) or text(inner(run, "info"), "run_name")


def texts(run: Json, what: str) -> dict[str, str]:
    """Return the ``tags`` or the ``params`` of a run."""
    return {text(one, "key"): text(one, "value") for one in listed(inner(run, "data"), what)}


def config_of(run: Json) -> dict[str, object]:
    """Return the parameters: numbers and truths where MLflow's texts stand for such."""
    return {name: setting(value) for name, value in texts(run, "params").items()}


def latest_of(run: Json) -> dict[str, Point]:
    """Return the newest point of every metric as MLflow means it: that of the highest step."""
    found = {text(one, "key"): point_of(one) for one in listed(inner(run, "data"), "metrics")}
    return {name: point for name, point in found.items() if point is not None}


def summary_of(run: Json) -> dict[str, object]:
    """Return the values MLflow shows for the metrics of the training."""
    found = latest_of(run)
    return {name: value for name, (_, _, value) in found.items() if not name.startswith(SYSTEM)}


def _newest(run: Json) -> tuple[float | None, float | None]:
    """Return the newest clock of all metrics, and the highest step of the training's."""
    points = latest_of(run)
    steps = [step for name, (_, step, _) in points.items() if not name.startswith(SYSTEM)]
    return max((clock for clock, _, _ in points.values()), default=None), max(steps, default=None)
