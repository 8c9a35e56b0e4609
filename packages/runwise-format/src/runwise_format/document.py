"""A report before anybody decided how it looks: a document made of blocks.

Blocks hold raw numbers and say what they are (a key, roles, units); outputs choose digits,
order of characters and colour. A block with nothing in it is never shown.

``importance`` decides what a token budget takes away first: the lowest number goes first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runwise_format.cells import Cell, Scalar

Branch: TypeAlias = "Mapping[str, Cell | Branch]"

ENVELOPE: tuple[str, ...] = ("kind", "schema", "title", "verdict", "dropped", "more")


def _no_scalars() -> Mapping[str, Scalar]:
    return {}


def _no_labels() -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    ``key`` is its name in JSON, ``label`` what people and agents read (the key, if empty).

    ``role`` says what the cells mean. Outputs know ``name``, ``state`` and ``text`` (words),
    ``number``, ``trend``, ``step`` (shown exactly), ``percent`` (a share of one: 0.87 is
    shown as 87%), ``change`` (a share more or less: 0.24 is shown as +24%), ``time`` (a
    duration in seconds: 5400 is shown as 1h30m) and ``age`` (the same in its largest unit
    alone: 2h). A first column of role ``step`` makes the table a curve, whose neighbours may
    look equal.

    A ``quiet`` column is for programs: readers are told the same elsewhere.
    """

    key: str
    label: str = ""
    role: str = ""
    unit: str = ""
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Fields:
    """Names and their values, such as the state of a run or its less important metrics.

    ``labels`` maps a name to what people read instead; JSON keeps the name. ``quiet`` fields
    are for programs: the verdict has already told readers what they say. ``usual`` is a value
    that need not be repeated: ``compact`` names what has it, and the title says what it is.
    """

    key: str
    items: Mapping[str, Cell]
    importance: int = 50
    title: str = ""
    labels: Mapping[str, str] = field(default_factory=_no_labels)
    quiet: bool = False
    usual: Cell = None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns; a row shorter than the columns ends in empty cells.

    A token budget removes the last rows first, so put the most important row first.
    """

    key: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    importance: int = 50
    title: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a run, and one sentence about what to do.

    ``severity`` is ``info``, ``warning`` or ``critical``; ``count`` says how often it was seen.
    """

    severity: str
    kind: str
    metric: str
    step: float | None
    message: str
    advice: str = ""
    evidence: Mapping[str, Scalar] = field(default_factory=_no_scalars)
    count: int = 1


@dataclass(frozen=True, slots=True)
class Findings:
    """The problems of a run, the worst first."""

    key: str
    items: Sequence[Problem]
    importance: int = 100
    title: str = ""


@dataclass(frozen=True, slots=True)
class Notes:
    """Remarks, one sentence each: what was missing, what was assumed."""

    key: str
    lines: Sequence[str]
    importance: int = 30
    title: str = ""


@dataclass(frozen=True, slots=True)
class Tree:
    """Names inside names, such as a configuration. Numbers are settings, shown to 6 digits."""

    key: str
    root: Branch
    importance: int = 40
    title: str = ""


@dataclass(frozen=True, slots=True)
class Diff:
    """What differs between runs: a name, then one cell per run, as in ``names``.

    Numbers get as many digits as it takes to tell unequal ones apart.
    """

    key: str
    names: Sequence[str]
    rows: Sequence[tuple[str, Sequence[Cell]]]
    importance: int = 50
    title: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One curve of a chart: ``values`` over ``steps``, which rise; both equally long.

    NaN and infinities are part of it. ``low`` and ``high`` are the edges of a band around it,
    such as the deviation over seeds: both as long as ``values``, or both empty.

    Raises:
        ValueError: if the columns are not equally long.
    """

    name: str
    steps: Sequence[float]
    values: Sequence[float]
    role: str = ""
    unit: str = ""
    low: Sequence[float] = ()
    high: Sequence[float] = ()

    def __post_init__(self) -> None:
        size = len(self.values)
        bands = {len(self.low), len(self.high)}
        if len(self.steps) != size or bands not in ({0}, {size}):
            raise ValueError(f"line {self.name!r}: its columns are not equally long")


@dataclass(frozen=True, slots=True)
class Chart:
    """Curves over one axis, the most important first: a budget removes the last ones first.

    ``log_y`` asks for a logarithmic axis; what is not positive has no place on it.
    """

    key: str
    curves: Sequence[Line]
    importance: int = 60
    title: str = ""
    x_label: str = "step"
    y_label: str = ""
    log_y: bool = False
    note: str = ""


Block: TypeAlias = Fields | Table | Findings | Notes | Tree | Diff | Chart


@dataclass(frozen=True, slots=True)
class Document:
    """A whole answer.

    ``kind`` names the report (``summary``, ``list``), ``verdict`` is its one sentence,
    ``more`` how to ask for more, ``dropped`` what was left out, such as ``"7 metrics"``.

    Raises:
        ValueError: if two blocks have the same key, or one has the name of a field of the
            document itself, as both would be the same key in JSON.
    """

    kind: str
    title: str
    verdict: str
    blocks: Sequence[Block]
    more: str = ""
    dropped: Sequence[str] = ()

    def __post_init__(self) -> None:
        taken: set[str] = set(ENVELOPE)
        for block in self.blocks:
            if block.key in taken:
                raise ValueError(f"document: the block key {block.key!r} is taken; choose another")
            taken.add(block.key)
