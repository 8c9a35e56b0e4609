"""One call of the command: where to look, and how to answer."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

from runwise.aside import aside

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import TextIO

    from runwise.workspace import Workspace
    from runwise_format import Document

AGENTS = ("CLAUDECODE", "GEMINI_CLI", "CURSOR_AGENT", "AIDER", "OPENCODE", "COPILOT_CLI")
AGENT_PREFIXES = ("CODEX_",)
"""Environment variables by which an agent's shell tells that an agent is calling."""
NAMED = 5
"""Runs that -v names."""


class Session:
    """The shared options of a call, and what they lead to."""

    def __init__(self) -> None:
        self.root: Path | None = None
        self.output: str | None = None
        self.max_tokens: int | None = None
        self.no_spark = False
        self.verbose = False
        self.quiet = False
        self.no_cache = False
        self.exact = False
        self.from_log = False
        self._begun = time.perf_counter()
        self._workspace: Workspace | None = None

    @property
    def workspace(self) -> Workspace:
        """The project this call is about."""
        if self._workspace is None:
            from runwise.bar import Bar  # noqa: PLC0415 - as below
            from runwise.index.catalogue import open_catalogue  # noqa: PLC0415 - as below
            from runwise.index.joining import Means  # noqa: PLC0415 - as below
            from runwise.workspace import Workspace  # noqa: PLC0415 - --help needs none

            means = Means(None, progress=None if self.quiet else Bar("reading"))
            catalogue = open_catalogue(used=not self.no_cache, exact=self.exact, means=means)
            self._workspace = Workspace(self.root, catalogue=catalogue)
            self._workspace.from_log = self.from_log
            self._workspace.remote.keep = not self.no_cache
            self._workspace.remote.tell = None if self.quiet else Bar("fetching")
        return self._workspace

    def show(self, document: Document) -> None:
        """Print an answer on stdout."""
        from runwise.show import show  # noqa: PLC0415 - as above

        show(document, self.output or chosen_output(), self.max_tokens, spark=not self.no_spark)

    def tell(self) -> None:
        """Say on stderr what was read, from where, and how long it took, if that is wanted."""
        if not self.verbose or self.quiet:
            return
        from runwise_format.safety import clean  # noqa: PLC0415 - as above

        lines = told_of(self._workspace) if self._workspace else []
        seconds = time.perf_counter() - self._begun
        aside(map(clean, [*lines, f"{seconds:.2f} s"]))


def told_of(workspace: Workspace) -> list[str]:
    """Return what was read: where runs were looked for, which were opened, what stood in the way.

    A run that is not named was not opened: what the index remembers of it was enough.
    """
    settings, catalogue = workspace.settings, workspace.catalogue
    lines = [f"looked in {', '.join(map(str, settings.roots))}", *settings.remarks]
    opened = list(catalogue.opened.values())
    lines += (f"read {one.id} ({one.source}): {one.path}" for one in opened[:NAMED])
    if len(opened) > NAMED:
        lines.append(f"read {len(opened) - NAMED} more")
    return [*lines, *filter(None, [catalogue.trouble])]


def chosen_output(env: Mapping[str, str] = os.environ, *, terminal: bool | None = None) -> str:
    """Return the output for this environment: a variable's, an agent's, a terminal's.

    >>> chosen_output({"CLAUDECODE": "1"}, terminal=True), chosen_output({}, terminal=True)
    ('compact', 'text')
    """
    if env.get("RUNWISE_FORMAT"):
        return env["RUNWISE_FORMAT"]
    if any(env.get(name) for name in AGENTS) or any(
        name.startswith(AGENT_PREFIXES) for name in env
    ):
        return "compact"
    if terminal is None:
        stream: TextIO | None = sys.stdout
        terminal = stream is not None and stream.isatty()
    return "text" if terminal else "compact"
