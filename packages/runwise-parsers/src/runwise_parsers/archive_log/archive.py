r"""What a zip archive holds, by its directory or, where that is cut off, header by header.

    archive   := (header data)* directory end
    header    := "PK\3\4" version flags method time date crc packed size n m name[n] extra[m]
    directory := ("PK\1\2" version version flags method time date crc packed size n m k ...
                  offset name[n] extra[m] comment[k])*
    end       := "PK\5\6" disks counts size offset comment          little endian throughout

Nothing is unpacked to disk, and names in an archive are compared, never opened. The directory
stands at the end: of an archive that is cut, the headers say what is there.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

STORED, DEFLATED = 0, 8
_HEADER = struct.Struct("<4s5H3I2H")
_ENTRY = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_HEADER_MARK, _ENTRY_MARK, _END_MARK = b"PK\3\4", b"PK\1\2", b"PK\5\6"
_TAIL = 1 << 16
_LARGEST = 1 << 24
"""Bytes of a directory that is read, a hundred thousand names; behind it the headers tell."""
_MOST = 10_000
"""Headers looked at where there is no directory."""
_WIDE = 0xFFFFFFFF
_WIDE_END = 56
_SIZE_BEHIND_DATA = 8


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive: where its data begin, how they are packed.

    ``packed`` and ``crc`` are ``None`` where the header was written before they were known.
    """

    name: str
    method: int
    begin: int
    packed: int | None
    crc: int | None


@dataclass(slots=True)
class Archive:
    """The members that were asked for; ``whole`` says that the archive's directory is there."""

    members: dict[str, Member] = field(default_factory=dict[str, Member])
    whole: bool = False


def read_archive(path: Path, names: Collection[str]) -> Archive:
    """Return where the named members are. Raises ``OSError``."""
    with path.open("rb") as file:
        entries = _directory(file)
        if entries is None:
            return Archive(dict(_scanned(file, names)))
        found = Archive(whole=True)
        for name, offset, packed, crc in _entries(entries, names):
            member = _member_at(file, offset)
            if member is not None:
                found.members[name] = Member(name, member.method, member.begin, packed, crc)
        return found


def first_names(head: bytes) -> list[str]:
    """Return the names of the members whose headers stand in an archive's first bytes."""
    names: list[str] = []
    at = 0
    while head[at : at + 4] == _HEADER_MARK and len(head) - at >= _HEADER.size:
        _, _, flags, _, _, _, _, packed, _, length, extra = _HEADER.unpack_from(head, at)
        begin = at + _HEADER.size
        names.append(head[begin : begin + length].decode("utf-8", "replace"))
        if flags & _SIZE_BEHIND_DATA or packed == _WIDE:
            break
        at = begin + length + extra + packed
    return names


def is_empty(head: bytes) -> bool:
    """Say whether an archive holds nothing: it was made, and is to be filled."""
    return head.startswith(_END_MARK) and not any(head[4:20])


def _directory(file: IO[bytes]) -> bytes | None:
    """Return the directory, ``None`` where it is cut off or larger than any of ours."""
    size = file.seek(0, 2)
    begin = max(0, size - _TAIL)
    file.seek(begin)
    tail = file.read(_TAIL)
    at = tail.rfind(_END_MARK)
    if at < 0 or len(tail) - at < _END.size:
        return None
    length, offset = _END.unpack_from(tail, at)[5:7]
    if offset == _WIDE:  # of an archive beyond 4 GiB: it ends where its own end record begins
        wide = tail.rfind(b"PK\6\6", 0, at)
        if wide < 0 or at - wide < _WIDE_END:
            return None
        length, offset = struct.unpack_from("<2Q", tail, wide + 40)
    if length > _LARGEST or offset + length > size:
        return None
    file.seek(offset)
    entries = file.read(length)
    return entries if not length or entries.startswith(_ENTRY_MARK) else None


def _entries(
    data: bytes, names: Collection[str]
) -> Iterator[tuple[str, int, int | None, int | None]]:
    """Yield name, offset of the header, packed size and checksum."""
    at = 0
    while data[at : at + 4] == _ENTRY_MARK and len(data) - at >= _ENTRY.size:
        found = _ENTRY.unpack_from(data, at)
        crc, packed, size, length, extra, comment = found[7:13]
        offset = found[16]
        begin = at + _ENTRY.size
        name = data[begin : begin + length].decode("utf-8", "replace")
        at = begin + length + extra
        if name in names:
            wide = _wide(data[begin + length : at], [size, packed, offset])
            yield name, wide[2], wide[1], crc
        at += comment


def _wide(extra: bytes, fields: list[int]) -> list[int]:
    """Return sizes and offset, of which those beyond 4 GiB stand in the extra field."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        at += 4
        if kind == 1:
            numbers = iter(struct.unpack_from(f"<{len(extra[at : at + length]) // 8}Q", extra, at))
            return [next(numbers, one) if one == _WIDE else one for one in fields]
        at += length
    return fields


def _scanned(file: IO[bytes], names: Collection[str]) -> Iterator[tuple[str, Member]]:
    """Yield members by their headers, as far as one tells where the next begins."""
    offset = 0
    for _ in range(_MOST):
        member = _member_at(file, offset)
        if member is None:
            return
        if member.name in names:
            yield member.name, member
        if member.packed is None:
            return
        offset = member.begin + member.packed


def _member_at(file: IO[bytes], offset: int) -> Member | None:
    file.seek(offset)
    head = file.read(_HEADER.size)
    if len(head) < _HEADER.size or not head.startswith(_HEADER_MARK):
        return None
    _, _, flags, method, _, _, crc, packed, size, length, extra = _HEADER.unpack(head)
    name = file.read(length).decode("utf-8", "replace")
    _, packed = _wide(file.read(extra), [size, packed])
    begin = offset + _HEADER.size + length + extra
    if flags & _SIZE_BEHIND_DATA:
        return Member(name, method, begin, None, None)
    return Member(name, method, begin, packed, crc)
