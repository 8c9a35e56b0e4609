"""A first ``runwise.json``: plain, from a template, or from what the runs here log."""

from __future__ import annotations

import os
import re
import tempfile
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from runwise.errors import BadSetting, NoPoints, near, some
from runwise.settings_file.checking import check
from runwise.settings_file.locating import FILE
from runwise_detect import roles

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from runwise.workspace import Workspace

FOLDER = Path(__file__).parent / "settings_file" / "templates"
LOOKED_AT = 5
"""Runs whose metrics a schema is made from, the newest."""
ROWS = 64
MOST = 16
"""Metrics of a section."""
_SHARE = re.compile(r"(?:acc|accuracy|precision|recall|f1|iou|map\d*)", re.IGNORECASE)
_FORMATS = {"learning_rate": ".2e", "gradient_norm": ".3f", "throughput": ",.1f"}
Tree = dict[str, Any]


def templates() -> list[str]:
    """Return the names of the templates."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def from_template(name: str) -> Tree:
    """Return the settings of a template. Raises ``BadSetting`` for one nobody knows."""
    if name not in templates():
        close = near(name, templates(), 1)
        hint = f"Did you mean {close[0]}?" if close else f"There are {some(templates(), 9)}."
        raise BadSetting(f"no template '{name[:40]}'", hint)
    return orjson.loads((FOLDER / f"{name}.json").read_bytes())


def from_runs(workspace: Workspace) -> Tree:
    """Return settings made from what the newest runs log.

    Raises ``NoRuns``, and ``NoPoints`` where none of them logged a metric.
    """
    names: dict[str, float] = {}
    for info in workspace.some_runs()[:LOOKED_AT]:
        try:
            rows = workspace.open(info).overview(ROWS)
        except OSError:
            continue
        for name, one in rows.items():
            if len(one) and not name.startswith("_"):
                names.setdefault(name, max((v for v in one.values if isfinite(v)), default=0.0))
    if not names:
        raise NoPoints("the newest runs logged no metric", "Try: runwise init --template NAME")
    known = roles.assign(names)
    wanted = {name: role for name, role in known.items() if role not in ("step", "epoch", "clock")}
    training = [name for name in wanted if not roles.is_validation(name)]
    validation = [name for name in wanted if roles.is_validation(name)]
    schema: Tree = {}
    loss = next((name for name, role in wanted.items() if role == "train_loss"), "")
    primary = _primary(wanted, validation)
    schema |= {"loss_key": loss} if loss else {}
    schema |= (
        {"primary_metric": primary, "primary_metric_name": _called_whole(primary)}
        if primary
        else {}
    )
    schema["groups"] = [
        {"name": key, "display_name": title, "metrics": _styles(here, wanted, names)}
        for key, title, here in (
            ("training", "Training", training), ("validation", "Validation", validation)
        )
        if here
    ]  # fmt: skip
    return {"schema_inline": schema}


def write_settings(folder: Path, tree: Tree, *, force: bool = False, name: str = "") -> Path:
    """Write ``runwise.json``, or another name, into a directory, whole or not at all.

    Raises ``BadSetting`` where one is there and ``force`` is not set, or it cannot be written.
    """
    path = folder / (name or FILE)
    if path.exists() and not force:
        raise BadSetting(f"{path} is there already", "Use --force to write it anew.")
    check(tree, FILE)
    data = orjson.dumps(tree, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    try:
        handle, written = tempfile.mkstemp(dir=folder, prefix=f".{FILE}.")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(written).replace(path)
    except OSError as error:
        problem = f"{path} cannot be written: {error.strerror}"
        raise BadSetting(problem, "Name another directory with -C DIR.") from error
    return path


def _primary(wanted: dict[str, str], validation: Sequence[str]) -> str:
    """Return the metric that lists should show: a score on held-out data, or the next best."""
    scores = [name for name, role in wanted.items() if role in ("score", "reward")]
    held_out = [name for name in scores if name in validation]
    losses = [name for name, role in wanted.items() if role in ("val_loss", "train_loss")]
    return next(
        iter([*held_out, *scores, *sorted(losses, key=lambda n: wanted[n] != "val_loss")]), ""
    )


def _styles(names: Iterable[str], known: dict[str, str], values: dict[str, float]) -> Tree:
    found: Tree = {}
    for name in list(names)[:MOST]:
        role = known[name]
        end = roles.better(name, role)
        share = role == "score" and bool(_SHARE.search(name)) and 0 <= values[name] <= 1
        style: Tree = {"display": _called(name)}
        style["format"] = ".1%" if share else _FORMATS.get(role, ".4g")
        style |= {"higher_is_better": end == "max"} if end else {}
        found[name] = style
    return found


def _called_whole(name: str) -> str:
    """Return a metric's name with the set it was measured on."""
    called = _called(name)
    return (
        f"Val {called.lower()}"
        if roles.is_validation(name) and "val" not in called.lower()
        else called
    )


def _called(name: str) -> str:
    """Return a metric's name as people say it: its last part, words apart.

    >>> _called("val/top_1_accuracy"), _called("lr")
    ('Top 1 accuracy', 'Lr')
    """
    words = re.sub(r"[_.\s-]+", " ", name.rpartition("/")[2] or name).strip()
    return words[:1].upper() + words[1:]
