"""What a project calls its metrics: the schema of ``runwise.json``, as runwise 0.5 had it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, cast

import orjson

from runwise.errors import BadSetting
from runwise.settings_file.checking import check, schema

if TYPE_CHECKING:
    from collections.abc import Mapping


class MetricStyle(TypedDict, total=False):
    """How a metric is shown, and which of its ends is better."""

    display: str
    format: str
    higher_is_better: bool


@dataclass
class MetricGroup:
    """Metrics that a summary shows under one heading."""

    name: str
    display_name: str
    metrics: dict[str, MetricStyle] = field(default_factory=dict[str, MetricStyle])


@dataclass
class MetricSchema:
    """Names of the metrics that matter in a project."""

    loss_key: str = "train/loss"
    step_key: str = "_step"
    primary_metric: str = "train/accuracy"
    primary_metric_name: str = "Accuracy"
    groups: list[MetricGroup] = field(default_factory=list[MetricGroup])
    per_step_pattern: str | None = None
    num_steps: int = 0
    validation_sets: dict[str, str] = field(default_factory=dict[str, str])
    custom_analyzers: list[Any] = field(default_factory=list[Any])

    @classmethod
    def default(cls) -> MetricSchema:
        """Return the schema of a project that says nothing."""
        return cls()

    @classmethod
    def from_file(cls, path: str | Path) -> MetricSchema:
        """Read a schema from a JSON file. Raises ``BadSetting``."""
        try:
            tree: object = orjson.loads(Path(path).read_bytes())
        except (OSError, orjson.JSONDecodeError) as error:
            raise BadSetting(f"{path} cannot be read: {error}", "Mend or remove it.") from error
        return schema_of(tree, str(path))


def schema_of(tree: object, where: str) -> MetricSchema:
    """Return a schema as it was written. Raises ``BadSetting`` for what it may not hold."""
    check(tree, where, schema()["$defs"]["schema"])
    known = dict(cast("Mapping[str, Any]", tree))
    groups = [
        MetricGroup(one["name"], one.get("display_name", one["name"]), one.get("metrics", {}))
        for one in known.pop("groups", [])
    ]
    return MetricSchema(**known, groups=groups)
