"""Keeping a mirror: rows are appended, the head says which of them count.

    with Mirror(place) as mirror:
        seen = mirror.state()                      # what the last fetch left to go on from
        mirror.append(rows)                        # as often as rows arrive
        mirror.write(info, config, summary, state)

Rows behind the last ``write`` belong to a fetch that died: the next one cuts them off, so that
none is kept twice.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from runwise_parsers.mirror_log.head import Head, plain, read_head, write_head
from runwise_parsers.mirror_log.layout import CONSOLE, GLANCE, HISTORY, LOCK, SYSTEM, TAIL
from runwise_parsers.mirror_log.lock import locked
from runwise_parsers.mirror_log.rows import line_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path
    from types import TracebackType

    from runwise_parsers.info import RunInfo

WAIT = 20.0
"""Seconds to wait for another process that fetches the same run."""


class Mirror:
    """The mirror in a directory, made where there is none. To be entered before it is changed."""

    def __init__(self, folder: Path, *, wait: float = WAIT) -> None:
        self.folder = folder
        self._wait = wait
        self._head = Head()
        self._held = ExitStack()

    def __enter__(self) -> Mirror:  # noqa: PYI034  typing has no Self in 3.10
        """Wait for others, and cut off what a fetch that died left behind.

        Raises ``TimeoutError`` where another process does not let go, ``OSError`` where nothing
        can be kept here.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._held.enter_context(locked(self.folder / LOCK, self._wait))
        try:
            self._head = read_head(self.folder)
        except OSError:
            self._head = Head()
        for name in (HISTORY, SYSTEM):
            self._cut(name)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let others in."""
        self._held.close()

    def state(self) -> dict[str, object]:
        """Return what was given to ``write`` last; empty for a mirror that is new."""
        return dict(self._head.fetched)

    def append(self, rows: Iterable[Mapping[str, object]]) -> int:
        """Add rows of metrics: ``_step``, ``_timestamp`` (Unix seconds) where known, and values.

        Numbers are kept, NaN and infinity too, nested ones under dotted names; the media among
        the values are noted for a gap. Returns how many rows there were.
        """
        return self._add(HISTORY, rows)

    def append_system(self, rows: Iterable[Mapping[str, object]]) -> int:
        """Add rows of what was measured of the machine; ``_step`` is seconds since the start."""
        return self._add(SYSTEM, rows)

    def restart_system(self) -> None:
        """Forget what was measured of the machine: the server says all of it again."""
        (self.folder / SYSTEM).unlink(missing_ok=True)

    def glance(
        self,
        info: RunInfo,
        config: Mapping[str, object],
        summary: Mapping[str, object],
        row: Mapping[str, object],
        *,
        ref: str = "",
        url: str = "",
    ) -> RunInfo:
        """Keep what a list of runs says of one; ``row`` stands in until its history is fetched.

        What was fetched stays, and where to go on.
        """
        if not (self.folder / HISTORY).exists():
            (self.folder / GLANCE).write_bytes(line_of(row, {}))
        return self._committed(
            info, Head("", ref, url, {}, dict(config), dict(summary), fetched=self._head.fetched)
        )

    def put_console(self, data: bytes, *, whole: bool = True) -> None:
        """Keep what the run printed, all of it or its end, in place of what was kept before."""
        name, other = (CONSOLE, TAIL) if whole else (TAIL, CONSOLE)
        (self.folder / name).write_bytes(data)
        (self.folder / other).unlink(missing_ok=True)

    def restart(self) -> None:
        """Forget all rows: the run was started again on the server, or written anew."""
        for name in (HISTORY, GLANCE, SYSTEM, CONSOLE, TAIL):
            (self.folder / name).unlink(missing_ok=True)
        self._head = Head()

    def write(
        self,
        info: RunInfo,
        config: Mapping[str, object],
        summary: Mapping[str, object],
        state: Mapping[str, object],
        *,
        ref: str = "",
        url: str = "",
    ) -> RunInfo:
        """Make what was appended count, and keep what the server says of the run.

        ``info.source`` is the remote's name, ``info.gaps`` what this fetch could not get.
        Returns the run as ``open_run`` takes it.
        """
        (self.folder / HISTORY).touch()
        (self.folder / GLANCE).unlink(missing_ok=True)
        return self._committed(
            info, Head("", ref, url, {}, dict(config), dict(summary), fetched=dict(state))
        )

    def _committed(self, info: RunInfo, head: Head) -> RunInfo:
        head.remote, head.info, head.media = info.source, plain(info), self._head.media
        head.kept = {name: self._size(name) for name in (HISTORY, SYSTEM)}
        self._head = head
        write_head(self.folder, head)
        return head.described(self.folder)

    def _add(self, name: str, rows: Iterable[Mapping[str, object]]) -> int:
        media: dict[str, str] = {}
        lines = [line_of(row, media) for row in rows]
        with (self.folder / name).open("ab") as file:
            file.writelines(lines)
        self._head.media.update(media)
        return len(lines)

    def _size(self, name: str) -> int:
        path = self.folder / name
        return path.stat().st_size if path.exists() else 0

    def _cut(self, name: str) -> None:
        """Leave what the head counts; where some of that is gone, the fetch begins anew."""
        kept, size = self._head.kept.get(name, 0), self._size(name)
        if not isinstance(kept, int) or size < kept:
            self.restart()
        elif size > kept:
            with (self.folder / name).open("r+b") as file:
                file.truncate(kept)
