"""Check the shape of the code: short files, short functions, no blind excepts.

A file has at most 300 lines (those above 200 are named), a function at most 50 without its
docstring. `except Exception` is for the loading and running of plugins, whose code is not ours:
its line says so with the word "plugin".

    python tools/check_shape.py [ROOT]
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE_LIMIT, FILE_NOTICE, FUNCTION_LIMIT = 300, 200, 50
PLACES = ("packages/*/src/**/*.py", "tools/*.py", "benchmarks/*.py", "dev.py")


def sources(root: Path) -> list[Path]:
    """Return the files that have a shape to keep."""
    return sorted({path for place in PLACES for path in root.glob(place)})


def problems(path: Path) -> Iterator[str]:
    """Yield one line for everything in a file that is over its limit."""
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    if len(lines) > FILE_LIMIT:
        yield f"{path}: {len(lines)} lines, at most {FILE_LIMIT}"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = _length(node)
            if length > FUNCTION_LIMIT:
                place = f"{path}:{node.lineno}: {node.name}"
                yield f"{place} has {length} lines, at most {FUNCTION_LIMIT}"
        elif isinstance(node, ast.ExceptHandler) and _is_blind(node, lines[node.lineno - 1]):
            yield f"{path}:{node.lineno}: a blind except that does not guard a plugin"


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines from `def` to the end, without the docstring."""
    end = function.end_lineno or function.lineno
    length = end - function.lineno + 1
    if ast.get_docstring(function) is not None:
        docstring = function.body[0]
        length -= (docstring.end_lineno or docstring.lineno) - docstring.lineno + 1
    return length


def _is_blind(handler: ast.ExceptHandler, line: str) -> bool:
    """Tell whether a handler swallows everything and its line does not speak of plugins."""
    if "plugin" in line:
        return False
    if handler.type is None:
        return True
    caught = {node.id for node in ast.walk(handler.type) if isinstance(node, ast.Name)}
    raises = any(isinstance(node, ast.Raise) for node in handler.body)
    return bool(caught & {"Exception", "BaseException"}) and not raises


def main() -> int:
    """Print the problems and the long files; 1 where there are problems."""
    files = sources(Path(sys.argv[1]) if sys.argv[1:] else Path(__file__).parents[1])
    found = [problem for path in files for problem in problems(path)]
    for path in files:
        length = len(path.read_text(encoding="utf-8").splitlines())
        if FILE_NOTICE < length <= FILE_LIMIT:
            print(f"note: {path} has {length} lines")
    print("\n".join(found) if found else f"{len(files)} files keep their shape")
    return 1 if found or not files else 0


if __name__ == "__main__":
    sys.exit(main())
