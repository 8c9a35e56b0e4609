"""Servers and networks that fail: every failure says what happened and what to do.

The real client is told to give up after a second instead of after some minutes; that is
the only difference to what a user meets.
"""

from __future__ import annotations

import builtins
import sys

import pytest

from runwise_parsers import open_run
from runwise_parsers.remote import RemoteError
from runwise_parsers.remotes.wandb_cloud import WandbCloud

pytestmark = pytest.mark.trackers

REF = "team/bert/3k9x1mzp"
KINDS = {
    401: ("does not accept the API key", "wandb login"),
    403: ("does not let this key read", "Ask its owner"),
    404: ("nothing there (HTTP 404)", "WANDB_BASE_URL"),
    429: ("asks for fewer questions (HTTP 429)", "Wait 60 s"),
    500: ("failed several times (HTTP 500)", "Try again"),
    502: ("failed several times (HTTP 502)", "Try again"),
    "reset": ("broke off the connection", "Ask again"),
    "half": ("ends in the middle", "Ask again"),
    "garbage": ("answers, but not as W&B does", "proxy"),
    "error": ("does not let this key read", "Ask its owner"),
    "hang": ("did not answer within 1 s", "WANDB_HTTP_TIMEOUT=60"),
}
TRANSIENT = (429, 500, 502, "reset", "hang")


@pytest.fixture(autouse=True)
def _impatient(cloud, monkeypatch):
    """Let the client try twice, with hardly a pause."""
    from runwise_parsers.wandb_cloud import client

    del cloud  # which sets a longer time
    monkeypatch.setenv("WANDB_HTTP_TIMEOUT", "1")
    quick = {name: 0.05 for name in client._PATIENCE if "wait" in name}
    tries = {name: 1 for name in client._PATIENCE if "max" in name and "wait" not in name}
    monkeypatch.setattr(client, "_PATIENCE", {**client._PATIENCE, **quick, **tries})


@pytest.fixture
def keep(tmp_path):
    return tmp_path / "keep"


def fetch(keep, ref=REF):
    remote = WandbCloud()
    return open_run(remote.fetch(remote.runs(ref, keep)[0], keep))


