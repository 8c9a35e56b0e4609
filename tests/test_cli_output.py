"""What the commands say, word by word, over the five demo runs.

A changed snapshot is a changed answer: read it as the agent or the person who gets it.
Update with ``pytest --inline-snapshot=fix tests/test_cli_output.py``.
"""

# ruff: noqa: E501 - a snapshot is what was printed

from __future__ import annotations

import json
import re

import pytest
from inline_snapshot import snapshot

AGE = re.compile(rb"(ended|last sign) \d+(?:s|min|h|d) ago")
LIST_AGE = re.compile(rb"(finished|crashed)(,| +)(\d+)(,| +)\d+[smhd]\b")
WIDE = re.compile(rb" {2,}")
JSON_AGE = re.compile(rb'"(age|age_seconds)":[\d.]+')
PATH = re.compile(rb'"path":"[^"]*[/\\](wandb[/\\]+[^"]*)"')
HOME = re.compile(rb"-C \S*demo_runs\S*")


@pytest.fixture
def say(runwise, demo_root):
    """Run a command in the demo's directory; ages and the demo's place are made stable."""

    def call(*words):
        done = runwise(*words, cwd=demo_root)
        assert done.stderr == b""
        text = AGE.sub(rb"\1 AGE ago", done.stdout)
        text = LIST_AGE.sub(rb"\1\2\3\4AGE", text)
        # How wide the column of ages is depends on the day.
        text = re.sub(rb"(?m)^.* (?:age|AGE) .*$", lambda line: WIDE.sub(b"  ", line[0]), text)
        text = JSON_AGE.sub(rb'"\1":0', text)
        text = PATH.sub(rb'"path":"\1"', text)
        return "\n" + HOME.sub(b"-C DEMO", text).decode()

    return call


def rounded(value):
    """Round what is summed: from 3.12 on, Python's sum is exact to the last digit."""
    if isinstance(value, float):
        return float(f"{value:.12g}")
    if isinstance(value, dict):
        return {key: rounded(inner) for key, inner in value.items()}
    return [rounded(inner) for inner in value] if isinstance(value, list) else value


def test_list_for_an_agent(say):
    assert say("list") == snapshot("""\

5 runs: 4 finished, 1 crashed
id,name,state,step,age,health,train/loss,trend
kill,killed,crashed,548,AGE,100,.157,9321101000
nan0,nan,finished,998,AGE,2,NaN,9311102xxx
spik,loss-spike,finished,998,AGE,97,.183,9211000010
over,overfitting,finished,998,AGE,70,.268,9421122120
heal,healthy,finished,998,AGE,100,.243,9221112001
more: runwise run kill
""")


def test_list_for_a_person(say):
    assert say("list", "--format", "text") == snapshot("""\

5 runs: 4 finished, 1 crashed

id  name  state  step  age  health  train/loss  trend
kill  killed  crashed  548  AGE  100  0.157  █▃▃▂▂▁▁▁▁▁ ↓
nan0  nan  finished  998  AGE  2  NaN  █▃▂▂▂▁▃××× ↓
spik  loss-spike  finished  998  AGE  97  0.1827  █▃▂▁▁▁▁▁▂▁ ↓
over  overfitting  finished  998  AGE  70  0.2683  █▄▃▂▁▂▃▂▂▁ ↓
heal  healthy  finished  998  AGE  100  0.2435  █▃▃▁▂▂▂▁▁▂ ↓

more: runwise run kill
""")


def test_list_of_chosen_metrics(say):
    assert say("list", "-k", "lr,val/*", "-n", "2") == snapshot("""\

5 runs: 4 finished, 1 crashed
id,name,state,step,age,lr,val/loss,val/accuracy
kill,killed,crashed,548,AGE,.0494,.216,.985
nan0,nan,finished,998,AGE,.0101,NaN,0
dropped: 3 older runs
more: runwise run kill
""")


