"""A run of a plugged source: what it fails at is answered with nothing, and a gap says so."""

from __future__ import annotations

from dataclasses import replace
from types import FunctionType
from typing import TYPE_CHECKING, Any

from runwise_parsers.complaint import fault, name_once, said
from runwise_parsers.run import Run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from runwise_parsers.gap import Gap
    from runwise_parsers.info import RunInfo
    from runwise_parsers.series import Batch, Series


class Nothing(Run):
    """A run of which nothing can be read."""

    def __init__(self, info: RunInfo) -> None:
        self._info = info

    @property
    def info(self) -> RunInfo:
        """What is known of it."""
        return self._info

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What was known to be missing."""
        return self._info.gaps

    def config(self) -> dict[str, object]:
        """Return nothing."""
        return {}

    def summary(self) -> dict[str, object]:
        """Return nothing."""
        return {}

    def metrics(self) -> tuple[str, ...]:
        """Return nothing."""
        return ()

    def since(self, cursor: str | None, names: Iterable[str] | None = None) -> Iterator[Batch]:
        """Yield nothing."""
        del cursor, names
        return iter(())

    def overview(self, rows: int) -> dict[str, Series]:
        """Return nothing."""
        del rows
        return {}

    def tail(self, rows: int) -> dict[str, Series]:
        """Return nothing."""
        del rows
        return {}


class GuardedRun(Nothing):
    """The run of a plugin. Every question a run answers is asked with care."""

    def __init__(self, info: RunInfo, run: Run) -> None:
        super().__init__(info)
        self._run = run
        self._failed: dict[Gap, None] = {}

    @property
    def info(self) -> RunInfo:
        """What the source says about the run; whose it is and where it lies stays as found."""
        try:
            info = self._run.info
            segments = info.segments or self._info.segments
            return replace(info, source=self._info.source, segments=segments)
        except Exception as error:  # noqa: BLE001  a plugin's code may raise anything
            self._fail(error)
            return self._info

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What the source found missing, and where it failed."""
        found: tuple[Gap, ...] = ()
        try:
            found = tuple(self._run.gaps)
        except Exception as error:  # noqa: BLE001  a plugin's code may raise anything
            self._fail(error)
        return tuple(dict.fromkeys((*self._info.gaps, *found, *self._failed)))

    def since(self, cursor: str | None, names: Iterable[str] | None = None) -> Iterator[Batch]:
        """Yield batches up to where the source fails; ``ValueError`` refuses a cursor."""
        try:
            yield from self._run.since(cursor, names)
        except Exception as error:  # a plugin's code may raise anything
            if cursor is not None and isinstance(error, ValueError):
                raise
            self._fail(error)

    def slices(self, size: int) -> None:
        """Return nothing: a plugin's run is read here, and in one."""
        del size

    def told(self) -> dict[str, object] | None:
        """Return what a pass learned, ``None`` where that is not everything."""
        found: dict[str, object] | None = self.ask("told")
        return None if self._failed else found

    def read_artifact(self, name: str, limit: int = 65_536) -> bytes:
        """Return the beginning of a stored file. Raises ``LookupError`` where that cannot be."""
        try:
            return self._run.read_artifact(name, limit)
        except LookupError:
            raise
        except Exception as error:  # a plugin's code may raise anything
            raise LookupError(f"{name} cannot be read: {said(error)}") from error

    def ask(self, question: str, *words: Any, **more: Any) -> Any:
        """Return the run's answer to a question, or that of a run that holds nothing."""
        try:
            return getattr(self._run, question)(*words, **more)
        except Exception as error:  # noqa: BLE001  a plugin's code may raise anything
            self._fail(error)
            return getattr(Nothing(self._info), question)(*words, **more)

    def _fail(self, error: Exception) -> None:
        name_once(self._info.source, "failed to read a run", error)
        self._failed[fault(self._info.source, error)] = None


def _asked(question: str) -> Callable[..., Any]:
    def answer(self: GuardedRun, *words: Any, **more: Any) -> Any:
        return self.ask(question, *words, **more)

    return answer


for _name, _member in vars(Run).items():
    is_question = isinstance(_member, FunctionType) and not _name.startswith("_")
    if is_question and _name not in {*vars(GuardedRun), "batches"}:  # batches asks ``since``
        setattr(GuardedRun, _name, _asked(_name))
