"""Where questions are answered: in threads, so that a slow one keeps nobody else waiting."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from threading import Event
from typing import TYPE_CHECKING, TypeVar

import anyio
from anyio import from_thread, to_thread
from mcp.server.mcpserver import Context  # noqa: TC002 - the SDK reads annotations at run time

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from runwise import Workspace
    from runwise_mcp.project import Project

    Tell = Callable[[str], None]

Answer = TypeVar("Answer")
AT_ONCE = 16
"""Questions looked into at the same time; the others wait for their turn."""
WAITING = 100
"""Questions that wait for something to happen, besides."""
BEAT = 1.0
"""Seconds after which a client is told that its question is being looked into."""


class RefusedError(Exception):
    """What a caller can mend, in words of tools."""


@dataclass(frozen=True, slots=True)
class Call:
    """One question while it is answered: the runs, and whoever waits for it.

    ``again`` looks for the runs once more.
    """

    workspace: Workspace
    again: Callable[[], Workspace]
    stop: Event
    tell: Tell


@dataclass
class Desk:
    """A project, and the threads in which it is looked into."""

    project: Project
    threads: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(AT_ONCE))
    waiting: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(WAITING))

    async def ask(
        self,
        question: Callable[[Call], Answer],
        context: Context[Desk] | None = None,
        *,
        waits: bool = False,
    ) -> Answer:
        """Answer a question about the runs as they are now; one that ``waits`` is for something.

        Where nobody waits any longer, the thread ends at the next file it would open.

        Raises ``RefusedError`` for what the caller can mend.
        """
        stop, told = Event(), _Progress(context)
        work = partial(_worked, self.project, question, stop, told)
        answers: list[Answer] = []
        failed: RefusedError | None = None
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(told.beat)
                try:
                    answers.append(
                        await to_thread.run_sync(
                            work,
                            abandon_on_cancel=True,
                            limiter=self.waiting if waits else self.threads,
                        )
                    )
                except RefusedError as error:  # the group would wrap it
                    failed = error
                group.cancel_scope.cancel()
        finally:
            stop.set()
        if failed is not None:
            raise failed
        return answers[0]


class _Progress:
    """Tells the caller that its question is alive, and what happened so far."""

    def __init__(self, context: Context[Desk] | None) -> None:
        self._context = context
        self._begun = time.monotonic()
        self._reached = 0.0

    async def beat(self) -> None:
        """Tell every second that the question is looked into."""
        while self._context is not None:
            await anyio.sleep(BEAT)
            await self._report("reading")

    def say(self, message: str) -> None:
        """Tell something from the thread that works."""
        if self._context is not None:
            from runwise_mcp.guard import lifted  # noqa: PLC0415 - the handshake must not wait

            with lifted(), suppress(RuntimeError):  # the server ends meanwhile
                from_thread.run(self._report, message)

    async def _report(self, message: str) -> None:
        spent = time.monotonic() - self._begun
        self._reached = max(spent, self._reached + 1e-3)  # it must rise
        if self._context is not None:
            await self._context.report_progress(round(self._reached, 3), None, message)


def _worked(
    project: Project, question: Callable[[Call], Answer], stop: Event, told: _Progress
) -> Answer:
    """Answer a question in a thread of its own, held to what may be read."""
    from runwise.errors import NoRuns, RunwiseError  # noqa: PLC0415 - the handshake must not wait
    from runwise_mcp.guard import Rules, confined  # noqa: PLC0415 - as above
    from runwise_mcp.wording import in_tools  # noqa: PLC0415 - as above

    rules = Rules(project.roots, project.kept(), outward=project.allow_remote, stop=stop)
    with confined(rules):
        try:
            workspace = project.workspace()
            try:
                return question(Call(workspace, project.workspace, stop, told.say))
            except NoRuns as error:
                raise RefusedError(_nothing(project, workspace, error)) from error
        except RunwiseError as error:
            said = f"{in_tools(error.problem)}. {in_tools(error.remedy)}".strip()
            raise RefusedError(said) from error
        except OSError as error:
            raise RefusedError(_unreadable(error)) from error
        except LookupError as error:
            if type(error) is not LookupError:  # a mistake of ours
                raise
            raise RefusedError(_unreadable(error)) from error


def _nothing(project: Project, workspace: Workspace, error: Exception) -> str:
    """Return what to do where no run is: allow a directory that the project names, perhaps."""
    from runwise_mcp.wording import in_tools  # noqa: PLC0415 - as above

    refused = project.refused(workspace)
    problem, _, remedy = str(error).partition("\n")
    if refused:
        remedy = not_allowed(refused)
    return f"{problem}. {in_tools(remedy)}"


def not_allowed(places: list[Path]) -> str:
    """Return what is said of directories that settings name and nobody allowed to be read."""
    from runwise.errors import short  # noqa: PLC0415 - as above

    place = short(str(places[0].absolute()), 80)
    return f"the settings name {place}, outside the roots: --root {place} allows it"


def _unreadable(error: Exception) -> str:
    from runwise.errors import short  # noqa: PLC0415 - as above

    return f"{short(str(error), 120)}. Check that it may be read, or call list_runs."
