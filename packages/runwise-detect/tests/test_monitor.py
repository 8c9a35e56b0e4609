from __future__ import annotations

import itertools
import json
import math
import random
import subprocess
import sys
from fractions import Fraction
from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runwise_detect import Detector, Finding, Monitor
from runwise_detect.detectors.loss_spike import LossSpike
from runwise_detect.monitor import TIME

CELLS = st.one_of(
    st.none(),
    st.floats(0.5, 2.5),
    st.sampled_from([math.nan, math.inf, -math.inf, -1.0, 0.0, 2.0, 90.0, 1e308]),
)


@st.composite
def blocks(draw):
    """Records of three metrics in which steps mostly rise, and where to cut them."""
    rows = draw(st.integers(1, 160))
    move = st.sampled_from([1] * 12 + [0, 3, -5, -400])
    steps = list(accumulate(draw(st.lists(move, min_size=rows, max_size=rows))))
    families = [
        ("loss", "lr", "stage"),
        ("total_loss", "box_loss", "val_loss"),
        ("loss", "val_loss", "grad_norm"),
        ("loss", "grad_norm/layer0", "grad_norm/layer9"),
        ("samples_per_sec", "_runtime", "val_acc"),
    ]
    names = draw(st.sampled_from(families))
    columns = {name: draw(st.lists(CELLS, min_size=rows, max_size=rows)) for name in names}
    return steps, columns, draw(st.lists(st.integers(0, rows), max_size=4))


@given(blocks())
@settings(max_examples=150, deadline=None)
def test_a_block_is_judged_as_its_records_are(block):
    steps, columns, cuts = block
    by_record, by_block = Monitor(), Monitor()
    told = []
    for row, step in enumerate(steps):
        told += by_record.update(step, {name: column[row] for name, column in columns.items()})
    told_of_blocks = []
    edges = sorted({0, len(steps), *cuts})
    for start, end in itertools.pairwise(edges):
        piece = {name: column[start:end] for name, column in columns.items()}
        told_of_blocks += by_block.extend(steps[start:end], piece)
    assert sorted(map(repr, told)) == sorted(map(repr, told_of_blocks))
    assert repr(by_record.findings) == repr(by_block.findings)
    assert repr(by_record.finish()) == repr(by_block.finish())


@given(blocks(), st.integers(0, 160))
@settings(max_examples=80, deadline=None)
def test_a_state_can_be_saved_anywhere_as_strict_json(block, cut):
    steps, columns, _ = block
    whole, before, after = Monitor(), Monitor(), Monitor()
    rows = [(s, {n: c[row] for n, c in columns.items()}) for row, s in enumerate(steps)]
    for step, values in rows:
        whole.update(step, values)
    for step, values in rows[:cut]:
        before.update(step, values)
    after.load_state_dict(json.loads(json.dumps(before.state_dict(), allow_nan=False)))
    for step, values in rows[cut:]:
        after.update(step, values)
    assert repr(whole.findings) == repr(after.findings)
    assert repr(whole.finish()) == repr(after.finish())


def test_a_finding_is_returned_once_and_then_updated_in_place(level):
    monitor = Monitor()
    told = []
    for step, loss in enumerate([*level(100), 9.0, 8.0, 9.5, *level(10)]):
        told += monitor.update(step, {"loss": loss})
        if step == 101:
            assert [(f.status, f.end_step) for f in monitor.findings] == [("open", None)]
    assert [(f.step, f.status, f.worst) for f in told] == [(100, "open", 9.0)]
    (finding,) = monitor.findings
    assert (finding.status, finding.end_step, finding.count, finding.worst) == (
        "recovered",
        102,
        3,
        9.5,
    )


def test_a_nan_and_a_spike_of_one_step_among_100_000_are_found_at_their_steps():
    rng = random.Random(3)
    loss = [2 / (1 + step / 1000) + 0.1 * rng.random() for step in range(100_000)]
    loss[61_803] = 1.5
    grad = [1.0 + rng.random() for _ in range(100_000)]
    grad[27_182] = math.nan
    monitor = Monitor()
    monitor.extend(range(100_000), {"train/loss": loss, "grad_norm": grad})
    places = [(f.kind, f.metric, f.onset_step, f.step, f.end_step) for f in monitor.findings]
    assert [place for place in places if place[0] != "plateau"] == [
        ("non_finite", "grad_norm", 27_182, 27_182, 27_182),
        ("loss_spike", "train/loss", 61_803, 61_803, 61_803),
    ]


def test_what_is_no_number_is_ignored(level):
    monitor, odd = Monitor(), ["nan", None, True, [math.nan], {}, object(), b"1", 1j]
    for step, loss in enumerate(level(100)):
        values = {"loss": loss, "note": odd[step % len(odd)], "val_loss": odd[-step % len(odd)]}
        assert monitor.update(step, values) == []
    assert monitor.findings == []


