"""Lines of a table as blocks of cells.

Real tables are ragged: a row has too few cells where its writer died or knew fewer metrics, and
too many where a second writer added some, or where a text with a comma was not quoted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from runwise_parsers.csv_log.block import Block, NumberBlock, TextBlock, stacked
from runwise_parsers.csv_log.number import number_of
from runwise_parsers.csv_log.quotes import quoted_rows

if TYPE_CHECKING:
    from runwise_parsers.csv_log.form import Form

_NOTHING = " \t\ufffd"
_NO_NUMBERS = ('"', "[", "{", "u", "a")  # of texts, lists, objects, true and null, nan and false


@dataclass(frozen=True, slots=True)
class Split:
    """Rows of a table, and how many had too few cells, too many, or had to be left out."""

    block: Block
    short: int = 0
    long: int = 0
    left_out: int = 0

    @property
    def even(self) -> bool:
        """Say whether every row has as many cells as the table."""
        return not (self.short or self.long or self.left_out)


def text_of(data: bytes) -> str:
    """Return bytes of a table as text with plain line ends; what is no UTF-8 is replaced.

    NUL bytes, which a machine that lost power leaves behind, become no part of any number.
    """
    text = data.decode("utf-8", "replace")
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", " ")
    return text


def number_rows(data: bytes, form: Form, width: int) -> NumberBlock | None:
    """Return whole lines of finite numbers, ``None`` if they hold anything else.

    Such lines are JSON with other brackets, and a JSON parser reads them five times as fast as
    cells can be split and turned into numbers one by one.
    """
    text = text_of(data)
    if not form.delimiter or any(sign in text for sign in _NO_NUMBERS):
        return None
    if form.delimiter != ",":
        if "," in text and not form.decimal_comma:
            return None
        text = text.replace(",", ".").replace(form.delimiter, ",")
    try:
        rows = orjson.loads(f"[[{text.removesuffix(chr(10))}]]".replace("\n", "],["))
    except orjson.JSONDecodeError:
        return None
    return NumberBlock(rows) if set(map(len, rows)) == {width} else None


def split(text: str, form: Form, width: int, *, texts: bool, counter: int | None = None) -> Split:
    """Return the rows of whole lines.

    ``texts`` says that the table has columns of text. Then nobody knows which cell of a row
    with too many is which, and a row may span several lines. Neither is known of a row with too
    few or too many in which ``counter``, a column of whole numbers, holds another one.
    """
    if form.decimal_comma:
        text = text.replace(",", ".")
    if not text.endswith("\n"):
        text += "\n"
    if form.delimiter and '"' not in text:
        block = _even(text, form.delimiter, width)
        if block is not None:
            return Split(block)
    rows = rows_of(text, form, width, joins=texts)
    return _padded(rows, width, texts=texts, counter=counter)


def _even(text: str, delimiter: str, width: int) -> TextBlock | None:
    """Return the block of lines that all have ``width`` cells, ``None`` if they have not.

    One split of the whole text, three times as fast as one for each line: line ends become
    cells of their own, and each must stand where it should.
    """
    if text.startswith("\n") or "\n\n" in text:
        return None
    count = text.count("\n")
    cells = text.replace("\n", f"{delimiter}\n{delimiter}").split(delimiter)
    stride = width + 1
    if len(cells) != count * stride + 1 or cells[width::stride].count("\n") != count:
        return None
    cells.pop()
    return TextBlock(cells, stride, count)


def rows_of(text: str, form: Form, width: int, *, joins: bool) -> list[list[str]]:
    """Return the cells of each line that is not blank."""
    lines = [line for line in text.split("\n") if line.strip(_NOTHING)]
    if form.yolo:
        return [_yolo_row(line) for line in lines]
    if not form.delimiter:
        return [line.split() for line in lines]
    if '"' in text:
        return quoted_rows(lines, form.delimiter, width, joins=joins)
    return [line.split(form.delimiter) for line in lines]


def _yolo_row(line: str) -> list[str]:
    """Return the cells of a line of ``results.txt``: epoch of all epochs, memory in GB."""
    cells = line.split()
    cells[0] = cells[0].partition("/")[0]
    cells[1:2] = [cell.removesuffix("G") for cell in cells[1:2]]
    return cells


def _padded(rows: list[list[str]], width: int, *, texts: bool, counter: int | None) -> Split:
    if set(map(len, rows)) <= {width}:
        return Split(stacked(rows, width))
    kept: list[list[str]] = []
    short = long = left_out = 0
    for row in rows:
        missing = width - len(row)
        surplus = any(cell.strip() for cell in row[width:])
        if (surplus and texts) or ((surplus or missing > 0) and _is_moved(row, counter)):
            left_out += 1
            continue
        short += missing > 0
        long += surplus
        kept.append(row + [""] * missing)
    return Split(stacked(kept, width), short, long, left_out)


def _is_moved(row: list[str], counter: int | None) -> bool:
    """Say whether a row's counter is none: its cells stand in other columns than the header's."""
    number = number_of(row[counter]) if counter is not None and counter < len(row) else None
    return number is not None and not number.is_integer()
