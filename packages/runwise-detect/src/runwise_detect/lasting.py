"""A curve with at most one finding that lasts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from runwise_detect.curves import Curve

if TYPE_CHECKING:
    from runwise_detect.finding import Finding, Status


@dataclass(eq=False, slots=True)
class Lasting(Curve):
    """A curve with at most one finding that lasts; its `end_step` is known all the while."""

    found: Finding | None = field(default=None, kw_only=True)

    def current(self) -> Finding | None:
        """Return the finding that lasts."""
        return self.found and replace(self.found, end_step=None)

    def restart(self, *, fresh: bool) -> Finding | None:
        """End what lasts, and forget."""
        end = self.close("closed")
        self.forget(fresh=fresh)
        return end

    def forget(self, *, fresh: bool) -> None:
        """Forget what does not hold beyond a boundary."""
        raise NotImplementedError

    def open(self, finding: Finding) -> Finding:
        """Begin with a finding; return it as it is said."""
        self.found = replace(finding, end_step=finding.step)
        return finding

    def go_on(self, step: float, value: float, count: int = 1) -> None:
        """Note that what was found still lasts; the worst is the furthest from the baseline."""
        if (found := self.found) is not None:
            base = found.baseline or 0.0
            worst = found.value if found.worst is None else found.worst
            worst = max(worst, value, key=lambda seen: abs(seen - base))
            self.found = replace(found, end_step=step, count=found.count + count, worst=worst)

    def close(self, status: Status) -> Finding | None:
        """End the finding, if there is one, and return it."""
        end, self.found = self.found and replace(self.found, status=status), None
        return end
