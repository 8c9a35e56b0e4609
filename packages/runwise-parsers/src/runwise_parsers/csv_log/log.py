"""One table on disk: its columns, its rows below each header, its last line."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from zlib import crc32

from runwise_parsers.csv_log.head import is_title, read_head
from runwise_parsers.csv_log.layout import Layout, layout_of, named_by
from runwise_parsers.csv_log.number import number_of
from runwise_parsers.csv_log.split import Split, number_rows, rows_of, split, text_of
from runwise_parsers.gap import LFS_POINTER, Gap, lfs_pointer, unreadable
from runwise_parsers.info import FRESH_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from runwise_parsers.csv_log.block import NumberBlock

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_PAGE = 4096
_NOTHING = b" \t\r\n\0"


@dataclass(frozen=True, slots=True)
class Part:
    """Rows below one header.

    ``opens`` says that the header stands in this window, ``header`` is its offset if it is not
    the same as the one before. ``plain`` are the rows where these are nothing but numbers.
    """

    data: bytes
    layout: Layout
    opens: bool = False
    header: int | None = None
    plain: NumberBlock | None = None

    def split(self) -> Split:
        """Return the rows as cells."""
        if self.plain is not None:
            return Split(self.plain)
        form, width = self.layout.form, self.layout.width
        layout = self.layout
        counter = layout.step if layout.whole_steps else None
        return split(text_of(self.data), form, width, texts=bool(layout.texts), counter=counter)


@dataclass(slots=True)
class CsvLog:
    """A table; it may still grow while it is read."""

    path: Path
    _layout: Layout | None = field(default=None, repr=False)
    _begin: int = field(default=0, repr=False)

    @property
    def layout(self) -> Layout:
        """What the first rows say about the columns; it has none while there is no header."""
        if self._layout is None:
            head = read_head(self.path)
            if head is None:
                return Layout()
            self._layout, self._begin = named_by(layout_of(head), self.path.stem), head.begin
        return self._layout

    @property
    def begin(self) -> int:
        """The offset of the first row."""
        return self._begin if self.layout.names else 0

    def layout_at(self, header: int) -> Layout:
        """Return the layout below the header at an offset, empty where there is none."""
        if header == 0:
            return self.layout
        head = read_head(self.path, header)
        return Layout() if head is None else layout_of(head)

    def trouble(self) -> Gap | None:
        """Return why the file cannot be read at all, ``None`` if it can."""
        try:
            with self.path.open("rb") as file:
                first = file.read(len(LFS_POINTER))
        except OSError as error:
            return unreadable(self.path.name, error)
        if first.startswith(_UTF_16):
            return Gap(self.path.name, "it is written in UTF-16", "Save it as UTF-8.")
        return lfs_pointer(self.path.name) if first == LFS_POINTER else None

    def size(self) -> int:
        """Return the bytes on disk now."""
        return self.path.stat().st_size

    def last_line(self, data: bytes, end: int, layout: Layout) -> tuple[bytes | None, bool]:
        """Return rows at the end of the file whose last one lacks its end, and if it was cut.

        ``None`` says to wait. Nobody can tell 0.12 from the beginning of 0.1234, so while its
        writer may be at it, such a line is read only if it ends in a number in quotes. Files that
        have rested are often written without the last line end; but one that ends at a page of
        the system, or in a row with too few cells, was cut by the end of its writer, and what
        stands behind the last delimiter may be half a number.
        """
        line = data[data.rfind(b"\n") + 1 :]
        rows = rows_of(text_of(line), layout.form, layout.width, joins=False)
        full = bool(rows) and len(rows[0]) >= layout.width
        closed = full and line.endswith(b'"') and number_of(rows[0][-1]) is not None
        if closed or (line and not rows):
            return data + b"\n", False
        if not self._rested():
            return None, False
        if not line or (full and end % _PAGE):
            return data + b"\n", False
        behind = line.rfind((layout.form.delimiter or " ").encode()) + 1
        return data[: len(data) - len(line) + behind] + b"\n", True

    def print_of(self, offset: int) -> int:
        """Return a checksum of the first bytes and of those before an offset, -1 without a file.

        Of pages of them: rows of padded cells are all of one length, so another run's table may
        be as long as this one, and end in the same blanks.
        """
        size = min(_PAGE, offset)
        try:
            with self.path.open("rb") as file:
                head = file.read(size)
                file.seek(offset - size)
                return crc32(file.read(size), crc32(head))
        except OSError:
            return -1

    def ends_at(self, offset: int) -> bool:
        """Say whether nothing but a line end follows at an offset."""
        with self.path.open("rb") as file:
            file.seek(offset)
            return file.read(1) in (b"", b"\r", b"\n")

    def _rested(self) -> bool:
        return abs(time.time() - self.path.stat().st_mtime) > FRESH_SECONDS

    def parts(
        self, data: bytes, offset: int | None, layout: Layout, *, as_texts: bool = False
    ) -> list[Part]:
        """Return the rows of a window below each header that stands in it.

        A run that was started again may have written the header again, or another one. Without
        the ``offset`` of the window, nothing is known of the columns below another one.
        ``as_texts`` leaves cells as they are, for those who want few of them.
        """
        plain = None if as_texts else number_rows(data, layout.form, layout.width)
        if plain is not None:
            return [Part(data, layout, plain=plain)]
        parts = [Part(data, layout)]
        for at, end in _lines_with(layout.marker, data):
            line = data[at:end]
            if not _is_header(line, layout):
                continue
            last = parts.pop()
            begin = len(data) - len(last.data)
            parts.append(replace(last, data=data[begin:at]))
            header = None
            if line.strip() != layout.line.strip():
                header = None if offset is None else offset + at
                layout = Layout() if header is None else self.layout_at(header)
            parts.append(Part(data[end:], layout, opens=True, header=header))
        return [part for part in parts if part.opens or part.data.strip(_NOTHING)]


def _lines_with(marker: bytes, data: bytes) -> Iterator[tuple[int, int]]:
    """Yield where the lines begin and end in which some bytes stand."""
    at = data.find(marker) if marker else -1
    while at >= 0:
        end = data.find(b"\n", at) + 1 or len(data)
        yield data.rfind(b"\n", 0, at) + 1, end
        at = data.find(marker, end)


def _is_header(line: bytes, layout: Layout) -> bool:
    if line.strip() == layout.line.strip():
        return True
    rows = rows_of(text_of(line).strip("\n"), layout.form, layout.width, joins=False)
    cells = tuple(cell.strip() for cell in rows[0]) if rows else ()
    known = sum(cell in layout.names for cell in cells)
    return is_title(cells) and known > 1 and 2 * known >= len(cells) and all(cells)
