"""The contract of the shelf: what every detector is held to, here and in other packages.

    import pytest
    from runwise_detect.testing import CHECKS

    @pytest.mark.parametrize("check", CHECKS)
    def test_it_keeps_the_contract(check):
        check(MyDetector)

Each check takes the class, makes it with its default settings, and raises AssertionError with
the reason. Runs are lists of records, (step, values).
"""

from __future__ import annotations

import json
import math
from functools import cache
from itertools import repeat
from typing import TYPE_CHECKING

from runwise_detect.healthy import HEALTHY
from runwise_detect.monitor import Monitor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from runwise_detect.detector import Detector
    from runwise_detect.finding import Finding

    Record = tuple[float, Mapping[str, float]]
    Check = Callable[[type[Detector]], None]


def scaled(records: Sequence[Record], factor: float) -> list[Record]:
    """Return the run in other units."""
    return [
        (step, {name: value * factor for name, value in values.items()})
        for step, values in records
    ]


def repeated(records: Sequence[Record], times: int) -> list[Record]:
    """Return the run with every record logged `times` times, on steps of their own."""
    return [(times * step + again, values) for step, values in records for again in range(times)]


def check_it_is_named_and_explained(kind: type[Detector]) -> None:
    """Its name is its file's name, and its docstring is a page of its own."""
    assert kind.name == kind.__module__.rpartition(".")[2], f"{kind.name} is not its file's name"
    assert kind.__doc__, "it has no docstring to explain it"
    assert 0.0 <= kind.weight <= 1.0, f"its weight {kind.weight} is not between 0 and 1"


def check_it_speaks_on_its_patient(kind: type[Detector]) -> None:
    """It finds its own kind in its patient, and nothing before it began."""
    findings = _findings(kind, list(kind.patient()))
    assert findings, "it is silent on its own patient"
    for finding in findings:
        assert finding.kind == kind.name, f"it speaks of {finding.kind}"
        assert finding.onset_step <= finding.step, "it was detected before it began"
        assert not set("\n\r") & set(finding.message + finding.advice), "a sentence has one line"
        assert finding.advice.endswith("."), "the advice is not a sentence"


def check_it_does_not_depend_on_units(kind: type[Detector]) -> None:
    """A patient in other units has the same trouble at the same place."""
    records = list(kind.patient())
    expected = _places(_findings(kind, records))
    for factor in (1000.0, 0.001):
        found = _places(_findings(kind, scaled(records, factor)))
        assert found == expected, f"times {factor:g} it says {found}, not {expected}"


