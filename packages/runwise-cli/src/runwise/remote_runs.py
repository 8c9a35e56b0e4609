"""Runs that live on servers, as a project meets them: asked about, fetched, kept.

What was fetched lies in the user's cache, beside the index, and a later question transfers only
what is new. Within one call, a server is asked about a run once.
"""

from __future__ import annotations

import atexit
import os
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from runwise.errors import NoSuchRun, RunwiseError, short, some
from runwise.mirrors import Mirrors, bytes_in, mirrors_folder
from runwise.words import count
from runwise_parsers.gap import Gap
from runwise_parsers.mirror_log.layout import HEAD
from runwise_parsers.remote import RemoteError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

    from runwise_parsers import RunInfo
    from runwise_parsers.remote import Remote

    Tell = Callable[[int, int], None]

NAMED = 3
"""Runs that an error names."""
_SLASHES = 2
"""In ``entity/project/id``: with fewer, a name is one of a run here, or of a path."""


class NotFetched(RunwiseError):  # noqa: N818 - read aloud, the name says what is wrong
    """A server did not give what was asked of it."""


class RemoteRuns:
    """What is asked of servers. ``allowed`` says whether any may be.

    ``tell`` is called with how much is done and how much there is, while runs are fetched.
    Without ``keep`` nothing outlives this process.
    """

    def __init__(self, *, allowed: bool = True, keep: bool = True) -> None:
        self.allowed = allowed
        self.tell: Tell | None = None
        self.keep = keep
        self._found: dict[str, RunInfo] = {}
        self._names: dict[tuple[Path, ...], str] = {}

    @cached_property
    def _folder(self) -> Path:
        if self.keep:
            return mirrors_folder()
        import shutil  # noqa: PLC0415 - few ask for nothing to be kept
        import tempfile  # noqa: PLC0415 - as above

        passing = tempfile.mkdtemp(prefix="runwise-")
        atexit.register(shutil.rmtree, passing, ignore_errors=True)
        return Path(passing)

    def claims(self, ref: str) -> bool:
        """Say whether a reference has the shape of one of a server's."""
        from runwise_parsers.remote_shelf import remote_for  # noqa: PLC0415 - few names have it

        return ("/" in ref or "://" in ref) and remote_for(ref) is not None

    def is_address(self, ref: str) -> bool:
        """Say whether a reference is the address of a server, and can be nothing else."""
        return "://" in ref and self.claims(ref)

    def name_of(self, info: RunInfo) -> str:
        """Return how a run that was fetched is named, empty for one that was not."""
        return self._names.get(info.segments, "")

    def at(self, ref: str) -> RunInfo:
        """Return the run at an address, fetched.

        Raises ``NotFetched``, and ``NoSuchRun`` where there is none or there are several.
        """
        if ref not in self._found:
            with self._asking(ref, "run") as remote, _shown(self.tell) as tell:
                infos = remote.runs(ref, self._folder)
                if len(infos) != 1:
                    raise _several(ref, infos)
                before = bytes_in(infos[0].path)
                info = remote.fetch(infos[0], self._folder, tell=tell)
                self._names[info.segments] = remote.name_of(info) or ref
            self._found[ref] = info
            if bytes_in(info.path) > before:
                Mirrors(self._folder).make_room(besides=info.path)
        return self._found[ref]

    def instead(self, ref: str, local: RunwiseError) -> RunInfo | None:
        """Return the run a name means on a server, ``None`` where it can mean none there.

        ``local`` is what is wrong with it as the name of a run here.

        Raises ``NotFetched`` and ``NoSuchRun``.
        """
        address = _address(ref) if self.allowed else ""
        if ref == "latest" and address:
            return self.newest()
        if not address or not (address != ref or self.claims(ref)):
            return None
        from runwise_parsers.extras import install_command, is_installed  # noqa: PLC0415 - as above
        from runwise_parsers.remote_shelf import remote_for  # noqa: PLC0415 - as above

        remote = remote_for(address)
        if remote is not None and remote.extra and not is_installed(remote.extra):
            remedy = f"If it is on a server: {install_command(remote.extra)}"
            raise NoSuchRun(local.problem, remedy) from local
        try:
            return self.at(address)
        except NotFetched as error:
            if "API key" not in error.problem:  # without one, a path may have been meant
                raise
            problem = f"{local.problem}; {error.problem}"
            raise NoSuchRun(problem, error.remedy) from error
        except NoSuchRun:
            if address == ref:
                raise
            return None

    def newest(self) -> RunInfo | None:
        """Return the newest run of the server that the environment names, ``None`` without one.

        Raises ``NotFetched``.
        """
        infos = self.of_project(server, limit=1) if (server := default_server()) else []
        return self.at(self.name_of(infos[0])) if infos else None

    def of_project(
        self, ref: str, *, filters: Mapping[str, object] | None = None, limit: int | None = None
    ) -> list[RunInfo]:
        """Return the runs at an address, the newest first, as the server describes them.

        Histories are left there, unless a run cannot be read at all without its own.

        Raises ``NotFetched``, and ``NoSuchRun`` where there is none.
        """
        with self._asking(ref, "list") as remote:
            infos = remote.runs(ref, self._folder, filters=filters, limit=limit)
            if not remote.is_described_ahead and not all(map(_is_kept, infos)):
                infos = self._each(remote, infos)
            return self._noted(remote, infos)

    def whole(self, ref: str, infos: Sequence[RunInfo]) -> list[RunInfo]:
        """Return runs of a project with their histories; what does not come of one is a gap."""
        with self._asking(ref, "list") as remote:
            found = self._noted(remote, self._each(remote, infos))
            Mirrors(self._folder).make_room()
            return found

    def _noted(self, remote: Remote, infos: list[RunInfo]) -> list[RunInfo]:
        self._names |= {info.segments: remote.name_of(info) for info in infos}
        return infos

    def _each(self, remote: Remote, infos: Sequence[RunInfo]) -> list[RunInfo]:
        found: list[RunInfo] = []
        with _shown(self.tell) as tell:
            for number, info in enumerate(infos):
                tell(number, len(infos))
                try:
                    found.append(remote.fetch(info, self._folder))
                except RemoteError as error:
                    if not remote.is_described_ahead and not _is_kept(info):
                        raise
                    gap = Gap("the history", error.problem, error.remedy)
                    found.append(replace(info, gaps=(*info.gaps, gap)))
        return found

    @contextmanager
    def _asking(self, ref: str, command: str) -> Generator[Remote]:
        """Give the remote of an address; what it does not give is an error a user can mend."""
        from runwise_parsers.remote_shelf import remote_for  # noqa: PLC0415 - as above

        if not self.allowed:
            problem = f"{short(ref)} is on a server, which may not be asked from here"
            raise NoSuchRun(problem, f"Ask in a shell: runwise {command} {short(ref)}")
        remote = remote_for(ref)
        if remote is None:
            raise NoSuchRun(f"{short(ref)} is no address of a server", "See: runwise sources")
        try:
            yield remote
        except RemoteError as error:
            raise NotFetched(error.problem, error.remedy) from error
        except LookupError as error:
            project = ref.rpartition("/")[0]
            near = "/" in project and "://" not in project
            see = f"See: runwise list {short(project)}" if near else "Check its spelling."
            raise NoSuchRun(str(error), see) from error