def test_whatever_can_be_a_float_is_a_number():
    class Scalar:
        def __float__(self):
            return math.inf

    class Broken:
        def __float__(self):
            raise RuntimeError("several elements")

    monitor = Monitor()
    values = {"a": Scalar(), "b": Broken(), "c": Fraction(1, 2), "d": 3, "e": 10**400}
    assert [finding.metric for finding in monitor.update(0, values)] == ["a"]


def test_a_step_that_falls_is_a_boundary_and_never_a_spike(level):
    monitor = Monitor()
    high = [value + 1.0 for value in level(100)]
    for step, loss in [*enumerate(level(200)), *enumerate(high, start=150)]:
        assert "loss_spike" not in [f.kind for f in monitor.update(step, {"loss": loss})]


def test_a_restart_can_be_announced(level):
    monitor = Monitor()
    monitor.extend(range(100), {"loss": level(100)})
    monitor.restart()
    found = monitor.extend(range(100, 150), {"loss": [1.0 + v for v in level(50)]})
    assert [finding.kind for finding in found] == ["regression"]  # and it did not come back


def test_a_new_stage_is_a_boundary_and_a_creeping_difficulty_is_none(level):
    losses = level(100) + [value + 7.0 for value in level(100)]

    def kinds(stage):
        monitor = Monitor()
        monitor.extend(range(200), {"loss": losses, "curriculum/stage": stage})
        return [finding.kind for finding in monitor.findings]

    assert kinds([0.0] * 100 + [1.0] * 100) == []
    assert "loss_spike" in kinds([0.5 + step / 1000 for step in range(200)])


def test_a_role_can_be_given_where_the_name_misleads(level):
    column = [*level(100), 9.0]
    assert Monitor().extend(range(101), {"objective": column}) == []
    (finding,) = Monitor(roles={"objective": "train_loss"}).extend(
        range(101), {"objective": column}
    )
    assert finding.metric == "objective"


def test_a_total_that_appears_later_replaces_its_parts(level):
    monitor = Monitor()
    monitor.update(0, {"box_loss": 1.0, "cls_loss": 1.0})
    assert monitor.finish().watched == ("box_loss", "cls_loss")
    monitor.update(1, {"total_loss": 2.0})
    assert monitor.finish().watched == ("total_loss",)


def test_a_detector_finds_the_clock_and_the_planned_length():
    class Clock(Detector):
        name = "clock"
        seen: list[object] = []  # noqa: RUF012  # one list for the one test

        def watch(self, roles, *, total_steps=None):
            self.seen.append((roles.get(TIME), total_steps))

        def update(self, step, values):
            self.seen.append(values[TIME])
            return []

        def state_dict(self):
            return {}

        def load_state_dict(self, state):
            pass

        @classmethod
        def patient(cls):
            return iter(())

    Monitor([Clock()], total_steps=500).update(0, {"loss": 1.0}, time=12.5)
    assert Clock.seen == [("clock", 500), 12.5]


def test_memory_stays_bounded_however_long_and_sick_a_run_is(level):
    monitor = Monitor()
    sick = [*level(60), 99.0, math.nan]
    for start in range(0, 400 * 62, 62):
        monitor.extend(range(start, start + 62), {"loss": sick})
    assert len(json.dumps(monitor.state_dict())) < 100_000
    spikes = next(group for group in monitor.finish().findings if group.kind == "loss_spike")
    assert spikes.count > 300
    assert spikes.last.onset_step == 399 * 62 + 60


def test_a_state_of_another_kind_is_refused():
    with pytest.raises(ValueError, match=r"its detectors are divergence, .*, loss_spike"):
        Monitor([LossSpike()]).load_state_dict(Monitor().state_dict())
    with pytest.raises(ValueError, match="version None"):
        Monitor().load_state_dict({})


def test_a_column_of_another_length_is_refused():
    with pytest.raises(ValueError, match="loss: 2 values for 3 steps"):
        Monitor().extend([0, 1, 2], {"loss": [1.0, 2.0]})


def test_two_detectors_of_a_kind_are_refused():
    with pytest.raises(ValueError, match="two are of the kind loss_spike"):
        Monitor([LossSpike(), LossSpike(window=32)])


def test_importing_it_brings_in_little():
    code = "import sys; b = set(sys.modules); import runwise_detect; print(*set(sys.modules) - b)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"statistics", "random", "importlib.metadata", "json", "numpy", "asyncio", "logging"}
    assert not heavy & set(out.stdout.split())


def test_a_finding_says_itself_in_one_line():
    evidence = (0.0, None, None, None, "it is NaN", "Look.")
    finding = Finding("non_finite", "warning", "acc", 3, 4, *evidence)
    assert str(finding) == "warning non_finite of acc at step 3: it is NaN. Look."
