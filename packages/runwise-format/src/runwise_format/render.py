"""Turn a document into text: the one door of this package."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise_format.fit import PLAIN_STYLE, fit
from runwise_format.shelf import Output, draw, find_output, known_outputs
from runwise_format.style import Style

if TYPE_CHECKING:
    from runwise_format.document import Document

__all__ = ["Output", "Style", "known_outputs", "render"]


def render(
    document: Document,
    output: str = "compact",
    *,
    max_tokens: int | None = None,
    style: Style = PLAIN_STYLE,
    counter: str = "o200k",
) -> str:
    """Return ``document`` as text, without a final line break.

    Args:
        document: what to say.
        output: ``compact`` (agents), ``text`` (people), ``json`` (programs), ``md``, ``html``,
            ``csv``, or the name of an output that another package brings.
        max_tokens: if given, the most that the text may cost; what had to go is counted in the
            text. Kept from about 40 up.
        style: how it looks; see `Style`.
        counter: how tokens are counted: ``o200k``, or ``digits`` for models that read digit by
            digit (`runwise_format.tokens.COUNTERS`).

    Raises:
        LookupError: if there is no such output or no such counter.
        ValueError: if ``max_tokens`` is not positive.
    """
    if max_tokens is not None:
        document = fit(document, max_tokens, output, style=style, counter=counter)
    return draw(document, find_output(output), style)
