"""What event files lack, and what laying them out changed, said as gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise_parsers.gap import Gap

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from runwise_parsers.tensorboard_log.launches import Part
    from runwise_parsers.tensorboard_log.notes import Notes

_NAMED = 5


def gaps_of(parts: Sequence[Part], *, running: bool) -> Iterable[Gap]:
    """Yield what reading the files of a run met.

    A last record that is not all there is no news where the run is still writing it, or where a
    later file of the same writer goes on from there.
    """
    shift = 0.0
    for number, part in enumerate(parts):
        name, losses = part.file.path.name, part.file.losses
        if part.shift != shift:
            shift = part.shift
            because = "the restarted training began to count again"
            yield Gap(
                f"the step count of {name}", because, f"Its steps are shown {shift:.0f} higher."
            )
        if part.dropped:
            because = "the restarted training replayed their steps"
            what = f"{_counted(part.dropped, 'point')} of {name}"
            yield Gap(what, because, "The replayed points are shown.")
        yield from _losses(part)
        later = any(one.writer.below == part.writer.below for one in parts[number + 1 :])
        if losses.torn and not running and not later:
            because = "the file ends inside it"
            yield Gap(f"the last record of {name}", because, "The writer died writing it.")


def _losses(part: Part) -> Iterable[Gap]:
    name, losses = part.file.path.name, part.file.losses
    rest = "All others were read."
    if losses.failed:
        yield Gap(f"the rest of {name}", losses.failed, "Check that the file may be read.")
    if losses.lost:
        yield Gap(f"{_counted(losses.lost, 'byte')} of {name}", "they are no records", rest)
    if losses.broken:
        yield Gap(f"{_counted(losses.broken, 'record')} of {name}", "wrong checksum", rest)
    if losses.large:
        because = "larger than 16 MB"
        yield Gap(f"{_counted(losses.large, 'record')} of {name}", because, rest)


def media_gap(notes: Notes) -> Gap | None:
    """Return the gap of what was logged besides numbers, ``None`` if nothing was."""
    if not notes.media:
        return None
    named = [f"{name} ({kind})" for name, kind in list(notes.media.items())[:_NAMED]]
    more = len(notes.media) - len(named)
    some = ", ".join(named) + (f" and {more} more" if more else "")
    return Gap(f"media {some}", "only numbers are read", "Look at them in TensorBoard.")


def nothing_gap(others: Mapping[str, int]) -> Gap:
    """Return the gap of a run whose files hold no scalars."""
    held = ", ".join(_counted(count, kind) for kind, count in others.items())
    because = f"the event files hold {held} only" if held else "the event files hold no events"
    return Gap("scalars", because, "Nothing was logged that can be charted.")


def _counted(count: int, noun: str) -> str:
    """Return a count with its noun.

    >>> _counted(2, "graph"), _counted(1, "run metadata"), _counted(2, "text")
    ('2 graphs', '1 run metadata', '2 texts')
    """
    many = "" if count == 1 or noun.endswith(("data", "s")) else "s"
    return f"{count} {noun}{many}"
