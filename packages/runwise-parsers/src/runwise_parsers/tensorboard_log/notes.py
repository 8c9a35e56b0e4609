"""What a log holds besides scalars: hyperparameters, texts, media, and how it ended.

A text that was logged before any number is a note on the run, as Megatron's arguments and
Transformers' ``args`` are, and counts as configuration. Later ones are samples of what the model
wrote: they are mentioned like images and histograms, and not read.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from math import inf
from typing import TYPE_CHECKING, Any, cast

from runwise_parsers.tensorboard_log.events import HPARAMS, SCALAR, SUMMARY, TEXT
from runwise_parsers.tensorboard_log.hparams import read_hparams
from runwise_parsers.values import loads

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runwise_parsers.tensorboard_log.events import Event, Value

_LONGEST_TEXT = 1 << 16
_MOST = 4096
_TORCH = "/text_summary"
"""What PyTorch and tensorboardX put behind the tag of a text."""


@dataclass(slots=True)
class Notes:
    """Collected event by event. ``media`` are kinds by tag, ``others`` counts by kind.

    ``ended`` is the state in which a session said to end, ``ended_at`` its clock.
    """

    hparams: dict[str, object] = field(default_factory=dict[str, object])
    texts: dict[str, str] = field(default_factory=dict[str, str])
    media: dict[str, str] = field(default_factory=dict[str, str])
    others: dict[str, int] = field(default_factory=dict[str, int])
    ended: str = ""
    ended_at: float = 0.0

    def take(self, event: Event, begun: float = inf) -> None:
        """Learn from an event; ``begun`` is the clock of the first scalar in its file."""
        if event.kind != SUMMARY:
            if event.kind not in ("version", "writer", "session", ""):
                self.others[event.kind] = self.others.get(event.kind, 0) + 1
            return
        for value in event.values:
            if value.kind == HPARAMS:
                self._take_hparams(value, event.wall)
            elif value.kind == TEXT:
                self._take_text(value, early=event.wall <= begun)
            elif value.kind not in (SCALAR, ""):
                self._take_media(value.tag, value.kind)

    def config(self) -> dict[str, object]:
        """Return hyperparameters, and texts beside them; a JSON object in a text is nested."""
        found: dict[str, object] = {tag: _parsed(said) for tag, said in self.texts.items()}
        return found | self.hparams

    def told(self) -> dict[str, object]:
        """Return all of it as JSON can hold it."""
        return asdict(self)

    @classmethod
    def recalled(cls, told: Mapping[str, object]) -> Notes:
        """Return notes from what ``told`` returned."""
        known = {one.name: told[one.name] for one in fields(cls) if one.name in told}
        return cls(**cast("dict[str, Any]", known))

    def _take_hparams(self, value: Value, clock: float) -> None:
        try:
            hparams, state = read_hparams(value.content)
        except ValueError:
            self._take_media(value.tag, "broken hyperparameters")
            return
        self.hparams |= hparams
        if state:
            self.ended, self.ended_at = state, clock

    def _take_text(self, value: Value, *, early: bool) -> None:
        tag = value.tag.removesuffix(_TORCH)
        if early and sum(map(len, value.texts)) <= _LONGEST_TEXT and len(self.texts) < _MOST:
            self.texts[tag] = b"\n".join(value.texts).decode("utf-8", "replace")
        else:
            self._take_media(tag, TEXT)

    def _take_media(self, tag: str, kind: str) -> None:
        self.others[kind] = self.others.get(kind, 0) + 1
        if len(self.media) < _MOST:
            self.media[tag] = kind


def _parsed(said: str) -> object:
    """Return what a text says as JSON if it is an object, and the text itself if not."""
    if said.lstrip().startswith("{"):
        try:
            value = loads(said.encode())
        except ValueError:
            return said
        if isinstance(value, dict):
            return cast("Mapping[str, object]", value)
    return said
