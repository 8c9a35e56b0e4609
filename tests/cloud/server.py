"""W&B's side of ``wandb.Api``, on this machine: what the real client asks, answered from memory.

    POST /graphql       Viewer, Runs, Run, RunHistoryKeys, RunParquetHistory, HistoryPage,
                        RunFullHistory (events), RunFiles, RunConsoleLogTail, RunConsoleLogPage
    GET  /files/...     what RunFiles and RunParquetHistory point at

``Cloud.asked`` counts operations and ``Cloud.rows_sent`` rows of history; ``Cloud.fail`` makes
the next answers to an operation go wrong in one of the ways servers and networks do.
"""

from __future__ import annotations

import json
import re
import socket
import struct
import threading
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "k" * 40
_OPERATION = re.compile(r"(?:query|mutation)\s+(\w+)")


@dataclass
class CloudRun:
    """One run as the server holds it; ``exported`` rows of it are in a Parquet file."""

    id: str
    rows: list[dict[str, Any]] = field(default_factory=list)
    name: str = ""
    state: str = "finished"
    config: dict[str, Any] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    group: str | None = None
    notes: str | None = None
    sweep: str | None = None
    commit: str | None = None
    job_type: str | None = None
    created: str = "2026-11-01T10:00:00Z"
    heartbeat: str = "2026-11-01T11:00:00Z"
    events: list[dict[str, Any]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    console: list[str] = field(default_factory=list)
    exported: int = 0
    parquet: bytes = b""

    def node(self) -> dict[str, Any]:
        """Return the run as GraphQL shows it."""
        shown = {name: {"value": value, "desc": None} for name, value in self.config.items()}
        return {
            "id": f"storage-{self.id}", "name": self.id, "displayName": self.name or self.id,
            "tags": self.tags, "sweepName": self.sweep, "state": self.state, "projectId": "1",
            "config": json.dumps(shown), "group": self.group, "jobType": self.job_type,
            "commit": self.commit, "readOnly": False, "createdAt": self.created,
            "heartbeatAt": self.heartbeat, "description": "", "notes": self.notes,
            "systemMetrics": "{}", "summaryMetrics": json.dumps(self.summary),
            "historyLineCount": len(self.rows), "historyKeys": self.history_keys(),
            "user": {"name": "Demo", "username": "demo"},
        }  # fmt: skip

    def history_keys(self) -> dict[str, Any]:
        """Return which keys there are, and the last step."""
        names = {name for row in self.rows[:1] + self.rows[-1:] for name in row}
        return {
            "lastStep": self.rows[-1]["_step"] if self.rows else -1,
            "keys": {name: {"typeCounts": [{"type": "number"}]} for name in names},
        }


@dataclass
class Fault:
    """How the next ``times`` answers to an operation go wrong, once ``after`` went well."""

    operation: str
    kind: int | str
    times: int
    after: int
    message: str


class Cloud:
    """Runs by project, and everything that was asked about them."""

    def __init__(self) -> None:
        self.projects: dict[tuple[str, str], dict[str, CloudRun]] = {}
        self.asked: Counter[str] = Counter()
        self.rows_sent = 0
        self.faults: list[Fault] = []
        self.address = ""
        self.release = threading.Event()

    def add(self, run: CloudRun, project: str = "bert", entity: str = "team") -> CloudRun:
        """Put a run into a project."""
        self.projects.setdefault((entity, project), {})[run.id] = run
        return run

    def fail(
        self,
        operation: str,
        kind: int | str,
        times: int = 10**9,
        after: int = 0,
        message: str = "",
    ) -> None:
        """Let answers fail: a status, ``reset``, ``hang``, ``half``, ``garbage`` or ``error``."""
        self.faults.append(Fault(operation, kind, times, after, message))

    def forget(self) -> None:
        """Count from zero, and let nothing fail any more."""
        self.asked.clear()
        self.faults.clear()
        self.rows_sent = 0

    def fault_for(self, operation: str) -> Fault | None:
        """Return what goes wrong now, if anything does."""
        for fault in self.faults:
            if fault.operation not in (operation, "*") or not fault.times:
                continue
            if fault.after:
                fault.after -= 1
                continue
            fault.times -= 1
            return fault
        return None

    def answer(self, operation: str, known: dict[str, Any]) -> dict[str, Any]:
        """Return the data of a GraphQL answer."""
        if operation in ("Viewer", "GetDefaultEntity"):
            return {"viewer": {"id": "1", "entity": "team", "username": "demo", "email": "",
                               "flags": "{}", "teams": {"edges": []}}}  # fmt: skip
        runs = self.projects.get((known.get("entity") or "team", known.get("project", "")))
        if runs is None:
            return {"project": None}
        if operation == "Runs":
            return {"project": self._page(runs, known)}
        run = runs.get(str(known.get("name") or known.get("runName") or known.get("run")))
        if run is None:
            return {"project": {"internalId": "1", "run": None}}
        return {"project": {"internalId": "1", "run": self._of_run(operation, run, known)}}

    def _page(self, runs: dict[str, CloudRun], known: dict[str, Any]) -> dict[str, Any]:
        wanted = json.loads(known.get("filters") or "{}")
        found = [run for run in runs.values() if _fits(run, wanted)]
        order = str(known.get("order") or "+created_at")
        found.sort(key=lambda run: run.created, reverse=order.startswith("-"))
        begin = int(known.get("cursor") or 0)
        shown = found[begin : begin + int(known.get("perPage") or 50)]
        edges = [
            {"node": run.node(), "cursor": str(begin + at + 1)} for at, run in enumerate(shown)
        ]
        end = begin + len(shown)
        info = {"endCursor": str(end), "hasNextPage": end < len(found)}
        return {"internalId": "1", "runCount": len(found), "readOnly": False,
                "runs": {"edges": edges, "pageInfo": info}}  # fmt: skip

    def _of_run(self, operation: str, run: CloudRun, known: dict[str, Any]) -> dict[str, Any]:
        if operation == "RunHistoryKeys":
            return {"historyKeys": run.history_keys()}
        if operation == "RunParquetHistory":
            url = [f"{self.address}/files/{run.id}/history.parquet"] if run.exported else []
            live = [{"_step": row["_step"]} for row in run.rows[run.exported :]]
            return {"parquetHistory": {"parquetUrls": url, "liveData": live}}
        if operation == "HistoryPage":
            low, high = int(known["minStep"]), int(known["maxStep"])
            rows = [row for row in run.rows if low <= row["_step"] < high]
            self.rows_sent += len(rows)
            return {"history": [json.dumps(row) for row in rows]}
        if operation == "RunFullHistory":
            return {"events": [json.dumps(event) for event in run.events]}
        if operation == "RunFiles":
            return _files(run, known, self.address)
        if operation == "RunConsoleLogTail":
            return _console(run, max(0, len(run.console) - int(known["last"])), len(run.console))
        if operation == "RunConsoleLogPage":
            begin = int(known.get("after") or 0)
            return _console(run, begin, begin + int(known["first"]))
        return run.node()


def _fits(run: CloudRun, wanted: dict[str, Any]) -> bool:
    """Say whether a run fits a filter as the client sends it."""
    held = {"state": run.state, "display_name": run.name or run.id, "name": run.id,
            "group": run.group, "tags": run.tags, "sweep": run.sweep}  # fmt: skip
    for key, want in wanted.items():
        if key == "$and":
            fits = all(_fits(run, one) for one in want)
        elif isinstance(want, dict):
            has = held[key]
            there = has if isinstance(has, list) else [has]
            fits = any(one in there for one in want.get("$in", [])) or (
                "$regex" in want and re.search(want["$regex"], str(has)) is not None
            )
        else:
            has = held[key]
            fits = want in has if isinstance(has, list) else want == has
        if not fits:
            return False
    return True


def _files(run: CloudRun, known: dict[str, Any], address: str) -> dict[str, Any]:
    wanted = known.get("fileNames") or list(run.files)
    edges = [
        {"cursor": name, "node": {
            "id": name, "name": name, "url": f"{address}/files/{run.id}/{name}", "md5": "",
            "directUrl": f"{address}/files/{run.id}/{name}", "sizeBytes": len(run.files[name]),
            "mimetype": "text/plain", "updatedAt": run.heartbeat,
        }}
        for name in wanted if name in run.files
    ]  # fmt: skip
    info = {"endCursor": "", "hasNextPage": False}
    return {"fileCount": len(run.files), "files": {"edges": edges, "pageInfo": info}}


def _console(run: CloudRun, first: int, end: int) -> dict[str, Any]:
    edges = [
        {"node": {"number": first + at, "timestamp": "", "level": "", "label": "", "line": line}}
        for at, line in enumerate(run.console[first:end])
    ]
    info = {"endCursor": str(end), "hasNextPage": end < len(run.console)}
    return {"logLineCount": len(run.console), "logLines": {"edges": edges, "pageInfo": info}}


@contextmanager
def serving(cloud: Cloud) -> Iterator[Cloud]:
    """Serve as long as the context lasts."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.cloud = cloud
    cloud.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    ).start()
    try:
        yield cloud
    finally:
        cloud.release.set()
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    cloud: Cloud

    def handle_error(self, *_: object) -> None:
        """Say nothing: a client that gives up hangs up."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        cloud = self.server.cloud
        cloud.asked[self.path.rpartition("/")[2]] += 1
        if self._went_wrong(cloud.fault_for(self.path.rpartition("/")[2])):
            return
        _, _, run_id, name = self.path.split("/", 3)
        runs = [held[run_id] for held in cloud.projects.values() if run_id in held]
        if name == "history.parquet":
            cloud.rows_sent += runs[0].exported
            self._send(200, runs[0].parquet)
        else:
            self._send(200, runs[0].files[name])

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        found = _OPERATION.search(str(asked.get("query", "")))
        operation = found[1] if found else "?"
        cloud = self.server.cloud
        cloud.asked[operation] += 1
        if not self._went_wrong(cloud.fault_for(operation)):
            data = cloud.answer(operation, asked.get("variables") or {})
            self._send(200, json.dumps({"data": data}).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _went_wrong(self, fault: Fault | None) -> bool:
        """Fail as asked for; say whether that is what happened."""
        if fault is None:
            return False
        if fault.kind == "hang":
            self.server.cloud.release.wait()
            self.close_connection = True
        elif fault.kind == "reset":
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.close_connection = True
            with suppress(OSError):
                self.connection.close()
        elif fault.kind == "half":
            self._send(200, b'{"data": {"project": {"run": {"hist', promised=5000)
            self.close_connection = True
        elif fault.kind == "garbage":
            self._send(200, b"<html>a proxy says hello</html>")
        elif fault.kind == "error":
            self._send(200, json.dumps({"errors": [{"message": fault.message}]}).encode())
        else:
            said = {"errors": [{"message": fault.message}]} if fault.message else {}
            self._send(int(fault.kind), json.dumps(said).encode())
        return True

    def _send(self, status: int, body: bytes, promised: int = 0) -> None:
        with suppress(OSError):
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(promised or len(body)))
            if status == 429:
                self.send_header("Retry-After", "1")
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()
