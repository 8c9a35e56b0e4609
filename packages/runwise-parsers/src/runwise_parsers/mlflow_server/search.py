"""The runs a reference and a filter mean, the newest first."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from runwise_parsers.mlflow_server.address import RUN_ID
from runwise_parsers.mlflow_server.fields import inner, listed
from runwise_parsers.mlflow_server.runs import id_of, name_of, pages
from runwise_parsers.mlflow_server.trouble import Answered
from runwise_parsers.mlflow_store.records import RUN_NAME
from runwise_parsers.remote import RemoteError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runwise_parsers.info import RunInfo
    from runwise_parsers.mlflow_server.address import Address
    from runwise_parsers.mlflow_server.rest import Json, Server
    from runwise_parsers.mlflow_server.runs import Described

FILTERS = ("state", "name", "project", "filter")
"""Words by which runs may be picked; ``filter`` is in MLflow's own language."""
_ENDS = {"finished": "FINISHED", "failed": "FAILED", "killed": "KILLED"}
_AT_ONCE = 200


def found(
    server: Server,
    address: Address,
    described: Described,
    filters: Mapping[str, object],
    limit: int | None,
) -> list[tuple[Json, RunInfo]]:
    """Return the runs an address means, each with what it says.

    Raises ``RemoteError``, and ``LookupError`` where there is no such run or experiment.
    """
    for word in filters:
        if word not in FILTERS:
            known = ", ".join(FILTERS)
            raise RemoteError(f"MLflow's runs have no {word} to pick by", f"Pick by: {known}.")
    if address.run:
        runs = _named(server, address, described)
    else:
        asked = address.experiment or str(filters.get("project", ""))
        runs = _searched(server, described.experiments.ids(asked), _where(filters))
    pairs = ((run, described.info(run)) for run in runs if id_of(run))
    kept = (pair for pair in pairs if _fits(pair[1], filters))
    picked = list(islice(kept, limit))
    if address.run and not picked:
        raise LookupError(f"{server.root} has no run {address.run[:80]!r}")
    return picked


def one_run(server: Server, run: str) -> Json:
    """Return a run by its id. Raises ``LookupError`` where there is none."""
    try:
        return inner(server.get("runs/get", run_id=run), "run")
    except Answered as error:
        if error.missing:
            raise LookupError(f"{server.root} has no run {run[:80]!r}") from error
        raise


def _named(server: Server, address: Address, described: Described) -> list[Json]:
    """Return the run with an id, or those with a name."""
    if RUN_ID.fullmatch(address.run):
        return [one_run(server, address.run)]
    quote = _quoted(address.run)
    where = f'tags."{RUN_NAME}" = {quote}' if quote else ""
    runs = _searched(server, described.experiments.ids(address.experiment), where)
    return [run for run in runs if name_of(run) == address.run]


def _searched(server: Server, experiments: list[str], where: str) -> Iterator[Json]:
    """Yield runs, the newest first; of very many experiments, some experiments at a time."""
    for first in range(0, len(experiments), _AT_ONCE):
        body: Json = {
            "experiment_ids": experiments[first : first + _AT_ONCE],
            "run_view_type": "ALL",
            "order_by": ["attributes.start_time DESC"],
        }
        for page in pages(server, "runs/search", {**body, "filter": where} if where else body):
            yield from listed(page, "runs")


def _where(filters: Mapping[str, object]) -> str:
    """Return what the server itself can pick by, in its own language."""
    parts = [str(filters["filter"])] if filters.get("filter") else []
    state = _ENDS.get(str(filters.get("state", "")))
    if state:
        parts.append(f"attributes.status = '{state}'")
    name = _quoted(str(filters.get("name", "")))
    if filters.get("name") and name:
        parts.append(f'tags."{RUN_NAME}" = {name}')
    return " and ".join(parts)


def _quoted(word: str) -> str:
    """Return a word as MLflow's language quotes it, nothing where it cannot."""
    if "\\" in word:
        return ""
    return f"'{word}'" if "'" not in word else f'"{word}"' if '"' not in word else ""


def _fits(info: RunInfo, filters: Mapping[str, object]) -> bool:
    return all(
        not filters.get(word) or getattr(info, word) == filters[word] for word in ("state", "name")
    )
