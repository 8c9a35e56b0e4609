r"""The fields of a JSON object of which only pieces are there: its ends, or what a cut left of it.

    {
      "status": "RUNNING",        an indent of two, as trackers write what people may read
      "host": {...},
      "stop_time": null
    }

Only fields that hold no more than a value are found, and only where their line is whole: the
last digits of a number may be what is missing.
"""

from __future__ import annotations

import re

from runwise_parsers.values import loads

_FIELD = re.compile(
    rb'^  "(\w+)": (null|true|false|[-+.\w]+|"(?:[^"\\\n]|\\.)*")(?=,|\r?\n)', re.MULTILINE
)


def fields_in(data: bytes) -> dict[str, object]:
    """Return the fields of the outermost object that stand in a piece of its text."""
    return {name.decode("ascii", "replace"): value_of(text) for name, text in _FIELD.findall(data)}


def value_of(text: bytes) -> object:
    """Return a JSON value, ``None`` where the text is none."""
    try:
        return loads(text)
    except ValueError:
        return None
