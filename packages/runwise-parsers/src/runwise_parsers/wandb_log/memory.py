"""What a pass over W&B logs learned besides the curves, for the next one to go on from."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, cast

from runwise_parsers.wandb_log.description import Description
from runwise_parsers.wandb_log.summary import Summaries, Tally

if TYPE_CHECKING:
    from collections.abc import Mapping

_TREES = ("config", "summary", "earlier")


def written(description: Description, summaries: Summaries, media: Mapping[str, str]) -> Any:
    """Return all that ``config``, ``summary`` and the gaps of media are made of."""
    return {
        **{name: getattr(description, name) for name in _TREES},
        "aggregates": {name: list(parts) for name, parts in description.aggregates.items()},
        "last": summaries.last,
        "internal": list(summaries.internal),
        "tallies": {name: asdict(tally) for name, tally in summaries.tallies.items()},
        "media": dict(media),
    }


def taken_back(told: Mapping[str, object]) -> tuple[Description, Summaries, dict[str, str]]:
    """Return what ``written`` was given. Raises ``ValueError`` for anything else."""
    try:
        plain = cast("dict[str, Any]", told)
        description = Description(
            config=dict(plain["config"]),
            summary=dict(plain["summary"]),
            earlier=dict(plain["earlier"]),
        )
        for name, parts in plain["aggregates"].items():
            description.aggregates[name] = tuple(parts)
        tallies = {name: Tally(**tally) for name, tally in plain["tallies"].items()}
        summaries = Summaries(dict(plain["last"]), dict.fromkeys(plain["internal"]), tallies)
        return description, summaries, dict(plain["media"])
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("this is not what a W&B run told") from error
