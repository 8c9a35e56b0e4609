"""What is told of a large file by its ends is what the whole file tells."""

from __future__ import annotations

import struct
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runwise_parsers import find_runs
from runwise_parsers.remote_files.ends import END, ends_of

FILLER = 36 << 15


def checksum(data: bytes) -> bytes:
    """CRC-32C, rotated and offset as TensorFlow does it."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0x82F63B78 * (crc & 1)
    crc ^= 0xFFFFFFFF
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) % (1 << 32))


def record(message: bytes) -> bytes:
    length = struct.pack("<Q", len(message))
    return length + checksum(length) + message + checksum(message)


def scalar(step: int) -> bytes:
    value = b"\x0a\x04loss\x15" + struct.pack("<f", 1 / (1 + step))
    summary = b"\x0a" + bytes([len(value)]) + value
    clock = b"\x09" + struct.pack("<d", 1_700_000_000.0 + step)
    return record(clock + b"\x10" + bytes([step]) + b"\x2a" + bytes([len(summary)]) + summary)


def events() -> bytes:
    graph = record(b"\x22\xe8\x07" + bytes(1000))
    begin = record(b"\x09" + struct.pack("<d", 1_700_000_000.0) + b"\x1a\x0dbrain.Event:2")
    first, last = map(scalar, range(50)), map(scalar, range(50, 120))
    return begin + b"".join(first) + graph * (FILLER // 1000) + b"".join(last)


def lines() -> bytes:
    return b"".join(
        b'{"iteration": %d, "total_loss": %f}\n' % (step, 1 / (1 + step)) for step in range(60_000)
    )


def table() -> bytes:
    return b"step,loss,note\r\n" + b"".join(b'%d,0.5,"a,b"\r\n' % step for step in range(80_000))


def put_together(path, data):
    path.parent.mkdir(parents=True)
    path.write_bytes(b"".join(ends_of(path.name, len(data), lambda begin, end: data[begin:end])))
    return path


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("events.out.tfevents.1700000000.demo.7.0", events),
        ("metrics.jsonl", lines), ("metrics.json", lines), ("log.csv", table),
    ],
)  # fmt: skip
def test_a_log_is_described_by_its_ends_as_by_all_of_it(tmp_path, name, make):
    data = make()
    assert len(data) > 3 * END
    whole = tmp_path / "whole" / "run" / name
    whole.parent.mkdir(parents=True)
    whole.write_bytes(data)
    (truth,) = find_runs(tmp_path / "whole")
    cut = put_together(tmp_path / "cut" / "run" / name, data)
    assert cut.stat().st_size < 2 * END + 1
    (told,) = find_runs(tmp_path / "cut")
    same = {"segments": (), "gaps": (), "updated": None}
    assert truth.last_step is not None
    assert replace(told, **same) == replace(truth, **same)


@pytest.mark.parametrize("rest", [0, 1, 20_000, 32_768])
def test_a_log_of_wandb_is_described_by_its_ends_as_by_all_of_it(tmp_path, writer, layout, rest):
    log = writer(layout).start(name="big", config={"lr": 0.5}, tags=["a"])
    log.rows(40, clock=1_700_000_000.0)
    for _ in range(FILLER // 30_000):
        log.printed("x" * 30_000)
    log.printed("y" * rest).rows(40, first=40, clock=1_700_000_000.0).end(1)
    folders = [tmp_path / way / "wandb" / "run-20260102_030405-abc12345" for way in "ab"]
    name = "run-abc12345.wandb"
    folders[0].mkdir(parents=True)
    (folders[0] / name).write_bytes(log.data())
    cut = put_together(folders[1] / name, log.data())
    assert cut.stat().st_size < 2 * END + (1 << 16)
    (truth,), (told,) = find_runs(tmp_path / "a"), find_runs(tmp_path / "b")
    assert (truth.state, truth.last_step) == ("failed", 79)
    same = {"segments": (), "gaps": (), "updated": None}
    assert replace(told, **same) == replace(truth, **same)


@given(st.binary(max_size=300), st.sampled_from(["a.wandb", "tfevents.1", "a.csv", "a.json", "x"]))
def test_any_bytes_have_ends_that_are_their_own(data, name):
    whole = (data * (3 * END // max(1, len(data)) + 1))[: 3 * END]
    head, tail = ends_of(name, len(whole), lambda begin, end: whole[begin:end])
    block = 1 << 15 if name.endswith(".wandb") else 0
    assert whole.startswith(head[: len(head) - block])
    assert not any(head[len(head) - block :]) or not block
    assert whole.endswith(tail)
