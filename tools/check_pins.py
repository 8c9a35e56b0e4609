"""Check what the workspace itself cannot see: pins between siblings, and the files of a package.

Workspace sources ignore version ranges, so a package may run here and be uninstallable once
released. A sibling is pinned `>=0.Y.Z,<0.(Y+1)` and the pin admits the sibling's present version.

    python tools/check_pins.py [ROOT]
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PYTHONS = ("3.10", "3.11", "3.12", "3.13")
CLASSIFIERS = (
    "Development Status :: 4 - Beta",
    "Intended Audience :: Developers",
    *(f"Programming Language :: Python :: {version}" for version in PYTHONS),
    "Typing :: Typed",
)
PIN = re.compile(r"(runwise-[a-z]+)(?:\[[a-z,]+\])?>=0\.(\d+)\.(\d+),<0\.(\d+)(?:\.0)?")


@dataclass(frozen=True, slots=True)
class Package:
    """One package of the workspace, as its pyproject.toml declares it."""

    folder: Path
    project: dict[str, Any]

    @property
    def name(self) -> str:
        """The distribution's name."""
        return self.project["name"]

    @property
    def dependencies(self) -> list[str]:
        """Everything it may ask for, extras included, without spaces."""
        extras = self.project.get("optional-dependencies", {}).values()
        asked = [*self.project["dependencies"], *(one for extra in extras for one in extra)]
        return [one.replace(" ", "") for one in asked]


def read_packages(root: Path) -> dict[str, Package]:
    """Return the packages of a workspace by name."""
    packages: dict[str, Package] = {}
    for path in sorted(root.glob("packages/*/pyproject.toml")):
        project = tomllib.loads(path.read_text(encoding="utf-8"))["project"]
        packages[project["name"]] = Package(path.parent, project)
    return packages


def problems(root: Path) -> Iterator[str]:
    """Yield one line for everything that would be wrong in a release."""
    packages = read_packages(root)
    if not packages:
        yield f"no packages under {root}"
    for package in packages.values():
        for problem in (*_pins(package, packages), *_files(package, root), *_metadata(package)):
            yield f"{package.name}: {problem}"


def _pins(package: Package, packages: dict[str, Package]) -> Iterator[str]:
    for asked in package.dependencies:
        name = re.split(r"[\[<>=!~;]", asked)[0]
        if name not in packages:
            continue
        pin = PIN.fullmatch(asked)
        if not pin or int(pin[4]) != int(pin[2]) + 1:
            yield f"{asked} is not of the form {name}>=0.Y.Z,<0.(Y+1)"
            continue
        version = packages[name].project["version"]
        major, minor, patch = (int(part) for part in version.split("."))
        if (major, minor) != (0, int(pin[2])) or patch < int(pin[3]):
            yield f"{asked} does not admit {name} {version}, which is in the workspace"


def _files(package: Package, root: Path) -> Iterator[str]:
    for name in ("README.md", "CHANGELOG.md", "LICENSE"):
        if not (package.folder / name).is_file():
            yield f"there is no {name}"
            return
    readme = (package.folder / "README.md").read_text(encoding="utf-8")
    yield from (
        f"README.md has no {part}" for part in ("pip install", ">>> ") if part not in readme
    )
    heading = f"\n## [{package.project['version']}]"
    if heading not in (package.folder / "CHANGELOG.md").read_text(encoding="utf-8"):
        yield f"CHANGELOG.md has no entry {heading.strip()}"
    if (package.folder / "LICENSE").read_bytes() != (root / "LICENSE").read_bytes():
        yield "LICENSE differs from the one at the root"
    if not list(package.folder.glob("src/*/py.typed")):
        yield "there is no py.typed beside its code"


def _metadata(package: Package) -> Iterator[str]:
    missing = set(CLASSIFIERS) - set(package.project["classifiers"])
    yield from (f"there is no classifier {one}" for one in sorted(missing))
    if package.project["requires-python"] != f">={PYTHONS[0]}":
        yield f"requires-python is not >={PYTHONS[0]}"


def main() -> int:
    """Print the problems; 1 where there are some."""
    found = list(problems(Path(sys.argv[1]) if sys.argv[1:] else Path(__file__).parents[1]))
    print("\n".join(found) if found else "pins and package files are in order")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
