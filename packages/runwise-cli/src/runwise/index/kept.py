"""What the index keeps of one run: what was learned, and how to tell whether it still holds.

    body := length(u32) head learned        head := JSON; learned: see ``runwise.learned``

Nothing in it is code: a file that somebody tampered with can lie, and no more.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runwise.diagnoses import diagnosis_of, plain
from runwise.index.merged import Merged
from runwise.learned import Learned
from runwise_parsers import Gap

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION = 1
_LENGTH = struct.Struct("<I")


@dataclass(frozen=True)
class Kept:
    """A run as it stood when its files bore ``stamp`` (see ``witness``).

    ``told`` lets a parser go on where it stopped (``Run.recall``); without it, a run that
    changed is read anew. ``state`` is the run's: what is a gap depends on it.
    """

    learned: Learned
    stamp: bytes
    marks: bytes
    state: str
    told: Mapping[str, object] | None
    config: Mapping[str, object]
    summary: Mapping[str, object]
    gaps: tuple[Gap, ...]
    rows: int = 0

    def to_bytes(self) -> bytes:
        """Return all of it as bytes."""
        head = {
            "version": VERSION,
            "stamp": self.stamp.decode(),
            "marks": self.marks.hex(),
            "state": self.state,
            "told": self.told,
            "config": self.config,
            "summary": self.summary,
            "rows": self.rows,
            "found": plain(self.learned.found) if isinstance(self.learned, Merged) else None,
            "gaps": [[gap.missing, gap.because, gap.remedy] for gap in self.gaps],
        }
        # Not orjson: configurations hold NaN and Infinity. A plugin's may hold anything at all.
        said = json.dumps(head, default=str, skipkeys=True).encode()
        return _LENGTH.pack(len(said)) + said + self.learned.to_bytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> Kept | None:
        """Return what ``to_bytes`` was called on, ``None`` for anything else."""
        try:
            (length,) = _LENGTH.unpack_from(data)
            head: dict[str, Any] = json.loads(data[4 : 4 + length])
            if head["version"] != VERSION:
                return None
            return cls(
                _learned(data[4 + length :], head.get("found")),
                head["stamp"].encode(),
                bytes.fromhex(head["marks"]),
                head["state"],
                head["told"],
                head["config"],
                head["summary"],
                tuple(Gap(*gap) for gap in head["gaps"]),
                head["rows"],
            )
        except (ValueError, KeyError, TypeError, struct.error):
            return None


def _learned(data: bytes, found: Mapping[str, Any] | None) -> Learned:
    """Return what was learned in one pass, or with what was ``found`` in the slices of one."""
    if found is None:
        return Learned.from_bytes(data)
    merged = Merged.from_bytes(data)
    if not isinstance(merged, Merged):  # pragma: no cover  for the type checker
        raise TypeError
    merged.found = diagnosis_of(found)
    return merged