@contextmanager
def _shown(tell: Tell | None) -> Generator[Tell]:
    """Give what shows how far a fetch is, and take that away at its end, whatever that was."""
    reached = 0

    def show(done: int, there: int) -> None:
        nonlocal reached
        if tell is not None and done < there:
            reached = there
            tell(done, there)

    try:
        yield show
    finally:
        if tell is not None and reached:
            tell(reached, reached)


def _address(ref: str) -> str:
    """Return the address a name may stand for, empty where there is none."""
    if ref.count("/") == _SLASHES:
        return ref
    if (
        ref.startswith("latest~")
        or not ref
        or "/" in ref
        or not os.environ.get("MLFLOW_TRACKING_URI")
    ):
        return ""
    from runwise_parsers.mlflow_server.address import named  # noqa: PLC0415 - few set the variable

    server = default_server()
    return named(server, ref) if server else ""


def default_server() -> str:
    """Return the server whose runs are meant where none are here, empty where none is named."""
    if not os.environ.get("MLFLOW_TRACKING_URI"):
        return ""
    from runwise_parsers.mlflow_server.address import (  # noqa: PLC0415 - as above
        from_environment,
    )

    return from_environment(os.environ) or ""


def _several(ref: str, infos: Sequence[RunInfo]) -> NoSuchRun:
    known = some((f"{info.id} {info.name}".strip() for info in infos), NAMED)
    problem = f"{count(len(infos), 'run')} are at {short(ref)}: {known}"
    return NoSuchRun(problem, f"See: runwise list {short(ref)}")


def _is_kept(info: RunInfo) -> bool:
    """Say whether a description leads to something that can be opened."""
    return all((path / HEAD).is_file() for path in info.segments)
