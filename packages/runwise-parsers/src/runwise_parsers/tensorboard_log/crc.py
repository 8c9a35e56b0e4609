"""CRC-32C (Castagnoli) as event files keep it: rotated by 15 bits, plus a constant.

Python has no such checksum built in, and a loop over bytes costs 60 ns each. It is for single
records; ``columns`` checks many of one size at once.
"""

from __future__ import annotations

_POLYNOMIAL = 0x82F63B78
_ALL = 0xFFFFFFFF
DELTA = 0xA282EAD8
"""What the mask adds, modulo 2**32."""


def _table() -> list[int]:
    table: list[int] = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = crc >> 1 ^ (_POLYNOMIAL if crc & 1 else 0)
        table.append(crc)
    return table


TABLE = _table()


def crc32c(data: bytes) -> int:
    """Return the checksum of some bytes.

    >>> hex(crc32c(b"123456789"))
    '0xe3069283'
    """
    crc, table = _ALL, TABLE
    for byte in data:
        crc = table[(crc ^ byte) & 255] ^ crc >> 8
    return crc ^ _ALL


def rotated(crc: int) -> int:
    """Return a checksum rotated as the mask does it; unlike the sum, this is linear."""
    return (crc >> 15 | crc << 17) & _ALL


def masked(data: bytes) -> bytes:
    """Return the checksum of some bytes as a file keeps it."""
    return (rotated(crc32c(data)) + DELTA & _ALL).to_bytes(4, "little")
