"""For whoever gets a report sent: one file that stands alone, in a browser or on paper.

    <h1>train-a (3be9af2m)</h1>
    <p class="lead">crashed at step 5000, loss is NaN since 4210</p>
    <section><figure><svg ...>...</svg><table>...</table></figure></section>

Nothing is loaded from anywhere, every text is escaped, and curves are pictures in the file. A
small script adds what a pointer can ask (values, zoom, pan, hiding a curve); without it nothing
is missing. Light or dark as the reader's system is.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from runwise_format.document import Chart
from runwise_format.page.blocks import block_lines
from runwise_format.page.frame import page

if TYPE_CHECKING:
    from runwise_format.document import Document
    from runwise_format.style import Style

name = "html"
for_programs = False
counted = False


def render(document: Document, style: Style) -> str:
    """Return ``document`` as a page."""
    title = document.title or document.verdict or document.kind
    parts = [f"<h1>{escape(title)}</h1>"]
    if document.verdict and document.verdict != title:
        parts.append(f'<p class="lead">{escape(document.verdict)}</p>')
    for number, block in enumerate(document.blocks):
        lines = block_lines(block, number, style)
        if lines:
            above = [f"<h2>{escape(block.title)}</h2>"] if block.title else []
            parts += ["<section>", *above, *lines, "</section>"]
    foot = [f"<p>dropped: {escape(', '.join(document.dropped))}</p>"] if document.dropped else []
    if document.more:
        foot.append(f"<p>more: <code>{escape(document.more)}</code></p>")
    parts += ["<footer>", *foot, "</footer>"] if foot else []
    live = any(isinstance(block, Chart) for block in document.blocks)
    text = page(title, parts, live=live)
    return text.encode("ascii", "xmlcharrefreplace").decode("ascii") if style.ascii else text
