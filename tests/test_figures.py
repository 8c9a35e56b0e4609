"""Figures for papers: files of their kind, the same each time, whatever the names and numbers."""

from __future__ import annotations

import math

import pytest

from runwise.errors import BadSetting
from runwise_format import Document

pytestmark = pytest.mark.trackers

BEGINS = {"png": b"\x89PNG\r\n\x1a\n", "svg": b"<?xml", "pdf": b"%PDF-"}
NAMES = ["$\\frac{a}{b}$", "_hidden", "a\x1b[31mb", "模型", "x" * 300, "50% & more"]


@pytest.fixture
def draw(tmp_path):
    """Draw charts to a file and return its bytes."""
    pytest.importorskip("matplotlib")
    from runwise.figure import save_figure
    from runwise_format.document import Chart, Line

    def call(kind, values=(3.0, 2.0, 1.0), *, names=("loss",), log=False, band=False, name="a"):
        edges = [abs(value) for value in values] if band else ()
        lines = [Line(one, range(len(values)), values, low=values[:] if band else (), high=edges)
                 for one in names]  # fmt: skip
        chart = Chart("c", lines, title="loss", log_y=log, note="smoothed")
        save_figure(Document("plot", "t", "v", [chart]), tmp_path / name, kind)
        return (tmp_path / name).read_bytes()

    return call


@pytest.mark.parametrize("kind", BEGINS)
def test_a_figure_is_a_file_of_its_kind_and_the_same_each_time(draw, kind):
    first = draw(kind, name="first")
    assert first.startswith(BEGINS[kind])
    assert draw(kind, name="second") == first


@pytest.mark.parametrize("kind", BEGINS)
def test_names_are_shown_as_they_are(draw, kind):
    assert draw(kind, names=NAMES).startswith(BEGINS[kind])


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize(
    "values",
    [
        [1e308, -1e308, 1.0], [5e-324, 0.0], [math.inf, 1.0, math.nan], [math.nan] * 3, [7.0],
        [-1.0, -2.0], [float(2**1000)],
    ],
)  # fmt: skip
def test_odd_values_make_a_figure(draw, values, log):
    assert draw("svg", values, log=log, band=True).startswith(b"<?xml")


def test_a_figure_asks_for_no_address_and_holds_its_letters(draw):
    text = draw("svg").decode()
    assert "<script" not in text
    assert "<image" not in text
    assert "<text" not in text, "letters are shapes: no font has to be there"


def test_nothing_to_draw_is_said(tmp_path):
    pytest.importorskip("matplotlib")
    from runwise.figure import save_figure

    with pytest.raises(BadSetting, match="nothing to draw"):
        save_figure(Document("plot", "t", "v", []), tmp_path / "a.png", "png")


@pytest.mark.parametrize("kind", BEGINS)
def test_the_command_writes_a_figure(runwise, demo_root, tmp_path, kind):
    pytest.importorskip("matplotlib")
    words = ["plot", "healthy", "overfit", "-k", "train/loss", "--band", "--log", "--smooth", "9"]
    done = runwise(*words, f"--{kind}", tmp_path / "a", cwd=demo_root)
    assert done.returncode == 0, done.stderr
    assert done.stdout == b""
    assert (tmp_path / "a").read_bytes().startswith(BEGINS[kind])
