"""``runwise api``: runs in W&B's cloud, with the options of runwise 0.5."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

import runwise
from runwise.errors import BadSetting
from runwise.options import common, keys_option, number_option, pass_session

if TYPE_CHECKING:
    from runwise.session import Session
    from runwise.workspace import Workspace
    from runwise_format import Document

_SIDES = 2


@click.command()
@click.option("-p", "--project", default="", metavar="NAME", help="PROJECT or ENTITY/PROJECT.")
@click.option("-e", "--entity", default="", metavar="NAME", help="A user or a team.")
@click.option("-r", "--run", "run", default="", metavar="ID", help="One run.")
@click.option("-c", "--compare", "sides", default="", metavar="A,B", help="Runs side by side.")
@click.option("-s", "--state", default="", metavar="STATE", help="Runs in this state only.")
@click.option("--best", "metric", default="", metavar="METRIC", help="Rank runs by a metric.")
@click.option("--max", "highest", is_flag=True, help="With --best: higher is better.")
@click.option("--history", is_flag=True, help="With -r and -k: its curves.")
@click.option(
    "--samples", type=click.IntRange(1), default=500, show_default=True, metavar="N",
    help="With --history: rows.",
)  # fmt: skip
@click.option("-f", "--filter", "prefix", default="", help="With -c: names that begin so.")
@click.option("-g", "--group", is_flag=True, help="With -c: a table for each prefix.")
@click.option("-t", "--threshold", type=float, help="With -c: changes of at least so many %.")
@click.option("-d", "--diff", "config_only", is_flag=True, help="With -c: the configurations.")
@keys_option
@number_option("runs", 15)
@common
@pass_session
def command(session: Session, **asked: Any) -> None:
    """Ask W&B's cloud, as in runwise 0.5.

    Every other command takes ENTITY/PROJECT/ID or a URL as RUN, and list takes ENTITY/PROJECT.
    Without -p, the project of the newest local run. Example: runwise api -p team/bert -s running
    """
    if asked["history"] and not (asked["run"] and asked["keys"]):
        raise BadSetting("--history needs a run and metrics", "As in: -r ID --history -k loss")
    from runwise import save  # noqa: PLC0415 - --help needs none of it
    from runwise.cloud_project import cloud_project  # noqa: PLC0415 - as above

    workspace = session.workspace
    named = [name.strip() for name in (asked["run"], *asked["sides"].split(",")) if name.strip()]
    whole = named and all("/" in name for name in named)
    project = "" if whole else cloud_project(workspace, asked["project"], asked["entity"])
    if not asked["history"]:
        session.show(_answer(workspace, project, asked))
        return
    output = save.piped(session)
    document = runwise.reports.history(
        workspace, _ref(project, asked["run"]), keys=asked["keys"], points=asked["samples"],
        exact=output in ("csv", "json"),
    )  # fmt: skip
    save.show(document, output, session)


def _answer(workspace: Workspace, project: str, asked: dict[str, Any]) -> Document:
    keys, reports = asked["keys"], runwise.reports
    if asked["sides"]:
        names = [name.strip() for name in asked["sides"].split(",")]
        if len(names) < _SIDES:
            raise BadSetting(f"-c {asked['sides']} is one run", "Name two: -c A,B")
        options = {name: asked[name] for name in ("prefix", "group", "threshold", "config_only")}
        refs = [_ref(project, name) for name in names]
        return reports.compare(workspace, refs, keys=keys, **options)
    if asked["run"]:
        return reports.summary(workspace, _ref(project, asked["run"]), keys=keys)
    filters = {"state": asked["state"]} if asked["state"] else None
    metric, limit = asked["metric"], asked["limit"]
    runs = workspace.of_server(project, limit, filters=filters, whole=bool(metric))
    if metric:
        direction = "max" if asked["highest"] else None
        return reports.best(runs, metric, direction=direction, limit=limit)
    return reports.list_runs(runs, limit=limit, keys=keys)


def _ref(project: str, name: str) -> str:
    """Return a run as every report takes it; it may be named with its project."""
    return name if "/" in name else f"{project}/{name}"