@pytest.mark.parametrize("operation", ["Viewer", "Run", "Runs"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_run_or_project_that_cannot_be_asked_about_is_an_error(
    cloud, logged, keep, operation, kind
):
    cloud.add(logged())
    cloud.fail(operation, kind, message="permission denied" if kind in ("error", 403) else "")
    problem, remedy = KINDS[kind]
    with pytest.raises(RemoteError) as caught:
        WandbCloud().runs("team/bert" if operation == "Runs" else REF, keep)
    assert problem in caught.value.problem
    assert remedy in caught.value.remedy


@pytest.mark.parametrize("operation", ["RunHistoryKeys", "RunParquetHistory", "HistoryPage"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_history_of_which_nothing_comes_is_an_error_and_comes_the_next_time(
    cloud, logged, keep, operation, kind
):
    cloud.add(logged())
    cloud.fail(operation, kind, message="permission denied" if kind in ("error", 403) else "")
    with pytest.raises(RemoteError) as caught:
        fetch(keep)
    assert KINDS[kind][0] in caught.value.problem
    cloud.forget()
    run = fetch(keep)
    assert (len(run.series()["loss"]), run.gaps) == (300, ())


@pytest.mark.parametrize("kind", KINDS)
def test_what_came_of_a_history_is_kept_and_said_to_be_a_part(cloud, logged, keep, kind):
    cloud.add(logged(rows=5000))
    cloud.fail("HistoryPage", kind, after=1, message="permission denied" if kind == 403 else "")
    run = fetch(keep)
    assert len(run.series()["loss"]) == 2000
    assert run.gaps[0].missing == "3000 of 5000 rows"
    assert KINDS[kind][0] in run.gaps[0].because or kind == "error"
    cloud.forget()
    run = fetch(keep)
    assert (len(run.series()["loss"]), run.gaps, cloud.rows_sent) == (5000, (), 3000)
    assert run.series()["loss"].steps.tolist() == [float(at) for at in range(5000)]


@pytest.mark.parametrize("kind", TRANSIENT)
def test_a_failure_that_passes_is_not_noticed(cloud, logged, keep, kind):
    cloud.add(logged(rows=2500))
    for operation in ("Run", "HistoryPage"):
        cloud.fail(operation, kind, times=1)
    run = fetch(keep)
    assert (len(run.series()["loss"]), run.gaps) == (2500, ())


@pytest.mark.parametrize("operation", ["RunConsoleLogTail", "RunFullHistory"])
@pytest.mark.parametrize("kind", [403, 500, "half"])
def test_what_stands_beside_the_history_may_fail_without_it(cloud, logged, keep, operation, kind):
    cloud.add(logged(console=["hello"], events=[{"_runtime": 1.0, "system.cpu": 3.0}]))
    cloud.fail(operation, kind)
    run = fetch(keep)
    assert len(run.series()["loss"]) == 300
    assert len(run.gaps) == 1
    cloud.forget()
    run = fetch(keep)
    assert (run.gaps, run.console(), len(run.system())) == ((), ["hello"], 1)


def test_nobody_at_the_address_is_an_error(cloud, keep, monkeypatch):
    monkeypatch.setenv("WANDB_BASE_URL", "http://127.0.0.1:9")
    with pytest.raises(RemoteError, match="connection refused") as caught:
        WandbCloud().runs(REF, keep)
    assert "WANDB_BASE_URL" in caught.value.remedy


def test_without_a_key_it_says_how_to_log_in_and_asks_nobody(
    cloud, keep, monkeypatch, tmp_path, capfd
):
    monkeypatch.delenv("WANDB_API_KEY")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with pytest.raises(RemoteError, match="there is no API key") as caught:
        WandbCloud().runs(REF, keep)
    assert "wandb login" in caught.value.remedy
    assert (sum(cloud.asked.values()), capfd.readouterr()) == (0, ("", ""))


def test_a_key_that_is_none_is_an_error(cloud, keep, monkeypatch):
    monkeypatch.setenv("WANDB_API_KEY", "short")
    with pytest.raises(RemoteError, match="API key") as caught:
        WandbCloud().runs(REF, keep)
    assert "wandb login" in caught.value.remedy


def test_without_the_client_the_very_command_that_brings_it_is_named(keep, monkeypatch):
    real = builtins.__import__

    def blocked(name, *rest):
        if name.partition(".")[0] == "wandb":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return real(name, *rest)

    for name in [one for one in sys.modules if one.partition(".")[0] == "wandb"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", blocked)
    monkeypatch.setitem(sys.modules, "wandb", None)
    with pytest.raises(RemoteError) as caught:
        WandbCloud().runs(REF, keep)
    assert "pip install 'runwise-cli[wandb]'" in caught.value.remedy


def test_two_that_fetch_the_same_run_do_not_mix(cloud, logged, keep, monkeypatch):
    from runwise_parsers.mirror_log import keeping

    cloud.add(logged())
    remote = WandbCloud()
    (info,) = remote.runs(REF, keep)
    monkeypatch.setattr(keeping.Mirror.__init__, "__kwdefaults__", {"wait": 0.0})
    with keeping.Mirror(info.path), pytest.raises(RemoteError, match="another process"):
        remote.fetch(info, keep)


def test_somebody_who_loses_patience_keeps_what_came(cloud, logged, keep):
    cloud.add(logged(rows=5000))
    remote = WandbCloud()
    (info,) = remote.runs(REF, keep)

    def tell(done, _there):
        if done >= 4000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        remote.fetch(info, keep, tell=tell)
    assert len(open_run(info).series()["loss"]) == 4000
    cloud.forget()
    assert len(fetch(keep).series()["loss"]) == 5000
    assert cloud.rows_sent == 1000


@pytest.mark.parametrize(
    "node", [{}, {"name": "3k9x1mzp"}, {"state": "running", "projectId": "x"}]
)
def test_an_answer_without_what_should_be_in_it_is_an_error_and_no_missing_run(
    cloud, logged, keep, node
):
    run = cloud.add(logged())
    run.node = lambda: node
    with pytest.raises(RemoteError):
        fetch(keep)
