"""MLflow tracking servers, by the URL in the browser or in ``MLFLOW_TRACKING_URI``.

What speaks to a server is imported when one is asked: all remotes are loaded for every question.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from runwise_parsers.mlflow_server.address import Address, address_of, from_environment, is_ours
from runwise_parsers.remote import Remote, RemoteError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from runwise_parsers.info import RunInfo
    from runwise_parsers.mlflow_server.rest import Server


class MlflowServer(Remote):
    """Runs of an MLflow tracking server, over REST.

    ``timeout`` is how long it may be silent, ``pauses`` what is waited before it is asked again.
    """

    name = "mlflow-server"
    order = 30
    reads = "http://host:port, or as copied from the browser"

    def __init__(self, *, timeout: float = 20.0, pauses: tuple[float, ...] = (0.5, 2.0)) -> None:
        self._patience = timeout, pauses
        self._places: dict[Path, Address] = {}

    def claims(self, ref: str) -> bool:
        """Say whether a reference is the URL of a server, or an id on the one we know."""
        return is_ours(ref, os.environ)

    def name_of(self, info: RunInfo) -> str:
        """Return the URL of a run, or its id on the server of ``MLFLOW_TRACKING_URI``."""
        address = self._places.get(info.path)
        if address is None:
            return ""
        known = from_environment(os.environ)
        return info.id if known == f"{address.root}/#/" else address.url

    def runs(
        self,
        ref: str,
        keep: Path,
        *,
        filters: Mapping[str, object] | None = None,
        limit: int | None = None,
    ) -> list[RunInfo]:
        """Return the runs of a server, an experiment, or the one a reference names.

        ``filters`` may hold ``state``, ``name``, ``project`` (an experiment) and ``filter``, in
        MLflow's own language. Deleted runs are ``deleted``. Raises ``RemoteError``, and
        ``LookupError`` where there is no such run or experiment.
        """
        from runwise_parsers.mirror_log.layout import mirror_place  # noqa: PLC0415  see above
        from runwise_parsers.mlflow_server.fetching import glanced  # noqa: PLC0415  see above
        from runwise_parsers.mlflow_server.runs import Described, number_of  # noqa: PLC0415  see above
        from runwise_parsers.mlflow_server.search import found  # noqa: PLC0415  see above

        address = address_of(ref, os.environ)
        server = self._server(address)
        infos: list[RunInfo] = []
        described = Described(server, self.name)
        for run, info in found(server, address, described, filters or {}, limit):
            number = number_of(run)
            place = mirror_place(keep, self.name, address.root, [number, info.id])
            here = self._places[place] = replace(address, experiment=number, run=info.id)
            infos.append(glanced(run, replace(info, segments=(place,)), here.url))
        return infos

    def fetch(
        self, info: RunInfo, keep: Path, *, tell: Callable[[int, int], None] | None = None
    ) -> RunInfo:
        """Bring a run's metrics here, or what is new of them. ``tell`` counts points.

        Raises ``RemoteError``, and ``LookupError`` where the run is gone.
        """
        from runwise_parsers.mlflow_server.fetching import bring  # noqa: PLC0415  see above
        from runwise_parsers.mlflow_server.runs import Described  # noqa: PLC0415  see above
        from runwise_parsers.mlflow_server.search import one_run  # noqa: PLC0415  see above

        del keep  # the run brings its place
        address = self._places.get(info.path) or _kept_address(info)
        server = self._server(address)
        run = one_run(server, info.id)
        now = replace(Described(server, self.name).info(run), segments=info.segments)
        try:
            return bring(server, run, now, address.url, tell)
        except RemoteError:
            raise
        except TimeoutError as error:
            remedy = "Ask again when it is through."
            raise RemoteError("another process is fetching this run", remedy) from error
        except OSError as error:
            said = (error.strerror or type(error).__name__).lower()
            remedy = "Make room in the cache, or see that it may be written to."
            raise RemoteError(f"what was fetched cannot be kept: {said}", remedy) from error

    def _server(self, address: Address) -> Server:
        from runwise_parsers.mlflow_server.rest import Server  # noqa: PLC0415  see above

        timeout, pauses = self._patience
        return Server(address, timeout=timeout, pauses=pauses)


def _kept_address(info: RunInfo) -> Address:
    """Return where a run was fetched from, as its mirror says."""
    from runwise_parsers.mirror_log.head import read_head  # noqa: PLC0415  see above

    try:
        return replace(address_of(read_head(info.path).url, os.environ), run=info.id)
    except (OSError, LookupError) as error:
        problem = f"it is not known which server holds run {info.id}"
        raise RemoteError(problem, "Name it by the URL that the browser shows.") from error
