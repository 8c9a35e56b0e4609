"""The life of a monitor beyond its records: what is announced, and what does not arrive."""

from __future__ import annotations

import json
import random

import pytest

from runwise_detect import Monitor


def kinds(found):
    return [finding.kind for finding in found]


def test_a_curriculum_that_is_announced_is_no_spike(level):
    high = [value + 7.0 for value in level(100)]
    silent, told = Monitor(), Monitor()
    for monitor in (silent, told):
        monitor.extend(range(100), {"loss": level(100)})
    told.notify("curriculum", 100)
    assert "loss_spike" in kinds(silent.extend(range(100, 200), {"loss": high}))
    assert told.extend(range(100, 200), {"loss": high}) == []


def test_an_event_may_be_announced_before_it_happens_and_is_kept_in_the_state(level):
    high = [value + 7.0 for value in level(100)]
    before, monitor = Monitor(), Monitor()
    before.notify("stage", 100)
    before.extend(range(60), {"loss": level(60)})
    monitor.load_state_dict(json.loads(json.dumps(before.state_dict())))
    losses = [*level(100)[60:], *high]
    assert monitor.extend(range(60, 200), {"loss": losses}) == []


def test_a_block_and_its_records_see_an_announcement_alike(level):
    losses = [*level(100), *(value + 7.0 for value in level(100))]
    by_block, by_record = Monitor(), Monitor()
    for monitor in (by_block, by_record):
        monitor.notify("curriculum", 99.5)
    by_block.extend(range(200), {"loss": losses})
    for step, loss in enumerate(losses):
        by_record.update(step, {"loss": loss})
    assert repr(by_block.findings) == repr(by_record.findings)
    assert by_block.findings == []


def test_an_unknown_event_is_refused():
    with pytest.raises(ValueError, match="event 'curiculum' is unknown; did you mean 'curric"):
        Monitor().notify("curiculum", 5)


def test_a_run_that_falls_silent_is_told_once_while_it_lasts():
    monitor = Monitor()
    for step in range(50):
        monitor.update(step, {"loss": 2.0}, time=2.0 * step)
    assert monitor.tick(98.0 + 30) == []
    (found,) = monitor.tick(98.0 + 600)
    assert (found.kind, found.metric, found.status, found.onset_step) == (
        "stall",
        "time",
        "open",
        49,
    )
    assert monitor.tick(98.0 + 900) == []
    monitor.update(50, {"loss": 2.0}, time=98.0 + 1000)
    (told,) = monitor.findings
    assert (told.status, told.value) == ("recovered", 1000.0)


def test_a_pause_of_milliseconds_is_no_stall_whatever_the_rhythm():
    monitor = Monitor()
    clock = 0.0
    for step in range(200):
        clock += 0.004 if step == 100 else 8e-6
        assert monitor.update(step, {"loss": 2.0}, time=clock) == []


def test_a_long_evaluation_is_no_stall():
    monitor = Monitor()
    clock = 0.0
    for step in range(100):
        clock += 500.0 if step == 60 else 1.0
        values = {"loss": 2.0, "val_loss": 2.5} if step == 60 else {"loss": 2.0}
        assert monitor.update(step, values, time=clock) == []


def test_a_learning_rate_that_restarts_explains_a_jump(level):
    losses = [*level(100), *(value + 1.0 for value in level(15))]
    rates = [0.01] * 100 + [0.1] * 15
    found = Monitor().extend(range(115), {"loss": losses, "lr": rates})
    assert found == []
    assert "loss_spike" in kinds(Monitor().extend(range(115), {"loss": losses}))


def test_a_jump_to_the_level_of_held_out_data_is_worth_knowing_but_no_alarm():
    rng = random.Random(1)
    monitor = Monitor()
    for step in range(200):
        loss = 0.1 + 0.01 * rng.random() + (2.0 if step >= 150 else 0.0)
        values = {"train/loss": loss}
        if step % 20 == 19:
            values["val/loss"] = 2.2
        monitor.update(step, values)
    told = {finding.kind: finding for finding in monitor.findings}
    assert told["loss_spike"].severity == told["regression"].severity == "info"
    assert "the training data may have changed here" in told["loss_spike"].message


def test_a_million_updates_do_not_make_it_grow():
    rng = random.Random(2)
    noise = [rng.random() for _ in range(10_007)]
    monitor, sizes = Monitor(), []
    for start in range(0, 1_000_000, 100_000):
        losses = [
            1 / (1 + step / 1e5) + 0.1 * noise[step % 10_007]
            for step in range(start, start + 100_000)
        ]
        columns = {
            "loss": losses,
            "grad_norm": losses,
            "samples_per_sec": losses,
            "lr": [0.1] * 100_000,
        }
        monitor.extend(range(start, start + 100_000), columns)
        sizes.append(len(json.dumps(monitor.state_dict())))
    assert max(sizes) < 100_000
    assert sizes[-1] < 1.3 * sizes[1]


def test_groups_say_themselves_in_one_line(level):
    losses = [*level(60), 9.0, *level(40), 12.0, *level(40)]
    monitor = Monitor()
    monitor.extend(range(len(losses)), {"loss": losses})
    (group,) = monitor.finish().findings
    assert str(group) == "warning loss_spike of loss x 2, first 60, last 101, worst 12 at 101"
