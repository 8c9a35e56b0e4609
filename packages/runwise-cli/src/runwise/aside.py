"""What is said beside an answer: on stderr, if there is one."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO


def aside(lines: Iterable[str]) -> None:
    """Write lines on stderr; where that is closed or full, nobody wants them."""
    stream: TextIO | None = sys.stderr
    if stream is not None:
        with suppress(OSError):
            stream.write("".join(f"{line}\n" for line in lines))
            stream.flush()
