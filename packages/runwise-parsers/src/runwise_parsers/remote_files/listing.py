"""What of a store may belong to runs: a walk by listings, past what never holds any.

A directory counts if some source looks for a name in it, or in one of the two above it: trackers
lay out a run three levels deep at most. Weights, images and archives never count.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

from runwise_parsers.panel import panel_of
from runwise_parsers.remote import RemoteError
from runwise_parsers.remote_files.place import WEB
from runwise_parsers.shelf import all_sources
from runwise_parsers.walk import MAX_DEPTH, PRUNED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runwise_parsers.remote_files.place import Place
    from runwise_parsers.remote_files.store import Entry, Store

MOST = 20_000
_AT_ONCE = 8
_NEAR = 2
_NO_LOGS = (
    ".bin", ".bz2", ".ckpt", ".gguf", ".gif", ".gz", ".h5", ".html", ".ipynb", ".jpeg", ".jpg",
    ".keras", ".model", ".mp4", ".msgpack", ".npy", ".npz", ".onnx", ".parquet", ".pdf", ".pickle",
    ".pkl", ".png", ".pt", ".pth", ".py", ".pyc", ".safetensors", ".so", ".tar", ".tgz", ".wav",
    ".webp", ".whl", ".xz", ".zst",
)  # fmt: skip
_NOT_THESE = frozenset({"tokenizer.json", "vocab.json", "merges.txt", "special_tokens_map.json"})


def files_at(store: Store, place: Place) -> tuple[Place, list[Entry]]:
    """Return a path as it is, a file or a directory, and the files there that may be of runs.

    Raises ``RemoteError``, and ``LookupError`` where nothing is there.
    """
    if not (place.listed and place.scheme in WEB):
        top = store.stat(place)
        if not (top.folder or top.page):
            return place, [top]
    folder = place.at(place.parts, listed=True)
    found = _below(store, folder)
    if not found and place.scheme in WEB and not store.listing(folder):
        raise RemoteError(f"the web server does not list what is at {folder}", "Name the file.")
    return folder, _sized(store, _placeable(found))


def _below(store: Store, top: Place) -> list[Entry]:
    """Return the files at or below a directory, a level at a time."""
    found: list[Entry] = []
    level = [(top, _NEAR + 1)]
    for _ in range(MAX_DEPTH):
        deeper: list[tuple[Place, int]] = []
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            listings = list(pool.map(store.listing, [place for place, _ in level]))
        for (place, far), entries in zip(level, listings, strict=True):
            far = 0 if _looked_for(entries) else far + 1  # noqa: PLW2901  of this directory
            if far <= _NEAR:
                found += [one for one in entries if not one.folder and _may_be_log(one)]
            if not _is_environment(entries):
                deeper += [(one.place, far) for one in entries if _entered(one, place)]
        if len(found) > MOST or len(deeper) > MOST:
            raise RemoteError(
                f"there are more than {MOST} files below {top}", "Name one further down."
            )
        level = deeper
        if not level:
            break
    return found


def _looked_for(entries: Iterable[Entry]) -> bool:
    """Say whether a source looks for one of the names in a directory."""
    panel = panel_of(all_sources())
    names = "\n".join(one.place.parts[-1] + ("/" if _is_folder(one) else "") for one in entries)
    return any(source.looks_for for source in panel.fitting(names))


def _is_folder(one: Entry) -> bool:
    return one.folder or one.place.listed


def _entered(one: Entry, above: Place) -> bool:
    name = one.place.parts[-1]
    deeper = len(one.place.parts) == len(above.parts) + 1
    return _is_folder(one) and deeper and not (name.startswith(".") and name != ".trash") and (
        name not in PRUNED
    )  # fmt: skip


def _is_environment(entries: Iterable[Entry]) -> bool:
    return any(one.place.parts[-1] in ("pyvenv.cfg", "conda-meta") for one in entries)


def _may_be_log(one: Entry) -> bool:
    name = one.place.parts[-1].lower()
    return not (_is_folder(one) or name.endswith(_NO_LOGS) or name in _NOT_THESE)


def _placeable(found: list[Entry]) -> list[Entry]:
    """Leave out files that are called like a directory, as keys of objects may be."""
    above = {one.place.parts[:end] for one in found for end in range(len(one.place.parts))}
    return [one for one in found if one.place.parts not in above]


def _sized(store: Store, found: list[Entry]) -> list[Entry]:
    """Return files with their sizes, asked one by one where a listing does not tell them."""
    unknown = [one.place for one in found if one.size < 0]
    if not unknown:
        return found
    told = {one.place: one for one in store.stats(unknown) if one is not None}
    several = (told.get(one.place) if one.size < 0 else one for one in found)
    return [replace(one, page=False) for one in several if one is not None]