def check_it_does_not_depend_on_how_often_is_logged(kind: type[Detector]) -> None:
    """A patient whose records are each logged ten times has the same trouble."""
    records = list(kind.patient())
    expected = {place[:2] for place in _places(_findings(kind, records))}
    places = _places(_findings(kind, repeated(records, 10)))
    found = {(metric, onset // 10) for metric, onset in places}
    assert found == expected, f"logged ten times it says {found}, not {expected}"


def check_it_is_silent_on_healthy_runs(kind: type[Detector]) -> None:
    """It has nothing to say on runs without trouble, in any units, logged more often or not."""
    for name in HEALTHY:
        for seed in range(3):
            records = _healthy(name, seed)
            for run in (records, scaled(records, 1000.0), repeated(records[:400], 10)):
                found = [f for f in _findings(kind, run) if f.severity != "info"]
                assert not found, f"on {name}, seed {seed}, it says {found[0]}"


def check_it_survives_what_is_logged(kind: type[Detector]) -> None:
    """No value, no gap and no step ends a training run."""
    odd: list[object] = [
        math.nan,
        math.inf,
        -math.inf,
        None,
        "0.5",
        True,
        0,
        -1,
        10**400,
        1e308,
        [1.0],
        {},
    ]
    records = list(kind.patient())
    monitor = Monitor([kind()])
    for row, (step, values) in enumerate(records):
        for name in values:
            monitor.update(step, {**values, name: odd[row % len(odd)]})
        monitor.update(step, {})
        monitor.update(step - row % 5, {"train/loss": odd[row % len(odd)], "extra": row})
    monitor.finish()


def check_it_says_nothing_before_it_can_know(kind: type[Detector]) -> None:
    """Four records are too few for any verdict but that a number is none."""
    names = {name for _, values in kind.patient() for name in values}
    monitor = Monitor([kind()])
    for step, value in enumerate([1.0, 1e6, 1e-6, 3.0]):
        monitor.update(step, dict.fromkeys(names, value))
    assert not monitor.findings, f"after four records it says {monitor.findings[0]}"


def check_its_memory_is_bounded(kind: type[Detector]) -> None:
    """What it remembers of a long run is not more than of a short one."""
    records = [(step % 997, values) for step, values in kind.patient()]
    monitor, sizes = Monitor([kind()]), list[int]()
    for _ in range(2):
        for again in range(max(1, 6000 // len(records))):
            base = again * 1000 + 10_000_000 * len(sizes)
            for step, values in records:
                monitor.update(base + step, values)
        sizes.append(len(json.dumps(monitor.state_dict())))
    assert sizes[1] < 100_000, f"it keeps {sizes[1]} characters"
    assert sizes[1] < 2 * sizes[0] + 2000, f"it grows from {sizes[0]} to {sizes[1]} characters"


def check_its_state_is_strict_json_and_complete(kind: type[Detector]) -> None:
    """A run continued from a state is judged as one without a break."""
    records = list(kind.patient())
    expected = _findings(kind, records)
    for cut in range(0, len(records), max(1, len(records) // 20)):
        before, after = Monitor([kind()]), Monitor([kind()])
        for step, values in records[:cut]:
            before.update(step, values)
        text = json.dumps(before.state_dict(), allow_nan=False)
        after.load_state_dict(json.loads(text))
        for step, values in records[cut:]:
            after.update(step, values)
        assert repr(after.findings) == repr(expected), f"a break at record {cut} is noticed"


def check_blocks_and_records_are_judged_alike(kind: type[Detector]) -> None:
    """``extend`` says what ``update`` says, however the run is cut into blocks."""
    runs = [list(kind.patient()), *(_healthy(name, 7) for name in HEALTHY)]
    for records in runs:
        expected = repr(_findings(kind, records))
        for size in (1, 37, len(records)):
            monitor = Monitor([kind()])
            for start in range(0, len(records), size):
                monitor.extend(*_columns(records[start : start + size]))
            assert repr(monitor.findings) == expected, f"blocks of {size} are judged otherwise"


@cache
def _healthy(name: str, seed: int) -> Sequence[Record]:
    """Return a healthy run; each is made once, however many detectors it is shown to."""
    return HEALTHY[name](seed)


def _findings(kind: type[Detector], records: Sequence[Record]) -> list[Finding]:
    monitor = Monitor([kind()])
    for step, values in records:
        monitor.update(step, values)
    return monitor.findings


def _places(findings: Sequence[Finding]) -> set[tuple[str, float]]:
    return {(finding.metric, finding.onset_step) for finding in findings}


def _columns(records: Sequence[Record]) -> tuple[list[float], dict[str, list[object]]]:
    columns: dict[str, list[object]] = {}
    for row, (_, values) in enumerate(records):
        for name, value in values.items():
            column = columns.setdefault(name, list(repeat(None, len(records))))
            column[row] = value
    return [step for step, _ in records], columns


CHECKS: tuple[Check, ...] = (
    check_it_is_named_and_explained,
    check_it_speaks_on_its_patient,
    check_it_does_not_depend_on_units,
    check_it_does_not_depend_on_how_often_is_logged,
    check_it_is_silent_on_healthy_runs,
    check_it_survives_what_is_logged,
    check_it_says_nothing_before_it_can_know,
    check_its_memory_is_bounded,
    check_its_state_is_strict_json_and_complete,
    check_blocks_and_records_are_judged_alike,
)
