"""What W&B measured of the machine, and what scripts raised alerts about."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runwise_parsers import find_runs, open_run
from runwise_parsers.alert import Alert

START = 1.7e9


def test_system_metrics_stand_apart_from_those_of_the_training(writer, save, layout):
    log = writer(layout).start(created=START)
    for step in range(4):
        log.row(step, {"loss": 1.0}, clock=START + step)
        log.stats(START + 15.5 * step, {"gpu.0.gpu": 90 + step, "memory_percent": 12.5})
    run = open_run(save(log.end()))
    assert set(run.series()) == {"loss"}
    assert not {"gpu.0.gpu", "memory_percent"} & {*run.metrics(), *run.summary()}
    system = run.system()
    assert set(system) == {"gpu.0.gpu", "memory_percent"}
    assert system["gpu.0.gpu"].values.tolist() == [90, 91, 92, 93]
    assert system["gpu.0.gpu"].steps.tolist() == [0, 15.5, 31, 46.5]
    assert system["gpu.0.gpu"].times.tolist() == [START + 15.5 * step for step in range(4)]


def test_only_the_system_metrics_asked_for_are_returned(writer, save):
    log = writer().start(created=START).stats(START + 1, {"cpu": 1, "gpu.0.temp": 60})
    run = open_run(save(log))
    assert set(run.system(["cpu", "no such thing"])) == {"cpu"}
    assert run.system([]) == {}


def test_system_metrics_of_devices_come_in_records_of_their_own(writer, save):
    log = writer("old").start(created=START)
    for number in range(300):
        log.stats(START + number, {"cpu": number}).stats(START + number, {"gpu.0.gpu": -number})
    system = open_run(save(log)).system()
    assert system["cpu"].values.tolist() == list(range(300))
    assert system["gpu.0.gpu"].steps.tolist() == list(range(300))


def test_values_that_older_clients_wrote_as_objects_have_dotted_names(writer, save):
    log = writer("old").start(created=START)
    log.stats(START + 2, {"network": {"sent": 10, "recv": 20}, "system.cpu": 3.5, "gpu": "none"})
    log.stats(START + 4, {"cpu": math.nan, "disk": None})
    run = open_run(save(log))
    assert {name: one.values.tolist()[0] for name, one in run.system().items()} == {
        "network.sent": 10, "network.recv": 20, "cpu": 3.5,
    }  # fmt: skip
    assert math.isnan(run.system()["cpu"].values[1])
    assert set(run.system(["network.recv"])) == {"network.recv"}


def test_system_metrics_of_a_resumed_run_go_on_counting_from_its_start(writer, save):
    save(writer().start(created=START).rows(3).stats(START + 30, {"cpu": 1}).end())
    second = writer().start(created=START + 500).rows(3).stats(START + 530, {"cpu": 2})
    folder = save(second.end(), name="offline-run-20260102_040506-abc12345")
    (info,) = find_runs(folder.parent)
    cpu = open_run(info).system()["cpu"]
    assert (cpu.steps.tolist(), cpu.values.tolist()) == ([30, 530], [1, 2])


def test_a_damaged_record_of_measurements_costs_only_itself(writer, save):
    log = writer().start(created=START).stats(START + 1, {"cpu": 1})
    log.record(7, b"\x12\x7f").record(7, b"\x1a\x03\x0a\x7fx").stats(START + 3, {"cpu": 3})
    assert open_run(save(log)).system()["cpu"].values.tolist() == [1, 3]


def test_a_system_metric_with_a_name_of_any_length_is_read(writer, save):
    names = ["x" * length for length in (1, 100, 127, 128, 129, 130, 200, 300)]
    log = writer().start(created=START).stats(START + 1, dict.fromkeys(names, 0.25))
    assert set(open_run(save(log)).system()) == set(names)


@pytest.fixture
def events(tmp_path):
    """A run of a client up to 0.9, with the file in which it kept what it measured."""

    def events(*lines: str):
        folder = tmp_path / "wandb/run-20200102_030405-old12345"
        folder.mkdir(parents=True)
        (folder / "wandb-history.jsonl").write_text('{"_step": 0, "_timestamp": 1.6e9, "a": 1}\n')
        (folder / "wandb-events.jsonl").write_bytes("\n".join(lines).encode("latin-1"))
        return open_run(folder)

    return events


def test_events_of_old_clients_are_system_metrics(events):
    rows = [
        {"system.gpu.0.gpu": 35.0, "_timestamp": 1.6e9 + 8 * n, "_runtime": 8 * n, "_wandb": True}
        for n in range(3)
    ]
    gpu = events(*map(json.dumps, rows)).system()["gpu.0.gpu"]
    assert (gpu.steps.tolist(), gpu.values.tolist()) == ([0, 8, 16], [35, 35, 35])
    assert gpu.times.tolist() == [1.6e9, 1.6e9 + 8, 1.6e9 + 16]


def test_broken_events_are_passed_over(events):
    good = '{"system.cpu": 5, "_timestamp": 1.6e9, "_runtime": 3}'
    run = events("", "{", "[1]", '{"system.cpu": 1}', "\xff\xfe", good, good[:20])
    assert run.system()["cpu"].steps.tolist() == [3]
    assert set(run.series()) == {"a"}


def test_an_alert_has_the_step_of_the_row_before_it(writer, save, layout):
    log = writer(layout).start()
    log.alert("early", "before any row", "INFO")
    log.row(10, {"loss": 1.0}).row(11, {"loss": 2.0})
    log.alert("Löss", "it rose\nby 100 %", "WARN")
    log.row(12, {"loss": 3.0}).alert("end", "", "ERROR")
    assert open_run(save(log.end())).alerts() == [
        Alert("early", "before any row", "info", 10.0),
        Alert("Löss", "it rose\nby 100 %", "warn", 11.0),
        Alert("end", "", "error", 12.0),
    ]


def test_alerts_are_found_wherever_they_stand_in_a_long_log(writer, save, layout):
    log = writer(layout).start()
    for step in range(3_000):
        log.row(step, {"loss": 1.0, "text": "x" * 300})
        if step % 500 == 250:
            log.alert(f"at {step}", "", "INFO")
    alerts = open_run(save(log)).alerts()
    assert [alert.title for alert in alerts] == [f"at {step}" for step in range(250, 3_000, 500)]
    assert [alert.step for alert in alerts] == list(range(250, 3_000, 500))


def test_alerts_of_a_shifted_segment_stand_where_its_rows_do(writer, save):
    save(writer().start(created=START).rows(10).alert("one", "", "INFO").end())
    second = writer().start(created=START + 500).rows(3).alert("two", "", "INFO").end()
    folder = save(second, name="offline-run-20260102_040506-abc12345")
    (info,) = find_runs(folder.parent)
    assert [(one.title, one.step) for one in open_run(info).alerts()] == [("one", 9), ("two", 12)]


def test_an_alert_in_a_log_without_rows_has_no_step(writer, save):
    log = writer().start().alert("lost", "", "").record(10, b"\x0a\x7f")
    assert open_run(save(log)).alerts() == [Alert("lost"), Alert("")]


@given(
    bodies=st.lists(st.tuples(st.sampled_from([7, 10, 17]), st.binary(max_size=60)), max_size=8)
)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_stands_in_a_record_raises_nothing(bodies, writer, save):
    log = writer().start().row(0, {"loss": 1.0})
    for number, body in bodies:
        log.record(number, body)
    run = open_run(save(log.row(1, {"loss": 2.0})))
    assert isinstance(run.system(), dict)
    assert len(run.alerts()) == sum(number == 10 for number, _ in bodies)
    assert run.series()["loss"].values.tolist() == [1, 2]
