"""Every form in which a scalar is written is read as the number it is."""

from __future__ import annotations

import math
import struct

import pytest

NAN, INF = math.nan, math.inf


def single(value: float) -> float:
    """A number as a float of 32 bits holds it."""
    return struct.unpack("<f", struct.pack("<f", value))[0]


@pytest.fixture
def read(tmp_path, opened, points):
    """Save a log and read all of its curves."""
    return lambda log: points(opened(log.save(tmp_path)).series())


def test_floats_are_read_as_doubles_exactly(log, read):
    values = [0.1, 1 / 3, 1e-45, 3.4e38, -0.0, NAN, INF, -INF]
    one = log()
    for step, value in enumerate(values):
        one.scalar(step, "loss", value)
    assert read(one) == {"loss": [(i, repr(single(value))) for i, value in enumerate(values)]}


@pytest.mark.parametrize("form", ["double", "unpacked", "content"])
def test_doubles_keep_all_of_their_digits(log, read, forms, form):
    values = [0.1, 1 / 3, 5e-324, 1.7e308, NAN, -INF]
    one = log()
    for step, value in enumerate(values):
        one.scalar(step, "loss", value, form=forms[form])
    assert read(one) == {"loss": [(i, repr(value)) for i, value in enumerate(values)]}


def bits(code: str, value: float) -> int:
    return int.from_bytes(struct.pack(f"<{code}", value), "little")


TYPES = {
    "float": (1, "f", 5, [1.5, -2.25]),
    "double": (2, "d", 6, [0.1, -1e300]),
    "int32": (3, "i", 7, [7, -3, 2**31 - 1]),
    "uint8": (4, "B", 7, [0, 255]),
    "int16": (5, "h", 7, [-1, 300]),
    "int8": (6, "b", 7, [-128, 5]),
    "int64": (9, "q", 10, [2**40, -(2**40)]),
    "bool": (10, "?", 11, [True, False]),
    "uint16": (17, "H", 7, [65535]),
    "half": (19, "e", 13, [1.5, -0.25]),
    "uint32": (22, "I", 16, [2**32 - 1]),
    "uint64": (23, "Q", 17, [2**63 + 2**20]),
}


@pytest.mark.parametrize("kept", ["packed", "unpacked", "content"])
@pytest.mark.parametrize("name", TYPES)
def test_a_tensor_of_one_number_is_a_scalar(log, read, wire, name, kept):
    kind, code, number, values = TYPES[name]
    one = log()
    for step, value in enumerate(values):
        raw = struct.pack(f"<{code}", value)
        if kept == "content":
            held = wire["part"](4, raw)
        elif code in "fd":
            held = (
                wire["part"](number, raw)
                if kept == "packed"
                else wire["fixed"](number, code, value)
            )
        else:
            whole = bits("e", value) if name == "half" else int(value)
            packed = kept == "packed"
            held = wire["part"](number, wire["varint"](whole) if packed else whole)
        one.values(step, {"metric": wire["tensor"](kind, held) + wire["plugin"]("scalars")})
    assert read(one) == {"metric": [(i, repr(float(value))) for i, value in enumerate(values)]}


def test_a_bfloat_is_the_upper_half_of_a_float(log, read, wire):
    upper = struct.pack("<f", 1.5)[2:]
    held = [
        wire["part"](4, upper),
        wire["part"](13, wire["varint"](int.from_bytes(upper, "little"))),
    ]
    one = log()
    for step, how in enumerate(held):
        one.values(step, {"metric": wire["tensor"](14, how)})
    assert read(one) == {"metric": [(0, "1.5"), (1, "1.5")]}


def test_a_tensor_without_its_number_is_zero(log, read, wire):
    assert read(log().values(3, {"zero": wire["tensor"](1, b"")})) == {"zero": [(3, "0.0")]}


def test_a_tensor_with_one_element_in_several_dimensions_is_a_scalar(log, read, wire):
    held = wire["tensor"](1, wire["part"](5, struct.pack("<f", 2.5)), (1, 1))
    assert read(log().values(1, {"a": held})) == {"a": [(1, "2.5")]}


@pytest.mark.parametrize("shape", [(2,), (0,), (3, 0)])
def test_other_tensors_are_media(log, tmp_path, opened, wire, shape):
    held = wire["tensor"](1, wire["part"](5, struct.pack("<2f", 1, 2)), shape)
    run = opened(log().scalar(0, "loss", 1.0).values(0, {"embedding": held}).save(tmp_path))
    assert list(run.series()) == ["loss"]
    assert [gap.missing for gap in run.gaps] == ["media embedding (tensor)"]


