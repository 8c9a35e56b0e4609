"""The changes that bring runwise to a client, or take it away."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from runwise.agents.change import Change, text_of
from runwise.agents.client import NAME
from runwise.agents.config_edit import installed, with_server, without_server
from runwise.errors import BadSetting

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runwise.agents.client import Client
    from runwise.agents.places import Places
    from runwise.agents.start import Start

SKILL = Path(__file__).parent / "skill"
PARTS = ("skill", "mcp")


def parts_of(client: Client, places: Places, scope: str, wanted: Sequence[str]) -> list[str]:
    """Return which of the wanted parts a client has. Raises ``BadSetting`` where it has none."""
    place = {"skill": client.skills(places, scope), "mcp": client.config(places, scope)}
    found = [part for part in wanted if place[part]]
    if found:
        return found
    other = next((one for one in ("user", "project") if client.config(places, one)), "user")
    hint = "Use --mcp." if scope == other else f"Use --{other}."
    raise BadSetting(f"{client.title} has no {' or '.join(wanted)} for a {scope}", hint)


def install(
    client: Client, places: Places, scope: str, parts: Sequence[str], start: Start
) -> Iterator[Change]:
    """Yield what has to change so that a client has these parts.

    Raises ``BadSetting`` for a configuration that is broken, or not in the project.
    """
    config, skills = _targets(client, places, scope)
    if "mcp" in parts and config:
        before = text_of(config)
        entry = client.entry(start.reading(client.roots(places, scope)), scope)
        yield Change(config, before, with_server(before or "", client, entry))
    if "skill" in parts and skills:
        for name, text in skill_files().items():
            path = skills / NAME / name
            yield Change(path, text_of(path), text)


def uninstall(
    client: Client, places: Places, scope: str, parts: Sequence[str]
) -> Iterator[Change]:
    """Yield what has to change so that a client has none of these parts.

    Raises ``BadSetting`` for a configuration that is broken, or not in the project.
    """
    config, skills = _targets(client, places, scope)
    if "mcp" in parts and config:
        before = text_of(config)
        if before is not None:
            yield Change(config, before, without_server(before, client))
    if "skill" in parts and skills:
        for name in skill_files():
            path = skills / NAME / name
            yield Change(path, text_of(path), None)


def _targets(client: Client, places: Places, scope: str) -> tuple[Path | None, Path | None]:
    """Return the configuration and the folder of skills.

    A user may keep them elsewhere behind links; those of a project, which may be anybody's, must
    stay in it. Raises ``BadSetting`` where they do not.
    """
    config, skills = client.config(places, scope), client.skills(places, scope)
    pages = [skills / NAME / name for name in skill_files()] if skills else []
    if scope == "project":
        root = places.project.resolve()
        for path in filter(None, [config, *pages]):
            if root not in path.resolve().parents:
                problem = f"{path} leads out of the project"
                raise BadSetting(problem, "Remove the link, or use --user.")
    return config, skills


def state_of(client: Client, places: Places, scope: str) -> dict[str, str]:
    """Return what a client has of each part: ``yes``, ``old``, ``no``, ``broken`` or nothing."""
    config, skills = client.config(places, scope), client.skills(places, scope)
    found = {"skill": "", "mcp": ""}
    if skills:
        try:
            there = {name: text_of(skills / NAME / name) for name in skill_files()}
        except BadSetting:
            there = {"": ""}
        found["skill"] = (
            "yes" if there == skill_files() else "old" if any(there.values()) else "no"
        )
    if config:
        try:
            found["mcp"] = "no" if installed(text_of(config) or "", client) is None else "yes"
        except BadSetting:
            found["mcp"] = "broken"
    return found


def skill_files() -> dict[str, str]:
    """Return the skill's files, by their names below its folder."""
    return {
        path.relative_to(SKILL).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(SKILL.rglob("*.md"))
    }
