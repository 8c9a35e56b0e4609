"""A few columns read without parsing are what parsing gives, whatever stands in the lines."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from runwise_parsers import RunInfo
from runwise_parsers.json_log.log import JsonLog
from runwise_parsers.json_log.run import JsonlRun
from runwise_parsers.json_log.skim import Skim

PLAIN = b'{"step": %d, "loss": 0.5, "lr": 1e-05, "note": "a"}\n'
NUMBERS = ["0", "1", "-1", "0.25", "-0.0", "1e5", "1E+5", "2.5e-03", "9007199254740993", "1e400",
           "123456789012345678901234567890", "18446744073709551616", "1" * 400]  # fmt: skip
OTHERS = ["NaN", "-Infinity", "true", "false", "null", '"NaN"', '"text"', '"\\"loss\\": 7"',
          '", \\"loss\\": 7, \\""', '{"loss": 3}', '{"a": {"loss": 3, "step": 1}}', '{"": 4}',
          '[1, {"loss": 2}]', "[]", "{}", '"loss"', '"ä"', "1 2", "1_0", "0x1"]  # fmt: skip
KEYS = ["loss", "step", "loss2", "lo1ss", "los", "l\\u006fss", 'lo\\"ss', "lr", "", "a.loss", "e",
        "5", ":5", ", ", "äe", "time", "train loss"]  # fmt: skip
ASKED = ["loss", "step", "lr", "5", "e", "äe", "loss2", "train loss", "nobody", "", ", ", "a.loss"]

pair = st.tuples(st.sampled_from(KEYS), st.sampled_from(NUMBERS) | st.sampled_from(OTHERS))
gaps = st.sampled_from([(", ", ": "), (",", ":"), (" , ", " : "), (",\t", ":  "), (",\r", ":\r")])
ends = st.sampled_from(["}\n"] * 6 + ["}\r\n", "\n", "", "} \n", "}}\n", "}x\n", "\n\n", "},{}\n"])


@st.composite
def lines(draw) -> bytes:
    """One line, sound or not."""
    comma, colon = draw(gaps)
    pairs = draw(st.lists(pair, max_size=5))
    begin = draw(st.sampled_from(["{"] * 8 + ["", "[{", " {", "\0{"]))
    return (begin + comma.join(f'"{k}"{colon}{v}' for k, v in pairs) + draw(ends)).encode()


@st.composite
def logs(draw) -> bytes:
    """Lines of a few shapes over and over, with numbers of their own, and some that are odd."""
    shapes = draw(st.lists(lines(), min_size=1, max_size=3))
    odd = draw(st.lists(st.none() | st.sampled_from(shapes), min_size=2, max_size=12))
    return b"".join(PLAIN % step if line is None else line for step, line in enumerate(odd))


@pytest.fixture
def both(tmp_path):
    """Read columns of a log in both ways; numbers as text, because NaN equals nothing."""

    def read(data: bytes, names: list[str], *, plain: bool):
        path = tmp_path / "metrics.jsonl"
        path.write_bytes(data)
        log = JsonLog(path)
        log.plain = plain
        run = JsonlRun(RunInfo("jsonl", "", segments=(path,)), log)
        series = run.series(names)
        rows = {
            name: [
                list(one.steps),
                list(map(repr, one.values)),
                None if one.times is None else list(one.times),
            ]
            for name, one in series.items()
        }
        return rows, run.gaps

    return lambda data, names: (read(data, names, plain=True), read(data, names, plain=False))


@given(data=logs(), names=st.lists(st.sampled_from(ASKED), min_size=1, max_size=3, unique=True))
@settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=400
)
@example(b'{"step": 1, "loss": 2}\n{"step": 2, "a": ", \\"loss\\": 7, "}\n', ["loss"])
@example(b'{"step": 1, ", ": 2, "a": "x", ":5": 3}\n' * 3, [", ", "5"])
@example(b'{"step": 1, "loss": 2, "loss": 3}\n' * 2 + b'{"step": 1, "loss": 2}\n', ["loss"])
@example(b'{"step": 1}\r{"step": 2}\n' * 3, ["step"])
@example(b'{"step": 1, "loss1": 1}\n{"step": 1, "loss2": 1}\n', ["loss2"])
@example(b'{"step": 1, "loss": 1}\n{"step": 1, "loss5": 1, "loss": 2}\n', ["loss"])
def test_columns_are_what_parsing_gives(both, data, names):
    skimmed, parsed = both(data, names)
    assert skimmed == parsed


def test_a_line_broken_in_nothing_but_another_number_is_taken_for_whole(both):
    broken = b'{"step": 1, "loss": 0.5, "lr": 1.2.3, "note": "a"}\n'
    skimmed, parsed = both(PLAIN % 0 + broken + PLAIN % 2, ["loss"])
    assert skimmed[0]["loss"][0] == [0, 1, 2]
    assert parsed[0]["loss"][0] == [0, 2]
    skimmed, parsed = both(PLAIN % 0 + broken + PLAIN % 2, ["lr"])
    assert skimmed == parsed


@given(
    count=st.integers(2, 8),
    at=st.integers(0, 400),
    byte=st.sampled_from(b'{}[]",: \\\nxlos_\0\xff'),
    names=st.sampled_from([["loss"], ["lr"], ["loss", "lr"]]),
)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_wrong_byte_is_noticed(both, count, at, byte, names):
    data = bytearray(b"".join(PLAIN % step for step in range(count)))
    data[at % len(data)] = byte
    skimmed, parsed = both(bytes(data), names)
    assert skimmed == parsed


@pytest.mark.parametrize("loss", ["1.2.3", "--1", "1e", "01", "+1", ".5", "1.", "", "-"])
def test_a_number_that_is_none_is_a_lost_line(both, loss):
    broken = f'{{"step": 1, "loss": {loss}, "lr": 1e-05, "note": "a"}}\n'.encode()
    for data in (broken + PLAIN % 2, PLAIN % 0 + broken + PLAIN % 2, PLAIN % 0 + broken):
        skimmed, parsed = both(data, ["loss"])
        assert skimmed == parsed
        assert "no JSON object" in skimmed[1][0].because


def test_rows_that_have_a_metric_and_rows_that_have_not_are_told_apart(both):
    data = b"".join(
        PLAIN % step if step % 10 else b'{"step": %d, "val": %d.5}\n' % (step, step)
        for step in range(500)
    )
    for names in (["loss"], ["val"], ["val", "loss"], ["nobody"], ["loss", "note"]):
        skimmed, parsed = both(data, names)
        assert skimmed == parsed


def test_lines_that_grow_short_are_not_jumped_over(both):
    rows = [
        {"pad": "x" * (2000 if step < 5 else 0), "step": step, "loss": 1} for step in range(90)
    ]
    data = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    skimmed, parsed = both(data, ["loss"])
    assert skimmed == parsed
    assert len(skimmed[0]["loss"][0]) == 90


def test_a_plain_log_is_read_without_parsing():
    data = b"".join(PLAIN % step for step in range(100)) + b'{"step": 100, "val": 0.25}\n' * 2
    found = Skim(["step", "loss", "val"]).cells(data)
    assert found is not None
    count, cells = found
    assert count == 102
    assert cells["step"][1] is None
    assert cells["loss"][1] == list(range(100))
    assert (list(cells["val"][0]), cells["val"][1]) == ([0.25, 0.25], [100, 101])


@pytest.mark.parametrize("keys", ["abcde", ['a"'], ["a.b"], [""], ["a\n"], ["\ud800"], []])
def test_keys_that_are_many_or_odd_are_left_to_parsing(keys):
    assert not Skim.fits(keys)
    assert Skim.fits(["step", "train loss", "äe"])


def test_a_log_of_texts_is_given_up_soon():
    data = b'{"step": 1, "loss": NaN}\n' * 3
    skim = Skim(["step", "loss"])
    assert [skim.cells(data) for _ in range(6)] == [None] * 6
    assert skim.cells(b'{"step": 1, "loss": 1}\n' * 3) is None
