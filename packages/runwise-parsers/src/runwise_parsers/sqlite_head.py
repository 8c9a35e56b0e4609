r"""What a SQLite file holds, told by its first pages: for files that nobody has claimed yet.

    page 1 := header[100] page       header: "SQLite format 3\0", u16be page size (1: 65536), ...
    interior page := u8 5, u16be first free, u16be cells, u16be content, u8, u32be last page,
                     u16be offset of each cell (a cell begins with the u32be of its page)

The schema, a table of statements, stands in page 1 or in the pages this one points to. A file
may be anything that is called ``.db``, so no more than these are read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MAGIC = b"SQLite format 3\0"
_HEAD = 1 << 14
_INTERIOR = 5
_FIRST_PAGE_HEADER = 100


def schema_text(path: Path) -> bytes:
    """Return bytes in which names of a database's tables stand, empty where it is none.

    Reads 16 KiB at most: the first page, and the first of those it points to.
    """
    try:
        if not path.is_file():  # a pipe would never end
            return b""
        with path.open("rb", buffering=0) as file:
            data = file.read(_HEAD // 2)
            if not data.startswith(MAGIC) or len(data) <= _FIRST_PAGE_HEADER:
                return b""
            size = int.from_bytes(data[16:18], "big") or 4096
            size = 65_536 if size == 1 else size
            texts = [data]
            for page in _children(data)[:2] if data[_FIRST_PAGE_HEADER] == _INTERIOR else ():
                file.seek((page - 1) * size)
                texts.append(file.read(min(size, _HEAD // 4)))
            return b"\n".join(texts)
    except OSError:
        return b""


def _children(page: bytes) -> list[int]:
    """Return the pages that the first one points to, in the order of what they hold."""
    count = int.from_bytes(page[103:105], "big")
    found: list[int] = []
    for at in range(112, min(112 + 2 * count, len(page) - 1), 2):
        cell = int.from_bytes(page[at : at + 2], "big")
        child = int.from_bytes(page[cell : cell + 4], "big")
        if child > 1:
            found.append(child)
    return found