def test_list_for_a_program(say):
    first = rounded(json.loads(say("list", "--format", "json")))
    assert list(first) == snapshot(
        ["kind", "schema", "verdict", "title", "runs", "notes", "dropped", "more"]
    )
    assert first["runs"][0] == snapshot(
        {
            "id": "killed01",
            "ref": "kill",
            "name": "killed",
            "tags": "demo logistic",
            "state": "crashed",
            "step": 548.0,
            "age": 0,
            "health": 100,
            "metric": "train/loss",
            "last": 0.157,
            "trend": {
                "values": [
                    0.6856,
                    0.370866666667,
                    0.323028571429,
                    0.286066666667,
                    0.27525,
                    0.24405,
                    0.255414285714,
                    0.222583333333,
                    0.24155,
                    0.228342857143,
                ],
                "direction": "down",
            },
        }
    )


def test_a_healthy_run_for_an_agent(say):
    assert say("run", "healthy") == snapshot("""\

healthy (healthy1) finished, step 998 of 1000 (99%), ran 11s, ended AGE ago; health 100: nothing found
metric,last,best@step,trend
train/loss,.243,.134@734,9321101000
val/loss,.174,.174@998,9311000000
train/accuracy,.977,.992@520,0999899988 flat
val/accuracy,.98,.98@300,0899999999
grad_norm,.101,,9211000000
lr,.0101,,6987643110
samples_per_sec,11753,,8103654679 flat
more: runwise keys healthy1
""")


def test_a_sick_run_for_an_agent(say):
    assert say("run", "nan") == snapshot("""\

nan (nan00001) finished, step 998 of 1000 (99%), ran 11s, ended AGE ago; health 2: 3 critical
! critical non_finite train/loss step 640: it is NaN; the last finite value was 0.1961. Go back to the last good checkpoint.
! critical non_finite grad_norm step 640: it is NaN; the last finite value was 0.08572
! critical non_finite val/loss step 650: it is NaN; the last finite value was 0.2144
metric,last,best@step,trend
train/loss,NaN,.139@618,9211000xxx
val/loss,NaN,.214@600,9311000xxx
train/accuracy,0,.992@620,8999995000
val/accuracy,0,.968@450,7999994000
grad_norm,NaN,,9211000xxx
lr,.0101,,6987643110
samples_per_sec,11875,,9130867285 flat
more: runwise check nan00001
""")


def test_a_sick_run_for_a_person(say):
    assert say("run", "nan", "--format", "text") == snapshot("""\

nan (nan00001) finished, step 998 of 1000 (99%), ran 11s, ended AGE ago; health 2: 3 critical

critical  non_finite  train/loss  step 640
  it is NaN; the last finite value was 0.1961. Go back to the last good checkpoint.
critical  non_finite  grad_norm  step 640
  it is NaN; the last finite value was 0.08572
critical  non_finite  val/loss  step 650
  it is NaN; the last finite value was 0.2144

metric              last   best@step  trend
train/loss           NaN   0.139@618  █▃▂▂▁▁▁××× ↓
val/loss             NaN  0.2144@600  █▃▂▁▁▁▁××× ↓
train/accuracy         0  0.9922@620  ▇█████▅▁▁▁ ↓
val/accuracy           0  0.9675@450  ▆█████▄▁▁▁ ↓
grad_norm            NaN              █▃▂▁▁▁▁××× ↓
lr               0.01009              ▅█▇▆▅▄▃▂▁▁ ↓
samples_per_sec    11875              █▂▃▁█▅▆▃▇▅ →

more: runwise check nan00001
""")


def test_a_run_at_half_way(say):
    assert say("run", "spike@50%", "-k", "train/loss") == snapshot("""\

loss-spike (spike001) finished, at step 499, ended AGE ago
metric,last,best@step,trend
train/loss,.255,.17@436,9421101000
more: runwise keys spike001
""")


def test_the_newest_run_for_an_agent(say):
    assert say("latest") == snapshot("""\

killed (killed01) crashed (no exit record), step 548 of 1000 (54%), ran 6.11s, last sign AGE ago; health 100: nothing found
metric,last,best@step,trend
train/loss,.157,.153@426,9321110000
val/loss,.216,.216@500,9421110000
train/accuracy,.969,.992@120,0899999999 noisy
val/accuracy,.985,.985@350,0799999999
grad_norm,.0725,,9311100000
lr,.0494,,0998765432
samples_per_sec,11905,,9646404678 flat
- the last record of run-killed01.wandb: the log ends inside it. The writer was killed while it wrote.
more: runwise keys killed01
""")


