"""What a reader would expect and that is not there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_MEDIA_NAMED = 5
LFS_POINTER = b"version https://git-lfs"
"""How a file begins that git-LFS has not fetched."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Something a reader would expect and that is not there.

    Training logs are cut short more often than not. A gap is an answer, not an error: it says
    what is missing, why, and what would bring it back.

    >>> print(Gap("the last record", "the log ends inside it", "Nothing: the writer was killed."))
    the last record: the log ends inside it. Nothing: the writer was killed.
    """

    missing: str
    because: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.missing}: {self.because}. {self.remedy}"


def lfs_pointer(name: str) -> Gap:
    """Return the gap of a file of which only the git-LFS pointer is here."""
    return Gap(name, "it is a git-LFS pointer, not the log", "Run git lfs pull.")


def unreadable(name: str, error: OSError) -> Gap:
    """Return the gap of a file the system does not let us read."""
    reason = (error.strerror or "it cannot be opened").lower()
    return Gap(name, reason, "Check that the file exists and may be read.")


def media_gap(media: Mapping[str, str]) -> Gap:
    """Return the gap of what was logged besides numbers: name -> kind."""
    named = [f"{name} ({kind})" for name, kind in media.items()][:_MEDIA_NAMED]
    more = len(media) - len(named)
    some = ", ".join(named) + (f" and {more} more" if more else "")
    return Gap(f"media {some}", "only numbers are read", "Look in files/media.")
