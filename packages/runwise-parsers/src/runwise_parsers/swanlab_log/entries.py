"""What one record of a SwanLab log says, in whichever way its client wrote it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

SYSTEM = "__swanlab__."
"""How the keys of measurements of the machine begin."""


class Point(NamedTuple):
    """One logged number; ``time`` is Unix seconds."""

    key: str
    step: float
    time: float | None
    value: float


@dataclass(frozen=True, slots=True)
class Begin:
    """What the run says of itself at its start; older clients say it in several records."""

    texts: dict[str, str]
    tags: tuple[str, ...] = ()
    created: float | None = None


@dataclass(frozen=True, slots=True)
class End:
    """How the run ended, in W&B's words, and what stopped it."""

    state: str
    error: str = ""
    time: float | None = None


@dataclass(frozen=True, slots=True)
class Other:
    """Something logged under a key that is no number: ``kind`` says what."""

    key: str
    kind: str


@dataclass(frozen=True, slots=True)
class Line:
    """A printed line."""

    text: str
    time: float | None = None


Entry = Point | Begin | End | Other | Line
