"""A launch of an OpenMMLab trainer: its log, and what is told of it beside the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise_parsers.json_log.beside import printed
from runwise_parsers.json_log.run import JsonlRun
from runwise_parsers.mm_log.config import config_of
from runwise_parsers.mm_log.log import log_at

if TYPE_CHECKING:
    from pathlib import Path

    from runwise_parsers.info import RunInfo


class MmRun(JsonlRun):
    """Reads one launch: metrics, configuration, printed lines."""

    def __init__(self, info: RunInfo) -> None:
        super().__init__(info, log_at(info.path))
        self._config: dict[str, object] | None = None

    def config(self) -> dict[str, object]:
        """Return the plain values of the configuration."""
        if self._config is None:
            self._config = config_of(self.info.path)
        return dict(self._config)

    def console(self, last: int = 50) -> list[str]:
        """Return the last lines of the launch's log of text."""
        return printed(_printed_at(self.info.path), last)


def _printed_at(path: Path) -> Path:
    if path.name.endswith(".log.json"):
        return path.with_name(path.name.removesuffix(".json"))
    launch = path.parent.parent
    return launch / f"{launch.name}.log"
