"""Write ``integrations/`` anew and build the bundle for Claude Desktop.

python tools/build_mcpb.py [OUT.mcpb]     # dist/runwise.mcpb without a name
python tools/build_mcpb.py --check        # only say whether integrations/ is current
"""

from __future__ import annotations

import sys
from pathlib import Path

from runwise.agents.bundle import bundle
from runwise.agents.kit import kit_files

HOUSE = Path(__file__).resolve().parents[1]
FOLDER = HOUSE / "integrations"


def server_version() -> str:
    """Return the version of runwise-mcp as its source says it."""
    from runwise_mcp.version import __version__

    return __version__


def stale(files: dict[str, str]) -> list[str]:
    """Return the files of ``integrations/`` that are not what the kit says."""
    there = {
        path.relative_to(FOLDER).as_posix(): path.read_text(encoding="utf-8")
        for path in FOLDER.rglob("*")
        if path.is_file()
    }
    return sorted(name for name in {*there, *files} if there.get(name) != files.get(name))


def main() -> int:
    """Write the folder and the bundle, or check the folder."""
    files = kit_files(server_version())
    if "--check" in sys.argv[1:]:
        wrong = stale(files)
        print("integrations/ is current" if not wrong else f"stale: {', '.join(wrong)}")
        return 1 if wrong else 0
    for name in stale(files):
        path = FOLDER / name
        if name not in files:
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files[name], encoding="utf-8", newline="\n")
    out = Path(sys.argv[1]) if sys.argv[1:] else HOUSE / "dist" / "runwise.mcpb"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(bundle(files))
    print(f"wrote {out}, {out.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
