"""Reading many records at once: those of one shape and form, as columns.

What was learned of the forms of a log is kept from window to window. A record that fits no
shape (a text, media, a number of no fixed width) is read by itself. Every number handed out has
passed its record's checksum.
"""

from __future__ import annotations

from itertools import compress
from typing import TYPE_CHECKING

from runwise_parsers.tensorboard_log.crc import masked
from runwise_parsers.tensorboard_log.events import HPARAMS, SCALAR, TEXT, Event, read_event
from runwise_parsers.tensorboard_log.found import Found, every
from runwise_parsers.tensorboard_log.framing import FRAME, HEAD, TAIL
from runwise_parsers.tensorboard_log.matrix import Matrix
from runwise_parsers.tensorboard_log.points import Points
from runwise_parsers.tensorboard_log.shapes import Form, Shape, form_of, shape_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_MOST = 1 << 16
_WORTH = 16
"""Records of one form that are worth columns of their own."""
_CHECKED = 1 << 18
"""Bytes up to which the checksum of a record with numbers or texts is computed, 60 ns each."""
_SMALL = 1 << 9
"""Bytes up to which that of any record is: a damaged scalar may look like something else."""
_TOLD = frozenset({SCALAR, TEXT, HPARAMS, ""})


class Forms:
    """The shapes and forms of one log, as far as they are known."""

    def __init__(self) -> None:
        self._shapes: dict[int, list[Shape]] = {}
        self._forms: dict[tuple[Shape, bytes], Form | None] = {}

    def read(
        self, data: bytes, places: dict[int, list[int]], wanted: Callable[[str], bool] = every
    ) -> Found:
        """Return what records hold, given their places by size."""
        found = Found(data, wanted)
        for size, some in places.items():
            rest = some
            shapes = self._shapes.setdefault(size, [])
            for shape in tuple(shapes):
                before, rest = len(rest), self._take(shape, rest, found)
                if not rest:
                    break
                if len(rest) == before and shape is shapes[0]:
                    shapes.append(shapes.pop(0))  # steps have become longer
            self._learn(size, list(rest), found)
        return found

    def _learn(self, size: int, rest: list[int], found: Found) -> None:
        """Read records of no known form, one by one until a shape fits many of them."""
        shapes = self._shapes.setdefault(size, [])
        while rest:
            place = rest[-1]
            event = _checked(found.data[place : place + size])
            shape = shape_of(event, size) if event else None
            if shape is not None and shape not in shapes:
                shapes.append(shape)
                rest = self._take(shape, rest, found)
                continue
            rest.pop()
            if event is None:
                found.broken += 1
            else:
                found.add(place, event)

    def _take(self, shape: Shape, places: Sequence[int], found: Found) -> list[int]:
        """Read the records of a shape; return the places of those that are of another."""
        matrix = Matrix(found.data, shape, places)
        keys = matrix.skeletons()
        if len(keys) == 1:
            form = self._form(shape, keys[0], matrix.row(0))
            if form is None:
                return list(places)
            if any(map(found.wanted, form.tags)):
                _put(matrix, places, [form], found)
            return []
        return self._take_apart(matrix, keys, places, found)

    def _take_apart(
        self, matrix: Matrix, keys: list[bytes], places: Sequence[int], found: Found
    ) -> list[int]:
        """Read records of several forms, each known by its skeleton."""
        shape = matrix.shape
        rows: dict[bytes, list[int]] = {}
        for key, place in zip(keys, places, strict=True):
            rows.setdefault(key, []).append(place)
        forms: dict[bytes, Form] = {}
        rest: list[int] = []
        for key, some in rows.items():
            form = self._form(shape, key, found.data[some[0] : some[0] + shape.size])
            if form is None:
                rest += some
            elif any(map(found.wanted, form.tags)):
                forms[key] = form
        if len(forms) * _WORTH <= len(keys):
            for key, form in forms.items():
                _put(Matrix(found.data, shape, rows[key]), rows[key], [form], found)
        else:
            fit = [key in forms for key in keys]
            some = list(compress(places, fit))
            of_rows = [forms[key] for key in compress(keys, fit)]
            whole = len(some) == len(places)
            _put(matrix if whole else Matrix(found.data, shape, some), some, of_rows, found)
        return sorted(rest)

    def _form(self, shape: Shape, skeleton: bytes, record: bytes) -> Form | None:
        """Return the form of a record, ``None`` if it is not of this shape.

        The skeleton alone decides; whether the record is damaged is seen by its checksum later.
        """
        key = shape, skeleton
        if key in self._forms:
            return self._forms[key]
        if not shape.fits_step(skeleton):
            return None
        if len(self._forms) >= _MOST:
            self._forms.clear()
        try:
            event = read_event(record[HEAD:-TAIL])
        except ValueError:
            event = Event()
        fits = shape_of(event, shape.size) == shape
        form = self._forms[key] = form_of(event, shape, skeleton) if fits else None
        return form


def _put(matrix: Matrix, places: Sequence[int], forms: list[Form], found: Found) -> None:
    """Add the points of records whose checksum is right; a single form is that of all rows."""
    uniform = len(forms) == 1
    bases = forms[0].base * len(places) if uniform else b"".join([one.base for one in forms])
    wrong = set(matrix.wrong(bases))
    if wrong:
        found.broken += len(wrong)
        good = [row for row in range(len(places)) if row not in wrong]
        if good:
            some = [places[row] for row in good]
            kept = forms if uniform else [forms[row] for row in good]
            _put(Matrix(found.data, matrix.shape, some), some, kept, found)
        return
    key = len(places), matrix.step_bytes()
    steps = found.steps.get(key)
    if steps is None:
        steps = found.steps[key] = matrix.steps()
    rows: dict[tuple[str, ...], list[int]] = {}
    for row, form in enumerate(() if uniform else forms):
        rows.setdefault(form.tags, []).append(row)
    times = matrix.times()
    for number, (at, code) in enumerate(matrix.shape.cells):
        points = Points(list(places), steps, times, matrix.numbers(at, code))
        if uniform:
            found.put(forms[0].tags[number], points)
        for tags, some in rows.items():
            found.put(tags[number], points.picked(some))


def _checked(record: bytes) -> Event | None:
    """Return the event in a record, ``None`` if it is none, or its checksum is wrong.

    Media are not checked where that would cost more than all the rest: no number is in them.
    """
    data = record[HEAD:-TAIL]
    try:
        event = read_event(data)
    except ValueError:
        return None
    told = len(record) <= _SMALL or any(one.kind in _TOLD for one in event.values)
    if told and len(record) <= _CHECKED + FRAME and masked(data) != record[-TAIL:]:
        return None
    return event
