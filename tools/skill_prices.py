"""Write what each command of the skill's table costs into the table, measured on the demo runs.

    python tools/skill_prices.py [--check]

Tokens are those of o200k, rounded to ten: ages of the runs grow, and an answer with them.
"""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SKILL = (
    Path(__file__).parents[1]
    / "packages" / "runwise-cli" / "src" / "runwise" / "agents" / "skill" / "SKILL.md"
)  # fmt: skip
ROW = re.compile(r"^(\| [^|]+ \| `runwise ([^`]+)` \| )(\d+) \|$", re.MULTILINE)
STEP = 10
"""Tokens that a price is rounded to."""


def rows(text: str) -> Iterator[tuple[list[str], int]]:
    """Yield each row of the table: the words behind ``runwise``, and the price."""
    for found in ROW.finditer(text):
        yield shlex.split(found[2]), int(found[3])


def priced(text: str, price: Callable[[list[str]], int]) -> str:
    """Return a skill with the prices that ``price`` measures."""

    def row(found: re.Match[str]) -> str:
        tokens = price(shlex.split(found[2]))
        return f"{found[1]}{max(STEP, round(tokens / STEP) * STEP)} |"

    return ROW.sub(row, text)


def is_current(text: str, price: Callable[[list[str]], int]) -> bool:
    """Tell whether every price is within a step and a tenth of what is measured."""
    return all(abs(stated - price(words)) <= STEP + stated // 10 for words, stated in rows(text))


def measured(words: list[str]) -> int:
    """Return what an answer about the demo runs costs an agent."""
    from click.testing import CliRunner
    from rs_bpe.bpe import openai

    from runwise.demo import demo_root
    from runwise.main import main as runwise

    asked = ["-C", str(demo_root()), "--no-cache", *words]
    result = CliRunner().invoke(runwise, asked, env={"RUNWISE_FORMAT": "compact"})
    if result.exit_code not in {0, 1}:
        raise SystemExit(f"runwise {shlex.join(words)}: {result.output}")
    text = result.stdout.replace(f"-C {shlex.quote(str(demo_root()))} ", "")
    return openai.o200k_base().count(text.replace(f"-C {demo_root()} ", ""))


def main() -> int:
    """Write the prices, or say with ``--check`` whether they are current."""
    text = SKILL.read_text(encoding="utf-8")
    if "--check" in sys.argv[1:]:
        current = is_current(text, measured)
        print("the prices are current" if current else "stale: python tools/skill_prices.py")
        return 0 if current else 1
    SKILL.write_text(priced(text, measured), encoding="utf-8", newline="\n")
    print("\n".join(line for line in SKILL.read_text("utf-8").splitlines() if ROW.match(line)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
