"""A training by Detectron2: metrics, and config and printed lines beside them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from runwise_parsers.axes import Axes
from runwise_parsers.gap import Gap
from runwise_parsers.json_log.beside import LARGEST, beginning, printed
from runwise_parsers.json_log.log import JsonLog
from runwise_parsers.json_log.run import JsonlRun
from runwise_parsers.yaml_text import load_yaml

if TYPE_CHECKING:
    from pathlib import Path

    from runwise_parsers.info import RunInfo
    from runwise_parsers.json_log.rows import Row

CONFIG, PRINTED = "config.yaml", "log.txt"
_STEP = "iteration"
_PEEK = 1 << 16
_LONGEST = re.compile(r"^ *(?:MAX_ITER|max_iter): *(\d{1,15}) *$", re.MULTILINE)


class Detectron2Log(JsonLog):
    """``metrics.json``: its rows are ordered by the iteration and have no clock."""

    def find_axes(self, head: list[Row]) -> Axes:
        """Return the iteration; ``time`` is how long one took."""
        del head
        return Axes(_STEP)


class Detectron2Run(JsonlRun):
    """Reads an output directory through its ``metrics.json``."""

    def __init__(self, info: RunInfo) -> None:
        super().__init__(info, Detectron2Log(info.path))
        self._config: dict[str, object] | None = None
        self._unread: tuple[Gap, ...] = ()

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What was found missing so far."""
        return super().gaps + self._unread

    def config(self) -> dict[str, object]:
        """Return what ``config.yaml`` holds."""
        if self._config is None:
            self._config = self._read_config()
        return dict(self._config)

    def console(self, last: int = 50) -> list[str]:
        """Return the last lines of ``log.txt``."""
        return printed(self.info.path.parent / PRINTED, last)

    def _read_config(self) -> dict[str, object]:
        text = beginning(self.info.path.parent / CONFIG, LARGEST + 1)
        try:
            tree = load_yaml(text if len(text) <= LARGEST else "")
        except ValueError as error:
            self._unread = (Gap(CONFIG, str(error), "The metrics were read."),)
            return {}
        if len(text) > LARGEST:
            self._unread = (Gap(CONFIG, "it is longer than 1 MiB", "The metrics were read."),)
        known = cast("dict[object, object]", tree) if isinstance(tree, dict) else {}
        return {str(key): value for key, value in known.items()}


def planned(folder: Path) -> float | None:
    """Return the iteration at which a training ends, as the beginning of its config says."""
    found = _LONGEST.search(beginning(folder / CONFIG, _PEEK))
    return float(found[1]) if found else None
