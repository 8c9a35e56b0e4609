"""What a schema adds to a summary, where its parts meet."""

from __future__ import annotations

import json

import pytest

from runwise.reports.sections import written


@pytest.fixture
def project(write_run, tmp_path):
    """Write a run and a schema."""

    def make(schema, row):
        write_run("run_a", [{"step": step, **row} for step in range(20)])
        tree = json.dumps({"schema_inline": schema})
        (tmp_path / "runwise.json").write_text(tree, encoding="utf-8")

    return make


def test_a_metric_belongs_to_the_longest_prefix_and_is_shown_once(project, answer):
    sets = {"val": "All", "val/easy": "Easy", "val_hard/": "Hard"}
    project(
        {"validation_sets": sets},
        {"val/loss": 1.0, "val/easy/acc": 0.5, "val_hard/acc": 0.25, "value": 3.0},
    )
    document = answer("run", "run_a")
    assert document["validation_0"] == {"loss": 1.0}
    assert document["validation_1"] == {"acc": 0.5}
    assert document["validation_2"] == {"acc": 0.25}
    assert document["other_metrics"] == {"value": 3.0}


def test_what_a_group_names_is_in_no_other_section(project, answer):
    groups = [
        {"name": "a", "metrics": {"val/acc": {}}},
        {"name": "b", "metrics": {"val/acc": {}, "val/loss": {}}},
    ]
    row = {"val/acc": 0.5, "val/loss": 1.0, "val/f1": 0.25}
    project({"groups": groups, "validation_sets": {"val": "Held out"}}, row)
    document = answer("run", "run_a")
    shown = [[one["name"] for one in document[f"group_{number}"]] for number in range(2)]
    assert shown == [["val/acc"], ["val/loss"]]
    assert document["validation_0"] == {"f1": 0.25}


def test_the_steps_of_a_model_may_be_counted_from_one(project, answer):
    project(
        {"per_step_pattern": "ce_{i}", "num_steps": 3}, {"ce_1": 3.0, "ce_2": 2.0, "ce_3": 1.0}
    )
    assert answer("run", "run_a")["per_step"] == {"step1": 3.0, "step2": 2.0, "step3": 1.0}


@pytest.mark.parametrize(
    ("value", "line", "said"),
    [
        (7.6, "Val (Nine-Species) | Token: 7.6% | Gain: +0.6%", "7.6%"),
        (0.6, "Val (Nine-Species) | Token: 7.6% | Gain: +0.6%", "0.6%"),
        (-0.6, "Gain: -0.6%", "-0.6%"),
        (9.0, "Token: 9.0%", "9.0%"),
        (9.0, "Token: 9 %", "9.0%"),
        (9.0, "Token: 19%", "900.0%"),
        (0.076, "accuracy 0.076", "7.6%"),
        (0.076, "", "7.6%"),
        (float("nan"), "Token: nan%", "nan"),
    ],
)
def test_a_percentage_is_one_however_it_was_printed(value, line, said):
    assert written(value, {"format": ".1%"}, [line]) == said
