"""The outputs there are: one file each in ``outputs/``; its name is the output's name.

A package of your own can bring an output too: an entry point in the group
``runwise.outputs`` that names a module with the two names of `Output`. Entry points are
looked up only for a name the folder does not have, because asking for them takes longer than
drawing a report.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Protocol, cast

from runwise_format import outputs
from runwise_format.cut import without_quiet, without_trends
from runwise_format.safety import ascii_only, safe

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.metadata import EntryPoint

    from runwise_format.document import Document
    from runwise_format.style import Style

GROUP = "runwise.outputs"


class Output(Protocol):
    """What an output is: a module (or any object) with a name and a function.

    ``render`` gets a document whose texts are already harmless, returns one string without a
    final line break, and decides digits, order of characters and nothing else.
    """

    name: str
    for_programs: bool
    """Whether quiet fields are shown; an output without this attribute is for readers."""
    counted: bool
    """Whether a budget counts what is written; of one that is not (a page with its styles) it
    counts what the document costs as text. An output without this attribute is counted."""
    lists_points: bool
    """Whether every point of a chart is written; an output without this attribute draws them."""

    def render(self, document: Document, style: Style) -> str:
        """Return ``document`` as text."""
        ...


def known_outputs() -> dict[str, Output]:
    """Return every output by name: those in the folder, then those of other packages."""
    found = {name: _in_house(name) for name in _listing()}
    for point in _entry_points():
        if point.name not in found:
            found[point.name] = cast("Output", point.load())
    return found


def find_output(name: str) -> Output:
    """Return the output called ``name``.

    Raises:
        LookupError: if there is none; the message lists those there are.
    """
    if name in _listing():
        return _in_house(name)
    points = {point.name: point for point in _entry_points()}
    if name in points:
        return cast("Output", points[name].load())
    names = [*_listing(), *points]
    from difflib import get_close_matches  # noqa: PLC0415 - only a misspelt name needs it

    near = get_close_matches(name, names, 1)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise LookupError(f"no output {name!r} among {', '.join(names)}{hint}")


def draw(document: Document, output: Output, style: Style) -> str:
    """Return ``document`` in this output; the one way from a document to text."""
    document = heard(document, output)
    if not style.spark:
        document = without_trends(document)
    text = output.render(safe(document), style)
    return ascii_only(text) if style.ascii else text


def heard(document: Document, output: Output) -> Document:
    """Return what of ``document`` this output shows at all."""
    return document if getattr(output, "for_programs", False) else without_quiet(document)


def _listing() -> list[str]:
    return sorted(module.name for module in iter_modules(outputs.__path__))


def _in_house(name: str) -> Output:
    return cast("Output", import_module(f"{outputs.__name__}.{name}"))


def _entry_points() -> Iterator[EntryPoint]:
    from importlib.metadata import entry_points  # noqa: PLC0415 - costs 30 ms, rarely needed

    yield from entry_points(group=GROUP)
