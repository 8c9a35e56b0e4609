"""Documents that follow one another, such as what a watcher sees: one line of JSON each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runwise_format.render import render

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from runwise_format.document import Document


def stream(documents: Iterable[Document], *, max_tokens: int | None = None) -> Iterator[str]:
    """Yield every document as soon as it is there, as one line that ends in a line break.

    ``max_tokens`` is for each of them. A reader that is cut off loses the last line at most.

    >>> from runwise_format import Document
    >>> print(*stream([Document("watch", "", "step 5", [])]), end="")
    {"kind":"watch","schema":1,"verdict":"step 5","title":"","dropped":[],"more":""}
    """
    for document in documents:
        yield render(document, "json", max_tokens=max_tokens) + "\n"
