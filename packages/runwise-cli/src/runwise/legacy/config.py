"""The configuration object of runwise 0.5."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runwise.beginning import write_settings
from runwise.config import Settings, read_settings
from runwise.settings_file.metric_schema import MetricSchema

if TYPE_CHECKING:
    from collections.abc import Mapping

LOGS = ("logs", "outputs")
"""Where 0.5 looked for logs, the first that is there."""


@dataclass
class RunwiseConfig:
    """Where runs are, and what a project calls its metrics."""

    wandb_dir: Path = field(default_factory=lambda: Path("wandb"))
    logs_dir: Path = field(default_factory=lambda: Path("logs"))
    project_name: str = "ML Project"
    schema: MetricSchema = field(default_factory=MetricSchema.default)
    anomaly_config: Mapping[str, Any] | None = None
    downsample_interval: int = 1000
    max_validation_history: int = 10

    @classmethod
    def auto_detect(cls, project_root: str | Path | None = None) -> RunwiseConfig:
        """Return the configuration of a project, from its files and the environment.

        Raises ``BadSetting`` for settings that cannot be used.
        """
        known = read_settings(Path(project_root) if project_root is not None else None)
        root = known.root
        return cls(
            wandb_dir=root / "wandb",
            logs_dir=next(filter(Path.is_dir, (root / name for name in LOGS)), root / "logs"),
            project_name=known.project or "ML Project",
            schema=known.schema or MetricSchema.default(),
            anomaly_config=known.wishes or None,
            downsample_interval=known.interval,
        )

    def save(self, path: str | Path) -> None:
        """Write the configuration as ``runwise.json``, over one that is there."""
        target = Path(path)
        schema = {key: value for key, value in asdict(self.schema).items() if value is not None}
        tree: dict[str, Any] = {
            "project_name": self.project_name,
            "wandb_dir": str(self.wandb_dir),
            "logs_dir": str(self.logs_dir),
            "downsample_interval": self.downsample_interval,
            "max_validation_history": self.max_validation_history,
            "schema_inline": schema,
        }
        if self.anomaly_config:
            tree["anomaly_detection"] = dict(self.anomaly_config)
        folder = target if target.is_dir() else target.parent
        write_settings(folder, tree, force=True, name=target.name if folder != target else "")

    def settings(self) -> Settings:
        """Return this configuration as the rest of runwise takes it."""
        root = self.wandb_dir.parent if self.wandb_dir.name == "wandb" else Path()
        places = [path for path in (self.wandb_dir, self.logs_dir) if path.exists()]
        known = read_settings(root if root.is_dir() else None)
        roots = known.roots if all(_below(path, known.roots) for path in places) else tuple(places)
        return Settings(
            root=known.root,
            roots=roots or known.roots,
            project=self.project_name,
            primary=self.schema.primary_metric,
            primary_name=self.schema.primary_metric_name,
            roles=dict(known.roles),
            wishes=dict(self.anomaly_config or known.wishes),
            schema=self.schema if self.schema != MetricSchema.default() else None,
            interval=self.downsample_interval,
        )


def _below(path: Path, roots: tuple[Path, ...]) -> bool:
    real = path.resolve()
    return any(root.resolve() in (real, *real.parents) for root in roots)
