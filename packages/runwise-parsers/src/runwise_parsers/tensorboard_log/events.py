"""One event, read with all care: what it says and where in the record its numbers lie.

    Event := wall_time(1) step(2) file_version(3) | graph(4) | summary(5) | log(6) | session(7)
             | run metadata(8) | meta graph(9) | writer(10)
    summary := value(1)*
    value := tag(1) simple_value(2) | histogram(3, 5) | image(4) | audio(6) | tensor(8)
             metadata(9){plugin(1){name(1) content(2)}}

A step of 0 is not written. TensorFlow 1, PyTorch and tensorboardX write ``simple_value``, a
float; TensorFlow 2 writes tensors, for the plugin "scalars". Texts are tensors of strings;
hyperparameters are messages in ``content``.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from runwise_parsers.tensorboard_log.tensors import (
    STRING,
    Number,
    read_tensor,
    scalar_in,
    texts_in,
)
from runwise_parsers.tensorboard_log.wire import (
    BYTES,
    FIXED32,
    FIXED64,
    VARINT,
    Field,
    fields,
    signed,
    text,
    whole,
)

SCALAR, TEXT, HPARAMS = "scalar", "text", "hparams"
SUMMARY = "summary"
_NOUNS = {
    3: "version", 4: "graph", 5: SUMMARY, 6: "log message", 7: "session", 8: "run metadata",
    9: "graph", 10: "writer",
}  # fmt: skip
_MEDIA = {3: "histogram", 4: "image", 5: "histogram", 6: "audio"}
_PLUGINS = {"histograms": "histogram", "images": "image", "pr_curves": "PR curve"}
_STARTED = 1


@dataclass(slots=True)
class Value:
    """What was logged under one tag: a number, a text, or media of some kind."""

    tag: str = ""
    kind: str = ""
    number: Number | None = None
    texts: list[bytes] = field(default_factory=list[bytes])
    content: bytes = b""


@dataclass(slots=True)
class Event:
    """One record. Offsets are those in its data; ``step_at`` spans the step's number.

    ``started`` says that a session starts at this step: what older files hold from there on is
    to be forgotten.
    """

    wall: float = 0.0
    step: int = 0
    kind: str = ""
    wall_at: int = -1
    step_at: tuple[int, int] = (0, 0)
    values: list[Value] = field(default_factory=list[Value])
    started: bool = False

    @property
    def scalars(self) -> list[tuple[str, Number]]:
        """Tags and numbers, in the order of the record."""
        return [(one.tag, one.number) for one in self.values if one.number is not None]


def read_event(data: bytes) -> Event:
    """Return the event in a record's data. Raises ``ValueError`` where there is none."""
    event = Event()
    for one in fields(data, 0, len(data)):
        if one.number == 1 and one.kind == FIXED64:
            (event.wall,), event.wall_at = struct.unpack_from("<d", data, one.begin), one.begin
        elif one.number == 2 and one.kind == VARINT:
            event.step, event.step_at = signed(whole(data, one)), (one.begin, one.end)
        elif one.number in _NOUNS and one.kind == BYTES:
            event.kind = _NOUNS[one.number]
            if one.number == 5:
                event.values = [
                    _value(data, each)
                    for each in fields(data, one.begin, one.end)
                    if each.number == 1 and each.kind == BYTES
                ]
            elif one.number == 7:
                event.started = any(
                    (each.number, each.kind) == (1, VARINT) and whole(data, each) == _STARTED
                    for each in fields(data, one.begin, one.end)
                )
    return event


def _value(data: bytes, within: Field) -> Value:
    value, plugin = Value(), ""
    tensor: Field | None = None
    for one in fields(data, within.begin, within.end):
        if one.number == 1 and one.kind == BYTES:
            value.tag = text(data, one)
        elif one.number == 2 and one.kind == FIXED32:
            (number,) = struct.unpack_from("<f", data, one.begin)
            value.kind, value.number = SCALAR, Number(number, one.begin, "f")
        elif one.number == 8 and one.kind == BYTES:
            tensor = one
        elif one.number == 9 and one.kind == BYTES:
            plugin, value.content = _plugin(data, one)
        elif one.number in _MEDIA:
            value.kind = _MEDIA[one.number]
    if plugin == HPARAMS:
        value.kind, value.number = HPARAMS, None
    elif tensor is not None:
        _read_tensor_value(data, tensor, plugin, value)
    return value


def _plugin(data: bytes, metadata: Field) -> tuple[str, bytes]:
    """Return the name of the plugin that shows a value, and what it keeps beside it."""
    name, content = "", b""
    for one in fields(data, metadata.begin, metadata.end):
        if one.number == 1 and one.kind == BYTES:
            for each in fields(data, one.begin, one.end):
                if each.number == 1 and each.kind == BYTES:
                    name = text(data, each)
                elif each.number == 2 and each.kind == BYTES:
                    content = data[each.begin : each.end]
    return name, content


def _read_tensor_value(data: bytes, where: Field, plugin: str, value: Value) -> None:
    tensor = read_tensor(data, where.begin, where.end)
    number = scalar_in(data, tensor) if plugin in ("scalars", "") else None
    if number is not None:
        value.kind, value.number = SCALAR, number
    elif plugin == TEXT or (not plugin and tensor.type == STRING):
        value.kind, value.texts = TEXT, texts_in(data, tensor)
    else:
        value.kind = _PLUGINS.get(plugin, plugin) or "tensor"
