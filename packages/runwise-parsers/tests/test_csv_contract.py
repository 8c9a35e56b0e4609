"""The contract of sources, for tables in each of the ways in which they are written."""

from __future__ import annotations

import math

import pytest

from runwise_parsers.sources.csv import Csv
from runwise_parsers.testing import SOURCE_CHECKS

NAMES = ("train/loss", "lr", "val/loss", "late")


def spelled(value, *, comma=False):
    if value is None:
        return ""
    text = repr(value).replace("inf", "Infinity") if math.isinf(value) else repr(value)
    return text.replace(".", ",") if comma else text


def plain(step, row):
    return ",".join([str(step), *(spelled(row.get(name)) for name in NAMES)])


def quoted(step, row):
    cells = [str(step), *(spelled(row.get(name)) for name in NAMES), 'said "x",\nand more']
    return ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)


def padded(step, row):
    cells = [str(step), *(spelled(row.get(name)) for name in NAMES), "x" * 700]
    return ",".join(f"{cell:>22}" for cell in cells)


def semicolons(step, row):
    return ";".join([str(step), *(spelled(row.get(name), comma=True) for name in NAMES)])


def tabs(step, row):
    return "\t".join([str(step), *(spelled(row.get(name)) for name in NAMES)])


WAYS = {
    "plain": (plain, ",", "\n", ""),
    "quoted, texts of two lines": (quoted, ",", "\n", ",note"),
    "padded": (padded, ", ", "\n", ", note"),
    "semicolons": (semicolons, ";", "\n", ""),
    "tabs": (tabs, "\t", "\r\n", ""),
}


@pytest.fixture(params=WAYS)
def write_table(request):
    line, delimiter, end, more = WAYS[request.param]

    def write(folder, rows):
        path = folder / "metrics.csv"
        lines = [delimiter.join(["step", *NAMES]) + more]
        lines += [line(step, row) for step, row in rows]
        path.write_bytes("".join(f"{each}{end}" for each in lines).encode())
        return path

    return write


@pytest.mark.parametrize("check", SOURCE_CHECKS)
def test_the_csv_source_holds_the_contract(check, write_table, tmp_path):
    check(Csv(), write_table, tmp_path)
