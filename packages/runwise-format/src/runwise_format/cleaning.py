"""Make a text from a log harmless: one line, no sequences, nothing hidden, no secret, not long.

- Line breaks and tabs become spaces: a name cannot start a line of its own.
- Terminal sequences (colours, titles, links) disappear.
- Other control characters, bidirectional overrides, tags and invisible characters become
  ``�``, so that two different names stay different; joiners inside emoji simply go.
- What has the shape of a secret, or is told beside a secret's name, is hidden.
- Long text is cut in the middle and says how much is gone; both ends of a path matter.
"""

from __future__ import annotations

import re

from runwise_format.redaction import redacted_text

NAME, VALUE, SENTENCE = 120, 200, 400
SAYING_LENGTH = 80  # shorter limits leave no room to say what is gone
LONGEST = 16_384  # characters of a text that are looked at; the middle of a longer one is cut

_TERMINAL = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]{0,4096}(?:\x07|\x1b\\|\x9c)"  # OSC
    r"|\x1b[ -/]*[0-~]"
)
_BREAKS = re.compile(r"\r\n|[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]")
_JOINERS = re.compile(r"(?<=[^\x00-\x7f])[\u200c\u200d\ufe0e\ufe0f](?=[^\x00-\x7f]|$)")
_HIDDEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    r"\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_PLAIN = re.compile(r"[ -~]*")


def clean(text: str, limit: int = VALUE) -> str:
    r"""Return ``text`` on one line, harmless to print, at most ``limit`` characters long.

    What has the shape of a secret is hidden, also where colours were put inside it.

    >>> clean("red \x1b[31malert\x1b[0m\nand more")
    'red alert and more'
    """
    length = len(text)
    if length > LONGEST:  # what is about to be cut away need not be cleaned
        text = text[: LONGEST // 2] + text[-LONGEST // 2 :]
    if not _PLAIN.fullmatch(text):
        text = _TERMINAL.sub("", text)
        text = _HIDDEN.sub("�", _JOINERS.sub("", _BREAKS.sub(" ", text)))
    text = redacted_text(text)
    if len(text) <= limit and length <= LONGEST:
        return text
    if limit < 1:
        return ""
    mark = f"…({max(length, len(text))} chars)…" if limit >= SAYING_LENGTH else "…"
    tail = (limit - len(mark)) // 2
    head = limit - len(mark) - tail
    return text[:head] + mark + text[len(text) - tail :]


def ascii_only(text: str) -> str:
    """Return ``text`` with every other character written as an escape."""
    if text.isascii():
        return text
    return text.replace("…", "...").encode("ascii", "backslashreplace").decode("ascii")
