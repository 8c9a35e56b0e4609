"""What the command line advises, said as calls of tools."""

from __future__ import annotations

import pytest

from runwise_mcp.wording import call_of, in_tools


@pytest.mark.parametrize(
    ("command", "call"),
    [
        ("runwise list", "list_runs"),
        ("runwise run a1", "analyze_run run=a1"),
        ("runwise -C '/a b' check a1", "detect_anomalies run=a1"),
        ("runwise console a1 --errors", "analyze_run run=a1 include=console"),
        ("runwise stats 'my run'", 'get_history run="my run" view=stats'),
        ("runwise compare a b@5 -k val/loss", "compare_runs runs=a,b@5 metrics=val/loss"),
        ("runwise compare a b -d", "compare_runs runs=a,b config_diff=true"),
        ("runwise live a --since 5000", "live_status run=a since=5000"),
        ("runwise best loss", "find_best_run metric=loss"),
        ("runwise sync --all", ""),
        ("runwise", ""),
    ],
)
def test_a_command_is_the_call_that_asks_the_same(command, call):
    assert call_of(command) == call


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Near: a. Try: runwise list", "Near: a. Call list_runs"),
        ("See: runwise console", "Call analyze_run include=console"),
        ("choose with -k", "choose with metrics"),
        (
            "3 runs without metrics are not shown (list --all)",
            "3 runs without metrics are not shown",
        ),
        ("loss fell", "loss fell"),
        ("a 'quote runwise list 'x", "a 'quote runwise list 'x"),
    ],
)
def test_advice_is_what_a_caller_of_tools_can_do(said, meant):
    assert in_tools(said) == meant
