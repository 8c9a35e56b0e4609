"""The beginning of a table: its header, how its cells are kept apart, its first rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runwise_parsers.csv_log.block import Block, TextBlock
from runwise_parsers.csv_log.form import YOLO_NAMES, Form, form_of, is_yolo
from runwise_parsers.csv_log.number import number_of
from runwise_parsers.csv_log.quotes import one_row
from runwise_parsers.csv_log.split import rows_of, split, text_of
from runwise_parsers.lines import BOM

if TYPE_CHECKING:
    from pathlib import Path

PEEK = 1 << 14
"""Bytes at the beginning of a file that say what it is."""
_LONGEST = 1 << 22
_TITLE_LINES = 64
_SHOWN_ROWS = 5


@dataclass(frozen=True, slots=True)
class Head:
    """What the first bytes of a table say.

    ``names`` are the cells of its header, made up where it has none. ``line`` is the header as
    it stands in the file, ``begin`` the offset of the first row.
    """

    form: Form
    names: tuple[str, ...]
    line: bytes = b""
    begin: int = 0
    titled: bool = True
    block: Block = field(default_factory=TextBlock)


def read_head(path: Path, offset: int = 0) -> Head | None:
    """Return the head of a table, ``None`` where not even its first line is whole.

    Raises ``OSError`` where the file cannot be read.
    """
    with path.open("rb", buffering=0) as file:
        file.seek(offset)
        data = file.read(PEEK)
        if len(data) == PEEK and b"\n" not in data:  # thousands of columns
            data += file.read(_LONGEST)
            data = data[: data.find(b"\n") + PEEK]
    return head_of(data if len(data) < PEEK else data[: data.rfind(b"\n") + 1])


def head_of(data: bytes) -> Head | None:
    """Return the head of a table from its first lines; the last of them may lack its end."""
    begin = _behind_notes(data)
    end = _end_of_title(data, begin)
    if end < 0:
        return None
    line = data[begin:end]
    title = text_of(line.removeprefix(BOM)).strip("\n").lstrip("# ")
    if is_yolo(title):
        return _untitled(Form("", yolo=True), _yolo_names(len(title.split())), data, begin)
    rows = text_of(data[end:])
    form = form_of(title, rows.split("\n", _SHOWN_ROWS)[:_SHOWN_ROWS])
    spans = form.delimiter and "\n" in title
    cells = one_row(title.split("\n"), form.delimiter) if spans else None
    cells = cells or next(iter(rows_of(title, form, 0, joins=False)), list[str]())
    names = tuple(cell.strip() for cell in cells)
    if not is_title(names):
        numbered = tuple(f"column_{place}" for place in range(1, len(names) + 1))
        return _untitled(form, numbered, data, begin) if names else None
    return Head(form, names, line, end, block=_first_rows(rows, form, names))


def _untitled(form: Form, names: tuple[str, ...], data: bytes, begin: int) -> Head:
    """Return the head of a table whose first line is a row."""
    rows = text_of(data[begin:].removeprefix(BOM))
    return Head(form, names, b"", begin, titled=False, block=_first_rows(rows, form, names))


def _yolo_names(width: int) -> tuple[str, ...]:
    """Return the names of ``results.txt``; forks with more columns name them nowhere."""
    if width == len(YOLO_NAMES):
        return YOLO_NAMES
    return (*YOLO_NAMES[:2], *(f"column_{place}" for place in range(3, width + 1)))


def is_title(cells: tuple[str, ...]) -> bool:
    """Say whether the cells of a line are names rather than values."""
    filled = [cell for cell in cells if cell]
    values = sum(number_of(cell) is not None for cell in filled)
    return bool(filled) and values * 2 < len(filled)


def _first_rows(text: str, form: Form, names: tuple[str, ...]) -> Block:
    return split(text, form, len(names), texts=True).block if text.strip() else TextBlock()


def _behind_notes(data: bytes) -> int:
    """Return where the first line begins that is neither blank nor a note about the table.

    ``sep=;`` is for spreadsheets. A line that begins with ``#`` is a note, unless it is
    followed by rows of as many cells: then it is the header, as numpy writes it.
    """
    begin = 0
    while (end := data.find(b"\n", begin)) >= 0:
        line = data[begin:end].removeprefix(BOM).strip()
        note = line.startswith(b"#") and not _is_marked_title(line, data[end + 1 :])
        if line and not note and not line.lower().startswith(b"sep="):
            break
        begin = end + 1
    return begin


def _is_marked_title(line: bytes, behind: bytes) -> bool:
    title = text_of(line).lstrip("# ")
    row = text_of(behind[: behind.find(b"\n") + 1 or len(behind)]).strip("\n")
    if not row or title.startswith("{") or row.startswith("#"):
        return False
    form = form_of(title, [row])
    cells = [rows_of(each, form, 0, joins=False) for each in (title, row)]
    return all(cells) and len(cells[0][0]) == len(cells[1][0])


def _end_of_title(data: bytes, begin: int) -> int:
    """Return the offset behind the header, which may hold line ends in quotes; -1 if cut."""
    end = begin
    for _ in range(_TITLE_LINES):
        end = data.find(b"\n", end) + 1
        if not end:
            return -1
        if data.count(b'"', begin, end) % 2 == 0:
            return end
    return data.find(b"\n", begin) + 1
