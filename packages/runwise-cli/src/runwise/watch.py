"""``runwise watch``: follow a run and print what is new, a line each."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from runwise.errors import BadSetting, short
from runwise.filters.grammar import number_of, terms_of
from runwise.following import MET, End, Wish, follow
from runwise.history import pick
from runwise.session import chosen_output
from runwise.show import wants_colour, write_line
from runwise.watch_lines import json_of, line_of
from runwise.watching import Rows, Watched

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

    from runwise.session import Session


def wish_of(terms: Sequence[str], severity: str, timeout: str) -> Wish:
    """Return what somebody waits for. Raises ``BadFilter`` and ``BadSetting``."""
    return Wish(terms_of(terms), severity, _seconds(timeout))


def watch(session: Session, ref: str, keys: Sequence[str], interval: float, wish: Wish) -> int:
    """Print what is new of a run until it ends; return the exit code.

    Raises ``NoRuns`` and ``NoSuchRun``.
    """
    as_json = (session.output or chosen_output()) in ("json", "ndjson")
    stream: TextIO | None = sys.stdout
    colour = not as_json and stream is not None and wants_colour(stream)
    shown: Sequence[str] = ()
    for event in follow(session.workspace, ref, wish, interval):
        if isinstance(event, Watched) and keys:
            shown = pick(keys, list(event.learned.metrics)) if event.learned.metrics else keys
        if isinstance(event, Rows) and shown and not set(shown) & event.metrics.keys():
            continue
        write_line(json_of(event, shown) if as_json else line_of(event, shown, colour=colour))
        if isinstance(event, End):
            return event.code
    return MET


def _seconds(text: str) -> float | None:
    if not text:
        return None
    seconds = number_of("age", text)
    if seconds is None:
        raise BadSetting(f"--timeout {short(text)} is no time", "Write 90s, 30min or 2h.")
    return seconds
