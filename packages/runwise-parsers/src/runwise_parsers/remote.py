"""A remote: runs that live on a server, brought here and read like any others.

Adding a server is adding one file to ``remotes/`` that holds one subclass of ``Remote``. A remote
copies what it fetches into a directory of its own (``keep``), incrementally, so that asking twice
transfers only what is new; what it returns is opened with ``open_run`` like a local run.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from runwise_parsers.info import RunInfo


class RemoteError(OSError):
    """A server did not give what was asked of it: what happened, and what to do about it."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem}\n{remedy}")
        self.problem = problem
        self.remedy = remedy


class Remote(ABC):
    """One kind of server.

    ``extra`` is the extra of this distribution whose packages it needs. ``tell`` is called with
    rows fetched and rows there are (0 where unknown), for a progress bar.
    """

    name: ClassVar[str]
    order: ClassVar[int] = 50
    reads: ClassVar[str] = ""
    extra: ClassVar[str] = ""
    is_described_ahead: ClassVar[bool] = False
    """Whether runs are described without being here: opened before ``fetch``, one is empty."""

    @abstractmethod
    def claims(self, ref: str) -> bool:
        """Say whether a reference has the shape of ours; asks no server."""

    def name_of(self, info: RunInfo) -> str:
        """Return a reference that names a run ``runs`` described, empty where none is known."""
        del info
        return ""

    @abstractmethod
    def runs(
        self,
        ref: str,
        keep: Path,
        *,
        filters: Mapping[str, object] | None = None,
        limit: int | None = None,
    ) -> list[RunInfo]:
        """Return the runs a reference names (one, or a project's), the newest first, described.

        Raises ``RemoteError``, and ``LookupError`` where no such run or project is.
        """

    @abstractmethod
    def fetch(
        self, info: RunInfo, keep: Path, *, tell: Callable[[int, int], None] | None = None
    ) -> RunInfo:
        """Bring a run here, or what is new of it, and return it as ``open_run`` takes it.

        Raises ``RemoteError``.
        """
