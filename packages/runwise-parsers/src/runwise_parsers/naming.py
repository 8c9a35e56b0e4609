"""Ids for runs that bring none: their place in the project, as a person would type it.

    exps/big/metrics.jsonl                    exps/big
    exps/big/lightning_logs/version_0/...     exps/big, or with version_1 beside it
                                              exps/big/lightning_logs/version_0
    lightning_logs/version_0/metrics.csv      lightning_logs/version_0: nothing else says anything
    train/log.csv, val/log.csv                train, val

Names that tell nothing are dropped from the end, as long as what is left means one run.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from runwise_parsers.source import Claim

Parts = tuple[str, ...]

GENERIC_NAMES = frozenset({
    "events", "history", "log", "logs", "metrics", "progress", "results", "scalars", "stats",
    "summary", "train", "train_history", "train_log", "train_metrics", "trainer_log",
    "trainer_state", "training", "training_history", "training_log", "training_metrics",
})  # fmt: skip
"""Names of files, without what stands behind the first dot, that say nothing about a run."""
_FOLDERS = re.compile(
    r"version_\d+|(?:(?:lightning|tb|tensorboard|csv|json|train|training)_?)?logs?|tb|tensorboard"
    r"|metrics|events|history|scalars|results?|vis_data|dvclive|out|outputs?|checkpoints?"
)
"""Names of directories that do not either."""


def is_generic(name: str) -> bool:
    """Say whether a file's name tells nothing: ``metrics.csv``, ``events.out.tfevents.1``.

    >>> is_generic("train_log.jsonl"), is_generic("lr3.jsonl")
    (True, False)
    """
    return name.partition(".")[0].lower() in GENERIC_NAMES


def names(claims: Collection[Claim], base: Path) -> dict[Claim, str]:
    """Return an id for each claim, unique among them, from its place below ``base``."""
    full = {claim: _relative(claim, base) for claim in claims}
    beside = Counter(parts[:-1] for parts in full.values())
    below = Counter(parts[:end] for parts in full.values() for end in range(1, len(parts)))
    ends: dict[Claim, int] = {}
    for claim, parts in full.items():
        alone = len(parts) > 1 and beside[parts[:-1]] == 1
        end = len(parts) - (alone and _is_log_of_directory(claim))
        ends[claim] = _shortest(parts[:end], below)
    while longer := [one for one in _clashes(full, ends) if ends[one] < len(full[one])]:
        for claim in longer:
            ends[claim] += 1
    ids = {claim: parts[: ends[claim]] for claim, parts in full.items()}
    for claim in _clashes(full, ends):
        ids[claim] = (*ids[claim][:-1], claim.paths[-1].name)
    return {claim: "/".join(parts) for claim, parts in ids.items()}


def opened(claim: Claim) -> str:
    """Return the id of a run that was opened by its path: from its last telling name on."""
    parts = (claim.parent / claim.key).absolute().parts[1:]
    end = len(parts) - (_is_log_of_directory(claim) and len(parts) > 1)
    begin = end - 1
    while begin > 0 and _tells_nothing(parts[begin]):
        begin -= 1
    return "/".join(parts[begin:end])


def _is_log_of_directory(claim: Claim) -> bool:
    """Say whether a claim is called by a file that tells nothing beside its directory's name."""
    place = claim.parent / claim.key
    is_file = all(place not in (one, one.parent) for one in claim.paths)
    return is_file and (claim.whole or is_generic(claim.key))


def _shortest(parts: Parts, below: Mapping[Parts, int]) -> int:
    """Return how many parts are enough: up to the last telling one, unless others share it."""
    last = len(parts)
    while last > 1 and _tells_nothing(parts[last - 1]) and below[parts[: last - 1]] == 1:
        last -= 1
    return len(parts) if _tells_nothing(parts[last - 1]) else last


def _clashes(full: Mapping[Claim, Parts], ends: Mapping[Claim, int]) -> list[Claim]:
    taken = Counter(parts[: ends[claim]] for claim, parts in full.items())
    return [claim for claim, parts in full.items() if taken[parts[: ends[claim]]] > 1]


def _relative(claim: Claim, base: Path) -> Parts:
    path = claim.parent / claim.key
    for root in (base, base.resolve()):
        try:
            return path.relative_to(root).parts or (root.resolve().name,)
        except ValueError:
            continue
    return path.parts[-2:]


def _tells_nothing(name: str) -> bool:
    return _FOLDERS.fullmatch(name.lower()) is not None
