"""The writers of one run: one after another as a rule, several at once in shared mode.

A resumed run has a directory for each time, of one writer. In W&B's shared mode, or where
processes of a distributed training were given the same run id, several directories are written at
the same time. Their clocks tell them apart: who begins before another one has ended does not
resume it. Whose turn comes after several have ended, the labels say that shared mode gives to
writers; without a match, W&B's server would number the rows behind all others, as we do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runwise_parsers.wandb_log.told import Told

_SKEW = 10.0
"""Seconds by which the clocks of two machines may differ."""


def writers_of(told: Sequence[Told]) -> list[list[Told]]:
    """Return the directories of each writer, oldest first; the primary writer comes first.

    ``told`` are the directories of a run, oldest first.
    """
    writers: list[list[Told]] = []
    for one in told:
        ended = [parts for parts in writers if _goes_on(parts[-1], one)]
        own = [parts for parts in ended if parts[-1].label == one.label]
        for parts in (own or ended)[:1]:
            parts.append(one)
        if not ended:
            writers.append([one])
    return sorted(writers, key=lambda parts: not any(map(_is_primary, parts)))


def labels_of(writers: Sequence[Sequence[Told]]) -> tuple[str, ...]:
    """Return a name for each writer: its label, or its place among them."""
    labels: list[str] = []
    for number, parts in enumerate(writers, start=1):
        label = next((one.label for one in parts if one.label), "")
        labels.append(label if label and label not in labels else f"writer {number}")
    return tuple(labels)


def _goes_on(before: Told, later: Told) -> bool:
    """Say whether a directory may be the same writer's next.

    The service outlives a process that was killed, so the last row is its end; in shared mode
    many writers log no row, only what is measured of their machines.
    """
    if later.description.rewound is not None:
        return True
    if before.description.shared and later.description.shared:
        end = before.description.newest
        return end is None or later.begun > end
    return before.last_time is None or later.begun > before.last_time - _SKEW


def _is_primary(one: Told) -> bool:
    """Say whether a writer describes the run: only the primary one notes its surroundings."""
    return bool(one.description.args or one.description.run.get("program"))
