"""W&B's cloud: runs and projects through W&B's own client, the extra ``[wandb]``.

    team/bert/3k9x1mzp, https://wandb.ai/team/bert/runs/3k9x1mzp      a run
    team/bert, https://wandb.ai/team/bert                             a project

``WANDB_BASE_URL``, ``WANDB_API_KEY`` and ``WANDB_HTTP_TIMEOUT`` mean what they mean to the client.
A history is exported whole, once: later fetches ask for the steps behind the last one, a run that
has not changed is not asked for any.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

from runwise_parsers.mirror_log.layout import mirror_place
from runwise_parsers.remote import Remote, RemoteError
from runwise_parsers.wandb_cloud.address import Address, address_of

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping
    from pathlib import Path

    from runwise_parsers.info import RunInfo

_PAGE = 50


class WandbCloud(Remote):
    """Runs of W&B's cloud, or of a W&B server."""

    name = "wandb-cloud"
    order = 20
    reads = "W&B's cloud: ENTITY/PROJECT/ID, https://wandb.ai/..."
    extra = "wandb"

    def __init__(self) -> None:
        self._met: dict[Path, Any] = {}

    def claims(self, ref: str) -> bool:
        """Say whether a reference has the shape of a run or project of W&B."""
        return address_of(ref, os.environ) is not None

    def name_of(self, info: RunInfo) -> str:
        """Return ``entity/project/id``."""
        return f"{info.project}/{info.id}"

    def runs(
        self,
        ref: str,
        keep: Path,
        *,
        filters: Mapping[str, object] | None = None,
        limit: int | None = None,
    ) -> list[RunInfo]:
        """Return the run, or the newest runs of a project, as the server describes them.

        ``filters``: ``state``, ``name`` (a regular expression), ``group``, ``sweep``, ``tags``
        (any of them), and ``mongo`` for W&B's own, as a mapping.
        """
        from runwise_parsers.wandb_cloud.asking import as_query  # noqa: PLC0415  where a server is asked
        from runwise_parsers.wandb_cloud.bringing import glanced  # noqa: PLC0415  see above
        from runwise_parsers.wandb_cloud.describe import described  # noqa: PLC0415  see above

        address = address_of(ref, os.environ)
        if address is None:
            raise LookupError(f"{ref} is no run or project of W&B")
        wanted = as_query(filters or {})
        with _asking(address) as api:
            if address.run:
                run = api.run(str(address))
                place = _place(keep, run)
                self._met = {place: run}  # the next fetch is of this one, and need not ask again
                return [described(run, place, {})]
            size = min(_PAGE, limit or _PAGE)
            found = api.runs(
                str(address), filters=wanted, order="-created_at", per_page=size, lazy=False
            )
            return [glanced(run, _place(keep, run)) for run in islice(found, limit)]

    def fetch(
        self, info: RunInfo, keep: Path, *, tell: Callable[[int, int], None] | None = None
    ) -> RunInfo:
        """Bring a run here, or what is new of it; what does not come is a gap."""
        from runwise_parsers.mirror_log.keeping import Mirror  # noqa: PLC0415  where a server is asked
        from runwise_parsers.wandb_cloud.bringing import brought  # noqa: PLC0415  see above

        del keep  # where a run is kept stands in its description
        entity, _, project = info.project.partition("/")
        address = Address(entity, project, info.id)
        with _asking(address) as api:
            run = self._met.pop(info.path, None) or api.run(str(address))
            try:
                with Mirror(info.path) as mirror:
                    return brought(run, mirror, tell or (lambda _done, _all: None))
            except TimeoutError as error:
                said = f"another process is fetching {address}"
                raise RemoteError(said, "Ask again when it is through.") from error


@contextmanager
def _asking(address: Address) -> Generator[Any]:
    """Give the client's way to the server; what it raises inside becomes an error of ours."""
    from runwise_parsers.wandb_cloud.client import api_of, quiet_client  # noqa: PLC0415  see above
    from runwise_parsers.wandb_cloud.failures import in_words, is_absence  # noqa: PLC0415  see above

    try:
        with in_words(str(address)), quiet_client() as wandb:
            yield api_of(wandb, address.entity)
    except RemoteError as error:
        if error.__cause__ is not None and is_absence(error.__cause__):
            raise LookupError(_absent(address)) from error
        raise


def _place(keep: Path, run: Any) -> Path:
    from runwise_parsers.wandb_cloud.client import server  # noqa: PLC0415  see above

    return mirror_place(keep, WandbCloud.name, server(), [run.entity, run.project, run.id])


def _absent(address: Address) -> str:
    if address.run:
        where = Address(address.entity, address.project)
        return f"there is no run {address.run} in {where}, or this key may not see it"
    return f"there is no project {address}, or this key may not see it"
