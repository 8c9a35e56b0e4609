"""YAML as plain data: the safe loader, imported only when a YAML file is opened.

PyYAML reads YAML 1.1, which takes ``on`` and ``no`` for booleans and ``1e-05`` for a word. Here
plain scalars are those of 1.2: what PyYAML writes means the same in both, and what others write
(ruamel in DVC, people) means what they meant. The loader in C is ten times faster, but it ends
the process where brackets are nested ten thousand deep: what looks so goes to the one in Python.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import yaml

_NUMBER = r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
_PLAIN = (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", "~nN\0"),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)|0x[0-9a-fA-F]+", "-+0123456789"),
    ("float", rf"{_NUMBER}|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)", "-+.0123456789"),
    ("merge", r"<<", "<"),
)
"""Kinds of plain scalars, how they are written, and what they begin with."""

_OPENING = ("[", "{", "- ", "? ")
_DEEP = 2000
"""Signs that may each begin a level, up to which the loader in C is surely safe."""

_MOST = 1_000_000
"""Values in a document; a line of aliases may stand for more than a machine can hold."""

_RAISED = (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError)
"""What PyYAML raises for scalars that do not fit their tags, such as ``!!bool maybe``."""


def load_yaml(text: str) -> object:
    """Return what a document holds; unknown tags become the plain data below them.

    Raises ``ValueError`` where the text is no YAML.
    """
    import yaml  # noqa: PLC0415  costs 15 ms and few runs need it

    loader = _loader(deep=sum(map(text.count, _OPENING)) > _DEEP)
    try:
        value: object = yaml.load(text, Loader=loader)  # noqa: S506  a subclass of the safe one
    except (yaml.YAMLError, *_RAISED) as error:
        raise ValueError(
            f"no YAML: {(str(error) or 'nested too deep').splitlines()[0]}"
        ) from error
    if _beyond_bounds(value):
        raise ValueError("no YAML that can be told: its aliases never end")
    return value


def _beyond_bounds(value: object) -> bool:
    """Say whether a value is larger than any configuration once its aliases are followed."""
    waiting, met = [value], 0
    while waiting:
        met += 1
        if met > _MOST:
            return True
        one = waiting.pop()
        if isinstance(one, dict):
            waiting.extend(cast("dict[object, object]", one).values())
        elif isinstance(one, list):
            waiting.extend(cast("list[object]", one))
    return False


def _loader(*, deep: bool) -> type[yaml.SafeLoader]:
    import yaml  # noqa: PLC0415  see above

    base: Any = yaml.SafeLoader if deep else getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class Loader12(base):
        """The safe loader with other plain scalars."""

        yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012  PyYAML's

    for kind, pattern, first in _PLAIN:
        whole = re.compile(rf"(?:{pattern})$")
        begin = [sign for sign in first if sign != "\0"] + [""] * ("\0" in first)
        Loader12.add_implicit_resolver(f"tag:yaml.org,2002:{kind}", whole, begin)

    def plain(loader: Any, _suffix: str, node: yaml.Node) -> object:
        if isinstance(node, yaml.MappingNode):
            return loader.construct_mapping(node, deep=True)
        if isinstance(node, yaml.SequenceNode):
            return loader.construct_sequence(node, deep=True)
        return loader.construct_scalar(node)

    Loader12.add_multi_constructor("", plain)
    return Loader12