def test_the_newest_run_without_trends(say):
    assert say("latest", "--no-spark", "--no-anomalies", "-n", "3") == snapshot("""\

killed (killed01) crashed (no exit record), step 548 of 1000 (54%), ran 6.11s, last sign AGE ago
metric,last,best@step
train/loss,.157,.153@426
val/loss,.216,.216@500
train/accuracy,.969,.992@120
grad_norm .0725, lr .0494, samples_per_sec 11905, val/accuracy .985
- the last record of run-killed01.wandb: the log ends inside it. The writer was killed while it wrote.
more: runwise keys killed01
""")


def test_a_run_for_a_program(say):
    answer = rounded(json.loads(say("latest", "--format", "json")))
    assert list(answer) == snapshot(
        [
            "kind",
            "schema",
            "verdict",
            "title",
            "run",
            "findings",
            "metrics",
            "other_metrics",
            "summary",
            "notes",
            "dropped",
            "more",
        ]
    )
    assert answer["run"] == snapshot(
        {
            "id": "killed01",
            "name": "killed",
            "source": "wandb",
            "state": "crashed",
            "exit_code": None,
            "step": 548.0,
            "at_step": None,
            "done": 548.0,
            "total": 1000.0,
            "unit": "step",
            "progress": 0.548,
            "eta_seconds": None,
            "created": 1795166737.97,
            "updated": 1795166744.09,
            "age_seconds": 0,
            "interval_seconds": 0.021500825882,
            "health": 100,
            "path": "wandb/offline-run-20261120_092537-killed01",
            "sampled_rows": None,
        }
    )
    assert answer["metrics"][0] == snapshot(
        {
            "name": "train/loss",
            "last": 0.157,
            "best": {"value": 0.1526, "step": 426.0},
            "trend": {
                "values": [
                    0.671825,
                    0.387092592593,
                    0.318667857143,
                    0.288655555556,
                    0.264007407407,
                    0.256825,
                    0.255403703704,
                    0.231410714286,
                    0.237422222222,
                    0.233767857143,
                ],
                "direction": "down",
            },
        }
    )


def test_keys_for_an_agent(say):
    assert say("keys", "spike") == snapshot("""\

loss-spike (spike001): 7 metrics, up to 500 points each
grad_norm 500, lr 50, samples_per_sec 50, train/{accuracy 50,loss 500}, val/{accuracy 21,loss 21}
more: runwise run spike001
""")


def test_keys_for_a_person(say):
    assert say("keys", "spike", "--format", "text") == snapshot("""\

loss-spike (spike001): 7 metrics, up to 500 points each

grad_norm        500
lr               50
samples_per_sec  50
train/accuracy   50
train/loss       500
val/accuracy     21
val/loss         21

more: runwise run spike001
""")


def test_keys_for_a_program(say):
    assert json.loads(say("keys", "spike", "--format", "json")) == snapshot(
        {
            "kind": "keys",
            "schema": 1,
            "verdict": "loss-spike (spike001): 7 metrics, up to 500 points each",
            "title": "loss-spike (spike001)",
            "keys": {
                "grad_norm": 500,
                "lr": 50,
                "samples_per_sec": 50,
                "train/accuracy": 50,
                "train/loss": 500,
                "val/accuracy": 21,
                "val/loss": 21,
            },
            "notes": [],
            "dropped": [],
            "more": "runwise run spike001",
        }
    )


def test_a_check_for_an_agent(say):
    assert say("check", "spike") == snapshot("""\

loss-spike (spike001) finished; health 97: 1 warning; looked at 7 metrics
! warning loss_spike train/loss step 618: 1.719 is 16.5 spreads above the recent median 0.2129 (limit 7.33). Look at these batches; if it comes back, lower the learning rate or clip the gradients.
more: runwise run spike001
""")


def test_a_check_for_a_person(say):
    assert say("check", "spike", "--format", "text") == snapshot("""\

loss-spike (spike001) finished; health 97: 1 warning; looked at 7 metrics

warning  loss_spike  train/loss  step 618
  1.719 is 16.5 spreads above the recent median 0.2129 (limit 7.33). Look at these batches; if it
  comes back, lower the learning rate or clip the gradients.

more: runwise run spike001
""")


