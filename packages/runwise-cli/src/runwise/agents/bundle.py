"""The bundle for Claude Desktop: a zip archive with the manifest, the same bytes every time."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = "mcpb/"
BEGINNING = (1980, 1, 1, 0, 0, 0)
"""The time of every member, the earliest a zip archive can say."""
READABLE = 0o100644 << 16


def bundle(files: Mapping[str, str]) -> bytes:
    """Return the archive of the kit's files that belong to the bundle."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(name for name in files if name.startswith(FOLDER)):
            member = zipfile.ZipInfo(name.removeprefix(FOLDER), BEGINNING)
            member.external_attr = READABLE
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, files[name].encode())
    return written.getvalue()