def test_one_event_may_hold_many_scalars(log, read, wire):
    one = log()
    for step in range(100):
        some = {f"m{at}": wire["simple"](step + at / 4) for at in range(6)}
        one.values(step, some)
    expected = {f"m{at}": [(s, repr(s + at / 4)) for s in range(100)] for at in range(6)}
    assert read(one) == expected


def test_steps_are_those_that_were_written(log, read):
    steps = [0, 1, 127, 128, 16383, 16384, 2**40, 2**55, 2**60]
    assert [step for step, _ in read(log().curve("s", steps))["s"]] == steps


def test_a_negative_step_is_one(log, read):
    assert read(log().curve("s", [-5, -1, 0, 3]))["s"] == [
        (-5, "-5.0"), (-1, "-1.0"), (0, "0.0"), (3, "3.0"),
    ]  # fmt: skip


def test_times_are_the_clocks_of_the_events(log, tmp_path, opened):
    one = log().curve("loss", range(50), clock=1_700_000_123.25)
    times = opened(one.save(tmp_path)).series()["loss"].times
    assert times.tolist() == [1_700_000_123.25 + at for at in range(50)]


def test_each_tag_has_steps_of_its_own(log, read):
    one = log()
    for step in range(1, 401):
        one.scalar(step, "loss", step / 2)
        one.scalar(step * 32, "loss vs samples", step / 2)
        if step % 50 == 0:
            one.scalar(step // 50, "by epoch", step)
    curves = read(one)
    assert [step for step, _ in curves["loss"]] == list(range(1, 401))
    assert [step for step, _ in curves["loss vs samples"]] == list(range(32, 401 * 32, 32))
    assert curves["by epoch"] == [(epoch, repr(epoch * 50.0)) for epoch in range(1, 9)]


def test_records_of_one_size_with_tags_and_steps_of_other_lengths_are_told_apart(log, read):
    one = log()
    for step in range(300):
        one.scalar(100_000 + step, "abc", step)
        one.scalar(1_000 + step, "abcd", -step)
        one.scalar(step, "abcde", step / 2)
        one.scalar(step, "edcba", step / 4)
    curves = read(one)
    assert curves["abc"] == [(100_000 + s, repr(float(s))) for s in range(300)]
    assert curves["abcd"] == [(1_000 + s, repr(float(-s))) for s in range(300)]
    assert curves["abcde"] == [(s, repr(s / 2)) for s in range(300)]
    assert curves["edcba"] == [(s, repr(s / 4)) for s in range(300)]


def test_metrics_come_in_the_order_in_which_they_were_first_logged(log, tmp_path, opened):
    one = log()
    for step in range(3):
        for tag in ("zeta", "a", "longer name", "b"):
            one.scalar(step, tag, step)
    assert opened(one.save(tmp_path)).metrics() == ("zeta", "a", "longer name", "b")


def test_ten_thousand_metrics_are_read(log, tmp_path, opened):
    one = log()
    for step in range(2):
        for at in range(10_000):
            one.scalar(step, f"layer_{at}/norm", at + step / 2)
    series = opened(one.save(tmp_path)).series()
    assert len(series) == 10_000
    assert all(s.values.tolist() == [at, at + 0.5] for at, s in enumerate(series.values()))


NAMES = ["line\nbreak", "\x1b[2Jclear", "bell\x07", "損失", "a" * 600, "", " ", 'quo"te', "nul\0"]


@pytest.mark.parametrize("name", NAMES)
def test_a_tag_is_kept_as_it_is(log, read, name):
    assert read(log().curve(name, range(3))) == {name: [(s, repr(float(s))) for s in range(3)]}


def test_a_tag_that_is_no_text_is_shown_with_signs_in_place(log, read, wire):
    value = wire["part"](1, b"lo\xffss") + wire["simple"](2.0)
    assert read(log().event(1, wire["part"](5, wire["part"](1, value)))) == {
        "lo\ufffdss": [(1, "2.0")]
    }


def test_named_metrics_are_read_alone(log, tmp_path, opened, points):
    one = log()
    for step in range(200):
        for tag in ("loss", "lass", "accuracy"):
            one.scalar(step, tag, step)
    run = opened(one.save(tmp_path))
    expected = [(s, repr(float(s))) for s in range(200)]
    assert points(run.series(["lass", "none"])) == {"lass": expected}
    assert points(run.window(["accuracy"], 10, 11)) == {"accuracy": expected[10:12]}


def test_metrics_logged_together_share_their_steps(log, tmp_path, opened):
    one = log()
    for step in range(100):
        for tag in ("a", "bc", "def"):
            one.scalar(step, tag, step)
    series = opened(one.save(tmp_path)).series()
    assert len({id(one.steps) for one in series.values()}) == 1