def test_a_check_for_a_program(say):
    assert json.loads(say("check", "spike", "--format", "json")) == snapshot(
        {
            "kind": "check",
            "schema": 1,
            "verdict": "loss-spike (spike001) finished; health 97: 1 warning; looked at 7 metrics",
            "title": "loss-spike (spike001)",
            "run": {
                "id": "spike001",
                "state": "finished",
                "at_step": None,
                "health": 97,
                "reason": None,
            },
            "findings": [
                {
                    "severity": "warning",
                    "kind": "loss_spike",
                    "metric": "train/loss",
                    "step": 618.0,
                    "message": "1.719 is 16.5 spreads above the recent median 0.2129 (limit 7.33)",
                    "advice": "Look at these batches; if it comes back, lower the learning rate or clip the gradients.",
                    "evidence": {
                        "detected_step": 618.0,
                        "end_step": 618.0,
                        "status": "recovered",
                        "value": 1.719,
                        "worst": 1.719,
                        "baseline": 0.2129,
                        "statistic": 16.493607868459566,
                        "threshold": 7.333073544567025,
                    },
                    "count": 1,
                }
            ],
            "deductions": {"warning loss_spike of train/loss": 3},
            "alerts": [],
            "notes": [],
            "dropped": [],
            "more": "runwise run spike001",
        }
    )


def test_a_check_of_a_healthy_run(say):
    assert say("check", "healthy") == snapshot("""\

healthy (healthy1) finished; health 100: nothing found; looked at 7 metrics
""")


def test_the_demo(say):
    assert say("demo") == snapshot("""\

$ runwise list
5 runs: 4 finished, 1 crashed
id,name,state,step,age,health,train/loss,trend
kill,killed,crashed,548,AGE,100,.157,9321101000
nan0,nan,finished,998,AGE,2,NaN,9311102xxx
spik,loss-spike,finished,998,AGE,97,.183,9211000010
over,overfitting,finished,998,AGE,70,.268,9421122120
heal,healthy,finished,998,AGE,100,.243,9221112001
more: runwise run kill

$ runwise run nan
nan (nan00001) finished, step 998 of 1000 (99%), ran 11s, ended AGE ago; health 2: 3 critical
! critical non_finite train/loss step 640: it is NaN; the last finite value was 0.1961. Go back to the last good checkpoint.
! critical non_finite grad_norm step 640: it is NaN; the last finite value was 0.08572
! critical non_finite val/loss step 650: it is NaN; the last finite value was 0.2144
metric,last,best@step,trend
train/loss,NaN,.139@618,9211000xxx
val/loss,NaN,.214@600,9311000xxx
train/accuracy,0,.992@620,8999995000
val/accuracy,0,.968@450,7999994000
grad_norm,NaN,,9211000xxx
lr,.0101,,6987643110
samples_per_sec,11875,,9130867285 flat
more: runwise check nan00001

Next: runwise check spike
In your own project: runwise latest
""")


@pytest.mark.parametrize("output", ["compact", "text", "json"])
@pytest.mark.parametrize(
    "words", [("list",), ("latest",), ("run", "nan"), ("keys",), ("check",)], ids=" ".join
)
def test_an_ascii_terminal_gets_the_same_answer_in_ascii(runwise, demo_root, output, words):
    done = runwise(*words, "--format", output, cwd=demo_root, env={"PYTHONIOENCODING": "ascii"})
    assert done.stderr == b""
    assert done.stdout.isascii()


@pytest.mark.parametrize(
    "words",
    [("list",), ("run", "nan"), ("keys", "nan"), ("check", "nan"), ("latest",)],
    ids=" ".join,
)
def test_json_keeps_the_schema(runwise, demo_root, words):
    jsonschema = pytest.importorskip("jsonschema")
    from runwise_format.schema import json_schema

    done = runwise(*words, "--format", "json", cwd=demo_root)
    jsonschema.Draft202012Validator(json_schema()).validate(json.loads(done.stdout))
    assert not re.search(rb"[:\[,](NaN|-?Infinity)", done.stdout)
