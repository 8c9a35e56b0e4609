"""A bar on a terminal, for what takes long: nothing where nobody looks at it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from typing import TextIO

    from click._termui_impl import ProgressBar

CURSOR = "\033[?25h"
"""Shows the cursor, which click hides until its bar is at its end: it may never come to that."""
GONE = "\r\033[K"
"""Clears the line: the answer stands alone."""


class Bar:
    """Shows on stderr how much is done; it comes with the first step and goes with the last."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._shown: ProgressBar[int] | None = None

    def __call__(self, done: int, total: int) -> None:
        """Show that ``done`` of ``total`` are done."""
        stream: TextIO | None = sys.stderr
        if stream is None or not stream.isatty():
            return
        if self._shown is None:
            self._shown = click.progressbar(length=total, label=self._label, file=stream)
            self._shown.render_progress()
        self._shown.update(done - self._shown.pos)
        is_over = done >= total
        stream.write(CURSOR + GONE if is_over else CURSOR)
        stream.flush()
        self._shown = None if is_over else self._shown
